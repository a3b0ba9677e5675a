"""The series of a table, as ``plstm.pad`` and the estimators take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from plstm import dates
from plstm.data.table import Table
from plstm.errors import DataError
from plstm.types import Array, Floats, Unit


class TimeSeries(NamedTuple):
    """The series of a table, in the order in which they appear.

    Attributes:
        series: pairs of times (T_i,) and values (T_i, D), float64; NaN where a cell is empty.
        names: the names of the series.
        labels: one label for each series, integers, floats or strings; None if there is no label column.
        features: the names of the D value columns.
    """

    series: list[tuple[Floats, Floats]]
    names: list[Any]
    labels: Array | None
    features: list[str]


def check_arguments(values: Any, unit: Unit) -> None:
    """ValueError for an unknown unit; TypeError unless ``values`` is a list of names (a text has letters) or None."""
    dates.check_unit(unit)
    expected = "expected values to be a list of column names"
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{expected}, got the text {values!r}; values=[{values!r}]")
    if values is not None and not np.iterable(values):
        raise TypeError(f"{expected}, got {values!r}")


def of_table(
    table: Table,
    time: str,
    series: str | None,
    values: Iterable[str] | None,
    label: str | None,
    unit: Unit,
    zone: str | None,
    sort: bool,
    equal_times: bool,
) -> TimeSeries:
    """The series of a table. Arguments and errors are those of ``plstm.read_csv``."""
    named = [column for column in (time, series, label) if column is not None]
    for column in named:
        if named.count(column) > 1:
            got = f"{column!r} for more than one of them"
            raise DataError(f"{table.name}: expected different columns for time, series and label, got {got}")
    features = [name for name in table.columns if name not in named] if values is None else list(values)
    if label is not None and label in features:
        raise DataError(f"{table.name}: expected values without the label, which a model is to find, got {label!r}")
    table.require([*named, *features])
    if not features:
        raise DataError(f"{table.name}: expected a column of values beside {', '.join(named)}, got none")
    times = table.times(time, unit, zone)
    cells = np.stack([table.numbers(name) for name in features], axis=1)
    groups = table.groups(series, times if sort else None)
    table.check_order(time, times, groups, equal_times, series)
    pairs = zip(*(np.split(those[groups.order], groups.ends) for those in (times, cells)))
    labels = None if label is None else table.labels(label, groups)
    return TimeSeries(list(pairs), groups.names, labels, features)
