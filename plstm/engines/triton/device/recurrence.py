"""The way forward: one program walks ROWS samples through a segment of the sequence.

Units are padded to a power of two, SIZE; the padding stays zero. Weights have four blocks of that size: i, f, c, o of
an LSTM; z, r, x_h, h_h of a GRU, where x_h ignores h' and h_h ignores x. States stay in registers, in 32 bits. So do
the first STAYS blocks of the recurrent weights that there are, in shared memory; the others are read at every step,
DEPTH rows at a time, and h' goes through ``scratch``, since only memory can be read in parts. With AHEAD, what a step
needs from memory and its gate are made ready during the step before.
"""

import triton
import triton.language as tl

from plstm.engines.triton.device.opening import openness_at, rhythm_of

# Sizes that differ from call to call: nothing is compiled anew for them.
RUN_TIME = ("clock_stride", "mask_stride", "batch", "steps")


@triton.jit
def tanh(z):
    return 2.0 * tl.sigmoid(2.0 * z) - 1.0


@triton.jit
def rows_of(weights, first, DEPTH: tl.constexpr, SIZE: tl.constexpr):
    """DEPTH rows of weights (4 * SIZE, SIZE), one block below the other."""
    return tl.load(weights + (first + tl.arange(0, DEPTH))[:, None] * SIZE + tl.arange(0, SIZE)[None, :])


@triton.jit
def column(values, at, inside):
    return tl.load(values + at, mask=inside, other=0.0)


@triton.jit
def four(values, at, inside, SIZE: tl.constexpr):
    """The four blocks of one step's pre-activations."""
    return (
        column(values, at, inside), column(values + SIZE, at, inside), column(values + 2 * SIZE, at, inside),
        column(values + 3 * SIZE, at, inside),
    )  # fmt: skip


