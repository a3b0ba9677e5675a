"""A table with a time in every row: its columns as numbers, times, series and labels; errors name row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from plstm import dates
from plstm.errors import DataError
from plstm.types import Array, Booleans, Floats, Integers, Unit

if TYPE_CHECKING:
    import pandas as pd

_ZONE = r"[T ]\d{2}.*(?:Z|[+-]\d{2}(?::?\d{2})?)$"  # the T is needed because a date alone, 2024-03-01, ends like a zone


def pandas(name: str) -> ModuleType:
    """The module pandas, for the function ``name``. ImportError that says what to install."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f'plstm.{name} needs pandas: pip install "plstm[data]"') from error
    return pandas


class Groups(NamedTuple):
    """The series of a table.

    Attributes:
        names: their names, in the order in which they appear.
        codes: (rows,), the number of the series of each row.
        order: (rows,), the rows of the first series, then those of the second, and so on.
        ends: where in ``order`` each series but the last one ends.
    """

    names: list[Any]
    codes: Integers
    order: Integers
    ends: Integers

    @classmethod
    def of(cls, names: Sequence[Any], codes: Integers, times: Floats | None = None) -> Groups:
        """The groups of some codes; with ``times`` each is sorted by them."""
        order = np.argsort(codes, kind="stable") if times is None else np.lexsort((times, codes))
        return cls(list(names), codes, order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])

    @property
    def firsts(self) -> Integers:
        """The first row of each series."""
        return self.order[np.concatenate([[0], self.ends]).astype(np.int64)]


