"""The backward pass of a segment: from the pre-activations ``z`` of all its steps to their gradients ``dz``.

``dz`` may lie where ``z`` lies, and the gradients of the states before the segment where those after it lie.
Sums over the segment need no order of steps and are computed elsewhere, by the whole card: weight gradients by matrix
products, those of the gate by ``rhythm_gradients``, from dk, the gradient of the loss for k.
"""

import triton
import triton.language as tl

from plstm.engines.triton.device.opening import cycles_and_phase, openness_at, rhythm_of, slopes
from plstm.engines.triton.device.recurrence import column, four, rows_of, tanh

RUN_TIME = ("clock_stride", "mask_stride", "batch", "steps", "share")


@triton.jit(do_not_specialize=RUN_TIME)
def backward(
    z, recurrent, peepholes, dropout, times, mask, rhythm, leak, h_before, c_before, d_outputs, dh_last, dc_last,
    clock_stride, mask_stride, batch, steps, units, dz, dh_first, dc_first, dk_all, dp_all,
    GRU: tl.constexpr, SHAPE: tl.constexpr, PEEPHOLES: tl.constexpr, DROPOUT: tl.constexpr, MASKED: tl.constexpr,
    SHARED: tl.constexpr, PRECISION: tl.constexpr, ROWS: tl.constexpr, SIZE: tl.constexpr, STAYS: tl.constexpr,
    DEPTH: tl.constexpr, AHEAD: tl.constexpr, SEQUENCES: tl.constexpr, DK: tl.constexpr,
):  # fmt: skip
    first = tl.program_id(0).to(tl.int64) * ROWS
    row = first + tl.arange(0, ROWS)
    unit = tl.arange(0, SIZE)
    here = row < batch
    inside = here[:, None] & (unit < units)[None, :]
    at = tl.arange(0, ROWS)[:, None] * units + unit[None, :]
    at_z = tl.arange(0, ROWS)[:, None] * (4 * SIZE) + unit[None, :]
    at_part = tl.arange(0, ROWS)[:, None] * (4 * SIZE) + tl.arange(0, DEPTH)[None, :]
    dh = column(dh_last + first * units, at, inside)
    dc = column(dc_last + first * units, at, inside)
    frequency, shift, ratio_on = rhythm_of(rhythm + unit, SIZE)
    alpha = tl.load(leak)
    dtype = recurrent.dtype.element_ty
    if PEEPHOLES:
        p_i = tl.load(peepholes + unit).to(tl.float32)[None, :]
        p_f = tl.load(peepholes + SIZE + unit).to(tl.float32)[None, :]
        p_o = tl.load(peepholes + 2 * SIZE + unit).to(tl.float32)[None, :]
    if STAYS > 0:
        u_0 = rows_of(recurrent, 0, SIZE, SIZE)
    if STAYS > 1:
        u_1 = rows_of(recurrent, SIZE, SIZE, SIZE)
    if STAYS > 2 and not GRU:
        u_2 = rows_of(recurrent, 2 * SIZE, SIZE, SIZE)
    if STAYS > 3 or (STAYS > 2 and GRU):
        u_3 = rows_of(recurrent, 3 * SIZE, SIZE, SIZE)
    if AHEAD:
        now = (steps - 1) * tl.cast(batch, tl.int64) + first
        next_0, next_1, next_2, next_3 = four(z + now * (4 * SIZE), at_z, here[:, None], SIZE)
        next_h = column(h_before + now * units, at, inside)
        next_k = openness_at(
            steps - 1, row, here, times, clock_stride, mask, mask_stride, frequency, shift, ratio_on, alpha,
            SHAPE, MASKED, SHARED,
        )  # fmt: skip
        if not GRU:
            next_c = column(c_before + now * units, at, inside)
        if SEQUENCES:
            next_d = column(d_outputs + now * units, at, inside)
    for back in range(steps):
        t = steps - 1 - back
        now = t * tl.cast(batch, tl.int64) + first
        if AHEAD:
            z_0, z_1, z_2, z_3 = next_0, next_1, next_2, next_3
            h, k = next_h, next_k
            if not GRU:
                c = next_c
            if SEQUENCES:
                dh += next_d
            following = tl.maximum(t - 1, 0)
            there = following * tl.cast(batch, tl.int64) + first
            next_0, next_1, next_2, next_3 = four(z + there * (4 * SIZE), at_z, here[:, None], SIZE)
            next_h = column(h_before + there * units, at, inside)
            if not GRU:
                next_c = column(c_before + there * units, at, inside)
            if SEQUENCES:
                next_d = column(d_outputs + there * units, at, inside)
        else:
            following = t
            z_0, z_1, z_2, z_3 = four(z + now * (4 * SIZE), at_z, here[:, None], SIZE)
            h = column(h_before + now * units, at, inside)
            if not GRU:
                c = column(c_before + now * units, at, inside)
            if SEQUENCES:
                dh += column(d_outputs + now * units, at, inside)
        opening = openness_at(
            following, row, here, times, clock_stride, mask, mask_stride, frequency, shift, ratio_on, alpha,
            SHAPE, MASKED, SHARED,
        )  # fmt: skip
        if AHEAD:
            next_k = opening
        else:
            k = opening
        z_0, z_1, z_2, z_3 = z_0.to(tl.float32), z_1.to(tl.float32), z_2.to(tl.float32), z_3.to(tl.float32)
        d_proposed = k * dh
        if GRU:
            update, r = tl.sigmoid(z_0), tl.sigmoid(z_1)
            proposal = tanh(z_2 + r * z_3)
            dk = dh * (proposal + update * (h - proposal) - h)
            da = d_proposed * (1.0 - update) * (1.0 - proposal * proposal)
            d_0 = d_proposed * (h - proposal) * update * (1.0 - update)
            d_1 = da * z_3 * r * (1.0 - r)
            d_2 = da
            d_3 = da * r
            dh += d_proposed * update - d_proposed
        else:
            if PEEPHOLES:
                z_0 += p_i * c
                z_1 += p_f * c
            i, f, g = tl.sigmoid(z_0), tl.sigmoid(z_1), tanh(z_2)
            proposal = f * c + i * g
            if PEEPHOLES:
                z_3 += p_o * proposal
            o, squashed = tl.sigmoid(z_3), tanh(proposal)
            dk = dh * (o * squashed - h) + dc * (proposal - c)
            d_3 = d_proposed * squashed * o * (1.0 - o)
            d_c = k * dc + d_proposed * o * (1.0 - squashed * squashed)
            if PEEPHOLES:
                d_c += d_3 * p_o
            d_0 = d_c * g * i * (1.0 - i)
            d_1 = d_c * c * f * (1.0 - f)
            d_2 = d_c * i * (1.0 - g * g)
            dh -= d_proposed
            dc += d_c * f - k * dc
            if PEEPHOLES:
                dc += d_0 * p_i + d_1 * p_f
                tl.store(dp_all + now * units + at, d_3 * proposal, mask=inside)
        if DK:
            tl.store(dk_all + now * units + at, dk, mask=inside)
        place = dz + now * (4 * SIZE)
        b_0, b_1, b_2, b_3 = d_0.to(dtype), d_1.to(dtype), d_2.to(dtype), d_3.to(dtype)
        tl.store(place + at_z, b_0, mask=here[:, None])
        tl.store(place + SIZE + at_z, b_1, mask=here[:, None])
        tl.store(place + 2 * SIZE + at_z, b_2, mask=here[:, None])
        tl.store(place + 3 * SIZE + at_z, b_3, mask=here[:, None])
        flow = tl.zeros([ROWS, SIZE], tl.float32)
        if STAYS > 0:
            flow = tl.dot(b_0, u_0, flow, input_precision=PRECISION)
        if STAYS > 1:
            flow = tl.dot(b_1, u_1, flow, input_precision=PRECISION)
        if STAYS > 2 and not GRU:
            flow = tl.dot(b_2, u_2, flow, input_precision=PRECISION)
        if STAYS > 3 or (STAYS > 2 and GRU):
            flow = tl.dot(b_3, u_3, flow, input_precision=PRECISION)
        else:
            tl.debug_barrier()
            for i in range(STAYS * SIZE, (3 if GRU else 4) * SIZE, DEPTH):
                # A GRU's block x_h has no recurrent weights.
                j = i + (i >= 2 * SIZE) * SIZE if GRU else i
                part = tl.load(place + j + at_part, mask=here[:, None], other=0.0)
                flow = tl.dot(part, rows_of(recurrent, j, DEPTH, SIZE), flow, input_precision=PRECISION)
        if DROPOUT:
            flow *= column(dropout + first * units, at, inside).to(tl.float32)
        dh += flow
    tl.store(dh_first + first * units + at, dh, mask=inside)
    tl.store(dc_first + first * units + at, dc, mask=inside)


