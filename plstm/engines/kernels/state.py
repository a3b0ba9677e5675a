"""From arrays of samples (B, T, H) to those of a tile, and back; see ``Space`` in ``plstm.engines.kernel_inputs``."""

from numba import njit

from plstm.engines.kernels.vectors import OPTIONS


@njit(**OPTIONS)
def pack_state(state, tile, values):
    """The tile's samples of ``values`` (B, 1, H) into a flat array."""
    for s in range(tile.real):
        for u in range(values.shape[2]):
            state[u * tile.n + s] = values[tile.first + s, 0, u]


@njit(**OPTIONS)
def unpack_state(state, tile, values, t):
    """A flat array into step t of the tile's samples of ``values`` (B, T, H)."""
    for s in range(tile.real):
        for u in range(values.shape[2]):
            values[tile.first + s, t, u] = state[u * tile.n + s]


@njit(**OPTIONS)
def copy(source, s0, target, t0, count):
    """``count`` numbers of one flat array, from ``s0`` on, into another, from ``t0`` on."""
    for e in range(count):
        target[t0 + e] = source[s0 + e]


@njit(**OPTIONS)
def broadcast_samples(ks, n, row):
    """One number a unit to all its samples."""
    for u in range(row.size):
        own = ks[u * n : (u + 1) * n]
        value = row[u]
        for s in range(n):
            own[s] = value


@njit(**OPTIONS)
def reduce_samples(row, dks, n):
    """The sum over the samples of each unit; the reverse of ``broadcast_samples``."""
    for u in range(row.size):
        own = dks[u * n : (u + 1) * n]
        total = dks.dtype.type(0)
        for s in range(n):
            total += own[s]
        row[u] = total
