"""Missing values: held at the last observed one, with features that say which values were observed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates
from plstm.data.padding import pairs as checked_pairs
from plstm.types import Dates, Floats


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


def _held(values: ArrayLike) -> Floats:
    found = np.asarray(values) if np.asarray(values).dtype.kind == "b" else dates.numbers("values", values)
    found = found[:, None] if found.ndim == 1 else found
    seen = ~np.isnan(found)
    latest = np.maximum.accumulate(np.where(seen, np.arange(len(found))[:, None], -1), axis=0)
    held = np.where(latest >= 0, np.take_along_axis(found, np.maximum(latest, 0), axis=0), 0.0)
    return np.concatenate([held, seen], axis=1)
