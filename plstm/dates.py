"""Times as people keep them: dates and durations become numbers when a unit is named, and are never taken for numbers.

Everything that takes times asks ``numbers``, which says what to do about all else. pandas is not imported: its objects
say what they are.
"""

from __future__ import annotations

import datetime
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from plstm.types import Array, Dates, Floats, Unit

# What a unit is called in NumPy. Nanoseconds since 1970 are not among them: float64 keeps every 256th.
UNITS = {"us": "us", "ms": "ms", "s": "s", "min": "m", "h": "h", "D": "D"}
NAIVE, AWARE, DURATIONS = "dates without a time zone", "dates with a time zone", "durations"


def elapsed(times: Dates, unit: Unit, origin: Dates | None = None, mask: ArrayLike | None = None) -> Floats:
    """Dates as the time gone by since an origin, or durations, as numbers in a unit.

    Args:
        times: any shape of dates: ``datetime``, ``date``, NumPy's datetime64, what pandas makes of them (``Timestamp``,
            ``DatetimeIndex``, a column); or of durations: ``timedelta``, timedelta64, ``Timedelta``. A date with a time
            zone is a moment; one without is taken as it stands, so that a clock set forward shows an hour too many.
        unit: ``"us"``, ``"ms"``, ``"s"``, ``"min"``, ``"h"`` or ``"D"``.
        origin: the date to count from, with a time zone if the times have one; default 1970-01-01T00:00Z. Near the
            first date numbers stay small, which trains better. Durations have none.
        mask: booleans of the shape of ``times``, False where a date may be missing (NaT, None); there it becomes NaN.

    Returns:
        float64 array of the shape of ``times``. The difference is taken in integers: no digit of it is lost.

    Raises:
        ValueError: no dates; dates with and without a time zone, or dates and durations, together; a missing date; an
            unknown unit; an origin that does not fit.

    Example:
        >>> import numpy as np, plstm
        >>> night = np.array(["2024-03-01T23:30", "2024-03-02T00:15"], "datetime64[m]")
        >>> plstm.elapsed(night, "min", origin=np.datetime64("2024-03-01"))
        array([1410., 1455.])
    """
    return Moments.of("times", times).since(origin, unit, mask)


class Moments(NamedTuple):
    """Dates (datetime64, in UTC if they had a zone) or durations (timedelta64), and which of the three they are."""

    name: str
    values: Array
    kind: str

    @classmethod
    def of(cls, name: str, times: Dates) -> Moments:
        """From what a user gives. ValueError: no dates, or of several kinds."""
        zoned = _zoned(times)
        if zoned is not None:
            return cls(name, np.asarray(times, np.dtype(f"datetime64[{zoned.unit}]")), AWARE)
        values = array(name, times)
        kind = DURATIONS if values.dtype.kind == "m" else NAIVE
        if values.dtype.kind == "O":
            values, kind = _of_objects(name, values)
        if values.dtype.kind not in "mM":
            remedy = READING if values.dtype.kind in "SUT" else "; numbers need no unit"
            raise ValueError(f"expected {name} to be dates or durations, got {values.dtype}{remedy}")
        if np.datetime_data(values.dtype)[0] == "generic" and not np.all(np.isnat(values)):
            raise ValueError(f"expected {name} with a unit, such as timedelta64[s], got {values.dtype} without one")
        return cls(name, values, kind)

    def since(self, origin: Dates | None, unit: Unit, mask: ArrayLike | None = None) -> Floats:
        """float64, in a unit; NaN where missing and masked."""
        check_unit(unit)
        name, values, _ = self
        mask = np.ones(values.shape, bool) if mask is None else np.asarray(mask, bool)
        if mask.shape != values.shape:
            raise ValueError(f"expected a mask of shape {values.shape}, that of {name}, got {mask.shape}")
        missing = np.isnat(values)
        for where in np.argwhere(missing & mask)[:1]:
            raise ValueError(f"expected a date in every place of {name}, got NaT{_at(tuple(int(i) for i in where))}")
        start = self._start(origin)
        try:
            fine = np.promote_types(np.promote_types(values.dtype, start.dtype), f"{values.dtype.kind}8[{UNITS[unit]}]")
            ticks, first = (_exactly(those, fine).astype(np.int64) for those in (values, start))
            if np.any(np.abs(ticks.astype(np.float64) - float(first)) >= 2.0**63, where=~missing):
                raise OverflowError(f"too far from the origin for {fine}")
        except (OverflowError, TypeError) as error:
            raise ValueError(f"expected {name} that 64 bits can count, got {values.dtype} ({error})") from None
        ticks, per_unit = (
            ticks - first,
            _exactly(np.timedelta64(1, UNITS[unit]), fine.str.replace("M", "m")).astype(int),
        )
        # Whole units apart from their fraction: 0.25 s after the full second is that in float64 too.
        whole, rest = np.divmod(ticks, per_unit)
        return np.where(missing, np.nan, whole + rest / per_unit)[()]

    def _start(self, origin: Dates | None) -> Any:
        if self.kind == DURATIONS:
            if origin is not None:
                raise ValueError(f"expected no origin for durations, got {origin!r}")
            return np.timedelta64(0, "D")
        if origin is None:
            return np.datetime64(0, "D")
        _, start, kind = Moments.of("origin", origin)
        if start.ndim or kind != self.kind or np.isnat(start):
            raise ValueError(f"expected an origin for {self.kind}, got {origin!r}")
        return start


