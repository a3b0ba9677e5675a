"""The time gate inside the kernels: openness of the units at one time, and gradients of period, shift and ratio_on.

Cycles are counted in 64 bits and only their fraction goes on in 32: at Unix seconds 32 bits have no digits left for it.
Times and rhythm may come in 32 bits all the same, where an array library has no others.
"""

import triton
import triton.language as tl

TRIANGLE = tl.constexpr(0)
SQUARE = tl.constexpr(1)
GAUSSIAN = tl.constexpr(2)


@triton.jit
def rhythm_of(place, SIZE: tl.constexpr):
    """1 / period and shift of the units at ``place``, in 64 bits, and ratio_on as a row, in 32."""
    period, shift = tl.load(place).to(tl.float64), tl.load(place + SIZE).to(tl.float64)
    # A division in 64 bits calls a function, around which registers are spilled. Each of two steps of Newton's doubles
    # the digits of a division in 32 bits.
    frequency = (1.0 / period.to(tl.float32)).to(tl.float64)
    frequency *= 2.0 - period * frequency
    frequency *= 2.0 - period * frequency
    return frequency, shift, tl.load(place + 2 * SIZE).to(tl.float32)[None, :]


@triton.jit
def cycles_and_phase(time, frequency, shift):
    """(periods gone by, in 64 bits; their fraction, in 32)."""
    cycles = (time - shift) * frequency
    fraction = cycles - tl.floor(cycles)
    # A tiny negative number of cycles rounds to a fraction of exactly 1: that is the start of the next period.
    return cycles, tl.where(fraction >= 1.0, 0.0, fraction).to(tl.float32)


@triton.jit
def bell(part):
    return tl.exp(-18.0 * (part - 0.5) * (part - 0.5))


@triton.jit
def openness(phase, ratio_on, leak, SHAPE: tl.constexpr):
    part = phase / ratio_on
    if SHAPE == GAUSSIAN:
        bump = bell(part)
    elif SHAPE == SQUARE:
        bump = tl.full(part.shape, 1.0, tl.float32)
    else:
        bump = 1.0 - tl.abs(2.0 * part - 1.0)
    return tl.where(phase < ratio_on, bump, leak * phase)


@triton.jit
def openness_at(
    t, row, here, times, clock_stride, mask, mask_stride, frequency, shift, ratio_on, leak,
    SHAPE: tl.constexpr, MASKED: tl.constexpr, SHARED: tl.constexpr,
):  # fmt: skip
    """k of the units at step t; 0 for samples that are not there or masked, whose time may be anything."""
    counts = here
    if MASKED:
        counts = here & (tl.load(mask + row * mask_stride + t, mask=here, other=0) != 0)
    if SHARED:
        time = tl.load(times + t).to(tl.float64)
        _, phase = cycles_and_phase(time, frequency[None, :], shift[None, :])
    else:
        time = tl.load(times + row * clock_stride + t, mask=counts, other=0.0).to(tl.float64)
        _, phase = cycles_and_phase(time[:, None], frequency[None, :], shift[None, :])
    return tl.where(counts[:, None], openness(phase, ratio_on, leak, SHAPE), 0.0)


@triton.jit
def slopes(phase, ratio_on, leak, SHAPE: tl.constexpr):
    """k's derivatives by the phase and by ratio_on. The square borrows the triangle's."""
    part = phase / ratio_on
    if SHAPE == GAUSSIAN:
        slope = -36.0 * (part - 0.5) * bell(part)
    else:
        slope = tl.where(part < 0.5, 2.0, -2.0)
    slope = slope / ratio_on
    is_open = phase < ratio_on
    return tl.where(is_open, slope, leak), tl.where(is_open, -slope * part, 0.0)
