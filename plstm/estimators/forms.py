"""X in any form that the estimators take, as one list of times and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from plstm import dates, gate
from plstm.data.frame import read_frame
from plstm.data.padding import counted
from plstm.data.series import TimeSeries
from plstm.errors import DataError
from plstm.types import Array, Booleans, Floats, Unit

Pairs: TypeAlias = list[tuple[Floats, Floats]]  # times (T_i,), values (T_i, D), NaN where a value is missing


class Columns(NamedTuple):
    """How X is laid out, for the forms that do not say it themselves; the estimators' arguments explain each."""

    series: str = "series"
    time: str = "time"
    unit: Unit = "s"
    channels_first: bool = False
    time_channel: bool = False


class Sequences(NamedTuple):
    """Series as pairs; the names of their features and of the series, None if X does not tell them."""

    pairs: Pairs
    features: list[str] | None = None
    names: list[Any] | None = None


def read(X: Any, columns: Columns) -> Sequences:
    """X as ``Sequences``.

    Args:
        X: pairs of times and values; a ``TimeSeries`` as from ``plstm.read_csv``; a long DataFrame; a regular array
            (n, T), (n, T, D) or (n, D, T); a list of arrays; or an object of the package xarray as pyrregular has them.
        columns: what X does not say itself.

    Raises:
        DataError: a cell of a DataFrame that is wrong; the message names row and column.
        ValueError: another form; times that go back or are not finite; values that are infinite or no numbers.

    Example:
        >>> read(np.ones((2, 3)), Columns()).pairs[0]
        (array([0., 1., 2.]), array([[1.],
               [1.],
               [1.]]))
    """
    if isinstance(X, TimeSeries):
        return Sequences(_checked(X.series), X.features, X.names)
    if isinstance(X, pd.DataFrame):
        found = read_frame(X, columns.time, columns.series, unit=columns.unit, equal_times=True)
        return Sequences(found.series, found.features, found.names)
    if hasattr(X, "dims") and hasattr(X, "coords"):
        return Sequences(_checked(_of_labelled(X, columns.unit)))
    if hasattr(X, "todense"):
        if len(X.shape) != 3:
            raise ValueError(f"expected a sparse X to be (n, D, T), got shape {X.shape}: a dense array is required")
        return Sequences(_checked(_of_array(np.asarray(X.todense()), columns)))
    if hasattr(X, "__array__") and np.asarray(X).dtype != object:
        return Sequences(_checked(_of_array(np.asarray(X), columns)))
    if isinstance(X, (str, bytes, Mapping)) or not np.iterable(X):
        raise ValueError(f"expected X to be pairs of times and values, a DataFrame or an array, got {type(X).__name__}")
    elements = list(X)
    if len(elements) == 2 and _depth(elements[0]) == 1 and _depth(elements[1]) == 2:
        raise ValueError("expected a list of pairs (times, values), got one pair; [(times, values)] is a list of one")
    if elements and not any(map(_is_pair, elements)) and not any(map(_holds_lists, elements)):
        if all(np.ndim(element) == 2 for element in elements):
            pairs = [pair for element in elements for pair in _of_array(np.asarray(element)[None], columns)]
            return Sequences(_checked(pairs))
        return Sequences(_checked(_of_array(dates.array("X", elements), columns)))
    for number, element in enumerate(elements):
        if not _is_pair(element):
            raise ValueError(
                f"expected a pair as series {number}, times (T,) and values (T, D), got {_described(element)}"
            )
    if any(dates.are_moments(f"times of series {number}", times) for number, (times, _) in enumerate(elements)):
        elements = counted(elements, columns.unit, None)
    return Sequences(_checked(elements))


def _is_pair(element: Any) -> bool:
    """Whether this is (times, values), and not two numbers of a nested list."""
    return isinstance(element, (tuple, list)) and len(element) == 2 and np.ndim(element[0]) == 1


def _depth(value: Any) -> int:
    """The dimensions of an array; of nested lists, whose rows may differ in length, how deep they are."""
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return np.ndim(value) if not isinstance(value, tuple) else -1


def _holds_lists(element: Any) -> bool:
    """Whether this is a tuple that may be meant as a pair, and not a row of numbers."""
    return isinstance(element, tuple) and any(np.iterable(part) for part in element)


