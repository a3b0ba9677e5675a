"""All weights of a cell in one matrix, in the order in which the kernels read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from plstm.types import Array, Cell

# Bytes of a vector in the kernels, and of a line of the cache.
LINE = 64


def whole(count: int, unit: int) -> int:
    """The next multiple of a unit.

    >>> whole(5, 4), whole(8, 4)
    (8, 8)
    """
    return -(-count // unit) * unit


def aligned_zeros(count: int, dtype: DTypeLike) -> Array:
    """A flat array that begins where a line of the cache does: no vector lies across two."""
    size = np.dtype(dtype).itemsize
    room = np.zeros(count + LINE // size, dtype)
    skip = -room.ctypes.data % LINE // size
    return room[skip : skip + count]


def stack(cell: Cell, kernel: Array, recurrent_kernel: Array, bias: Array) -> Array:
    """(4H, D + 1 + H), for columns x, 1, h'; a GRU's blocks are z, r, x_h, h_h.

    Args:
        cell: which of the two.
        kernel: (D, 4H) of an LSTM, (D, 3H) of a GRU.
        recurrent_kernel: (H, 4H) or (H, 3H).
        bias: (4H,) or (2, 3H), input over recurrent.
    """
    if cell == "lstm":
        return np.concatenate([kernel, bias[None], recurrent_kernel]).T
    units = len(recurrent_kernel)
    both, none = 2 * units, np.zeros((len(kernel), units), kernel.dtype)
    top = np.concatenate([kernel, none], axis=1)
    ones = np.concatenate([bias[0, :both] + bias[1, :both], bias[0, both:], bias[1, both:]])
    none = np.zeros((units, units), kernel.dtype)
    low = np.concatenate([recurrent_kernel[:, :both], none, recurrent_kernel[:, both:]], axis=1)
    return np.concatenate([top, ones[None], low]).T


def unstack(cell: Cell, features: int, d_weights: Array) -> tuple[Array, Array, Array]:
    """Gradients of kernel, recurrent_kernel and bias out of that of the stacked weights."""
    top, ones, low = d_weights.T[:features], d_weights.T[features], d_weights.T[features + 1 :]
    if cell == "lstm":
        return top, low, ones
    units = len(low)
    both, three = 2 * units, 3 * units
    bias = np.stack([ones[:three], np.concatenate([ones[:both], ones[three:]])])
    return top[:, :three], np.concatenate([low[:, :both], low[:, three:]], axis=1), bias


def pad_units(weights: Array, units: int) -> Array:
    """Stacked weights with so many units in each of their four blocks; those that are added have no effect."""
    own, columns = len(weights) // 4, weights.shape[1]
    if own == units:
        return weights
    padded = np.zeros((4, units, columns), weights.dtype)
    padded[:, :own] = weights.reshape(4, own, columns)
    return padded.reshape(4 * units, columns)


def pack(matrix: Array, rows: int, group: int) -> Array:
    """A matrix, padded to ``rows``, as the kernels read it: ``group`` rows at a time, column by column.

    >>> pack(np.array([[1, 2], [3, 4], [5, 6]]), 4, 2).tolist()
    [1, 3, 2, 4, 5, 0, 6, 0]
    """
    depth = matrix.shape[1]
    packed, padded = aligned_zeros(rows * depth, matrix.dtype), matrix
    if rows > len(matrix):
        padded = np.zeros((rows, depth), matrix.dtype)
        padded[: len(matrix)] = matrix
    packed.reshape(-1, depth, group)[:] = padded.reshape(-1, group, depth).transpose(0, 2, 1)
    return packed
