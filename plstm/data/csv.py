"""CSV files with a time in every row, read as the series that ``plstm.pad`` takes."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates
from plstm.data.padding import pairs as checked_pairs
from plstm.errors import DataError
from plstm.types import Array, Dates, Floats, Integers, Unit

if TYPE_CHECKING:
    import pandas as pd

_ZONE = r"[T ]\d{2}.*(?:Z|[+-]\d{2}(?::?\d{2})?)$"  # the T is needed because a date alone, 2024-03-01, ends like a zone


class TimeSeries(NamedTuple):
    """The series of a file, in the order in which they appear.

    Attributes:
        series: pairs of times (T_i,) and values (T_i, D), float64; NaN where a cell is empty.
        names: the names of the series.
        labels: one label for each series, integers, floats or strings; None if there is no label column.
        features: the names of the D value columns.
    """

    series: list[tuple[Floats, Floats]]
    names: list[str]
    labels: Array | None
    features: list[str]


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
        zone: the time zone of dates that name none, such as ``"UTC"`` or ``"Europe/Zurich"``.
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
    dates.check_unit(unit)
    _check_names(values)
    table = _Table(path)
    named = [column for column in (time, series, label) if column is not None]
    features = [name for name in table.columns if name not in named] if values is None else list(values)
    table.require([*named, *features])
    if not features:
        raise DataError(f"{path}: expected a column of values beside {', '.join(named)}, got none")
    times = table.times(time, unit, zone)
    cells = np.stack([table.numbers(name) for name in features], axis=1)
    if series is None:
        names, rows_of = [str(path)], [np.arange(len(times))]
    else:
        names, rows_of = table.groups(series)
    pairs = []
    for name, rows in zip(names, rows_of):
        if sort:
            rows = rows[np.argsort(times[rows], kind="stable")]
        table.check_order(time, times, rows, name, equal_times, series)
        pairs.append((times[rows], cells[rows]))
    labels = None if label is None else table.labels(label, names, rows_of)
    return TimeSeries(pairs, names, labels, features)


def hold_missing(series: Iterable[tuple[Dates, ArrayLike]]) -> list[tuple[Dates, Floats]]:
    """Replace every missing value by the last observed one, and add features that say which values were observed.

    .. math::
        x_n &\\leftarrow x_m,\\quad m = \\max\\{m \\le n : x_m \\text{ observed}\\} \\\\
        o_n &= [x_n \\text{ observed}]

    Args:
        series: pairs of times (T_i,), which may be dates, and values (T_i, D) or (T_i,), NaN where a value is missing.

    Returns:
        Pairs of times and values (T_i, 2D): D values, then D indicators o. Before the first observation the value is 0.
        So normalise first: then 0 is the mean.

    Raises:
        ValueError: anything but pairs; values that are not numbers.

    Example:
        >>> [(_, values)] = hold_missing([([0.0, 1.0, 2.0], [[np.nan], [5.0], [np.nan]])])
        >>> values.tolist()
        [[0.0, 0.0], [5.0, 1.0], [5.0, 0.0]]
    """
    return [(times, _held(values)) for times, values in checked_pairs(series)]


def _check_names(values: Any) -> None:
    """TypeError for a single name, which would be read letter by letter, and for anything else but a list of names."""
    expected = "expected values to be a list of column names"
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{expected}, got the text {values!r}; values=[{values!r}]")
    if values is not None and not np.iterable(values):
        raise TypeError(f"{expected}, got {values!r}")


def _held(values: ArrayLike) -> Floats:
    found = np.asarray(values) if np.asarray(values).dtype.kind == "b" else dates.numbers("values", values)
    found = found[:, None] if found.ndim == 1 else found
    seen = ~np.isnan(found)
    latest = np.maximum.accumulate(np.where(seen, np.arange(len(found))[:, None], -1), axis=0)
    held = np.where(latest >= 0, np.take_along_axis(found, np.maximum(latest, 0), axis=0), 0.0)
    return np.concatenate([held, seen], axis=1)


def _pandas() -> ModuleType:
    """The module pandas, which only this file needs. ImportError that says what to install."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError('plstm.read_csv needs pandas: pip install "plstm[data]"') from error
    return pandas


