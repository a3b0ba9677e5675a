"""How open the units are at one step of a tile, in compiled code, and what that says about their rhythm.

``ks`` holds k unit by unit, ``n`` samples side by side, of which ``real`` exist: those from ``first`` on in the batch.
"""

import math

from numba import njit

from plstm.engines.kernels.vectors import OPTIONS

TRIANGLE, SQUARE, GAUSSIAN = range(3)
NO_GRADIENT, EXACT, TRUNCATED = range(3)


@njit(**OPTIONS)
def read_clock(clock, times, mask, t, first):
    """Times of one step of a tile; a masked one becomes 0, as it may be anything."""
    for s in range(clock.size):
        clock[s] = 0.0 if mask.size and not mask[first + s, t] else times[first + s, t]


@njit(**OPTIONS)
def phase_of(cycles):
    fraction = cycles - math.floor(cycles)
    return 0.0 if fraction >= 1.0 else fraction


@njit(**OPTIONS)
def bell(part):
    return math.exp(-18.0 * (part - 0.5) * (part - 0.5))


@njit(**OPTIONS)
def open_gates(ks, n, clock, rhythm, leak, shape):
    """k of one step from its times, in float64 throughout: at Unix seconds float32 has no digits left for the phase."""
    real = clock.size
    for u in range(rhythm.shape[1]):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        per_window = 1.0 / ratio_on
        row = ks[u * n : u * n + real]
        if shape == GAUSSIAN:
            for s in range(real):
                phase = phase_of((clock[s] - shift) / period)
                row[s] = bell(phase * per_window) if phase < ratio_on else leak * phase
        else:
            square = shape == SQUARE
            for s in range(real):
                phase = phase_of((clock[s] - shift) / period)
                part = 2.0 * phase * per_window
                bump = part if part < 1.0 else 2.0 - part
                bump = 1.0 if square else bump
                row[s] = bump if phase < ratio_on else leak * phase


@njit(**OPTIONS)
def gate_gradients(d_rhythm, dks, n, clock, rhythm, leak, shape, gradient):
    """Adds to d_rhythm (3, H) what dk of one step says about period, shift and ratio_on. The square borrows a slope."""
    real = clock.size
    truncated = gradient == TRUNCATED
    for u in range(rhythm.shape[1]):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        per_window = 1.0 / ratio_on
        row = dks[u * n : u * n + real]
        if shape == GAUSSIAN:
            for s in range(real):
                phase = phase_of((clock[s] - shift) / period)
                row[s] *= -18.0 * (phase * per_window - 0.5) * bell(phase * per_window) if phase < ratio_on else 1.0
        d_period = d_shift = d_ratio_on = 0.0
        for s in range(real):
            cycles = (clock[s] - shift) / period
            phase = phase_of(cycles)
            part = phase * per_window
            slope = 2.0 if part < 0.5 or shape == GAUSSIAN else -2.0
            is_open = phase < ratio_on
            d_phase = row[s] * (slope * per_window if is_open else leak)
            d_period -= d_phase * (phase if truncated else cycles)
            d_shift -= d_phase
            d_ratio_on -= d_phase * part if is_open else 0.0
        d_rhythm[0, u] += d_period / period
        d_rhythm[1, u] += d_shift / period
        d_rhythm[2, u] += d_ratio_on


@njit(**OPTIONS)
def read_openness(ks, n, k, t, first, real):
    """k of one step from an array (1, T, H), shared by the batch, or (B, T, H)."""
    for u in range(k.shape[2]):
        row = ks[u * n : (u + 1) * n]
        if k.shape[0] == 1:
            opened = k[0, t, u]
            for s in range(n):
                row[s] = opened
        else:
            for s in range(real):
                row[s] = k[first + s, t, u]


@njit(**OPTIONS)
def close_masked(ks, n, mask, t, first, real):
    """Zero where masked, whatever stood there: used on k, and on its gradient."""
    if mask.size:
        for s in range(real):
            if not mask[first + s, t]:
                for e in range(s, ks.size, n):
                    ks[e] = 0
