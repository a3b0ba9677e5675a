"""Coverage: how much of a time axis is covered by open units, and where no unit is open."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from plstm import dates
from plstm.types import Floats, Integers, Times


class Coverage(NamedTuple):
    """The part of a time axis at which at least one unit is open.

    Attributes:
        share: the share of the times at which at least one unit is open.
        open_units: (T,), the number of open units.
        gaps: (start, end) of every stretch without an open unit.
    """

    share: float
    open_units: Integers
    gaps: list[tuple[float, float]]


class Gated(Protocol):
    """Anything with an ``openness`` method: the layers and ``TimeGate``."""

    def openness(self, times: Times) -> Floats: ...


def coverage(layer: Gated, times: Times) -> Coverage:
    """The part of a time axis at which units of a layer are open at inference.

    Args:
        layer: a ``PhasedLSTM``, ``PhasedGRU`` or ``TimeGate``.
        times: (T,), ascending, spaced more finely than the shortest open window of interest.

    Returns:
        The coverage. A gap runs from the first to the last of consecutive times at which every gate is closed.

    Raises:
        TypeError: a layer without a time gate.
        ValueError: times that are not (T,), ascending and finite, or too coarse for the gates.

    Example:
        One unit, open for the first half of every 4 seconds:

        >>> import plstm
        >>> gate = plstm.TimeGate(1, period_initializer=4.0, shift_initializer=0.0, ratio_on_initializer=0.5)
        >>> plstm.coverage(gate, [0.5, 1.5, 2.5, 3.5, 4.5]).gaps
        [(2.5, 3.5)]
    """
    if isinstance(layer, type) or not hasattr(layer, "openness"):
        raise TypeError(f"expected a PhasedLSTM, PhasedGRU or TimeGate, got {type(layer).__name__}")
    given, times = times, dates.numbers("times", times)
    if times.ndim != 1 or not times.size:
        raise ValueError(f"expected times of shape (T,), got shape {times.shape}")
    if np.any(np.diff(times) < 0):
        raise ValueError(
            f"expected ascending times, got times that go back at step {np.argmax(np.diff(times) < 0) + 1}"
        )
    open_units = np.sum(layer.openness(given) > 0, axis=-1)
    closed = np.concatenate([[False], open_units == 0, [False]])
    edges = np.flatnonzero(np.diff(closed.astype(int)))
    gaps = [(float(times[start]), float(times[stop - 1])) for start, stop in zip(edges[::2], edges[1::2])]
    return Coverage(float(np.mean(open_units > 0)), open_units, gaps)
