"""A tile of samples goes through its whole sequence, and back, in cache.

``a`` stacks x, a row of ones and h', so that one product with all weights gives all pre-activations, bias included, and
one product a segment gives all weight gradients. The forward pass keeps the state every ``segment`` steps; the backward
pass recomputes one segment at a time. All arrays are explained in ``plstm.engines.kernel_inputs``.
"""

import numpy as np
from numba import njit

from plstm.engines.kernel_inputs import CELLS, GATE_GRADIENTS
from plstm.engines.kernels.openness import gate_gradients, open_gates
from plstm.engines.kernels.products import ROWS, multiply, multiply_row, multiply_samples, turn
from plstm.engines.kernels.state import copy, pack_state, unpack_state
from plstm.engines.kernels.steps import gru_backward, gru_forward, lstm_backward, lstm_forward
from plstm.engines.kernels.vectors import BYTES, INLINE, OPTIONS, load, store

GRU, NO_GRADIENT = CELLS["gru"], GATE_GRADIENTS["none"]


@njit(**OPTIONS)
def fill_constants(tile, space, sequence):
    """What is the same at every step: the ones beside x, peepholes, and the dropout of h'."""
    n, features, size = tile.n, sequence.x.shape[2], space.h.size
    for start in range(features * n, space.a.size, tile.columns * n):
        for s in range(n):
            space.a[start + s] = 1
    for e in range(size):
        space.recurrent_dropout[e] = 1
    for u in range(space.row.size):
        for s in range(tile.real):
            e = u * n + s
            for gate in range(3):
                space.peepholes[gate * size + e] = sequence.peepholes[gate, u]
            if sequence.recurrent_dropout.size:
                space.recurrent_dropout[e] = sequence.recurrent_dropout[tile.first + s, u]