def _described(element: Any) -> str:
    if not isinstance(element, tuple):
        return type(element).__name__
    shapes = [str(np.shape(part)) if isinstance(part, np.ndarray) else type(part).__name__ for part in element]
    return f"a tuple of {', '.join(shapes) or 'nothing'}"


def _of_array(X: Array, columns: Columns) -> Pairs:
    """A regular array: steps 0, 1, ... are the times, unless the last channel holds them."""
    if X.ndim not in (2, 3):
        raise ValueError(f"expected an array (n, T) or (n, T, D), got shape {X.shape}. Reshape your data")
    if X.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: expected X to be numbers, got {X.dtype}")
    numbers = dates.numbers("X", X)
    numbers = numbers[:, :, None] if numbers.ndim == 2 else numbers
    numbers = numbers.swapaxes(1, 2) if columns.channels_first and X.ndim == 3 else numbers
    if columns.time_channel:
        # Steps without a time fill the array up.
        return [(values[:, -1], values[:, :-1]) for values in (rows[~np.isnan(rows[:, -1])] for rows in numbers)]
    if not numbers.shape[1] or not numbers.shape[2]:
        raise ValueError(
            f"expected at least one step and one feature, got 0 feature(s) (shape={X.shape}) while a minimum of 1 is "
            "required."
        )
    # Series of different lengths are filled up with steps at which nothing is measured.
    measured: Booleans = ~np.all(np.isnan(numbers), axis=2)
    ends = [int(np.flatnonzero(seen)[-1]) + 1 if seen.any() else 0 for seen in measured]
    return [(np.arange(end, dtype=np.float64), values[:end]) for end, values in zip(ends, numbers)]


def _of_labelled(X: Any, unit: Unit) -> Pairs:
    """xarray's form with the dimensions and times of pyrregular: ts_id, signal_id, time_id, sparse or dense."""
    wanted = ["ts_id", "signal_id", "time_id"]
    if sorted(X.dims) != sorted(wanted):
        raise ValueError(f"expected the dimensions {', '.join(wanted)}, got {', '.join(map(str, X.dims))}")
    data = X.data.todense() if hasattr(X.data, "todense") else np.asarray(X.data)
    data = np.transpose(np.asarray(data, np.float64), [list(X.dims).index(name) for name in wanted])
    times = np.asarray(X["time_id"].data)
    times = dates.elapsed(times, unit) if times.dtype.kind in "mM" else dates.numbers("time_id", times)
    pairs: Pairs = []
    for values in data.swapaxes(1, 2):
        seen = ~np.isnan(values).all(axis=1)
        pairs.append((times[seen], values[seen]))
    return pairs


def _checked(pairs: Sequence[Any]) -> Pairs:
    """The pairs as float64 arrays of fitting shapes, with ascending times and no infinite value."""
    found = [_checked_pair(number, *pair) for number, pair in enumerate(pairs)]
    if not found:
        raise ValueError("expected at least one series, got none: 0 sample(s)")
    sizes = {values.shape[1] for times, values in found if len(times)}
    if len(sizes) > 1:
        raise ValueError(f"expected the same number of features in every series, got {sorted(sizes)}")
    size = sizes.pop() if sizes else 0
    return [(times, values if len(times) else np.zeros((0, size))) for times, values in found]


def _checked_pair(number: int, times: Any, values: Any) -> tuple[Floats, Floats]:
    where = f"of series {number}"
    times = gate.finite(f"times {where}", dates.numbers(f"times {where}", times))
    values = dates.array(f"values {where}", values)
    values = values.astype(np.float64) if values.dtype.kind == "b" else dates.numbers(f"values {where}", values)
    values = values[:, None] if values.ndim == 1 else values
    if times.ndim != 1 or values.ndim != 2 or len(times) != len(values):
        raise ValueError(f"expected times (T,) and values (T, D) {where}, got shapes {times.shape} and {values.shape}")
    for step, feature in np.argwhere(np.isinf(values))[:1]:
        raise DataError(f"expected values {where} to be finite or NaN, got inf at step {step}, feature {feature}")
    for step in np.flatnonzero(np.diff(times) < 0)[:1] + 1:
        got = f"{times[step]} after {times[step - 1]} at step {step}"
        raise DataError(f"expected ascending times in series {number}, got {got}; sort the events by time first")
    return times, values
