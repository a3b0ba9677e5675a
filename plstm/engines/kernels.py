"""The compiled loops of the native engine: a tile of samples walks through its whole sequence, and back, in cache.

A tile of n samples holds everything unit by unit, samples side by side: ``a (D + 1 + H, n)`` stacks x, a row of ones
and h', so that one product with ``weights (4H, D + 1 + H)`` gives all pre-activations, bias included, and one product a
segment gives all weight gradients. The GRU has four blocks too, z, r, x_h, h_h, with zeros where x_h ignores h' and h_h
ignores x. Forward keeps the state every ``segment`` steps; backward recomputes one segment at a time.

Measured on one core of an AMD EPYC with AVX2: the product of (128, 34) by (34, n) runs at 60 GFLOP/s for n = 64 and 43
for n = 16, and of (1024, 385) by (385, 32) at 75; with samples as rows instead at 59, 28 and 48. Other numbers below
are from there too. All jitted code lives in this one file, for Numba's cache on disk does not notice a callee that
changed in another.
"""

import math

import numpy as np
from numba import njit, types
from numba.extending import overload

# Neither nnan nor ninf: a NaN has to come out as a NaN.
FLAGS = {"contract", "reassoc", "nsz", "arcp", "afn"}
OPTIONS = {"fastmath": FLAGS, "error_model": "numpy", "boundscheck": False, "cache": True}

# LLVM gives up vectorising a loop over many arrays, each of which might overlap another. So elements travel in chunks
# inside a flat buffer, every quantity at a constant offset, which it can see through.
CHUNK = 128
# One step of one chunk: gates (GRU: z, r, proposal, h_h), c~, tanh c~, c', h', k.
I, F, G, O, CT, TC, C0, H0, K = (CHUNK * slot for slot in range(9))  # noqa: E741
RECORD = 9 * CHUNK
# What a chunk carries from step to step: c and h first, as checkpoints are cut from there; gradients; peepholes.
C, H, DC, DH, PI, PF, PO, DPI, DPF, DPO = (CHUNK * slot for slot in range(10))
CARRY = 10 * CHUNK

TRIANGLE, SQUARE, GAUSSIAN = range(3)
NO_GRADIENT, EXACT, TRUNCATED = range(3)

_P = [np.float32(p) for p in (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                              1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)]  # fmt: skip
_Q = [np.float32(q) for q in (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)]
P0, P1, P2, P3, P4, P5, P6 = _P
Q0, Q1, Q2, Q3 = _Q
LIMIT = np.float32(7.9)
HALF = np.float32(0.5)


def tanh(x):
    """tanh in the precision of its argument."""
    raise NotImplementedError


@overload(tanh, jit_options={"fastmath": FLAGS, "error_model": "numpy"})
def _tanh(x):
    if x != types.float32:
        return lambda x: math.tanh(x)

    def rational(x):
        # Both comparisons are false for a NaN, which so passes.
        x = -LIMIT if x < -LIMIT else x
        x = LIMIT if x > LIMIT else x
        y = x * x
        p = (((((P0 * y + P1) * y + P2) * y + P3) * y + P4) * y + P5) * y + P6
        q = ((Q0 * y + Q1) * y + Q2) * y + Q3
        return x * p / q

    return rational


@njit(**OPTIONS)
def flush(gradient, tiny):
    """A vanishing gradient as 0: soon subnormal, it made a backward pass ten times slower. A NaN passes."""
    # Every operand has the gradient's dtype: a Python number would promote what follows to float64.
    return tiny - tiny if -tiny < gradient < tiny else gradient


@njit(**OPTIONS)
def squash(x):
    """tanh in place. With all five in one loop LLVM stops inlining, hence vectorising: 1.4 us a chunk, not 0.3."""
    for e in range(x.size):
        x[e] = tanh(x[e])


@njit(**OPTIONS)
def add(target, source):
    for e in range(source.size):
        target[e] += source[e]


@njit(**OPTIONS)
def copy(target, source):
    """Both from their first element on: Numba checks a computed index for being negative, which stops vectorisation."""
    for e in range(source.size):
        target[e] = source[e]