@njit(**OPTIONS)
def read_inputs(q, t, tile, space, sequence):
    """x, 0 where masked, and h' with its dropout."""
    x, mask, n, a0 = sequence.x, sequence.mask, tile.n, q * tile.columns * tile.n
    for s in range(tile.real):
        if mask.size and not mask[tile.first + s, t]:
            for d in range(x.shape[2]):
                space.a[a0 + d * n + s] = 0
        else:
            for d in range(x.shape[2]):
                space.a[a0 + d * n + s] = x[tile.first + s, t, d]
    at_h = a0 + (x.shape[2] + 1) * n
    for e in range(0, space.h.size, BYTES // x.itemsize):
        store(space.a, at_h + e, load(space.h, e) * load(space.recurrent_dropout, e))


@njit(**INLINE)
def product(n, depth, packed, right, r0, out, o0):
    """out (rows, n) = packed (rows, depth) times right (depth, n)."""
    rows = packed.size // depth
    if n == 1:
        multiply_row(rows, depth, right, r0, packed, out, o0)
    else:
        multiply(rows, n, depth, packed, ROWS * depth, ROWS, right, r0, n, out, o0, n, n < 0)


@njit(**INLINE)
def step(q, t, tile, space, sequence):
    """Step t, the q-th in the arrays of ``space``."""
    read_inputs(q, t, tile, space, sequence)
    open_gates(q, t, tile, space, sequence)
    depth = sequence.x.shape[2] + 1 + space.row.size
    product(tile.n, depth, space.packed, space.a, q * tile.columns * tile.n, space.z, q * tile.rows * tile.n)
    if sequence.cell == GRU:
        gru_forward(q, tile, space)
    else:
        lstm_forward(q, tile, space)


@njit(**INLINE)
def forward(tile, segment, sequence, space, results):
    """One tile of ``launch.forward``."""
    zero = np.intp(0)  # for a literal 0, Numba would compile the functions that take it a second time
    count, checkpoints = space.h.size, results.checkpoints[tile.number]
    fill_constants(tile, space, sequence)
    pack_state(space.c, tile, results.c)
    pack_state(space.h, tile, results.h)
    for t in range(sequence.x.shape[1]):
        if t % segment == 0:
            copy(space.c, zero, checkpoints[t // segment], zero, count)
            copy(space.h, zero, checkpoints[t // segment], count, count)
        step(zero, t, tile, space, sequence)
        if sequence.return_sequences:
            unpack_state(space.h, tile, results.outputs, t)
    unpack_state(space.c, tile, results.c, zero)
    unpack_state(space.h, tile, results.h, zero)


@njit(**OPTIONS)
def add_outputs(t, tile, back, d_outputs):
    """Add the gradient of the output of step t to that of h."""
    for s in range(tile.real):
        for u in range(d_outputs.shape[2]):
            back.d_h[u * tile.n + s] += d_outputs[tile.first + s, t, u]


@njit(**INLINE)
def step_back(q, t, tile, space, back, sequence, gradients):
    """The backward pass of step t, the q-th in the arrays of ``space``; all later steps are done."""
    if sequence.return_sequences:
        add_outputs(t, tile, back, gradients.d_outputs)
    if sequence.cell == GRU:
        gru_backward(q, tile, space, back)
    else:
        lstm_backward(q, tile, space, back)
    product(tile.n, 4 * tile.units, back.packed, space.z, q * tile.rows * tile.n, back.d_a, np.intp(0))
    if gradients.d_x.size:
        unpack_state(back.d_a, tile, gradients.d_x, t)
    if sequence.gate_gradient != NO_GRADIENT:
        gate_gradients(q, t, tile, space, sequence, gradients)


@njit(**INLINE)
def add_weight_gradients(steps, tile, space, d_weights):
    """Add the weight gradients of the first ``steps`` steps in ``space``."""
    n, columns, rows, a, z = tile.n, tile.columns, tile.rows, space.a, space.z
    if n == 1:
        zero = np.intp(0)
        multiply(columns, rows, steps, a, ROWS, columns, z, zero, rows, d_weights, zero, rows, n > 0)
    else:
        for q in range(steps):
            turn(rows, n, z, q * rows * n)
        multiply_samples(columns, rows, steps, n, a, columns * n, z, rows * n, d_weights, rows)


@njit(**OPTIONS)
def first_gradients(tile, space, back, gradients):
    """Gradients of the initial state and of the peepholes, after the backward pass of the first step."""
    count, zero = space.h.size, np.intp(0)
    for u in range(space.row.size):
        for s in range(tile.real):
            e = u * tile.n + s
            back.d_h[e] += back.d_a[back.at_h + e] * space.recurrent_dropout[e]
            for gate in range(3):
                gradients.d_peepholes[tile.number, gate, u] += back.d_peepholes[gate * count + e]
    unpack_state(back.d_c, tile, gradients.d_c, zero)
    unpack_state(back.d_h, tile, gradients.d_h, zero)


@njit(**INLINE)
def backward(tile, segment, sequence, space, back, gradients):
    """One tile of ``launch.backward``: last segment first, each computed again from its checkpoint."""
    zero = np.intp(0)
    steps, count, checkpoints = sequence.x.shape[1], space.h.size, gradients.checkpoints[tile.number]
    fill_constants(tile, space, sequence)
    pack_state(back.d_c, tile, gradients.d_c)
    pack_state(back.d_h, tile, gradients.d_h)
    for part in range((steps - 1) // segment, -1, -1):
        start = part * segment
        length = min(segment, steps - start)
        copy(checkpoints[part], zero, space.c, zero, count)
        copy(checkpoints[part], count, space.h, zero, count)
        for q in range(length):
            step(q, start + q, tile, space, sequence)
        for q in range(length - 1, -1, -1):
            step_back(q, start + q, tile, space, back, sequence, gradients)
        add_weight_gradients(length, tile, space, gradients.d_weights[tile.number])
    first_gradients(tile, space, back, gradients)
