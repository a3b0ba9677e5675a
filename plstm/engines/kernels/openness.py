"""How open the units are at one step of a tile, in compiled code, and what that says about their rhythm.

``ks`` holds k unit by unit, ``n`` samples side by side, of which ``real`` exist: those from ``first`` on in the batch.
Times and phases are float64 throughout: at Unix seconds float32 has no digits left for the phase.
"""

import math

import numpy as np
from numba import njit

from plstm.engines.kernels.vectors import OPTIONS

TRIANGLE, SQUARE, GAUSSIAN = range(3)
NO_GRADIENT, EXACT, TRUNCATED = range(3)


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
def read_clock(clock, times, mask, t, first):
    """Times of one step of a tile, one that all share or one a sample; where masked 0, as it may be anything."""
    if times.shape[0] == 1:
        used = not mask.size
        for s in range(clock.size):
            used = used or mask[first + s, t]
        clock[0] = times[0, t] if used else 0.0
    else:
        for s in range(clock.size):
            clock[s] = 0.0 if mask.size and not mask[first + s, t] else times[first + s, t]


@njit(**OPTIONS)
def open_gates(ks, n, shared, clock, rhythm, leak, shape, row):
    """k of one step from its times. ``row``: room for one number a unit."""
    units = rhythm.shape[1]
    if shared:
        for u in range(units):
            row[u] = openness(phase_of((clock[0] - rhythm[1, u]) / rhythm[0, u]), rhythm[2, u], leak, shape)
        spread(ks, n, row)
        return
    for u in range(units):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        own = ks[u * n : u * n + clock.size]
        for s in range(clock.size):
            own[s] = openness(phase_of((clock[s] - shift) / period), ratio_on, leak, shape)


@njit(**OPTIONS)
def spread(ks, n, row):
    """One number a unit to all its samples."""
    for u in range(row.size):
        own = ks[u * n : (u + 1) * n]
        value = row[u]
        for s in range(n):
            own[s] = value


@njit(**OPTIONS)
def add_up(row, dks, n):
    """Over the samples of each unit; the way back of ``spread``."""
    for u in range(row.size):
        own = dks[u * n : (u + 1) * n]
        total = dks.dtype.type(0)
        for s in range(n):
            total += own[s]
        row[u] = total


@njit(forceinline=True, **OPTIONS)
def own_gradients(d_rhythm, dks, clock, rhythm, leak, shape, truncated):
    """``gate_gradients`` of one unit whose samples have a clock each."""
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
def gate_gradients(d_rhythm, dks, n, shared, clock, rhythm, leak, shape, gradient, row):
    """Adds to d_rhythm (3, H) what dk of one step says about period, shift and ratio_on."""
    units = rhythm.shape[1]
    truncated = gradient == TRUNCATED
    if shared:
        add_up(row, dks, n)
        for u in range(units):
            period, ratio_on = rhythm[0, u], rhythm[2, u]
            cycles = (clock[0] - rhythm[1, u]) / period
            phase = phase_of(cycles)
            by_phase, by_ratio = slopes(phase, ratio_on, leak, shape)
            d_cycles = row[u] * by_phase / period
            d_rhythm[0, u] -= d_cycles * (phase if truncated else cycles)
            d_rhythm[1, u] -= d_cycles
            d_rhythm[2, u] += row[u] * by_ratio
        return
    for u in range(units):
        own = dks[u * n : u * n + clock.size]
        # LLVM vectorises the loop over samples only where no bell is in sight.
        if shape in (TRIANGLE, SQUARE):
            own_gradients(d_rhythm[:, u], own, clock, rhythm[:, u], leak, TRIANGLE, truncated)
        else:
            own_gradients(d_rhythm[:, u], own, clock, rhythm[:, u], leak, shape, truncated)


@njit(**OPTIONS)
def read_openness(ks, n, k, t, first, real):
    """k of one step from an array (1, T, H), shared by the batch, or (B, T, H)."""
    if k.shape[0] == 1:
        spread(ks, n, k[0, t])
    else:
        for u in range(k.shape[2]):
            own = ks[u * n : u * n + real]
            for s in range(real):
                own[s] = k[first + s, t, u]


@njit(**OPTIONS)
def close_masked(ks, n, mask, t, first, real):
    """Zero where masked, whatever stood there: used on k, and on its gradient."""
    if mask.size:
        for s in range(real):
            if not mask[first + s, t]:
                for e in range(s, ks.size, n):
                    ks[e] = 0