@njit(**OPTIONS)
def lstm_forward(w, v, m):
    half = w.dtype.type(0.5)
    for e in range(m):
        w[I + e] = half * (w[I + e] + v[PI + e] * v[C + e])
        w[F + e] = half * (w[F + e] + v[PF + e] * v[C + e])
    squash(w[I : I + m])
    squash(w[F : F + m])
    squash(w[G : G + m])
    for e in range(m):
        c = v[C + e]
        i = half * w[I + e] + half
        f = half * w[F + e] + half
        ct = f * c + i * w[G + e]
        w[I + e] = i
        w[F + e] = f
        w[O + e] = half * (w[O + e] + v[PO + e] * ct)
        w[CT + e] = ct
        w[TC + e] = ct
        w[C0 + e] = c
        v[C + e] = c + w[K + e] * (ct - c)
    squash(w[O : O + m])
    squash(w[TC : TC + m])
    for e in range(m):
        h = v[H + e]
        o = half * w[O + e] + half
        w[O + e] = o
        w[H0 + e] = h
        v[H + e] = h + w[K + e] * (o * w[TC + e] - h)


@njit(**OPTIONS)
def lstm_backward(w, v, m):
    one, tiny = w.dtype.type(1.0), w.dtype.type(1e-26)
    for e in range(m):
        i, f, g, o = w[I + e], w[F + e], w[G + e], w[O + e]
        ct, tc, c, h, k = w[CT + e], w[TC + e], w[C0 + e], w[H0 + e], w[K + e]
        dh = flush(v[DH + e], tiny)
        dc = flush(v[DC + e], tiny)
        dht = k * dh
        do = dht * tc * o * (one - o)
        dct = k * dc + dht * o * (one - tc * tc) + do * v[PO + e]
        di = dct * g * i * (one - i)
        df = dct * c * f * (one - f)
        w[I + e] = di
        w[F + e] = df
        w[G + e] = dct * i * (one - g * g)
        w[O + e] = do
        w[K + e] = dh * (o * tc - h) + dc * (ct - c)
        v[DH + e] = dh - dht
        v[DC + e] = dc - k * dc + dct * f + di * v[PI + e] + df * v[PF + e]
        v[DPI + e] += di * c
        v[DPF + e] += df * c
        v[DPO + e] += do * ct


@njit(**OPTIONS)
def gru_forward(w, v, m):
    half = w.dtype.type(0.5)
    for e in range(m):
        w[I + e] *= half
        w[F + e] *= half
    squash(w[I : I + m])
    squash(w[F : F + m])
    for e in range(m):
        r = half * w[F + e] + half
        w[I + e] = half * w[I + e] + half
        w[F + e] = r
        w[G + e] += r * w[O + e]
    squash(w[G : G + m])
    for e in range(m):
        h = v[H + e]
        g = w[G + e]
        w[H0 + e] = h
        v[H + e] = h + w[K + e] * (g + w[I + e] * (h - g) - h)


@njit(**OPTIONS)
def gru_backward(w, v, m):
    one, tiny = w.dtype.type(1.0), w.dtype.type(1e-26)
    for e in range(m):
        z, r, g, hh, h, k = w[I + e], w[F + e], w[G + e], w[O + e], w[H0 + e], w[K + e]
        dh = flush(v[DH + e], tiny)
        dht = k * dh
        da = dht * (one - z) * (one - g * g)
        w[I + e] = dht * (h - g) * z * (one - z)
        w[F + e] = da * hh * r * (one - r)
        w[G + e] = da
        w[O + e] = da * r
        w[K + e] = dh * (g + z * (h - g) - h)
        v[DH + e] = dh - dht + dht * z


@njit(**OPTIONS)
def read_clock(clock, times, mask, t, first):
    """Times of one step of a tile; a masked one becomes 0, as it may be anything."""
    for s in range(clock.size):
        clock[s] = 0.0 if mask.size and not mask[first + s, t] else times[first + s, t]


@njit(**OPTIONS)
def read_inputs(a, x, mask, t, first):
    for s in range(a.shape[1]):
        if mask.size and not mask[first + s, t]:
            for d in range(x.shape[2]):
                a[d, s] = 0
        else:
            for d in range(x.shape[2]):
                a[d, s] = x[first + s, t, d]


@njit(**OPTIONS)
def phase_of(cycles):
    fraction = cycles - math.floor(cycles)
    return 0.0 if fraction >= 1.0 else fraction


