"""DataFrames with a time in every row, read as the series that ``plstm.pad`` and the estimators take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plstm.data import series as series_of
from plstm.data.series import TimeSeries
from plstm.data.table import Table, pandas
from plstm.errors import DataError
from plstm.types import Unit

if TYPE_CHECKING:
    import pandas as pd


def read_frame(
    frame: pd.DataFrame,
    time: str = "time",
    series: str | None = None,
    values: Iterable[str] | None = None,
    label: str | None = None,
    unit: Unit = "s",
    zone: str | None = None,
    sort: bool = False,
    equal_times: bool = False,
) -> TimeSeries:
    """Read irregular series from a pandas DataFrame, as ``plstm.read_csv`` reads them from a file.

    Args:
        frame: one row for each reading. Its index is not used.
        time: the column of times: numbers, which are not changed and may have any unit, durations, or dates.
        series: the column that names the series of each row; None if the whole frame is one series.
        values: the value columns; None for all other columns. Missing cells (NaN, None, NA) become NaN.
        label: a column with one label for each series. Its cells may be missing in some rows of a series, not in all.
        unit: the unit to which dates and durations are converted, as in ``plstm.elapsed``.
        zone: the time zone of dates that name none, such as ``"UTC"`` or ``"Europe/Zurich"``. Zones may be mixed.
        sort: whether to sort each series by time; otherwise times that go back are an error.
        equal_times: whether rows of a series may have the same time; they keep the order of the frame.

    Returns:
        The series of the frame.

    Raises:
        DataError: no rows, missing columns, a cell that is not a number, date or label; a time that is missing, goes
            back or comes twice. The message names the row by its index, and the column.
        TypeError: anything but a DataFrame; values that are not a list of names.
        ValueError: an unknown unit or zone.

    Example:
        >>> import pandas as pd
        >>> ward = pd.DataFrame({"patient": ["ann", "ann", "bob"], "time": [0, 2.5, 0], "pulse": [71, None, 88]})
        >>> found = read_frame(ward, series="patient")
        >>> found.names, found.features, [values.tolist() for _, values in found.series]
        (['ann', 'bob'], ['pulse'], [[[71.0], [nan]], [[88.0]]])
    """
    series_of.check_arguments(values, unit)
    pd = pandas("read_frame")
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"expected a pandas DataFrame, got {type(frame).__name__}")
    if not len(frame):
        raise DataError("the frame: expected rows, got none")
    table = Table("the frame", list(frame.columns), frame, lambda row: f"row {frame.index[row]!r}")
    return series_of.of_table(table, time, series, values, label, unit, zone, sort, equal_times)
