"""The time gate: when is a unit of a Phased LSTM open?

The gate depends on time alone. Its parameters period and shift turn a time into a phase; ratio_on turns the phase into
an openness k between 0 and 1. The functions of the equations take ``xp``, the module to compute with: NumPy (the
default) or ``keras.ops``, so that each equation is written once.
"""

from __future__ import annotations

from itertools import combinations
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates
from plstm.types import Floats, GateShape, Tensor, Times

SHAPES = ("triangle", "square", "gaussian")
GRADIENTS = ("exact", "truncated", "none")
# The relative spacing of floats, by dtype: times of that dtype are rounded to it.
EPSILON = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}
# Phases are noise where neighbouring floats are further apart than this share of the median open window.
RESOLUTION = 0.1


def time_gate(
    times: Times,
    period: ArrayLike,
    shift: ArrayLike = 0.0,
    ratio_on: ArrayLike = 0.05,
    leak: ArrayLike = 0.0,
    shape: GateShape = "triangle",
) -> Floats:
    """Openness k of the time gate, in NumPy.

    .. math::
        \\phi &= \\mathrm{frac}\\big((t - s) / \\tau\\big) \\\\
        k &= \\begin{cases} 2\\phi / r & \\phi < r/2 \\\\
                           2 - 2\\phi / r & r/2 \\le \\phi < r \\\\
                           \\alpha \\phi & \\text{otherwise} \\end{cases}

    Args:
        times: t, any shape, any unit; real numbers, negative ones included.
        period: tau > 0, in the unit of ``times``; broadcasts with ``times``.
        shift: s, in the unit of ``times``; broadcasts with ``times``.
        ratio_on: r, the open share of the period, 0 < r <= 1; broadcasts with ``times``.
        leak: alpha >= 0, slope of the closed gate (training only; 0 at inference).
        shape: ``"triangle"`` (the paper), ``"square"``, ``"gaussian"``, or a callable ``(phase, ratio_on) -> k``.

    Returns:
        float64 array of the broadcast shape of all arguments.

    Raises:
        ValueError: a period <= 0, a ratio_on outside (0, 1], a leak < 0, NaN or infinity, an unknown shape, arguments
            whose shapes do not broadcast, dates (see ``plstm.elapsed``), times so far from 0 that their dtype cannot
            tell an open gate from a closed one.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 6 and 7; "square" and "gaussian" are ours.

    Example:
        A period of 10 with the first fifth open: it peaks at t = 1 and is closed from t = 2.

        >>> import plstm
        >>> plstm.time_gate([0.0, 0.5, 1.0, 1.5, 2.0, 11.0], period=10.0, ratio_on=0.2)
        array([0. , 0.5, 1. , 0.5, 0. , 1. ])
    """
    given, times = times, finite("times", times)
    period = finite("period", period)
    shift = finite("shift", shift)
    ratio_on = finite("ratio_on", ratio_on)
    leak = finite("leak", leak)
    check_period(period)
    check_ratio_on(ratio_on)
    if np.any(leak < 0):
        raise ValueError(f"expected leak >= 0, got {leak.min():g}")
    check_shape(shape)
    _check_broadcast(times=times, period=period, shift=shift, ratio_on=ratio_on, leak=leak)
    check_resolution(times, period, ratio_on, floats(given))
    return np.asarray(openness(phase(times, period, shift), ratio_on, leak, shape), np.float64)


def phase(times: Tensor, period: Tensor, shift: Tensor, xp: ModuleType = np) -> Tensor:
    """Phase of a unit's oscillation: the fraction of the period since the unit last began to open.

    .. math:: \\phi = \\mathrm{frac}\\big((t - s) / \\tau\\big) \\in [0, 1)

    Large times (and their parameters) must be float64: at Unix seconds float32 has no digits left for the phase.

    Args:
        times: t, any shape, any unit.
        period: tau > 0, in the unit of ``times``; broadcasts with ``times``.
        shift: s, in the unit of ``times``; broadcasts with ``times``.
        xp: the module to compute with, NumPy or ``keras.ops``.

    Returns:
        phi, in the broadcast shape of all arguments.

    Example:
        >>> phase(np.array([0.0, 2.5, 9.0]), period=5.0, shift=-1.0)
        array([0.2, 0.7, 0. ])
    """
    if xp is np:
        times = dates.numbers("times", times)
    # The % operator keeps 64 bits on every backend; `keras.ops.floor` does not on PyTorch.
    fraction = ((times - shift) / period) % 1.0
    # A tiny negative number of cycles rounds to a fraction of exactly 1, which is phase 0 of the next period.
    return xp.where(fraction >= 1.0, xp.zeros_like(fraction), fraction)