@njit(**OPTIONS)
def bell(part):
    return math.exp(-18.0 * (part - 0.5) * (part - 0.5))


@njit(**OPTIONS)
def open_gates(ks, clock, rhythm, leak, shape):
    """k of one step from its times, in float64 throughout: at Unix seconds float32 has no digits left for the phase."""
    n = clock.size
    for u in range(rhythm.shape[1]):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        per_window = 1.0 / ratio_on
        row = ks[u * n : (u + 1) * n]
        if shape == GAUSSIAN:
            for s in range(n):
                phase = phase_of((clock[s] - shift) / period)
                row[s] = bell(phase * per_window) if phase < ratio_on else leak * phase
        else:
            square = shape == SQUARE
            for s in range(n):
                phase = phase_of((clock[s] - shift) / period)
                part = 2.0 * phase * per_window
                bump = part if part < 1.0 else 2.0 - part
                bump = 1.0 if square else bump
                row[s] = bump if phase < ratio_on else leak * phase


@njit(**OPTIONS)
def gate_gradients(d_rhythm, dks, clock, rhythm, leak, shape, gradient):
    """Adds to d_rhythm (3, H) what dk of one step says about period, shift and ratio_on. The square borrows a slope."""
    n = clock.size
    truncated = gradient == TRUNCATED
    for u in range(rhythm.shape[1]):
        period, shift, ratio_on = rhythm[0, u], rhythm[1, u], rhythm[2, u]
        per_window = 1.0 / ratio_on
        row = dks[u * n : (u + 1) * n]
        if shape == GAUSSIAN:
            for s in range(n):
                phase = phase_of((clock[s] - shift) / period)
                row[s] *= -18.0 * (phase * per_window - 0.5) * bell(phase * per_window) if phase < ratio_on else 1.0
        d_period = d_shift = d_ratio_on = 0.0
        for s in range(n):
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
def read_openness(ks, k, t, first, n):
    """k of one step from an array (1, T, H), shared by the batch, or (B, T, H)."""
    for u in range(k.shape[2]):
        row = ks[u * n : (u + 1) * n]
        if k.shape[0] == 1:
            opened = k[0, t, u]
            for s in range(n):
                row[s] = opened
        else:
            for s in range(n):
                row[s] = k[first + s, t, u]


@njit(**OPTIONS)
def close_masked(ks, mask, t, first, n):
    """Zero where masked, whatever stood there: used on k, and on its gradient."""
    if mask.size:
        for s in range(n):
            if not mask[first + s, t]:
                for e in range(s, ks.size, n):
                    ks[e] = 0


@njit(**OPTIONS)
def multiply(weights, a, out):
    """out = weights a, a matrix-vector product for one sample (512 by 145: 5 us)."""
    if a.shape[1] == 1:
        np.dot(weights, a.reshape(a.size), out.reshape(out.size))
    else:
        np.dot(weights, a, out)


@njit(**OPTIONS)
def recur(a, h, drop):
    """Puts h, times its dropout, into the last rows of a."""
    target = a.reshape(a.size)[a.size - h.size :]
    for e in range(h.size):
        target[e] = h[e] * drop[e]


@njit(**OPTIONS)
def flat(v, slot, values):
    """Out of the chunks, one after another."""
    for chunk in range(v.shape[0]):
        low = chunk * CHUNK
        copy(values[low:], v[chunk, slot : slot + min(CHUNK, values.size - low)])


@njit(**OPTIONS)
def total(values):
    result = values.dtype.type(0)
    for e in range(values.size):
        result += values[e]
    return result


@njit(**OPTIONS)
def keep(segment, now, q):
    """Columns of one step into those of a whole segment."""
    n = now.shape[1]
    for row in range(now.shape[0]):
        copy(segment[row, q * n :], now[row])


@njit(**OPTIONS)
def step_forward(gru, w, v, z, ks):
    units = ks.size
    for chunk in range(v.shape[0]):
        low = chunk * CHUNK
        m = min(CHUNK, units - low)
        record = w[chunk]
        copy(record[I:], z[low : low + m])
        copy(record[F:], z[units + low : units + low + m])
        copy(record[G:], z[2 * units + low : 2 * units + low + m])
        copy(record[O:], z[3 * units + low : 3 * units + low + m])
        copy(record[K:], ks[low : low + m])
        # Whole vectors: what lies beyond m is never copied out.
        if gru:
            gru_forward(record, v[chunk], (m + 15) & ~15)
        else:
            lstm_forward(record, v[chunk], (m + 15) & ~15)


