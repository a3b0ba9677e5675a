"""How a batch is cut into tiles and a sequence into segments, and the memory that a tile is computed in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import DTypeLike

from plstm.engines.kernel_inputs import KEPT, BackwardSpace, KernelInputs, Space, Tile
from plstm.engines.packed_weights import LINE, aligned_zeros, pack, pad_units, whole
from plstm.types import Array

# At (256, 784, 1, 32) a training step takes 32 ms with tiles of 16, 26 of 32, 24 of 64 and of 128.
MAX_TILE = 64
# Samples go one by one where there are fewer than this share of a vector for every thread. With 128 units 4 samples
# take 4.5 ms one by one and 9.6 in one vector, 8 take 8.5 and 9.5, 16 take 16.5 and 9.7.
FEW = 0.25


def tiles(batch: int, lanes: int, threads: int) -> tuple[int, int]:
    """(number of tiles, samples in each but the last) for vectors of ``lanes`` samples.

    As many tiles for each thread, of whole vectors and at most MAX_TILE samples; of one sample where there are few.

    >>> tiles(256, 16, 2), tiles(100, 16, 2), tiles(3, 16, 2)
    ((4, 64), (2, 64), (3, 1))
    """
    if batch < FEW * lanes * threads:
        return batch, 1
    vectors = -(-batch // lanes)
    count = -(-vectors * lanes // (MAX_TILE * threads)) * threads
    # As many as are filled.
    count = -(-vectors // -(-vectors // count))
    return count, tile_size(batch, lanes, count)


def tile_size(batch: int, lanes: int, count: int) -> int:
    """Samples in each of ``count`` tiles but the last."""
    vectors = -(-batch // lanes)
    return 1 if count in (0, batch) else -(-vectors // count) * lanes


def segment_length(steps: int) -> int:
    """Steps between two checkpoints. A step of a segment holds about eight checkpoints and should stay in cache.

    At the shapes of ``plstm bench`` half as many take up to 6 % longer, twice as many from 3 % less to 10 % more.
    """
    return max(1, round((steps / 16) ** 0.5))


def kept(units: int, size: int, lanes: int) -> int:
    """Numbers in a checkpoint of one tile: c and h, each in whole vectors."""
    return 2 * whole(units * size, lanes)


def checkpoints_shape(x: Sequence[int], units: int, dtype: DTypeLike, threads: int) -> tuple[int, int, int]:
    """Of the checkpoints of a call: (tiles, segments, numbers).

    Args:
        x: the shape of the inputs, (B, T, D).
        units: H.
        dtype: of the inputs.
        threads: how many compute.
    """
    batch, steps, _ = x
    lanes = LINE // np.dtype(dtype).itemsize
    count, size = tiles(batch, lanes, threads)
    return count, -(-steps // segment_length(steps)), kept(units, size, lanes)


def tile_of(number: int, size: int, inputs: KernelInputs, rows_at_once: int) -> Tile:
    """The ``number``-th tile of ``size`` samples.

    Args:
        number: of the tile.
        size: samples in each but the last.
        inputs: the whole batch.
        rows_at_once: how many rows of a matrix a product takes at once.
    """
    batch, _, features = inputs.x.shape
    units, lanes, first = len(inputs.recurrent_kernel), LINE // inputs.x.dtype.itemsize, number * size
    real = min(size, batch - first)
    if size == 1:
        padded = whole(units, lanes)
        return Tile(number, first, real, 1, padded, whole(features + 1 + padded, rows_at_once), 4 * padded)
    # In the blocks of ``multiply_samples``; ``rows`` no fewer than a product writes. Those that no product writes hold
    # zeros, and what ``turn`` brought there, which goes into padding of the weights' gradients alone.
    columns, rows = whole(features + 1 + units, rows_at_once // 2), whole(whole(4 * units, rows_at_once), lanes)
    return Tile(number, first, real, whole(real, lanes), units, columns, rows)


def pack_forward(weights: Array, tile: Tile, rows_at_once: int) -> Array:
    """Stacked weights for the products of a forward step. They are the same for all tiles of a launch."""
    matrix = pad_units(weights, tile.units)
    if tile.n == 1:
        return pack(matrix, tile.rows, tile.rows)
    return pack(matrix, whole(4 * tile.units, rows_at_once), rows_at_once)


def pack_backward(weights: Array, tile: Tile, first: int, rows_at_once: int) -> tuple[Array, int]:
    """(the transposed of stacked weights from column ``first`` on, for the products of a backward step; its rows)."""
    matrix = pad_units(weights, tile.units)[:, first:].T
    units = len(weights) // 4
    lanes = LINE // weights.itemsize
    rows = whole(len(matrix) - units + tile.units, lanes if tile.n == 1 else rows_at_once)
    return pack(matrix, rows, rows if tile.n == 1 else rows_at_once), rows


def unpad(d_weights: Array, tile: Tile, features: int, units: int) -> Array:
    """The gradient of the stacked weights (4H, D + 1 + H) out of that of the padded ones."""
    columns = d_weights.reshape(tile.columns, tile.rows)[: features + 1 + units, : 4 * tile.units]
    return columns.reshape(-1, 4, tile.units)[:, :, :units].reshape(len(columns), -1).T


def side_by_side(dtype: DTypeLike, *sizes: int) -> list[Array]:
    """Flat arrays of zeros in one piece of memory, each from the beginning of a line of the cache.

    A few lines lie between two of them: arrays a multiple of 4096 bytes apart compete for the same places in the cache,
    and a backward pass takes 2 to 3 % longer.
    """
    lanes = LINE // np.dtype(dtype).itemsize
    rooms = [whole(size, lanes) + 5 * lanes for size in sizes]
    memory = aligned_zeros(sum(rooms), dtype)
    return [memory[end - room : end - room + size] for end, room, size in zip(accumulate(rooms), rooms, sizes)]


def space_of(tile: Tile, units: int, steps: int, packed: Array) -> Space:
    """Room for so many steps of a tile."""
    n, size = tile.n, tile.units * tile.n
    sizes = (steps * tile.columns * n, steps * tile.rows * n, steps * size, steps * KEPT * size, size, size, size)
    arrays = side_by_side(packed.dtype, *sizes, 3 * size)
    return Space(packed, *arrays, clock=np.empty(tile.real), row=np.empty(units))


def backward_space_of(tile: Tile, packed: Array, rows: int, at_h: int) -> BackwardSpace:
    """Room for what only the backward pass has."""
    size = tile.units * tile.n
    d_a, d_peepholes, d_c, d_h = side_by_side(packed.dtype, rows * tile.n, 3 * size, size, size)
    return BackwardSpace(packed, d_a, at_h * tile.n, d_peepholes, d_c, d_h)
