"""tanh and the sigmoid, which take much of the time of a step.

In float32 tanh is a quotient of polynomials, as in Eigen. The sigmoid is 1 / (1 + 2**y), which takes half as many
products; tanh would lose digits near 0 that way.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

from plstm.engines.kernels.vectors import OPTIONS, Vector, fill, tanh_of_each, where_below, whole_power

P = [np.float32(p) for p in (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                             1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)]  # fmt: skip
Q = [np.float32(q) for q in (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)]
P0, P1, P2, P3, P4, P5, P6 = P
Q0, Q1, Q2, Q3 = Q
LIMIT = np.float32(7.9)

# 2**f, |f| <= 1/2, within 2e-7 of its value: 1 + f (E1 + f (E2 + ...)), the largest relative error made least.
E1, E2, E3, E4, E5 = [np.float32(e) for e in (0.6931470036506653, 0.24022242426872253, 0.05550733581185341,
                                              0.009671512991189957, 0.001326472731307149)]  # fmt: skip
ONE, LOG2E, LARGEST = np.float32(1), np.float32(1.4426950408889634), np.float32(126)


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


def sigmoid(x):
    """1 / (1 + exp(-x)) of a vector, in its precision. A NaN stays one."""
    raise NotImplementedError


@overload(sigmoid, jit_options=OPTIONS)
def _sigmoid(x):
    if x == Vector(types.float32):
        return lambda x: logistic(x)
    return lambda x: fill(0.5) * tanh(fill(0.5) * x) + fill(0.5)


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


@njit(forceinline=True, **OPTIONS)
def logistic(x):
    y = fill(-LOG2E) * x
    y = where_below(y, fill(-LARGEST), fill(-LARGEST), y)
    y = where_below(fill(LARGEST), y, fill(LARGEST), y)
    power, f = whole_power(y)
    e = fill(E5) * f + fill(E4)
    e = e * f + fill(E3)
    e = e * f + fill(E2)
    e = e * f + fill(E1)
    e = e * f + fill(ONE)
    return fill(ONE) / (power * e + fill(ONE))