@njit(**OPTIONS)
def step_backward(gru, w, v, dz, dks, dh):
    units = dks.size
    for chunk in range(v.shape[0]):
        low = chunk * CHUNK
        m = min(CHUNK, units - low)
        record = w[chunk]
        carry = v[chunk]
        add(carry[DH:], dh[low : low + m])
        if gru:
            gru_backward(record, carry, (m + 15) & ~15)
        else:
            lstm_backward(record, carry, (m + 15) & ~15)
        copy(dz[low:], record[I : I + m])
        copy(dz[units + low :], record[F : F + m])
        copy(dz[2 * units + low :], record[G : G + m])
        copy(dz[3 * units + low :], record[O : O + m])
        copy(dks[low:], record[K : K + m])


@njit(**OPTIONS)
def put(v, slot, values, first, n):
    """Rows ``first`` to ``first + n`` of values (B, H) into a slot of the chunks."""
    for s in range(n):
        row = values[first + s]
        for u in range(row.size):
            e = u * n + s
            v[e // CHUNK, slot + e % CHUNK] = row[u]


@njit(**OPTIONS)
def take(v, slot, values, first, n):
    """The way back of ``put``."""
    for s in range(n):
        row = values[first + s]
        for u in range(row.size):
            e = u * n + s
            row[u] = v[e // CHUNK, slot + e % CHUNK]


@njit(**OPTIONS)
def begin(v, peepholes, dropout, drop, first, n):
    """Lays out what is the same at every step: peepholes, and the dropout of h'."""
    for u in range(peepholes.shape[1]):
        for s in range(n):
            e = u * n + s
            v[e // CHUNK, PI + e % CHUNK] = peepholes[0, u]
            v[e // CHUNK, PF + e % CHUNK] = peepholes[1, u]
            v[e // CHUNK, PO + e % CHUNK] = peepholes[2, u]
            drop[e] = dropout[first + s, u] if dropout.size else 1.0


@njit(**OPTIONS)
def prepare(a, ks, clock, x, k, times, rhythm, leak, shape, mask, t, first):
    """x into a, and the openness of every unit of the tile into ks."""
    read_inputs(a, x, mask, t, first)
    if k.size:
        read_openness(ks, k, t, first, a.shape[1])
    else:
        read_clock(clock, times, mask, t, first)
        open_gates(ks, clock, rhythm, leak, shape)
    close_masked(ks, mask, t, first, a.shape[1])


@njit(nogil=True, **OPTIONS)
def forward(
    tile, size, segment, gru, x, weights, peepholes, k, times, rhythm, leak, shape, mask, dropout,
    sequences, outputs, h, c, checkpoints,
):  # fmt: skip
    """One tile of ``launch.forward``: the sequence of samples ``tile * size`` to ``(tile + 1) * size``."""
    first = tile * size
    n = min(size, x.shape[0] - first)
    units = h.shape[1]
    chunks = -(-units * n // CHUNK)
    w = np.zeros((chunks, RECORD), x.dtype)
    v = np.zeros((chunks, CARRY), x.dtype)
    a = np.ones((weights.shape[1], n), x.dtype)
    z = np.empty((weights.shape[0], n), x.dtype)
    ks = np.empty(units * n, x.dtype)
    drop = np.empty(units * n, x.dtype)
    now = np.empty(units * n, x.dtype)
    clock = np.empty(n)
    begin(v, peepholes, dropout, drop, first, n)
    put(v, C, c, first, n)
    put(v, H, h, first, n)
    flat(v, H, now)
    for t in range(x.shape[1]):
        if t % segment == 0:
            for chunk in range(chunks):
                copy(checkpoints[tile, t // segment, chunk], v[chunk, : 2 * CHUNK])
        prepare(a, ks, clock, x, k, times, rhythm, leak, shape, mask, t, first)
        recur(a, now, drop)
        multiply(weights, a, z)
        step_forward(gru, w, v, z.reshape(z.size), ks)
        flat(v, H, now)
        if sequences:
            for s in range(n):
                row = outputs[first + s, t]
                for u in range(units):
                    row[u] = now[u * n + s]
    take(v, C, c, first, n)
    take(v, H, h, first, n)


@njit(nogil=True, **OPTIONS)
def backward(
    tile, size, segment, gru, x, weights, back, peepholes, k, times, rhythm, leak, shape, mask, dropout,
    sequences, d_outputs, dh, dc, checkpoints, gradient, d_weights, d_peepholes, dx, dk, d_rhythm,
):  # fmt: skip
    """One tile of ``launch.backward``: last segment first, each computed again from its checkpoint."""
    first = tile * size
    n = min(size, x.shape[0] - first)
    units = dh.shape[1]
    steps = x.shape[1]
    blocks, rows = weights.shape
    chunks = -(-units * n // CHUNK)
    w = np.zeros((segment, chunks, RECORD), x.dtype)
    v = np.zeros((chunks, CARRY), x.dtype)
    a = np.ones((rows, n), x.dtype)
    z = np.empty((blocks, n), x.dtype)
    da = np.zeros((back.shape[0], n), x.dtype)
    all_a = np.empty(rows * segment * n, x.dtype)
    all_dz = np.empty(blocks * segment * n, x.dtype)
    product = np.empty((blocks, rows), x.dtype)
    ks = np.empty(units * n, x.dtype)
    drop = np.empty(units * n, x.dtype)
    now = np.empty(units * n, x.dtype)
    clock = np.empty(n)
    inflow = da.reshape(da.size)[(back.shape[0] - units) * n :]
    begin(v, peepholes, dropout, drop, first, n)
    put(v, DC, dc, first, n)
    put(v, DH, dh, first, n)
    for part in range((steps - 1) // segment, -1, -1):
        start = part * segment
        length = min(segment, steps - start)
        seg_a = all_a[: rows * length * n].reshape((rows, length * n))
        seg_dz = all_dz[: blocks * length * n].reshape((blocks, length * n))
        for chunk in range(chunks):
            copy(v[chunk], checkpoints[tile, part, chunk])
        for q in range(length):
            prepare(a, ks, clock, x, k, times, rhythm, leak, shape, mask, start + q, first)
            flat(v, H, now)
            recur(a, now, drop)
            keep(seg_a, a, q)
            multiply(weights, a, z)
            step_forward(gru, w[q], v, z.reshape(z.size), ks)
        for q in range(length - 1, -1, -1):
            t = start + q
            if sequences:
                for s in range(n):
                    row = d_outputs[first + s, t]
                    for u in range(units):
                        inflow[u * n + s] += row[u]
            step_backward(gru, w[q], v, z.reshape(z.size), ks, inflow)
            keep(seg_dz, z, q)
            multiply(back, z, da)
            for e in range(inflow.size):
                inflow[e] *= drop[e]
            if dx.size:
                for s in range(n):
                    for d in range(dx.shape[2]):
                        dx[first + s, t, d] = da[d, s]
            if gradient != NO_GRADIENT:
                close_masked(ks, mask, t, first, n)
                if not k.size:
                    read_clock(clock, times, mask, t, first)
                    gate_gradients(d_rhythm[tile], ks, clock, rhythm, leak, shape, gradient)
                elif k.shape[0] == 1:
                    for u in range(units):
                        dk[tile, t, u] = total(ks[u * n : (u + 1) * n])
                else:
                    for s in range(n):
                        for u in range(units):
                            dk[first + s, t, u] = ks[u * n + s]
        np.dot(seg_dz, seg_a.T, product)
        add(d_weights[tile].reshape(product.size), product.reshape(product.size))
    for chunk in range(chunks):
        for e in range(min(CHUNK, units * n - chunk * CHUNK)):
            u = (chunk * CHUNK + e) // n
            v[chunk, DH + e] += inflow[chunk * CHUNK + e]
            d_peepholes[tile, 0, u] += v[chunk, DPI + e]
            d_peepholes[tile, 1, u] += v[chunk, DPF + e]
            d_peepholes[tile, 2, u] += v[chunk, DPO + e]
    take(v, DC, dc, first, n)
    take(v, DH, dh, first, n)
