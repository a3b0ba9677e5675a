"""CSV files with a time in every row, read as the series that ``plstm.pad`` and the estimators take."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING

from plstm.data import series as series_of
from plstm.data.progress import Progress
from plstm.data.series import TimeSeries
from plstm.data.table import Table, pandas
from plstm.errors import DataError
from plstm.types import Unit

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 50_000  # rows read between two looks at the progress


def read_csv(
    path: str | os.PathLike[str],
    time: str = "time",
    series: str | None = None,
    values: Iterable[str] | None = None,
    label: str | None = None,
    unit: Unit = "s",
    zone: str | None = None,
    sort: bool = False,
    equal_times: bool = False,
) -> TimeSeries:
    """Read irregular series from a CSV file (UTF-8, commas, a header).

    Args:
        path: the file. Another dialect can be converted with
            ``pandas.read_csv(path, sep=";", decimal=",", na_values="--").to_csv(new, index=False)``.
        time: the column of times. Numbers are not changed and may have any unit. Dates are ISO 8601, such as
            ``2024-03-01T09:30:00+01:00``, and are converted to the time since 1970-01-01T00:00Z, in float64.
        series: the column that names the series of each row; None if the whole file is one series.
        values: the value columns; None for all other columns. Empty cells (also NA, NaN) become NaN.
        label: a column with one label for each series. Its cells may be empty in some rows of a series, not in all.
        unit: the unit to which dates are converted, as in ``plstm.elapsed``.
        zone: the time zone of dates that name none, such as ``"UTC"`` or ``"Europe/Zurich"``. Zones may be mixed.
        sort: whether to sort each series by time; otherwise times that go back are an error.
        equal_times: whether rows of a series may have the same time; they keep the order of the file.

    Returns:
        The series of the file.

    Raises:
        DataError: a file that is empty or cannot be read; missing columns; a cell that is not a number, date or label;
            a time that is missing, goes back or comes twice. The message names the file, the line and the column.
        TypeError: a path that is no path; values that are not a list of names.
        ValueError: an unknown unit or zone.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "ward.csv")
        >>> _ = path.write_text("patient,time,pulse,ill\\nann,0,71,0\\nann,2.5,,0\\nbob,0,88,1\\nbob,1,90,1\\n")
        >>> found = read_csv(path, series="patient", label="ill")
        >>> found.names, found.labels.tolist(), found.features
        (['ann', 'bob'], [0, 1], ['pulse'])
        >>> times, values = found.series[0]
        >>> times.tolist(), values.tolist()
        ([0.0, 2.5], [[71.0], [nan]])
    """
    series_of.check_arguments(values, unit)
    table = _table(path)
    return series_of.of_table(table, time, series, values, label, unit, zone, sort, equal_times)


def _table(path: str | os.PathLike[str]) -> Table:
    """The cells of a file as text."""
    pd = pandas("read_csv")
    if not isinstance(path, (str, os.PathLike)):  # an integer would be a file that the process has open
        raise TypeError(f"expected the path of a CSV file, got {type(path).__name__}")
    try:
        # Opened here, because pandas would download an address and unpack an archive.
        with open(path, encoding="utf-8-sig", newline="") as file:
            cells = _cells(file, f"reading {os.fspath(path)}")
    except FileNotFoundError:
        raise DataError(f"{path}: expected a CSV file, got no file") from None
    except pd.errors.EmptyDataError:
        raise DataError(f"{path}: expected a header and rows, got an empty file") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: expected UTF-8 text ({error})") from error
    except pd.errors.ParserError as error:
        if row := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error)):
            line = _line_of_row(path, int(row[2]))
            raise DataError(f"{path}, line {line}: expected {row[1]} cells, got {row[3]}") from error
        raise DataError(f"{path}: expected a CSV file ({str(error).strip()})") from error
    except OSError as error:
        raise DataError(f"{path}: expected a file that can be read ({error.strerror})") from error
    columns = [str(name).strip() for name in cells.iloc[0]]
    rows = cells.iloc[1:]
    rows = rows[rows.notna().any(axis=1)]
    if rows.empty:
        raise DataError(f"{path}: expected rows below the header, got none")
    return Table(str(path), columns, rows, lambda row: f"line {_line(cells, rows.index[row])}")


def _cells(file: TextIOWrapper, what: str) -> pd.DataFrame:
    """The cells of an open file. Its header is the first row: pandas would rename columns of equal names."""
    pd = pandas("read_csv")
    size = os.fstat(file.fileno()).st_size
    options = {"dtype": "string", "na_values": ["", "NA", "NaN", "nan"], "keep_default_na": False}
    chunks = pd.read_csv(file, header=None, skip_blank_lines=False, skipinitialspace=True, chunksize=CHUNK, **options)
    found = []
    with Progress(what, size) as bar:
        for chunk in chunks:
            found.append(chunk)
            bar.reach(os.lseek(file.fileno(), 0, os.SEEK_CUR))
    return pd.concat(found, ignore_index=True)


def _line(cells: pd.DataFrame, index: int) -> int:
    """The line of the file at which a row begins, counted from 1; a quoted cell may contain line breaks."""
    before = cells.iloc[:index].apply(lambda column: column.str.count("\n"))
    return 1 + index + int(before.sum().sum())


def _line_of_row(path: str | os.PathLike[str], row: int) -> int:
    """The line at which a row begins, both counted from 1; pandas counts a quoted cell with line breaks as one line."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        before = csv.reader(file, skipinitialspace=True)
        for _ in range(row - 1):
            next(before)
        return before.line_num + 1
