"""tanh, which takes much of the time of a step: in float32 a quotient of polynomials, as in Eigen."""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

from plstm.engines.kernels.vectors import OPTIONS, Vector, fill, tanh_of_each, where_below

P = [np.float32(p) for p in (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                             1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)]  # fmt: skip
Q = [np.float32(q) for q in (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)]
P0, P1, P2, P3, P4, P5, P6 = P
Q0, Q1, Q2, Q3 = Q
LIMIT = np.float32(7.9)


def tanh(x):
    """tanh of a number or a vector, in its precision. A NaN stays one."""
    raise NotImplementedError


@overload(tanh, jit_options=OPTIONS)
def _tanh(x):
    if x == types.float32 or x == Vector(types.float32):
        return lambda x: quotient(x)
    if isinstance(x, Vector):
        return lambda x: tanh_of_each(x)
    return lambda x: math.tanh(x)


def like(value, x):
    """The number, everywhere in a vector if x is one."""
    raise NotImplementedError


@overload(like)
def _like(value, x):
    if isinstance(x, Vector):
        return lambda value, x: fill(value)
    return lambda value, x: value


@njit(forceinline=True, **OPTIONS)
def quotient(x):
    low, high = like(-LIMIT, x), like(LIMIT, x)
    # Both comparisons are false for a NaN, which so passes.
    x = where_below(x, low, low, x)
    x = where_below(high, x, high, x)
    y = x * x
    p = like(P0, x) * y + like(P1, x)
    p = p * y + like(P2, x)
    p = p * y + like(P3, x)
    p = p * y + like(P4, x)
    p = p * y + like(P5, x)
    p = p * y + like(P6, x)
    q = like(Q0, x) * y + like(Q1, x)
    q = q * y + like(Q2, x)
    q = q * y + like(Q3, x)
    return x * p / q
