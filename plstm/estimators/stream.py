"""A trained estimator for events that come one at a time: raw values in, answers out, on ``plstm.EventDriven``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates
from plstm.estimators.preparation import Preparation
from plstm.streaming.event_driven import EventDriven
from plstm.types import Array, Floats, Late


class Begun(NamedTuple):
    """A stream so far: the time to count from, the last time, the values (D,) held, and the last answer (O,)."""

    first: float
    last: float
    held: Floats
    answer: Array


class Stream:
    """Many streams of raw events. Each is prepared as in training: standardised, held, counted from its first event.

    Its ``engine`` is the ``plstm.EventDriven``, which has the ``stats``, the names of the ``streams`` and their size.
    Streams may be in many threads, but each in one at a time. A copy or a pickle holds them as they are.

    Args:
        model: the trained network.
        preparation: learned with it.
        late: what to do with an event earlier than the last one of its stream: ``"error"`` or ``"skip"``.
    """

    def __init__(self, model: Any, preparation: Preparation, late: Late = "error"):
        self.engine, self._preparation = EventDriven(model, late=late), preparation
        self._begun: dict[str | None, Begun] = {}

    def open(self, stream: str) -> None:
        """Begin a stream.

        Args:
            stream: its name, not in use.
        """
        self.engine.open(stream)

    def close(self, stream: str | None = None) -> None:
        """End a stream.

        Args:
            stream: its name; None for the default one, which begins anew.
        """
        self.engine.close(stream)
        self._begun.pop(stream, None)

    def step(self, values: ArrayLike, t: float, stream: str | None = None) -> Array:
        """One event.

        Args:
            values: (D,), NaN where nothing was measured.
            t: its time, in the unit and on the clock of the training set.
            stream: the name of a stream that ``open`` began; None for the default one.

        Returns:
            The answer after the event: the probabilities of the classes, or the values, (O,).

        Raises:
            ValueError: another number of features, infinite values, or as for ``plstm.EventDriven.step``.
        """
        values, t = dates.numbers("values", values), float(dates.numbers("t", t))
        if values.shape != self._preparation.mean.shape:
            raise ValueError(f"expected values of shape {self._preparation.mean.shape}, got {values.shape}")
        first, last, held, _ = self._known(stream, t)
        features, held = self._preparation.event(values, held)
        answer = self.engine.step(features, t - first, stream)
        if t >= last:
            self._begun[stream] = Begun(first, t, held, answer.copy())
        return answer

    def query(self, t: float, stream: str | None = None) -> Array:
        """The answer at a time between events, as ``predict_proba`` or ``predict`` gives it with ``times_out``.

        If nothing was missing in the training set, that is the answer after the last event, until the next one comes.

        Args:
            t: the time, not before the last event. The stream stays as it is.
            stream: its name; None for the default one.

        Raises:
            ValueError: as for ``plstm.EventDriven.query``.
        """
        t = float(dates.numbers("t", t))
        first, _, held, last_answer = self._known(stream, t)
        nothing = np.full(self._preparation.mean.shape, np.nan)
        # Asked in any case, because the engine checks the time and the name.
        answer = self.engine.query(self._preparation.event(nothing, held)[0], t - first, stream)
        return answer if self._preparation.indicators else last_answer.copy()

    def _known(self, stream: str | None, t: float) -> Begun:
        """What is known of a stream, which begins at t if it has had no event."""
        if stream in self._begun:
            return self._begun[stream]
        none = np.zeros((1, 1, self.engine.features)), np.zeros(1), np.zeros((1, 1), bool)
        held = np.zeros_like(self._preparation.mean)
        return Begun(self._preparation.start(np.array([t])), -np.inf, held, self.engine.run(*none)[0])
