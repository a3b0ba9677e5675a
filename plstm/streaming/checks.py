"""Events and sequences as users give them to ``EventDriven``, checked and made ready for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plstm.dates import array, numbers
from plstm.types import Array, Booleans, Floats, Integers, Times


def names(sessions: Iterable[str | None]) -> list[str | None]:
    """Sessions as a list. ValueError for a single name, which would be read letter by letter, and for no list."""
    if isinstance(sessions, (str, bytes)) or not np.iterable(sessions):
        raise ValueError(f"expected a list with a session for each event, got {sessions!r}")
    return list(sessions)


def checked_events(x: ArrayLike, times: Times, count: int, features: int, dtype: np.dtype[Any]) -> tuple[Array, Floats]:
    """x (E, D) in the dtype, times (E,) float64. ValueError: shapes that do not fit, values that are not finite."""
    x, times = array("x", x), numbers("times", times)
    if x.shape != (count, features):
        raise ValueError(f"expected x of {count} events with {features} features, got {x.shape}")
    if times.shape != (count,):
        raise ValueError(f"expected {count} times, one an event, got {times.shape}")
    x = x.astype(dtype)
    _check_finite("x", x)
    _check_finite("times", times)
    return x, times


def checked_sequences(
    x: ArrayLike, times: Times, mask: ArrayLike | None, features: int, dtype: np.dtype[Any]
) -> tuple[Array, Floats, Booleans]:
    """x (B, T, D) in the dtype, times (T,) or (B, T) that do not go back, mask (B, T); a mask (1, T) is everyone's.

    What a masked step holds is replaced by what does no harm: zeros, and the latest time before it.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, times that go back.
    """
    x, times = array("x", x), numbers("times", times)
    if x.ndim != 3 or x.shape[2] != features:
        raise ValueError(f"expected x of shape (batch, steps, {features}), got {x.shape}")
    if times.shape not in (x.shape[:2], x.shape[1:2]):
        raise ValueError(f"expected times of shape {x.shape[:2]} or {x.shape[1:2]}, got {times.shape}")
    mask = np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask, bool)
    if mask.shape not in (x.shape[:2], (1, x.shape[1])):
        raise ValueError(f"expected a mask of shape {x.shape[:2]} or {(1, x.shape[1])}, got {mask.shape}")
    mask = np.broadcast_to(mask, x.shape[:2])
    seen = mask if times.ndim == 2 else mask.any(axis=0)
    x, times = np.where(mask[..., None], x, 0).astype(dtype), np.where(seen, times, -np.inf)
    _check_finite("x", x)
    _check_finite("times", times[seen])
    latest = np.maximum.accumulate(times, axis=-1)
    back = np.argwhere(seen & (times < latest))
    if len(back):
        where = tuple(back[0])
        raise ValueError(f"expected times that do not go back, got {times[where]:.17g} after {latest[where]:.17g}")
    latest[np.isneginf(latest)] = times[seen].min(initial=0.0)
    return x, latest, mask


def in_order(times: Floats, starts: Integers, last: Floats, skip: bool) -> tuple[Floats, Booleans]:
    """The latest time so far at each event, and which events are not before it.

    Args:
        times: (E,), stream after stream.
        starts: (N + 1,), where each stream's begin.
        last: (N,), of earlier events.
        skip: whether a late event may be left out.

    Raises:
        ValueError: a late event that may not.
    """
    latest, on_time = times.copy(), np.ones(len(times), bool)
    for before, low, high in zip(last, starts, starts[1:]):
        reached = np.maximum.accumulate(np.append(before, times[low:high]))
        latest[low:high], on_time[low:high] = reached[1:], times[low:high] >= reached[:-1]
    if not (skip or on_time.all()):
        late = np.argmin(on_time)
        raise ValueError(f"expected a time >= {latest[late]:.17g} in this stream, got {times[late]:.17g}")
    return latest, on_time


def side_by_side(array: Array) -> Array:
    """(groups, size, T, ...) to (groups * T, size, ...): the samples of a group next to each other at every step."""
    array = array.swapaxes(1, 2)
    return np.ascontiguousarray(array.reshape(-1, *array.shape[2:]))


def _check_finite(name: str, values: Array) -> None:
    if not np.all(np.isfinite(values)):
        raise ValueError(f"expected finite {name}, got {values[~np.isfinite(values)][0]}")