@triton.jit(do_not_specialize=RUN_TIME)
def rhythm_gradients(
    dk_all, times, mask, rhythm, leak, clock_stride, mask_stride, batch, steps, units, share, sums,
    SHAPE: tl.constexpr, MASKED: tl.constexpr, TRUNCATED: tl.constexpr, ROWS: tl.constexpr, SIZE: tl.constexpr,
):  # fmt: skip
    """Gradients of period, shift and ratio_on from dk, in 64 bits: ``sums`` (programs, 3, SIZE).

    A program takes ``share`` times ROWS steps, of whatever samples.
    """
    unit = tl.arange(0, SIZE)
    frequency, shift, ratio_on = rhythm_of(rhythm + unit, SIZE)
    alpha = tl.load(leak)
    d_period, d_shift = tl.zeros([SIZE], tl.float64), tl.zeros([SIZE], tl.float64)
    d_ratio_on = tl.zeros([SIZE], tl.float64)
    first = tl.program_id(0).to(tl.int64) * share * ROWS
    for n in range(share):
        now = first + n * ROWS + tl.arange(0, ROWS)
        t, row = now // batch, now % batch
        counts = t < steps
        if MASKED:
            counts = counts & (tl.load(mask + row * mask_stride + t, mask=counts, other=0) != 0)
        time = tl.load(times + row * clock_stride + t, mask=counts, other=0.0).to(tl.float64)
        cycles, phase = cycles_and_phase(time[:, None], frequency[None, :], shift[None, :])
        by_phase, by_ratio = slopes(phase, ratio_on, alpha, SHAPE)
        inside = counts[:, None] & (unit < units)[None, :]
        dk = tl.load(dk_all + (now * units)[:, None] + unit[None, :], mask=inside, other=0.0)
        d_cycles = (dk * by_phase).to(tl.float64)
        d_period += tl.sum(d_cycles * (phase if TRUNCATED else cycles), 0)
        d_shift += tl.sum(d_cycles, 0)
        d_ratio_on += tl.sum((dk * by_ratio).to(tl.float64), 0)
    total = sums + tl.program_id(0) * (3 * SIZE) + unit
    tl.store(total, -d_period * frequency)
    tl.store(total + SIZE, -d_shift * frequency)
    tl.store(total + 2 * SIZE, d_ratio_on)
