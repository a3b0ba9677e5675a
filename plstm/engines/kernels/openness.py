"""How open the units are at one step of a tile, in compiled code, and the gradients of their rhythm.

Times and phases are float64 throughout: at Unix seconds float32 has no digits left for the phase.
"""

import math

import numpy as np
from numba import njit

from plstm.engines.kernel_inputs import GATE_GRADIENTS, GATE_SHAPES
from plstm.engines.kernels.state import broadcast_samples, reduce_samples, unpack_state
from plstm.engines.kernels.vectors import INLINE, OPTIONS

SQUARE, GAUSSIAN = GATE_SHAPES["square"], GATE_SHAPES["gaussian"]
TRIANGLE, TRUNCATED = GATE_SHAPES["triangle"], GATE_GRADIENTS["truncated"]


@njit(**OPTIONS)
def phase_of(cycles):
    fraction = cycles - np.floor(cycles)  # Numba's math.floor is a 64-bit integer, and 1e19 cycles are none
    return 0.0 if fraction >= 1.0 else fraction


@njit(**OPTIONS)
def bell(part):
    return math.exp(-18.0 * (part - 0.5) * (part - 0.5))


@njit(forceinline=True, **OPTIONS)
def bump(part, shape):
    if shape == GAUSSIAN:
        return bell(part)
    if shape == SQUARE:
        return 1.0
    return 2.0 * part if part < 0.5 else 2.0 - 2.0 * part


@njit(forceinline=True, **OPTIONS)
def openness(phase, ratio_on, leak, shape):
    value = bump(phase * (1.0 / ratio_on), shape)
    return value if phase < ratio_on else leak * phase


@njit(forceinline=True, **OPTIONS)
def slopes(phase, ratio_on, leak, shape):
    """k's derivatives by the phase and by ratio_on. The square borrows the triangle's."""
    per_window = 1.0 / ratio_on
    part = phase * per_window
    if shape == GAUSSIAN:
        slope = -36.0 * (part - 0.5) * bell(part)
    else:
        slope = 2.0 if part < 0.5 else -2.0
    slope *= per_window
    return (slope if phase < ratio_on else leak), (-slope * part if phase < ratio_on else 0.0)


@njit(**OPTIONS)
def read_clock(t, tile, clock, sequence):
    """Times of one step, one that all samples share or one each; where masked 0, as it may be anything."""
    times, mask, first = sequence.times, sequence.mask, tile.first
    if times.shape[0] == 1:
        used = not mask.size
        for s in range(tile.real):
            used = used or mask[first + s, t]
        clock[0] = times[0, t] if used else 0.0
    else:
        for s in range(tile.real):
            clock[s] = 0.0 if mask.size and not mask[first + s, t] else times[first + s, t]


@njit(**OPTIONS)
def compute_openness(ks, tile, space, sequence):
    """k of the step whose times the clock holds."""
    rhythm, leak, shape, clock, row = sequence.rhythm, sequence.leak, sequence.gate_shape, space.clock, space.row
    if sequence.times.shape[0] == 1:
        time = clock[0]  # read once: LLVM cannot know that the loop does not write to the clock
        for u in range(row.size):
            row[u] = openness(phase_of((time - rhythm[1, u]) / rhythm[0, u]), rhythm[2, u], leak, shape)
        broadcast_samples(ks, tile.n, row)
        return
    for u in range(row.size):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        own = ks[u * tile.n : u * tile.n + clock.size]
        for s in range(clock.size):
            own[s] = openness(phase_of((clock[s] - shift) / period), ratio_on, leak, shape)


@njit(**OPTIONS)
def read_openness(ks, t, tile, space, sequence):
    """k of one step, as it was computed outside."""
    k, row, n = sequence.k, space.row, tile.n
    if k.shape[0] == 1:
        for u in range(row.size):
            row[u] = k[0, t, u]
        broadcast_samples(ks, n, row)
    else:
        for u in range(row.size):
            own = ks[u * n : u * n + tile.real]
            for s in range(tile.real):
                own[s] = k[tile.first + s, t, u]


