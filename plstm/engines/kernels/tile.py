"""A tile of samples walks through its whole sequence, and back, in cache.

Everything lies unit by unit, the tile's samples side by side: ``a`` stacks x, a row of ones and h', so that one product
with all weights gives all pre-activations, bias included, and one product a segment gives all weight gradients. The GRU
has four blocks too, z, r, x_h, h_h, with zeros where x_h ignores h' and h_h ignores x. Samples, or in a tile of a
single one the units, are filled up to whole vectors with such as change nothing. Forward keeps the state every
``segment`` steps; backward recomputes one segment at a time.
"""

import numpy as np
from numba import njit

from plstm.engines.kernels.openness import (
    NO_GRADIENT,
    add_up,
    close_masked,
    gate_gradients,
    open_gates,
    read_clock,
    read_openness,
)
from plstm.engines.kernels.products import ROWS, multiply, multiply_rows
from plstm.engines.kernels.steps import KEPT, gru_backward, gru_forward, lstm_backward, lstm_forward
from plstm.engines.kernels.vectors import BYTES, OPTIONS, load, store


@njit(**OPTIONS)
def whole(count, unit):
    """The next multiple of a unit."""
    return (count + unit - 1) // unit * unit


@njit(**OPTIONS)
def zeros(count, like):
    """Zeros that begin where a line of the cache does: no vector lies across two."""
    lanes = BYTES // like.itemsize
    room = np.zeros(count + lanes, like.dtype)
    skip = (lanes - np.intp(room.ctypes.data) // like.itemsize % lanes) % lanes
    return room[skip : skip + count]


@njit(**OPTIONS)
def sizes(weights, units, n):
    """(units with what fills up a single sample's vectors, rows of a, rows of z, each with what fills up)."""
    lanes = BYTES // weights.itemsize
    filled = units if n > 1 else whole(units, lanes)
    rows = whole(weights.shape[1] - units + filled, ROWS if n == 1 else 4)
    return filled, rows, 4 * filled if n == 1 else whole(4 * units, ROWS)


@njit(**OPTIONS)
def pack(weights, units, n, filled, first_row, transposed):
    """(weights, or the transposed of their columns from ``first_row`` on, in the order that ``multiply`` reads; rows).

    For a single sample that is row by row of what is multiplied from the right; else in groups of ROWS rows.
    """
    lanes = BYTES // weights.itemsize
    columns = weights.shape[1] - first_row
    depth = 4 * filled if transposed else columns
    rows = columns if transposed else 4 * filled
    rows = whole(rows - units + filled if transposed else rows, lanes if n == 1 else ROWS)
    packed = zeros(rows * depth, weights)
    for block in range(4):
        for unit in range(units):
            for column in range(columns):
                row, k = block * filled + unit, column
                if transposed:
                    row, k = k, row
                at = k * rows + row if n == 1 else (row // ROWS * depth + k) * ROWS + row % ROWS
                packed[at] = weights[block * units + unit, first_row + column]
    return packed, rows


@njit(**OPTIONS)
def product(n, rows, depth, packed, right, r0, out, o0):
    """out (rows, n) = packed (rows, depth) times right (depth, n)."""
    if n == 1:
        multiply(1, rows, depth, right, r0, 0, 1, packed, 0, rows, out, o0, 0, False)
    else:
        multiply(rows, n, depth, packed, 0, ROWS * depth, ROWS, right, r0, n, out, o0, n, False)


@njit(**OPTIONS)
def read_inputs(a, n, x, mask, t, first, real):
    for s in range(real):
        if mask.size and not mask[first + s, t]:
            for d in range(x.shape[2]):
                a[d * n + s] = 0
        else:
            for d in range(x.shape[2]):
                a[d * n + s] = x[first + s, t, d]


@njit(**OPTIONS)
def recur(a, at, h, drop):
    """Puts h, times its dropout, into the last rows of a."""
    for e in range(0, h.size, BYTES // h.itemsize):
        store(a, at + e, load(h, e) * load(drop, e))


@njit(**OPTIONS)
def put(state, n, values, first, real):
    """Rows ``first`` to ``first + real`` of values (B, H) into a state."""
    for s in range(real):
        for u in range(values.shape[1]):
            state[u * n + s] = values[first + s, u]


@njit(**OPTIONS)
def take(state, n, values, first, real):
    """The way back of ``put``."""
    for s in range(real):
        for u in range(values.shape[1]):
            values[first + s, u] = state[u * n + s]


@njit(**OPTIONS)
def lay_out(peepholes, dropout, p, drop, n, first, real):
    """What is the same at every step: peepholes, and the dropout of h'."""
    size, units = drop.size, peepholes.shape[1]
    drop[:] = 1
    for u in range(units):
        for s in range(real):
            e = u * n + s
            for gate in range(3):
                p[gate * size + e] = peepholes[gate, u]
            if dropout.size:
                drop[e] = dropout[first + s, u]


@njit(**OPTIONS)
def step(
    q, t, n, first, real, gru, x, mask, k, times, rhythm, leak, shape, clock, row,
    packed, depth, rows, a, z, ks, kept, c, h, drop, p,
):  # fmt: skip
    """Step t, the q-th of those that are kept."""
    size, wide = h.size, a.size // (ks.size // h.size)
    now, open_now = a[q * wide : (q + 1) * wide], ks[q * size : (q + 1) * size]
    read_inputs(now, n, x, mask, t, first, real)
    if k.size:
        read_openness(open_now, n, k, t, first, real)
    else:
        read_clock(clock, times, mask, t, first)
        open_gates(open_now, n, times.shape[0] == 1, clock, rhythm, leak, shape, row)
    close_masked(open_now, n, mask, t, first, real)
    recur(now, (x.shape[2] + 1) * n, h, drop)
    z0 = q * rows * n
    product(n, rows, depth, packed, now, 0, z, z0)
    if gru:
        gru_forward(size, z, z0, ks, q * size, kept, q * KEPT * size, h)
    else:
        lstm_forward(size, z, z0, ks, q * size, kept, q * KEPT * size, c, h, p)


@njit(**OPTIONS)
def forward(
    tile, size, segment, gru, x, weights, peepholes, k, times, rhythm, leak, shape, mask, dropout,
    sequences, outputs, h_, c_, checkpoints,
):  # fmt: skip
    """One tile of ``launch.forward``: the sequence of samples ``tile * size`` to ``(tile + 1) * size``."""
    first, units = tile * size, h_.shape[1]
    real = min(size, x.shape[0] - first)
    n = 1 if size == 1 else whole(real, BYTES // x.itemsize)
    filled, wide, rows = sizes(weights, units, n)
    count = filled * n
    packed, rows = pack(weights, units, n, filled, 0, False)
    a, z, kept, ks = zeros(wide * n, x), zeros(rows * n, x), zeros(KEPT * count, x), zeros(count, x)
    c, h, drop, p = zeros(count, x), zeros(count, x), zeros(count, x), zeros(3 * count, x)
    clock, row = np.empty(real), np.empty(units)
    a[x.shape[2] * n : (x.shape[2] + 1) * n] = 1
    lay_out(peepholes, dropout, p, drop, n, first, real)
    put(c, n, c_, first, real)
    put(h, n, h_, first, real)
    for t in range(x.shape[1]):
        if t % segment == 0:
            checkpoints[tile, t // segment, :count] = c
            checkpoints[tile, t // segment, count : 2 * count] = h
        step(
            0, t, n, first, real, gru, x, mask, k, times, rhythm, leak, shape, clock, row,
            packed, weights.shape[1], rows, a, z, ks, kept, c, h, drop, p,
        )  # fmt: skip
        if sequences:
            take(h, n, outputs[:, t], first, real)
    take(c, n, c_, first, real)
    take(h, n, h_, first, real)


@njit(**OPTIONS)
def backward(
    tile, size, segment, gru, x, weights, peepholes, k, times, rhythm, leak, shape, mask, dropout,
    sequences, d_outputs, dh_, dc_, checkpoints, gradient, d_weights, d_peepholes, dx, dk, d_rhythm,
):  # fmt: skip
    """One tile of ``launch.backward``: last segment first, each computed again from its checkpoint."""
    first, units, steps, features = tile * size, dh_.shape[1], x.shape[1], x.shape[2]
    real = min(size, x.shape[0] - first)
    n = 1 if size == 1 else whole(real, BYTES // x.itemsize)
    filled, wide, rows = sizes(weights, units, n)
    count = filled * n
    packed, rows = pack(weights, units, n, filled, 0, False)
    # Without a gradient of x only h' is sent back; never the row of ones, which lies between them.
    back, back_rows = pack(weights, units, n, filled, 0 if dx.size else features + 1, True)
    w0 = (features + 1) * n if dx.size else 0
    a, z, kept = zeros(segment * wide * n, x), zeros(segment * rows * n, x), zeros(segment * KEPT * count, x)
    ks, flow, total = zeros(segment * count, x), zeros(back_rows * n, x), zeros(wide * rows, x)
    c, h, drop, p = zeros(count, x), zeros(count, x), zeros(count, x), zeros(3 * count, x)
    dc, dh, dp = zeros(count, x), zeros(count, x), zeros(3 * count, x)
    clock, row = np.empty(real), np.empty(units)
    for q in range(segment):
        a[(q * wide + features) * n : (q * wide + features + 1) * n] = 1
    lay_out(peepholes, dropout, p, drop, n, first, real)
    put(dc, n, dc_, first, real)
    put(dh, n, dh_, first, real)
    for part in range((steps - 1) // segment, -1, -1):
        start = part * segment
        length = min(segment, steps - start)
        c[:] = checkpoints[tile, part, :count]
        h[:] = checkpoints[tile, part, count : 2 * count]
        for q in range(length):
            step(
                q, start + q, n, first, real, gru, x, mask, k, times, rhythm, leak, shape, clock, row,
                packed, weights.shape[1], rows, a, z, ks, kept, c, h, drop, p,
            )  # fmt: skip
        for q in range(length - 1, -1, -1):
            t, z0, r0 = start + q, q * rows * n, q * KEPT * count
            if sequences:
                for s in range(real):
                    for u in range(units):
                        dh[u * n + s] += d_outputs[first + s, t, u]
            if gru:
                gru_backward(count, z, z0, ks, q * count, kept, r0, dh, flow, w0, drop)
            else:
                lstm_backward(count, z, z0, ks, q * count, kept, r0, dc, dh, flow, w0, drop, p, dp)
            product(n, back_rows, 4 * filled, back, z, z0, flow, 0)
            if dx.size:
                take(flow, n, dx[:, t], first, real)
            if gradient != NO_GRADIENT:
                dks = ks[q * count : (q + 1) * count]
                close_masked(dks, n, mask, t, first, real)
                if not k.size:
                    read_clock(clock, times, mask, t, first)
                    shared = times.shape[0] == 1
                    gate_gradients(d_rhythm[tile], dks, n, shared, clock, rhythm, leak, shape, gradient, row)
                elif k.shape[0] == 1:
                    add_up(dk[tile, t], dks, n)
                else:
                    take(dks, n, dk[:, t], first, real)
        if n == 1:
            multiply(wide, rows, length, a, 0, ROWS, wide, z, 0, rows, total, 0, rows, True)
        else:
            multiply_rows(wide, 4 * units, length, n, a, n, wide * n, z, n, rows * n, total, rows)
    for u in range(units):
        for block in range(4):
            for column in range(weights.shape[1]):
                d_weights[tile, block * units + u, column] = total[column * rows + block * filled + u]
        for s in range(real):
            e = u * n + s
            dh[e] += flow[w0 + e] * drop[e]
            for gate in range(3):
                d_peepholes[tile, gate, u] += dp[gate * count + e]
    take(dc, n, dc_, first, real)
    take(dh, n, dh_, first, real)
