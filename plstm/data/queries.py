"""Queries: the output of a trained network at given times between events, from the events before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates, gate
from plstm.data.padding import pairs as checked_pairs
from plstm.types import Floats, Times


def queries(series: Iterable[tuple[Times, ArrayLike]], times_out: Any) -> list[tuple[Floats, Floats]]:
    """Sequences that ask a network for an output at given times, the ``times_out``, between the events of a series.

    Each has the events up to and including one of these times, and then a *query*: an event with a time and no value.

    .. math::
        h(t) = h' + k(t) \\odot (\\tilde h(x, h') - h'), \\quad x \\text{ without a value}

    A query is an ordinary step: a unit that is closed at its time t keeps its state, an open unit updates it. Each
    query has a sequence of its own, so it does not affect later events or other queries.

    The network must be trained on such sequences, with queries like those it will be asked, and must be able to tell a
    query from a repeated measurement: ``plstm.hold_missing`` marks values that were not measured, and so do the
    estimators if some were missing in training, as in queries they are. A query costs as much as its whole sequence. On
    a running stream, ``plstm.EventDriven.query`` costs as much as one event.

    Args:
        series: n pairs of times (T_i,), numbers in ascending order, and values (T_i, D) or (T_i,).
        times_out: (Q,) times of the queries, in the same unit, or n lists of them, one for each series.

    Returns:
        Pairs of times (E,) and values (E, D), one for each query, those of the first series first. The last row of
        values is NaN, so give them to ``plstm.hold_missing`` before ``plstm.pad``.

    Raises:
        ValueError: dates, times that go back or are not finite, shapes that do not fit, another number of lists than
            of series.

    Example:
        >>> [(times, values)] = queries([([0.0, 2.0, 5.0], [7.0, 8.0, 9.0])], [3.0])
        >>> times.tolist(), values.tolist()
        ([0.0, 2.0, 3.0], [[7.0], [8.0], [nan]])
    """
    rows = checked_pairs(series)
    asked: list[tuple[Floats, Floats]] = []
    for number, ((times, values), when) in enumerate(zip(rows, _for_each(times_out, len(rows)))):
        times = gate.finite(f"times of series {number}", dates.numbers(f"times of series {number}", times))
        values = dates.numbers(f"values of series {number}", values)
        values = values[:, None] if values.ndim == 1 else values
        if times.ndim != 1 or values.ndim != 2 or len(times) != len(values):
            shapes = f"{times.shape} and {values.shape}"
            raise ValueError(f"expected times (T,) and values (T, D) in series {number}, got shapes {shapes}")
        for step in np.flatnonzero(np.diff(times) < 0)[:1] + 1:
            raise ValueError(f"expected ascending times in series {number}, got {times[step]} after {times[step - 1]}")
        nothing = np.full((1, values.shape[1]), np.nan)
        for t in when:
            known = int(np.searchsorted(times, t, side="right"))
            asked.append((np.append(times[:known], t), np.concatenate([values[:known], nothing])))
    return asked


def _for_each(times_out: Any, count: int) -> list[Floats]:
    """The times of the queries of each series."""
    lists = list(times_out) if np.iterable(times_out) else [times_out]
    if not any(np.ndim(times) for times in lists):
        lists = [lists] * count
    if len(lists) != count:
        raise ValueError(f"expected times_out with one list for each of {count} series, got {len(lists)}")
    found = [np.atleast_1d(gate.finite("times_out", dates.numbers("times_out", times))) for times in lists]
    for times in found:
        if times.ndim != 1:
            raise ValueError(f"expected times_out of shape (Q,), or one list for each series, got {times.shape}")
    return found
