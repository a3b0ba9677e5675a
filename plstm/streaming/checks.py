"""Checks of the events and sequences given to ``EventDriven``, and their conversion for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plstm.dates import array, numbers
from plstm.types import Array, Booleans, Floats, Integers, Times

# Kinds of dtypes that convert to the engine's; others may be dates or text.
CONVERTIBLE = frozenset("fiub")
HOLD = "; plstm.hold_missing fills missing values"


def observed(name: str, values: ArrayLike) -> Array:
    """Numbers or booleans as an array, in their own dtype where it is NumPy's. ValueError for dates, text, others."""
    found = array(name, values)
    return found if found.dtype.kind in CONVERTIBLE else numbers(name, values)


def one_number(name: str, value: Times) -> Floats:
    """An array of one number. ValueError for several, and for dates, text, others."""
    found = numbers(name, value)
    if found.size != 1:
        raise ValueError(f"expected {name} to be one number, got shape {found.shape}")
    return found


def names(streams: Iterable[str | None]) -> list[str | None]:
    """Names of streams as a list. ValueError for a single name, which would be read letter by letter."""
    if isinstance(streams, (str, bytes)) or not np.iterable(streams):
        raise ValueError(f"expected a list with the name of a stream for each event, got {streams!r}")
    return list(streams)


def checked_events(x: ArrayLike, times: Times, count: int, features: int, dtype: np.dtype[Any]) -> tuple[Array, Floats]:
    """x (E, D) in the dtype, times (E,) float64. ValueError: shapes that do not fit, values that are not finite."""
    x, times = observed("x", x), numbers("times", times)
    if x.shape != (count, features):
        raise ValueError(f"expected x of shape ({count}, {features}), events by features, got {x.shape}")
    if times.shape != (count,):
        raise ValueError(f"expected {count} times, one for each event, got times of shape {times.shape}")
    x = x.astype(dtype)
    _check_finite("x", x, HOLD)
    _check_finite("times", times)
    return x, times


def checked_sequences(
    sequences: ArrayLike, times: Times, mask: ArrayLike | None, features: int, dtype: np.dtype[Any]
) -> tuple[Array, Floats, Booleans]:
    """Sequences (B, T, D) in the dtype, times (T,) or (B, T) that do not go back, and a mask (B, T).

    A mask (1, T) is repeated for all samples. Masked steps get zeros, and the latest time before them.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, times that go back.
    """
    x, times = observed("sequences", sequences), numbers("times", times)
    if x.ndim != 3 or x.shape[2] != features:
        raise ValueError(f"expected sequences of shape (batch, steps, {features}), got {x.shape}")
    if times.shape not in (x.shape[:2], x.shape[1:2]):
        raise ValueError(f"expected times of shape {x.shape[:2]} or {x.shape[1:2]}, got {times.shape}")
    mask = np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask, bool)
    if mask.shape not in (x.shape[:2], (1, x.shape[1])):
        raise ValueError(f"expected a mask of shape {x.shape[:2]} or {(1, x.shape[1])}, got {mask.shape}")
    mask = np.broadcast_to(mask, x.shape[:2])
    seen = mask if times.ndim == 2 else mask.any(axis=0)
    x, times = np.where(mask[..., None], x, 0).astype(dtype), np.where(seen, times, -np.inf)
    _check_finite("sequences", x, HOLD)
    _check_finite("times", times[seen])
    latest = np.maximum.accumulate(times, axis=-1)
    back = np.argwhere(seen & (times < latest))
    if len(back):
        late, last = (float(those[tuple(back[0])]) for those in (times, latest))
        raise ValueError(f"expected times that do not go back, got {late!r} after {last!r}")
    latest[np.isneginf(latest)] = times[seen].min(initial=0.0)
    return x, latest, mask


def in_order(times: Floats, starts: Integers, last: Floats, skip: bool) -> tuple[Floats, Booleans]:
    """The latest time so far at each event, and which events are not late.

    Args:
        times: (E,), stream after stream.
        starts: (N + 1,), where each stream's events begin.
        last: (N,), the time of each stream's last event before these.
        skip: whether late events are allowed, to be skipped.

    Raises:
        ValueError: a late event, unless ``skip``.
    """
    latest, on_time = times.copy(), np.ones(len(times), bool)
    for before, low, high in zip(last, starts, starts[1:]):
        reached = np.maximum.accumulate(np.append(before, times[low:high]))
        latest[low:high], on_time[low:high] = reached[1:], times[low:high] >= reached[:-1]
    if not (skip or on_time.all()):
        late = np.argmin(on_time)
        raise too_late(latest[late], times[late])
    return latest, on_time


def too_late(last: float, t: float, remedy: str = "; late='skip' skips late events") -> ValueError:
    """The error for an event before the last one of its stream."""
    return ValueError(f"expected a time >= {float(last)!r} in this stream, got {float(t)!r}{remedy}")


def _check_finite(name: str, values: Array, for_missing: str = "") -> None:
    for wrong in values[~np.isfinite(values)][:1]:
        raise ValueError(f"expected finite {name}, got {wrong}{for_missing if np.isnan(wrong) else ''}")