def numbers(name: str, values: ArrayLike) -> Floats:
    """``values`` as float64, whatever kind of real numbers they are; a ValueError with the remedy for all else.

    >>> numbers("times", [1, 2.5])
    array([1. , 2.5])
    """
    found = array(name, values)
    # bfloat16 is no dtype of NumPy's own.
    if found.dtype.kind in "iuf" or found.dtype.name == "bfloat16":
        return found.astype(np.float64, copy=False)
    if found.dtype.kind in "mM" or _zoned(values) is not None:
        raise ValueError(f"expected {name} to be numbers, got {_zoned(values) or found.dtype}{REMEDY}")
    if found.dtype.kind in "SUT":
        raise ValueError(f"expected {name} to be numbers, got text{READING}")
    if found.dtype.kind != "O":
        raise ValueError(f"expected {name} to be numbers, got {found.dtype}")
    for place, value in np.ndenumerate(found):
        if not isinstance(value, Real) or isinstance(value, (bool, np.bool_)):
            remedy = REMEDY if _is_moment(value) else READING if isinstance(value, (str, bytes)) else ""
            raise ValueError(f"expected {name} to be numbers, got {type(value).__name__}{_at(place)}{remedy}")
    try:
        return found.astype(np.float64)
    except OverflowError:
        raise ValueError(f"expected {name} that float64 can hold, got an integer beyond") from None


REMEDY = "; plstm.elapsed(..., unit='s', origin=...) makes numbers of dates and durations"
READING = "; numpy.asarray(..., float) reads numbers, pandas.to_datetime dates, which plstm.elapsed turns into numbers"


def are_moments(name: str, values: Dates) -> bool:
    """Whether there are dates or durations among these."""
    found = array(name, values)
    return found.dtype.kind in "mM" or found.dtype.kind == "O" and any(map(_is_moment, found.ravel()))


def array(name: str, values: Dates) -> Array:
    """As a NumPy array; a ValueError that says ``plstm.pad`` where rows differ in length."""
    check_rectangular(name, values)
    return np.asarray(values)


def check_rectangular(name: str, values: object) -> None:
    """ValueError if rows differ in length: nested lists, or the backends' ragged and nested tensors."""
    ragged = type(values).__name__ == "RaggedTensor"
    # PyTorch's nested tensors, and the ragged ones of keras.Input.
    ragged = ragged or any(getattr(values, attribute, False) is True for attribute in ("is_nested", "ragged"))
    if isinstance(values, (list, tuple)):
        try:
            np.shape(values)
        except ValueError as error:
            ragged = "inhomogeneous" in str(error)
    if ragged:
        raise ValueError(
            f"expected {name} as one array, got rows of different lengths ({type(values).__name__}); "
            "plstm.pad([(times, values), ...]) makes one batch of them, with a mask"
        )


def check_unit(unit: object) -> None:
    """ValueError unless ``unit`` is one of UNITS."""
    if not isinstance(unit, str) or unit not in UNITS:
        raise ValueError(f"expected unit to be one of {', '.join(UNITS)}, got {unit!r}")


def _at(place: tuple[int, ...]) -> str:
    return f" at {place}" if place else ""


def _zoned(values: object) -> Any:
    """The dtype of a pandas index or column whose dates have a time zone, None for all else."""
    dtype = getattr(values, "dtype", None)
    return dtype if getattr(dtype, "tz", None) is not None else None


def _of_objects(name: str, objects: Array) -> tuple[Array, str]:
    """An array of Python's and pandas' objects as datetime64 or timedelta64, and of what kind they are."""
    found, places = [], {}
    for place, value in np.ndenumerate(objects):
        if value is None or type(value).__name__ == "NAType":
            value = np.datetime64("NaT")
        if not _is_moment(value):
            raise ValueError(f"expected {name} to be dates or durations, got {value!r}{_at(place)}")
        value, kind = _moment(value)
        found.append(value)
        if value is not None:
            places.setdefault(kind, place)
    if len(places) > 1:
        both = " and ".join(f"{kind} (at {place})" for kind, place in places.items())
        raise ValueError(f"expected {name} of one kind, got {both}")
    [kind] = places or [NAIVE]
    dtype = np.dtype("m8" if kind == DURATIONS else "M8")
    dtype = np.result_type(dtype, *{value.dtype for value in found if value is not None})
    values = np.empty(len(found), dtype)
    for place, value in enumerate(found):
        try:
            values[place] = "NaT" if value is None else _exactly(value, dtype)
        except OverflowError as error:
            raise ValueError(f"expected {name} that 64 bits can count, got {value} ({error})") from None
    return values.reshape(objects.shape), kind


def _is_moment(value: object) -> bool:
    """Whether this is a date or a duration, or says that one is missing."""
    kinds = (np.datetime64, np.timedelta64, datetime.date, datetime.timedelta)
    return isinstance(value, kinds) or type(value).__name__ == "NaTType"


def _moment(value: Any) -> tuple[Any, str]:
    """One object as datetime64 or timedelta64, None if it is missing; and its kind."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        kind, value = AWARE, value.astimezone(datetime.UTC).replace(tzinfo=None)
    else:
        kind = DURATIONS if isinstance(value, (datetime.timedelta, np.timedelta64)) else NAIVE
    # pandas' own have nanoseconds.
    for own in ("to_datetime64", "to_timedelta64"):
        value = getattr(value, own)() if hasattr(value, own) else value
    if isinstance(value, datetime.timedelta):
        value = np.timedelta64(value, "us")
    elif isinstance(value, datetime.date):
        value = np.datetime64(value, "us" if isinstance(value, datetime.datetime) else "D")
    return None if np.isnat(value) else value, kind


def _exactly(values: Any, dtype: DTypeLike) -> Any:
    """In another unit. OverflowError if 64 bits are too few, where NumPy would wrap round."""
    found = values.astype(dtype)
    if np.any((found.astype(values.dtype) != values) & ~np.isnat(values)):
        raise OverflowError(f"too far away for {found.dtype}")
    return found