def openness(
    phase: Tensor, ratio_on: Tensor, leak: Tensor = 0.0, shape: GateShape = "triangle", xp: ModuleType = np
) -> Tensor:
    """Openness k of a gate at a phase: a bump in the open window ``phase < ratio_on``, a leak outside it.

    .. math:: k = \\begin{cases} b(\\phi / r) & \\phi < r \\\\ \\alpha \\phi & \\text{otherwise} \\end{cases}

    with the bump b(u) on [0, 1): triangle ``1 - |2u - 1|``, square ``1``, gaussian ``exp(-(u - 1/2)^2 / (2 / 36))``
    (its standard deviation is a sixth of the window).

    Args:
        phase: phi in [0, 1), any shape.
        ratio_on: r, the open share of the period; broadcasts with ``phase``.
        leak: alpha, slope of the closed gate; broadcasts with ``phase``.
        shape: ``"triangle"``, ``"square"``, ``"gaussian"``, or a callable ``(phase, ratio_on) -> k``, which must apply
            a leak itself.
        xp: the module to compute with, NumPy or ``keras.ops``.

    Returns:
        k, in the broadcast shape of all arguments.

    Example:
        >>> openness(np.array([0.0, 0.1, 0.2, 0.5]), 0.2, leak=0.1)
        array([0.  , 1.  , 0.02, 0.05])
    """
    if callable(shape):
        return shape(phase, ratio_on)
    is_open = phase < ratio_on
    # The unused branch of `where` must stay finite too, or its gradient is 0 * inf = NaN.
    part = xp.where(is_open, phase, 0.5 * ratio_on + 0.0 * phase) / ratio_on
    return xp.where(is_open, bump(part, shape, xp), leak * phase)


def bump(part: Tensor, shape: GateShape, xp: ModuleType = np) -> Tensor:
    """Openness b(u) in the open window.

    The square has no slope, so automatic differentiation uses the triangle's instead: the value is 1, the derivative
    is that of ``1 - |2u - 1|``.

    Args:
        part: u = phase / ratio_on, the elapsed fraction of the window, any shape.
        shape: ``"triangle"``, ``"square"`` or ``"gaussian"``.
        xp: the module to compute with, NumPy or ``keras.ops``.

    Returns:
        b, in the shape of ``part``.

    Example:
        >>> bump(np.array([0.0, 0.25, 0.5, 0.75]), "triangle")
        array([0. , 0.5, 1. , 0.5])
    """
    if shape == "gaussian":
        return xp.exp(-18.0 * (part - 0.5) ** 2)
    triangle = 1.0 - xp.abs(2.0 * part - 1.0)
    if shape == "triangle":
        return triangle
    # In this order the value is 1 to the last digit.
    return 1.0 + (triangle - (triangle if xp is np else xp.stop_gradient(triangle)))


def finite(name: str, values: ArrayLike) -> Floats:
    """``values`` as a float64 array. ValueError that names the first value that is not a finite number."""
    found = dates.numbers(name, values)
    if not np.all(np.isfinite(found)):
        raise ValueError(f"expected {name} to be finite, got {found[~np.isfinite(found)].flat[0]}")
    return found


def latest(period: ArrayLike, ratio_on: ArrayLike, dtype: str = "float64") -> float:
    """The smallest |t| at which times of this dtype are too coarse for the gates of a population.

    >>> latest(10.0, 0.05), latest(10.0, 0.05, "float32")
    (281474976710656.0, 524288.0)
    """
    finest = RESOLUTION * float(np.median(np.multiply(period, ratio_on))) / EPSILON[dtype]
    return float(2.0 ** (np.floor(np.log2(finest)) + 1.0)) if finest >= 1.0 else 0.0


def floats(times: Times) -> str:
    """The name of the float dtype of times; float64 for integers.

    >>> floats([1, 2]), floats(np.float32(1))
    ('float64', 'float32')
    """
    dtype = np.asarray(times).dtype
    return dtype.name if dtype.name in EPSILON else "float64"


def check_resolution(times: Floats, period: ArrayLike, ratio_on: ArrayLike, dtype: str = "float64") -> None:
    """ValueError if times of this dtype, or rounded to it before, are too coarse for the gates of a population."""
    far = np.abs(times).max(initial=0.0)
    if np.size(period) and far >= latest(period, ratio_on, dtype):
        window = np.median(np.multiply(period, ratio_on))
        apart = 2.0 ** np.floor(np.log2(max(far, 1.0))) * EPSILON[dtype]
        raise ValueError(
            f"expected times fine enough for open windows of {window:.3g} (the median of period * ratio_on), got "
            f"{far:.17g} in {dtype}, which is rounded to {apart:.3g} there; first subtract an origin from the times "
            "(from integers while they are integers)"
        )


def check_period(period: ArrayLike) -> None:
    """ValueError unless every period is above 0."""
    if np.any(np.asarray(period) <= 0):
        raise ValueError(f"expected period > 0, got {np.min(period):g}")


def check_ratio_on(ratio_on: ArrayLike) -> None:
    """ValueError unless every ratio_on lies in (0, 1]."""
    shares = np.asarray(ratio_on)
    outside = (shares <= 0) | (shares > 1)
    if np.any(outside):
        raise ValueError(f"expected 0 < ratio_on <= 1, got {shares[outside].flat[0]:g}")


def _check_broadcast(**arrays: Floats) -> None:
    """ValueError unless the shapes of the arrays broadcast. Where all do not, some two of them do not."""
    for (name, one), (other, two) in combinations(arrays.items(), 2):
        try:
            np.broadcast_shapes(one.shape, two.shape)
        except ValueError:
            got = f"{name} {one.shape} and {other} {two.shape}"
            if name == "times" and two.ndim == 1:
                got += f"; give times[{':' if one.ndim == 1 else '...'}, None]"
            raise ValueError(f"expected shapes that broadcast, got {got}") from None


def check_shape(shape: object) -> None:
    """ValueError unless ``shape`` is one of SHAPES or callable."""
    if not callable(shape) and shape not in SHAPES:
        raise ValueError(f"expected a gate shape among {', '.join(SHAPES)} or a callable, got {shape!r}")