@triton.jit(do_not_specialize=RUN_TIME)
def forward(
    projected, recurrent, peepholes, dropout, times, mask, rhythm, leak, h_first, c_first,
    clock_stride, mask_stride, batch, steps, units, scratch, h_all, c_all, h_last, c_last,
    GRU: tl.constexpr, SHAPE: tl.constexpr, PEEPHOLES: tl.constexpr, DROPOUT: tl.constexpr, MASKED: tl.constexpr,
    SHARED: tl.constexpr, PRECISION: tl.constexpr, ROWS: tl.constexpr, SIZE: tl.constexpr, STAYS: tl.constexpr,
    DEPTH: tl.constexpr, AHEAD: tl.constexpr, KEEPS_H: tl.constexpr, KEEPS_C: tl.constexpr,
):  # fmt: skip
    first = tl.program_id(0).to(tl.int64) * ROWS
    row = first + tl.arange(0, ROWS)
    unit = tl.arange(0, SIZE)
    here = row < batch
    inside = here[:, None] & (unit < units)[None, :]
    # Offsets in 64 bits are scalars: a step and a sample lie far from another, not two numbers of a program's step.
    at = tl.arange(0, ROWS)[:, None] * units + unit[None, :]
    at_z = tl.arange(0, ROWS)[:, None] * (4 * SIZE) + unit[None, :]
    h = column(h_first + first * units, at, inside)
    c = column(c_first + first * units, at, inside)
    frequency, shift, ratio_on = rhythm_of(rhythm + unit, SIZE)
    alpha = tl.load(leak)
    dtype = recurrent.dtype.element_ty
    if PEEPHOLES:
        p_i = tl.load(peepholes + unit).to(tl.float32)[None, :]
        p_f = tl.load(peepholes + SIZE + unit).to(tl.float32)[None, :]
        p_o = tl.load(peepholes + 2 * SIZE + unit).to(tl.float32)[None, :]
    at_part = tl.arange(0, ROWS)[:, None] * SIZE + tl.arange(0, DEPTH)[None, :]
    if STAYS > 0:
        u_0 = rows_of(recurrent, 0, SIZE, SIZE)
    if STAYS > 1:
        u_1 = rows_of(recurrent, SIZE, SIZE, SIZE)
    if STAYS > 2 and not GRU:
        u_2 = rows_of(recurrent, 2 * SIZE, SIZE, SIZE)
    if STAYS > 3 or (STAYS > 2 and GRU):
        u_3 = rows_of(recurrent, 3 * SIZE, SIZE, SIZE)
    if AHEAD:
        next_0, next_1, next_2, next_3 = four(projected + first * (4 * SIZE), at_z, here[:, None], SIZE)
        next_k = openness_at(
            0, row, here, times, clock_stride, mask, mask_stride, frequency, shift, ratio_on, alpha,
            SHAPE, MASKED, SHARED,
        )  # fmt: skip
    for t in range(steps):
        now = t * tl.cast(batch, tl.int64) + first
        if AHEAD:
            z_0, z_1, z_2, z_3 = next_0, next_1, next_2, next_3
            k = next_k
            following = tl.minimum(t + 1, steps - 1)
            place = projected + (following * tl.cast(batch, tl.int64) + first) * (4 * SIZE)
            next_0, next_1, next_2, next_3 = four(place, at_z, here[:, None], SIZE)
        else:
            following = t
            z_0, z_1, z_2, z_3 = four(projected + now * (4 * SIZE), at_z, here[:, None], SIZE)
        opening = openness_at(
            following, row, here, times, clock_stride, mask, mask_stride, frequency, shift, ratio_on, alpha,
            SHAPE, MASKED, SHARED,
        )  # fmt: skip
        if AHEAD:
            next_k = opening
        else:
            k = opening
        z_0, z_1, z_2, z_3 = z_0.to(tl.float32), z_1.to(tl.float32), z_2.to(tl.float32), z_3.to(tl.float32)
        a = h
        if DROPOUT:
            a *= column(dropout + first * units, at, inside).to(tl.float32)
        a = a.to(dtype)
        if STAYS > 0:
            z_0 = tl.dot(a, u_0, z_0, input_precision=PRECISION)
        if STAYS > 1:
            z_1 = tl.dot(a, u_1, z_1, input_precision=PRECISION)
        if STAYS > 2 and not GRU:
            z_2 = tl.dot(a, u_2, z_2, input_precision=PRECISION)
        if STAYS > 3 or (STAYS > 2 and GRU):
            z_3 = tl.dot(a, u_3, z_3, input_precision=PRECISION)
        else:
            # Two places by turns: one is written while slower threads still read the other.
            page = scratch + ((t % 2) * tl.cast(batch, tl.int64) + first) * SIZE
            tl.store(page + tl.arange(0, ROWS)[:, None] * SIZE + unit[None, :], a, mask=here[:, None])
            tl.debug_barrier()
            for j in range(0, SIZE, DEPTH):
                part = tl.load(page + j + at_part, mask=here[:, None], other=0.0)
                if STAYS < 1:
                    z_0 = tl.dot(part, rows_of(recurrent, j, DEPTH, SIZE), z_0, input_precision=PRECISION)
                if STAYS < 2:
                    z_1 = tl.dot(part, rows_of(recurrent, SIZE + j, DEPTH, SIZE), z_1, input_precision=PRECISION)
                if STAYS < 3 and not GRU:
                    z_2 = tl.dot(part, rows_of(recurrent, 2 * SIZE + j, DEPTH, SIZE), z_2, input_precision=PRECISION)
                z_3 = tl.dot(part, rows_of(recurrent, 3 * SIZE + j, DEPTH, SIZE), z_3, input_precision=PRECISION)
        if GRU:
            update = tl.sigmoid(z_0)
            proposal = tanh(z_2 + tl.sigmoid(z_1) * z_3)
            h += k * (proposal + update * (h - proposal) - h)
        else:
            if PEEPHOLES:
                z_0 += p_i * c
                z_1 += p_f * c
            proposal = tl.sigmoid(z_1) * c + tl.sigmoid(z_0) * tanh(z_2)
            if PEEPHOLES:
                z_3 += p_o * proposal
            h += k * (tl.sigmoid(z_3) * tanh(proposal) - h)
            c += k * (proposal - c)
        if KEEPS_H:
            tl.store(h_all + now * units + at, h, mask=inside)
        if KEEPS_C:
            tl.store(c_all + now * units + at, c, mask=inside)
    tl.store(h_last + first * units + at, h, mask=inside)
    tl.store(c_last + first * units + at, c, mask=inside)