class Table:
    """Cells as pandas holds them: text from a file, or the typed columns of a DataFrame.

    Args:
        name: of the table in errors: the path of a file, or "the frame".
        columns: the names of the columns; a name may come twice.
        cells: the rows, without those that are wholly empty.
        place: the name of a row in errors, such as "line 4", by its number from 0.
    """

    def __init__(self, name: str, columns: list[str], cells: pd.DataFrame, place: Callable[[int], str]):
        self.name, self.columns, self.cells, self.place = name, columns, cells, place

    def fail(self, row: int, column: str, expected: str, got: str) -> NoReturn:
        raise DataError(f"{self.name}, {self.place(int(row))}, column {column!r}: expected {expected}, got {got}")

    def require(self, names: Sequence[str]) -> None:
        """DataError unless there is exactly one column of each of these names."""
        for name in names:
            count = self.columns.count(name)
            if count != 1:
                found = "none" if not count else f"{count} of them"
                among = ", ".join(map(str, self.columns))
                hint = "; is it separated by commas?" if re.search(r"[;\t|]", among) else ""
                raise DataError(f"{self.name}: expected one column {name!r}, got {found} in {among}{hint}")

    def column(self, name: str) -> pd.Series:
        cells = self.cells.iloc[:, self.columns.index(name)]
        if isinstance(cells.dtype, pandas("read_frame").CategoricalDtype):
            cells = cells.astype(object)
        return cells.str.strip() if _is_text(cells) else cells

    def numbers(self, name: str) -> Floats:
        """A column as float64; NaN where it is empty."""
        pd = pandas("read_frame")
        cells = self.column(name)
        if cells.dtype.kind in "mM":
            self.fail(0, name, "a finite number", f"{_shown(cells.iloc[0])}; plstm.elapsed makes numbers of dates")
        found = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for row in np.flatnonzero((np.isnan(found) & cells.notna()) | np.isinf(found))[:1]:
            # A column of words holds names or remarks: then the user must name the columns of values.
            words = found[cells.notna().to_numpy(bool)]
            hint = "; values=[...] names the columns to read" if np.isnan(words).all() else ""
            self.fail(row, name, "a finite number", f"{_shown(cells.iloc[row])}{hint}")
        return found

    def times(self, name: str, unit: Unit, zone: str | None) -> Floats:
        """A column of numbers, durations or dates as float64, without gaps."""
        pd = pandas("read_frame")
        cells = self.column(name)
        for row in np.flatnonzero(cells.isna())[:1]:
            self.fail(row, name, "a time", "an empty cell")
        if cells.dtype.kind == "m":
            return dates.elapsed(cells, unit)
        if cells.dtype.kind in "iufb" or (
            cells.dtype.kind != "M" and pd.to_numeric(cells.iloc[:1], errors="coerce").notna().all()
        ):
            return self.numbers(name)
        stamps, zoned = _stamps(cells)
        if zone is not None:
            local = stamps.dt.tz_localize(None)
            try:
                local = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
            except (KeyError, ValueError, IndexError, OSError):
                raise ValueError(f"expected the name of a time zone such as 'Europe/Zurich', got {zone!r}") from None
            # These are dates that the zone does not have or has twice. Cells that are not dates are reported below.
            for row in np.flatnonzero(~zoned & stamps.notna() & local.isna())[:1]:
                self.fail(row, name, f"a date that occurs exactly once in {zone}", _shown(cells.iloc[row]))
            stamps = stamps.where(zoned, local.dt.tz_convert("UTC"))
        for row in np.flatnonzero(stamps.isna())[:1]:
            self.fail(row, name, "a number or an ISO 8601 date in every row", _shown(cells.iloc[row]))
        if zone is None:
            for row in np.flatnonzero(~zoned)[:1]:
                what = "a date with its zone, such as 2024-03-01T09:30:00+01:00, or the argument zone"
                self.fail(row, name, what, _shown(cells.iloc[row]))
        return dates.elapsed(stamps, unit)

    def groups(self, name: str | None, times: Floats | None) -> Groups:
        """The series, by the column that names them; without one the table is one series. ``times`` sorts each."""
        if name is None:
            return Groups.of([self.name], np.zeros(len(self.cells), np.int64), times)
        cells = self.column(name)
        for row in np.flatnonzero(cells.isna())[:1]:
            self.fail(row, name, "the name of a series", "an empty cell")
        codes, names = cells.factorize()
        return Groups.of(names.tolist(), codes.astype(np.int64), times)

    def check_order(self, column: str, times: Floats, groups: Groups, equal_times: bool, series: str | None) -> None:
        """DataError if times go back in a series, or, without ``equal_times``, come twice."""
        steps = np.diff(times[groups.order])
        same = np.diff(groups.codes[groups.order]) == 0
        wrong = np.flatnonzero(same & (steps < 0 if equal_times else steps <= 0))
        if not len(wrong):
            return
        before, row = (int(groups.order[wrong[0] + n]) for n in (0, 1))
        cells, back = self.column(column), times[row] < times[before]
        remedy = "sort=True sorts the rows" if back else "equal_times=True allows it"
        whose = f" in series {groups.names[groups.codes[row]]!r}; "
        if series is None:
            whose = "; if the table has several series, give series=COLUMN; else "
        self.fail(
            row,
            column,
            f"a time {'>=' if equal_times else '>'} {cells.iloc[before]}, that of {self.place(before)}",
            f"{cells.iloc[row]}{whose}{remedy}",
        )

    def labels(self, name: str, groups: Groups) -> Array:
        """One label for each series: numbers if all labels are, else strings."""
        pd = pandas("read_frame")
        cells = self.column(name)
        told = np.flatnonzero(cells.notna())
        first = np.full(len(groups.names), -1)
        first[groups.codes[told][::-1]] = told[::-1]
        for number in np.flatnonzero(first < 0)[:1]:
            row = int(groups.firsts[number])
            self.fail(row, name, f"a label of series {groups.names[number]!r}", "empty cells in all its rows")
        kinds, _ = cells.factorize()
        own = first[groups.codes]
        for row in map(int, told[kinds[told] != kinds[own[told]]][:1]):
            whose = f"one label for series {groups.names[groups.codes[row]]!r}"
            known = f"{_shown(cells.iloc[own[row]])} as in {self.place(int(own[row]))}"
            self.fail(row, name, f"{whose}, {known}", _shown(cells.iloc[row]))
        found = cells.iloc[first]
        numbers = pd.to_numeric(found, errors="coerce")
        return numbers.to_numpy() if numbers.notna().all() else np.array(found.tolist())


def _is_text(cells: pd.Series) -> bool:
    """Whether a column is of strings; one of Python objects may hold dates or numbers among them."""
    return bool(pandas("read_frame").api.types.is_string_dtype(cells.dtype)) and cells.dtype != object


def _stamps(cells: pd.Series) -> tuple[pd.Series, Booleans]:
    """Dates in UTC, NaT where a cell is no date, and which of them named a zone."""
    pd = pandas("read_frame")
    if cells.dtype.kind == "M":
        zone = getattr(cells.dtype, "tz", None)
        stamps = cells.dt.tz_localize("UTC") if zone is None else cells.dt.tz_convert("UTC")
        return stamps, np.full(len(cells), zone is not None)
    text = cells.astype("string")
    zoned = text.str.contains(_ZONE, flags=re.IGNORECASE).to_numpy(bool)
    return pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True), zoned


def _shown(cell: Any) -> str:
    """A cell in an error: text in quotes, and numbers and dates as they print."""
    return repr(cell) if isinstance(cell, str) else str(cell)