def _line_of_row(path: str | os.PathLike[str], row: int) -> int:
    """The line at which a row begins, both counted from 1; pandas counts a quoted cell with line breaks as one line."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        before = csv.reader(file, skipinitialspace=True)
        for _ in range(row - 1):
            next(before)
        return before.line_num + 1


class _Table:
    """The cells of a file as strings, and errors that name line and column."""

    def __init__(self, path: str | os.PathLike[str]):
        pd = _pandas()
        if not isinstance(path, (str, os.PathLike)):  # an integer would be a file that the process has open
            raise TypeError(f"expected the path of a CSV file, got {type(path).__name__}")
        self.path = path
        try:
            # Opened here, because pandas would download an address and unpack an archive.
            with open(path, encoding="utf-8-sig", newline="") as file:
                # The header is read as a row: pandas would rename columns of equal names and guess with longer rows.
                cells = pd.read_csv(
                    file,
                    header=None,
                    dtype="string",
                    skip_blank_lines=False,
                    skipinitialspace=True,
                    na_values=["", "NA", "NaN", "nan"],
                    keep_default_na=False,
                )
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
        self.columns = [str(name).strip() for name in cells.iloc[0]]
        self.newlines = cells.apply(lambda column: column.str.count("\n")).sum(axis=1).to_numpy(int)
        filled = cells.iloc[1:].notna().any(axis=1)
        self.cells = cells.iloc[1:][filled]
        if self.cells.empty:
            raise DataError(f"{path}: expected rows below the header, got none")

    def line(self, row: int) -> int:
        """The line of the file at which a row begins, counted from 1; a quoted cell may contain line breaks."""
        index = self.cells.index[row]
        return 1 + index + int(self.newlines[:index].sum())

    def fail(self, row: int, column: str, expected: str, got: str) -> NoReturn:
        raise DataError(f"{self.path}, line {self.line(row)}, column {column!r}: expected {expected}, got {got}")

    def require(self, names: Sequence[str]) -> None:
        for name in names:
            count = self.columns.count(name)
            if count != 1:
                found = "none" if not count else f"{count} of them"
                hint = "; is it separated by commas?" if len(self.columns) == 1 else ""
                raise DataError(
                    f"{self.path}: expected one column {name!r}, got {found} in {', '.join(self.columns)}{hint}"
                )

    def column(self, name: str) -> pd.Series:
        return self.cells.iloc[:, self.columns.index(name)].str.strip()

    def numbers(self, name: str) -> Floats:
        """A column as float64; NaN where it is empty."""
        pd = _pandas()
        cells = self.column(name)
        found = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for row in np.flatnonzero((np.isnan(found) & cells.notna()) | np.isinf(found))[:1]:
            # A column of words holds names or remarks: then the user must name the columns of values.
            words = found[cells.notna().to_numpy(bool)]
            hint = "; values=[...] names the columns to read" if np.isnan(words).all() else ""
            self.fail(row, name, "a finite number", f"{cells.iloc[row]!r}{hint}")
        return found

    def times(self, name: str, unit: Unit, zone: str | None) -> Floats:
        """A column of numbers or of dates as float64, without gaps."""
        pd = _pandas()
        cells = self.column(name)
        for row in np.flatnonzero(cells.isna())[:1]:
            self.fail(row, name, "a time", "an empty cell")
        if pd.to_numeric(cells.iloc[:1], errors="coerce").notna().all():
            return self.numbers(name)
        zoned = cells.str.contains(_ZONE, flags=re.IGNORECASE).to_numpy(bool)
        stamps = pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=True)
        if zone is not None:
            local = stamps.dt.tz_localize(None)
            try:
                local = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
            except (KeyError, ValueError, IndexError, OSError):
                raise ValueError(f"expected the name of a time zone such as 'Europe/Zurich', got {zone!r}") from None
            # These are dates that the zone does not have or has twice. Cells that are not dates are reported below.
            for row in np.flatnonzero(~zoned & stamps.notna() & local.isna())[:1]:
                self.fail(row, name, f"a date that occurs exactly once in {zone}", repr(cells.iloc[row]))
            stamps = stamps.where(zoned, local.dt.tz_convert("UTC"))
        for row in np.flatnonzero(stamps.isna())[:1]:
            self.fail(row, name, "a number or an ISO 8601 date in every row", repr(cells.iloc[row]))
        if zone is None:
            for row in np.flatnonzero(~zoned)[:1]:
                what = "a date with its zone, such as 2024-03-01T09:30:00+01:00, or the argument zone"
                self.fail(row, name, what, repr(cells.iloc[row]))
        return dates.elapsed(stamps, unit)

    def groups(self, name: str) -> tuple[list[str], list[Integers]]:
        """The names of the series, and the rows of each."""
        cells = self.column(name)
        for row in np.flatnonzero(cells.isna())[:1]:
            self.fail(row, name, "the name of a series", "an empty cell")
        codes, names = cells.factorize()
        order = np.argsort(codes, kind="stable")
        return list(names), np.split(order, np.cumsum(np.bincount(codes))[:-1])

    def check_order(
        self, column: str, times: Floats, rows: Integers, name: str, equal_times: bool, series: str | None
    ) -> None:
        steps = np.diff(times[rows])
        wrong = np.flatnonzero(steps < 0 if equal_times else steps <= 0)
        if not len(wrong):
            return
        before, row = int(rows[wrong[0]]), int(rows[wrong[0] + 1])
        cells, back = self.column(column), times[row] < times[before]
        remedy = "sort=True sorts the rows" if back else "equal_times=True allows it"
        whose = f" in series {name!r}; "
        if series is None:
            whose = "; if the file has several series, give series=COLUMN; else "
        self.fail(
            row,
            column,
            f"a time {'>=' if equal_times else '>'} {cells.iloc[before]}, that of line {self.line(before)}",
            f"{cells.iloc[row]}{whose}{remedy}",
        )

    def labels(self, name: str, names: list[str], rows_of: list[Integers]) -> Array:
        """One label for each series: numbers if all labels are, else strings."""
        pd = _pandas()
        cells, found = self.column(name), []
        for series, rows in zip(names, rows_of):
            told = rows[cells.iloc[rows].notna()]
            if not len(told):
                self.fail(rows[0], name, f"a label of series {series!r}", "empty cells in all its rows")
            other = told[(cells.iloc[told] != cells.iloc[told[0]]).to_numpy(bool)]
            if len(other):
                first = f"{cells.iloc[told[0]]!r} as in line {self.line(told[0])}"
                self.fail(other[0], name, f"one label for series {series!r}, {first}", repr(cells.iloc[other[0]]))
            found.append(cells.iloc[told[0]])
        numbers = pd.to_numeric(pd.Series(found), errors="coerce")
        return numbers.to_numpy() if numbers.notna().all() else np.array(found)
