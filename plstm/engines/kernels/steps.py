"""One step of a tile from its pre-activations, unit by unit; forward and backward.

``q`` is the number of the step in the arrays of ``space``. There the forward pass replaces the pre-activations, four
blocks of ``size`` numbers, by the gates (z, r, proposal, h_h in a GRU), and the backward pass replaces these by their
gradients, and k by its gradient. ``kept`` holds the other values that the backward pass needs: h', c', tanh c~.
"""

from numba import njit

from plstm.engines.kernel_inputs import KEPT
from plstm.engines.kernels.hyperbolic import sigmoid, tanh
from plstm.engines.kernels.vectors import BYTES, OPTIONS, fill, load, store, where_below


@njit(forceinline=True, **OPTIONS)
def flush(gradient, tiny):
    """A tiny gradient as 0: subnormal numbers made a backward pass ten times slower. NaN stays NaN."""
    zero = tiny - tiny
    return where_below(gradient, tiny, where_below(zero - tiny, gradient, zero, gradient), gradient)


@njit(**OPTIONS)
def lstm_forward(q, tile, space):
    z, ks, kept, c, h, peepholes = space.z, space.k, space.kept, space.c, space.h, space.peepholes
    size, z0, k0, r0 = h.size, q * tile.rows * tile.n, q * h.size, q * KEPT * h.size
    # In two loops: of one with a chain of operations twice as long, the processor sees half as many at once.
    for e in range(0, size, BYTES // z.itemsize):
        i, f, g = z0 + e, z0 + size + e, z0 + 2 * size + e
        c_ = load(c, e)
        vi = sigmoid(load(z, i) + load(peepholes, e) * c_)
        vf = sigmoid(load(z, f) + load(peepholes, size + e) * c_)
        vg = tanh(load(z, g))
        store(z, i, vi)
        store(z, f, vf)
        store(z, g, vg)
        store(kept, r0 + size + e, c_)
        store(c, e, vf * c_ + vi * vg)
    for e in range(0, size, BYTES // z.itemsize):
        o = z0 + 3 * size + e
        h_, c_, ct, k = load(h, e), load(kept, r0 + size + e), load(c, e), load(ks, k0 + e)
        vo = sigmoid(load(z, o) + load(peepholes, 2 * size + e) * ct)
        tc = tanh(ct)
        store(z, o, vo)
        store(kept, r0 + e, h_)
        store(kept, r0 + 2 * size + e, tc)
        store(c, e, c_ + k * (ct - c_))
        store(h, e, h_ + k * (vo * tc - h_))


@njit(**OPTIONS)
def lstm_backward(q, tile, space, back):
    z, ks, kept, peepholes, dropout = space.z, space.k, space.kept, space.peepholes, space.recurrent_dropout
    d_a, at_h, dc, dh, d_peepholes = back.d_a, back.at_h, back.d_c, back.d_h, back.d_peepholes
    size, z0, k0, r0 = dh.size, q * tile.rows * tile.n, q * dh.size, q * KEPT * dh.size
    one, tiny = fill(z.dtype.type(1.0)), fill(z.dtype.type(1e-26))
    for e in range(0, size, BYTES // z.itemsize):
        at_i, at_f, at_o = z0 + e, z0 + size + e, z0 + 3 * size + e
        at_g = z0 + 2 * size + e
        i, f, g, o = load(z, at_i), load(z, at_f), load(z, at_g), load(z, at_o)
        h, c, tc, k = load(kept, r0 + e), load(kept, r0 + size + e), load(kept, r0 + 2 * size + e), load(ks, k0 + e)
        ct = f * c + i * g
        d_h = flush(load(dh, e) + load(d_a, at_h + e) * load(dropout, e), tiny)
        d_c = flush(load(dc, e), tiny)
        dht = k * d_h
        do = dht * tc * o * (one - o)
        dct = k * d_c + dht * o * (one - tc * tc) + do * load(peepholes, 2 * size + e)
        di = dct * g * i * (one - i)
        df = dct * c * f * (one - f)
        store(z, at_i, di)
        store(z, at_f, df)
        store(z, at_g, dct * i * (one - g * g))
        store(z, at_o, do)
        store(ks, k0 + e, d_h * (o * tc - h) + d_c * (ct - c))
        store(dh, e, d_h - dht)
        store(dc, e, d_c - k * d_c + dct * f + di * load(peepholes, e) + df * load(peepholes, size + e))
        store(d_peepholes, e, load(d_peepholes, e) + di * c)
        store(d_peepholes, size + e, load(d_peepholes, size + e) + df * c)
        store(d_peepholes, 2 * size + e, load(d_peepholes, 2 * size + e) + do * ct)


@njit(**OPTIONS)
def gru_forward(q, tile, space):
    z, ks, kept, h = space.z, space.k, space.kept, space.h
    size, z0, k0, r0 = h.size, q * tile.rows * tile.n, q * h.size, q * KEPT * h.size
    for e in range(0, size, BYTES // z.itemsize):
        at_z, at_r = z0 + e, z0 + size + e
        store(z, at_z, sigmoid(load(z, at_z)))
        store(z, at_r, sigmoid(load(z, at_r)))
    for e in range(0, size, BYTES // z.itemsize):
        at_z, at_r, at_g = z0 + e, z0 + size + e, z0 + 2 * size + e
        h_ = load(h, e)
        g = tanh(load(z, at_g) + load(z, at_r) * load(z, z0 + 3 * size + e))
        store(z, at_g, g)
        store(kept, r0 + e, h_)
        store(h, e, h_ + load(ks, k0 + e) * (g + load(z, at_z) * (h_ - g) - h_))


@njit(**OPTIONS)
def gru_backward(q, tile, space, back):
    z, ks, kept, dropout, d_a, at_h, dh = (
        space.z,
        space.k,
        space.kept,
        space.recurrent_dropout,
        back.d_a,
        back.at_h,
        back.d_h,
    )
    size, z0, k0, r0 = dh.size, q * tile.rows * tile.n, q * dh.size, q * KEPT * dh.size
    one, tiny = fill(z.dtype.type(1.0)), fill(z.dtype.type(1e-26))
    for e in range(0, size, BYTES // z.itemsize):
        at_z, at_r, at_g, at_hh = z0 + e, z0 + size + e, z0 + 2 * size + e, z0 + 3 * size + e
        update, r, g, hh = load(z, at_z), load(z, at_r), load(z, at_g), load(z, at_hh)
        h, k = load(kept, r0 + e), load(ks, k0 + e)
        d_h = flush(load(dh, e) + load(d_a, at_h + e) * load(dropout, e), tiny)
        dht = k * d_h
        da = dht * (one - update) * (one - g * g)
        store(z, at_z, dht * (h - g) * update * (one - update))
        store(z, at_r, da * hh * r * (one - r))
        store(z, at_g, da)
        store(z, at_hh, da * r)
        store(ks, k0 + e, d_h * (g + update * (h - g) - h))
        store(dh, e, d_h - dht + dht * update)
