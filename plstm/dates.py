"""Dates and durations: converted to numbers where a unit is given, refused everywhere else.

Every function that takes times calls ``numbers``, which refuses anything but numbers and says what to do. pandas is not
imported: its objects are recognised by their attributes.
"""

from __future__ import annotations

import datetime
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from plstm.types import Array, Dates, Floats, Unit

# Units and their names in NumPy. Nanoseconds are left out: float64 cannot hold those since 1970 (it keeps every 256th).
UNITS = {"us": "us", "ms": "ms", "s": "s", "min": "m", "h": "h", "D": "D"}
NAIVE, AWARE, DURATIONS = "dates without a time zone", "dates with a time zone", "durations"


def elapsed(times: Dates, unit: Unit, origin: Dates | None = None, mask: ArrayLike | None = None) -> Floats:
    """Convert dates to the time since an origin, or durations, as numbers in a unit.

    Args:
        times: an array of any shape. Dates: ``datetime``, ``date``, NumPy's datetime64 or pandas' types (``Timestamp``,
            ``DatetimeIndex``, a column). Durations: ``timedelta``, timedelta64 or ``Timedelta``. Dates with a time zone
            are converted to UTC. Dates without one are not adjusted: where a clock was set forward, an hour is added.
        unit: ``"us"``, ``"ms"``, ``"s"``, ``"min"``, ``"h"`` or ``"D"``.
        origin: the date to count from, with a time zone if the times have one; default 1970-01-01T00:00Z. A date near
            the first of the data keeps the numbers small, which trains better. Not allowed for durations.
        mask: booleans of the shape of ``times``, False where a date may be missing (NaT, None); it becomes NaN.

    Returns:
        float64 array of the shape of ``times``. The difference is computed in integers, so no digit is lost.

    Raises:
        ValueError: values that are neither dates nor durations; dates with and without a time zone mixed, or dates and
            durations mixed; a missing date; an unknown unit; an origin of another kind than the times.

    Example:
        >>> import numpy as np, plstm
        >>> night = np.array(["2024-03-01T23:30", "2024-03-02T00:15"], "datetime64[m]")
        >>> plstm.elapsed(night, "min", origin=np.datetime64("2024-03-01"))
        array([1410., 1455.])
    """
    return Moments.of("times", times).since(origin, unit, mask)


class Moments(NamedTuple):
    """Dates (datetime64, in UTC if they had a zone) or durations (timedelta64), with their kind."""

    name: str
    values: Array
    kind: str

    @classmethod
    def of(cls, name: str, times: Dates) -> Moments:
        """From a user's input. ValueError if it holds no dates or durations, or several kinds of them."""
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
        """The times since ``origin`` in ``unit``, as float64; NaN where missing and masked."""
        check_unit(unit)
        name, values, _ = self
        mask = np.ones(values.shape, bool) if mask is None else np.asarray(mask, bool)
        if mask.shape != values.shape:
            raise ValueError(f"expected a mask of shape {values.shape}, the shape of {name}, got {mask.shape}")
        missing = np.isnat(values)
        for where in np.argwhere(missing & mask)[:1]:
            raise ValueError(f"expected no missing date in {name}, got NaT{_at(tuple(int(i) for i in where))}")
        start = self._start(origin)
        try:
            fine = np.promote_types(np.promote_types(values.dtype, start.dtype), f"{values.dtype.kind}8[{UNITS[unit]}]")
            ticks, first = (_exactly(those, fine).astype(np.int64) for those in (values, start))
            if np.any(np.abs(ticks.astype(np.float64) - float(first)) >= 2.0**63, where=~missing):
                raise OverflowError(f"too far from the origin for {fine}")
        except (OverflowError, TypeError) as error:
            raise ValueError(f"expected {name} that fit into 64 bits, got {values.dtype} ({error})") from None
        ticks, per_unit = (
            ticks - first,
            _exactly(np.timedelta64(1, UNITS[unit]), fine.str.replace("M", "m")).astype(int),
        )
        # Whole units are separated from the fraction, so that float64 keeps a fraction such as 0.25 s exactly.
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
    """``values`` as float64, from real numbers of any type. ValueError with a remedy for anything else.

    >>> numbers("times", [1, 2.5])
    array([1. , 2.5])
    """
    found = array(name, values)
    # bfloat16 is not one of NumPy's own dtypes.
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
        raise ValueError(f"expected {name} that float64 can hold, got a larger integer") from None


REMEDY = "; plstm.elapsed(..., unit='s', origin=...) converts dates and durations to numbers"
READING = (
    "; numpy.asarray(..., float) reads numbers from text; pandas.to_datetime reads dates, and plstm.elapsed converts "
    "them to numbers"
)


def are_moments(name: str, values: Dates) -> bool:
    """Whether any of these values is a date or a duration."""
    found = array(name, values)
    return found.dtype.kind in "mM" or found.dtype.kind == "O" and any(map(_is_moment, found.ravel()))


def array(name: str, values: Dates) -> Array:
    """``values`` as a NumPy array. ValueError that points to ``plstm.pad`` if rows differ in length, or if some values
    are masked: NumPy would take what lies below the mask."""
    check_rectangular(name, values)
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"expected {name} to be numbers, got masked ones; .filled(numpy.nan) marks what is missing")
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
            "plstm.pad([(times, values), ...]) pads them to one batch with a mask"
        )


def check_unit(unit: object) -> None:
    """ValueError unless ``unit`` is one of UNITS."""
    if not isinstance(unit, str) or unit not in UNITS:
        raise ValueError(f"expected unit to be one of {', '.join(UNITS)}, got {unit!r}")


def _at(place: tuple[int, ...]) -> str:
    return f" at {place}" if place else ""


def _zoned(values: object) -> Any:
    """The dtype of a pandas index or column whose dates have a time zone; None for anything else."""
    dtype = getattr(values, "dtype", None)
    return dtype if getattr(dtype, "tz", None) is not None else None


def _of_objects(name: str, objects: Array) -> tuple[Array, str]:
    """An array of Python or pandas objects as datetime64 or timedelta64, and their kind."""
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
            raise ValueError(f"expected {name} that fit into 64 bits, got {value} ({error})") from None
    return values.reshape(objects.shape), kind


def _is_moment(value: object) -> bool:
    """Whether this is a date or a duration, or the NaT of a missing one."""
    kinds = (np.datetime64, np.timedelta64, datetime.date, datetime.timedelta)
    return isinstance(value, kinds) or type(value).__name__ == "NaTType"


def _moment(value: Any) -> tuple[Any, str]:
    """One object as datetime64 or timedelta64 (None if it is missing), and its kind."""
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        kind, value = AWARE, value.astimezone(datetime.UTC).replace(tzinfo=None)
    else:
        kind = DURATIONS if isinstance(value, (datetime.timedelta, np.timedelta64)) else NAIVE
    # pandas objects have nanoseconds; its own methods keep them.
    for own in ("to_datetime64", "to_timedelta64"):
        value = getattr(value, own)() if hasattr(value, own) else value
    if isinstance(value, datetime.timedelta):
        value = np.timedelta64(value, "us")
    elif isinstance(value, datetime.date):
        value = np.datetime64(value, "us" if isinstance(value, datetime.datetime) else "D")
    return None if np.isnat(value) else value, kind


def _exactly(values: Any, dtype: DTypeLike) -> Any:
    """``values`` in another unit. OverflowError if 64 bits are too few, where NumPy would silently wrap around."""
    found = values.astype(dtype)
    if np.any((found.astype(values.dtype) != values) & ~np.isnat(values)):
        raise OverflowError(f"too large for {found.dtype}")
    return found
