"""What a population of gates listens to: how much of a time axis is covered, and where nobody does."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from plstm import dates
from plstm.types import Floats, Integers, Times


class Coverage(NamedTuple):
    """What a population covers of a time axis.

    Attributes:
        share: of the times at which a unit is open.
        open_units: (T,), how many are open.
        gaps: (start, end) of every stretch at which none is.
    """

    share: float
    open_units: Integers
    gaps: list[tuple[float, float]]


class Gated(Protocol):
    """Anything that says how open its units are: the layers and ``TimeGate``."""

    def openness(self, times: Times) -> Floats: ...


def coverage(layer: Gated, times: Times) -> Coverage:
    """Which part of a time axis the units of a layer listen to at inference.

    Args:
        layer: a ``PhasedLSTM``, ``PhasedGRU`` or ``TimeGate``.
        times: (T,), ascending, finer than the openings that should be seen.

    Returns:
        How much is covered. A gap runs from the first to the last of consecutive times at which every gate is closed.

    Raises:
        ValueError: times that are not one ascending axis of finite numbers, fine enough for the gates.

    Example:
        One unit, open for the first half of every 4 seconds:

        >>> import plstm
        >>> gate = plstm.TimeGate(1, period_initializer=4.0, shift_initializer=0.0, ratio_on_initializer=0.5)
        >>> plstm.coverage(gate, [0.5, 1.5, 2.5, 3.5, 4.5]).gaps
        [(2.5, 3.5)]
    """
    given, times = times, dates.numbers("times", times)
    if times.ndim != 1 or not times.size or np.any(np.diff(times) < 0):
        raise ValueError(f"expected one ascending axis of times, got shape {times.shape}")
    open_units = np.sum(layer.openness(given) > 0, axis=-1)
    closed = np.concatenate([[False], open_units == 0, [False]])
    edges = np.flatnonzero(np.diff(closed.astype(int)))
    gaps = [(float(times[start]), float(times[stop - 1])) for start, stop in zip(edges[::2], edges[1::2])]
    return Coverage(float(np.mean(open_units > 0)), open_units, gaps)
