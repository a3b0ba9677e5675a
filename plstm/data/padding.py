"""Padding: from series of different lengths to one batch of sequences with its times and mask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates, gate
from plstm.types import Booleans, Dates, Floats, Floats32, Unit

Pair: TypeAlias = Sequence[Any]  # times, values


class Batch(NamedTuple):
    """A padded batch, for ``layer(batch.values, times=batch.times, mask=batch.mask)``.

    Attributes:
        values: (B, T, D), 0 where padded.
        times: (B, T), the last time repeated where padded.
        mask: (B, T), True where something was observed.
    """

    values: Floats32
    times: Floats
    mask: Booleans


def pad(
    series: Iterable[Pair], length: int | None = None, unit: Unit | None = None, origin: Dates | None = None
) -> Batch:
    """Pad series of (times, values) at their ends.

    Args:
        series: list of pairs: times (T_i,) in ascending order, values (T_i, D) or (T_i,) for one feature. Both may be
            ``[]`` where nothing was observed.
        length: T to pad to; default: the length of the longest series.
        unit: the unit to which dates and durations are converted, ``"us"``, ``"ms"``, ``"s"``, ``"min"``, ``"h"`` or
            ``"D"``; without it times must be numbers.
        origin: the date to count from, as in ``plstm.elapsed``.

    Returns:
        values (B, T, D) float32, times (B, T) float64, mask (B, T) booleans, True where something was
        observed. Padded values are 0, padded times repeat the last one.

    Raises:
        TypeError: a length that is not an integer.
        ValueError: times and values of different lengths; different numbers of features; times that go back; values
            that are not finite in float32; a series longer than ``length``; dates without a unit, missing dates, dates
            with and without a time zone mixed; rows of different lengths instead of pairs (ragged tensors).

    Example:
        >>> batch = pad([([0.0, 1.5], [10.0, 20.0]), ([3.0], [30.0])])
        >>> batch.values[..., 0].tolist(), batch.times.tolist(), batch.mask.tolist()
        ([[10.0, 20.0], [30.0, 0.0]], [[0.0, 1.5], [3.0, 3.0]], [[True, True], [True, False]])
    """
    rows = counted(pairs(series), unit, origin)
    rows = [_checked(number, *pair) for number, pair in enumerate(rows)]
    if not rows:
        raise ValueError("expected at least one series, got none")
    # An empty series has no number of features.
    features = {values.shape[1] for _, values in rows if values.shape[1]} or {1}
    if len(features) > 1:
        raise ValueError(f"expected the same number of features in every series, got {sorted(features)}")
    longest = max(len(times) for times, _ in rows)
    length = longest if length is None else _integer(length)
    if longest > length:
        raise ValueError(f"expected series of at most {length} steps, got one of {longest}")
    batch = Batch(
        np.zeros((len(rows), length, features.pop()), np.float32),
        np.zeros((len(rows), length)),
        np.zeros((len(rows), length), bool),
    )
    for row, (times, values) in enumerate(rows):
        steps = len(times)
        batch.values[row, :steps] = values if steps else 0.0
        batch.times[row, :steps] = times
        batch.times[row, steps:] = times[-1] if steps else 0.0
        batch.mask[row, :steps] = True
    return batch


def _integer(length: Any) -> int:
    if isinstance(length, bool) or not isinstance(length, (int, np.integer)):
        raise TypeError(f"expected length to be an integer, got {length!r}")
    return int(length)


def pairs(series: Iterable[Pair]) -> list[Pair]:
    """The series as a list of (times, values). ValueError if they are anything else."""
    wanted = "expected pairs (times, values), one for each series"
    if type(series).__name__ == "RaggedTensor" or getattr(series, "is_nested", False) is True:
        raise ValueError(f"{wanted}, got one {type(series).__name__}; zip(times, values) makes pairs of two of them")
    if not np.iterable(series):
        raise ValueError(f"{wanted}, got {_kind(series)}")
    found = list(series)
    for number, pair in enumerate(found):
        if not (isinstance(pair, (tuple, list)) or (isinstance(pair, np.ndarray) and pair.ndim)) or len(pair) != 2:
            raise ValueError(f"{wanted}, got {_kind(pair)} as series {number}")
    return found


def _kind(value: Any) -> str:
    """The type of a value and its length, in words: "an ndarray of length 3"."""
    name = type(value).__name__
    article = "an" if name == "ndarray" or name[0].lower() in "aeiou" else "a"
    length = f" of length {len(value)}" if isinstance(value, Sized) and np.iterable(value) else ""
    return f"{article} {name}{length}"


def counted(pairs: list[Pair], unit: Unit | None, origin: Dates | None) -> list[Pair]:
    """The pairs with their dates converted to numbers, if there is a unit; all must be of one kind."""
    names = [f"times of series {number}" for number in range(len(pairs))]
    if unit is None:
        if origin is not None:
            raise ValueError(
                f"expected a unit beside origin={origin!r}, got none; unit='s' gives seconds since the origin"
            )
        for name, (times, _) in zip(names, pairs):
            if dates.are_moments(name, times):
                raise ValueError(
                    f"expected {name} to be numbers, got dates or durations; plstm.pad(..., unit='s') converts them"
                )
        return pairs
    dates.check_unit(unit)
    empty = [dates.array(name, times).size == 0 for name, (times, _) in zip(names, pairs)]
    found = [None if none else dates.Moments.of(name, times) for none, name, (times, _) in zip(empty, names, pairs)]
    kinds = {moments.kind: moments.name for moments in found if moments is not None}
    if len(kinds) > 1:
        got = " and ".join(f"{kind} (the {name})" for kind, name in kinds.items())
        raise ValueError(f"expected times of one kind in all series, got {got}")
    counted = [np.zeros(0) if moments is None else moments.since(origin, unit) for moments in found]
    return [(times, values) for times, (_, values) in zip(counted, pairs)]


def _checked(number: int, times: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    times = dates.numbers(f"times of series {number}", times)
    name = f"values of series {number}"
    values = dates.array(name, values)
    values = values.astype(np.float64) if values.dtype.kind == "b" else dates.numbers(name, values)
    given = values.shape
    values = values.reshape(-1, 1) if values.ndim == 1 and values.size else values
    values = values.reshape(0, 0) if values.shape == (0,) else values
    if times.ndim != 1 or values.ndim != 2 or len(times) != len(values):
        raise ValueError(
            f"expected times (steps,) and values (steps, features) in series {number}, "
            f"got shapes {times.shape} and {given}{'; times come first' if times.ndim == 2 else ''}"
        )
    times = gate.finite(f"times of series {number}", times)
    _check_values(name, values)
    backwards = np.flatnonzero(np.diff(times) < 0)
    if backwards.size:
        step = int(backwards[0]) + 1
        raise ValueError(
            f"expected ascending times in series {number}, got {times[step]} after {times[step - 1]} at step {step}"
        )
    return times, values


def _check_values(name: str, values: Floats) -> None:
    """ValueError if a value (T, D) is not finite in float32."""
    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(values.astype(np.float32))
    if np.any(wrong):
        step, feature = (int(i) for i in np.argwhere(wrong)[0])
        value = values[step, feature]
        expected, remedy = "to be finite", "plstm.hold_missing fills missing values"
        if np.isfinite(value):
            expected, remedy = "that float32 can hold", "scale the values first"
        raise ValueError(f"expected {name} {expected}, got {value} at step {step}, feature {feature}; {remedy}")