@njit(**INLINE)
def open_gates(q, t, tile, space, sequence):
    """k of step t, the q-th that there is space for: computed from its times, or read."""
    ks = space.k[q * space.h.size : (q + 1) * space.h.size]
    if sequence.k.size:
        read_openness(ks, t, tile, space, sequence)
    else:
        read_clock(t, tile, space.clock, sequence)
        compute_openness(ks, tile, space, sequence)
    close_masked(ks, t, tile, sequence.mask)


@njit(**OPTIONS)
def close_masked(ks, t, tile, mask):
    """Set k, or its gradient, to zero at masked samples, even if it is NaN there."""
    if mask.size:
        for s in range(tile.real):
            if not mask[tile.first + s, t]:
                for e in range(s, ks.size, tile.n):
                    ks[e] = 0


@njit(forceinline=True, **OPTIONS)
def own_gradients(d_rhythm, dks, clock, rhythm, leak, shape, truncated):
    """Gradients of the rhythm (3,) of one unit whose samples have a clock each."""
    period, shift, ratio_on = rhythm[0], rhythm[1], rhythm[2]
    d_period = d_shift = d_ratio_on = 0.0
    for s in range(clock.size):
        cycles = (clock[s] - shift) / period
        phase = phase_of(cycles)
        by_phase, by_ratio = slopes(phase, ratio_on, leak, shape)
        d_period -= dks[s] * by_phase * (phase if truncated else cycles)
        d_shift -= dks[s] * by_phase
        d_ratio_on += dks[s] * by_ratio
    d_rhythm[0] += d_period / period
    d_rhythm[1] += d_shift / period
    d_rhythm[2] += d_ratio_on


@njit(**OPTIONS)
def rhythm_gradients(d_rhythm, dks, tile, space, sequence):
    """Adds to d_rhythm (3, H) the gradients of one step, of which the clock holds the times."""
    rhythm, leak, shape, clock, row = sequence.rhythm, sequence.leak, sequence.gate_shape, space.clock, space.row
    truncated = sequence.gate_gradient == TRUNCATED
    if sequence.times.shape[0] == 1:
        reduce_samples(row, dks, tile.n)
        time = clock[0]
        for u in range(row.size):
            period, ratio_on = rhythm[0, u], rhythm[2, u]
            cycles = (time - rhythm[1, u]) / period
            phase = phase_of(cycles)
            by_phase, by_ratio = slopes(phase, ratio_on, leak, shape)
            d_cycles = row[u] * by_phase / period
            d_rhythm[0, u] -= d_cycles * (phase if truncated else cycles)
            d_rhythm[1, u] -= d_cycles
            d_rhythm[2, u] += row[u] * by_ratio
        return
    for u in range(row.size):
        own = dks[u * tile.n : u * tile.n + clock.size]
        # LLVM vectorises the loop over samples only in a version without the gaussian.
        if shape in (TRIANGLE, SQUARE):
            own_gradients(d_rhythm[:, u], own, clock, rhythm[:, u], leak, TRIANGLE, truncated)
        else:
            own_gradients(d_rhythm[:, u], own, clock, rhythm[:, u], leak, shape, truncated)


@njit(**INLINE)
def gate_gradients(q, t, tile, space, sequence, gradients):
    """Gradients of step t, whose k is the q-th in ``space``: of k if it was given, else of period, shift, ratio_on."""
    dks, row = space.k[q * space.h.size : (q + 1) * space.h.size], space.row
    close_masked(dks, t, tile, sequence.mask)
    if not sequence.k.size:
        read_clock(t, tile, space.clock, sequence)
        rhythm_gradients(gradients.d_rhythm[tile.number], dks, tile, space, sequence)
    elif sequence.k.shape[0] == 1:
        reduce_samples(row, dks, tile.n)
        for u in range(row.size):
            gradients.d_k[tile.number, t, u] = row[u]
    else:
        unpack_state(dks, tile, gradients.d_k, t)
