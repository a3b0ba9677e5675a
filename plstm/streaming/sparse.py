"""The event-driven engine in compiled code: at an event it computes only the units whose gate is open. Inference only.

Weights are stored unit by unit, so that the weights of closed units are never read. Their phases are not computed
either: ``wake`` holds, for every stream and unit, a time before which the unit cannot open. Until then a closed unit
costs one comparison.

Streams come in groups. The streams of a group share a clock, hence their open units, whose weights are read only once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import get_num_threads, njit

from plstm.engines import bounds
from plstm.engines.kernel_inputs import GATE_SHAPES
from plstm.engines.kernels.cache import entry, stamp
from plstm.engines.kernels.hyperbolic import tanh
from plstm.engines.kernels.openness import bump, phase_of
from plstm.engines.kernels.vectors import ALLOCATING, OPTIONS
from plstm.types import Array, Booleans, Cell, Floats, Integers, NamedShape

# ``wake`` is too early by this share of a period. Too early costs a few more phases; too late would miss an update.
EARLY = 1e-6
ROUNDING = 1e-15
MAX_GROUP = 64
ONE_EVENT, ONE_SEEN = np.array([0, 1]), np.ones((1, 1), bool)
NO_OUTPUTS = {dtype: np.empty((0, 1, 0), dtype) for dtype in "fd"}


class Rows(NamedTuple):
    """The weights of one layer, one row for each unit, so that a unit's weights are contiguous in memory.

    ``weights (H, blocks, D + 1 + H)``: columns x, 1, h'; blocks i, f, c, o (lstm) or z, r, h (gru).
    ``extra (H, 3)``: peepholes of i, f, o (lstm), or the recurrent bias of h in its first column (gru).
    ``rhythm (3, H)`` float64: period, shift, ratio_on.
    """

    gru: bool
    weights: Array
    extra: Array
    rhythm: Floats
    gate_shape: int

    @classmethod
    def of(
        cls,
        cell: Cell,
        kernel: Array,
        recurrent_kernel: Array,
        bias: Array,
        peepholes: Array | None,
        rhythm: Floats,
        shape: NamedShape,
    ) -> Rows:
        """From arrays as in ``plstm.engines.Weights``. ValueError if their shapes or dtypes do not fit together."""
        gru, units = cell == "gru", recurrent_kernel.shape[0]
        bounds.check_weights(cell, len(kernel), units, kernel.dtype, kernel, recurrent_kernel, bias)
        extra = np.zeros((units, 3), kernel.dtype)
        if gru:
            extra[:, 0] = bias[1, 2 * units :]
            bias = np.concatenate([bias[0, : 2 * units] + bias[1, : 2 * units], bias[0, 2 * units :]])
        elif peepholes is not None:
            extra[:] = peepholes.T
        columns = np.concatenate([kernel, bias[None], recurrent_kernel])
        rows = columns.reshape(len(columns), -1, units).transpose(2, 1, 0)
        return cls(gru, np.ascontiguousarray(rows), extra, np.ascontiguousarray(rhythm, np.float64), GATE_SHAPES[shape])

    def writable(self) -> Rows:
        """The same with read-only arrays copied, because Numba would compile again for read-only arrays."""
        weights, extra, rhythm = (np.require(array, requirements="W") for array in self[1:4])
        return Rows(self.gru, weights, extra, rhythm, self.gate_shape)

    @property
    def units(self) -> int:
        return self.weights.shape[0]

    @property
    def features(self) -> int:
        return self.weights.shape[2] - 1 - self.units

    @property
    def multiply_adds(self) -> int:
        """The multiply-adds of one unit at one event: its products with x, h' and the peepholes."""
        peepholes = 0 if self.gru or not self.extra.any() else 3
        return self.weights.shape[1] * (self.features + self.units) + peepholes


def run(
    rows: Rows,
    x: Array,
    times: Floats,
    mask: Booleans,
    starts: Integers,
    slots: Integers,
    wake: Floats,
    h: Array,
    c: Array,
    sequences: bool,
    skip: bool = True,
) -> tuple[Array, int]:
    """Compute the events of many streams; their state is changed in place.

    Args:
        rows: the weights.
        x: (E, G, D), the events of all groups, one group after another; each has G streams.
        times: (E,) float64, not decreasing within a group.
        mask: (E, G) booleans; a False event changes nothing.
        starts: (N + 1,), where each group's events begin.
        slots: (N,), rising, the slot of each group's state.
        wake: (S, H) float64, by slot; -inf at the start.
        h: (S, G, H), by slot.
        c: (S, G, H), by slot.
        sequences: whether to return the outputs after every event.
        skip: whether to skip closed units. False computes them without an effect, as a dense engine does.

    Returns:
        outputs (E, G, H), or (0, G, H) without ``sequences``, and the number of updates.

    Raises:
        ValueError: arrays that do not fit together, starts or slots outside of them. The state does not change.
    """
    bounds.check_events(rows, x, times, mask, starts, slots, wake, h, c)
    outputs = np.empty((len(times) if sequences else 0, *h.shape[1:]), h.dtype)
    groups = len(slots)
    arguments = (rows.gru, skip, rows.weights, rows.extra, rows.rhythm, rows.gate_shape, x, times, mask, starts, slots)
    arguments += (wake, h, c, outputs)
    threads = min(get_num_threads(), groups)
    if threads < 2:
        return outputs, advance(0, groups, *arguments)
    edges = np.linspace(0, groups, threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        return outputs, sum(pool.map(lambda low, high: advance(low, high, *arguments), edges[:-1], edges[1:]))


def take_in(
    rows: Rows, x: Array, times: Floats, slots: Integers, wake: Floats, h: Array, c: Array, skip: bool = True
) -> int:
    """``run`` for one event x (1, 1, D) of one stream, without outputs and checks. Returns the number of updates.

    Checks would take as long as the event. The caller, ``EventDriven.step``, guarantees what they would check: it
    checks x, takes the slot from its own table, and has all other arrays from ``Rows`` and ``stream_state.rest``.
    """
    return advance(
        0, 1, rows.gru, skip, rows.weights, rows.extra, rows.rhythm, rows.gate_shape,
        x, times, ONE_SEEN, ONE_EVENT, slots, wake, h, c, NO_OUTPUTS[h.dtype.char],
    )  # fmt: skip


def groups(batch: int) -> tuple[int, int]:
    """(number of groups, samples in each) for samples that share a clock: a group for every thread, none too large."""
    threads = get_num_threads()
    count = -(-batch // (MAX_GROUP * threads)) * threads
    return max(1, min(batch, count)), max(1, -(-batch // max(1, min(batch, count))))


@njit(**ALLOCATING)
def walk(
    low: int,
    high: int,
    gru: bool,
    skip: bool,
    weights: Array,
    extra: Array,
    rhythm: Floats,
    shape: int,
    x: Array,
    times: Floats,
    mask: Booleans,
    starts: Integers,
    slots: Integers,
    wake: Floats,
    h: Array,
    c: Array,
    outputs: Array,
) -> int:
    """The events of the groups from ``low`` to ``high``, one group after another. Returns the number of updates."""
    units, streams, updates = wake.shape[1], x.shape[1], 0
    found, ks = np.empty(units, np.int64), np.empty(units, weights.dtype)
    new_h, new_c = np.empty((units, streams), weights.dtype), np.empty((units, streams), weights.dtype)
    for group in range(low, high):
        slot = slots[group]
        for event in range(starts[group], starts[group + 1]):
            count = open_units(times[event], skip, rhythm, shape, wake[slot], found, ks)
            # First the proposals of all open units, because each needs the state of all units before the event.
            for n in range(count):
                unit, k = found[n], ks[n]
                row, more = weights[unit], extra[unit]
                for stream in range(streams):
                    if mask[event, stream]:
                        old_h, old_c = h[slot, stream, unit], c[slot, stream, unit]
                        if gru:
                            proposal = gru_unit(row, more, x[event, stream], h[slot, stream], old_h)
                        else:
                            proposal, cell = lstm_unit(row, more, x[event, stream], h[slot, stream], old_c)
                            new_c[n, stream] = old_c + k * (cell - old_c)
                        new_h[n, stream] = old_h + k * (proposal - old_h)
            for stream in range(streams):
                if mask[event, stream]:
                    updates += count
                    for n in range(count):
                        h[slot, stream, found[n]] = new_h[n, stream]
                        if not gru:
                            c[slot, stream, found[n]] = new_c[n, stream]
            if outputs.size:
                outputs[event] = h[slot]
    return updates


@njit(**OPTIONS)
def open_units(t: float, skip: bool, rhythm: Floats, shape: int, wake: Floats, found: Integers, ks: Array) -> int:
    """Writes the open units, in order, and their k. Returns how many there are."""
    count = 0
    for unit in range(wake.size):
        if skip and wake[unit] > t:
            continue
        period, shift, ratio_on = rhythm[0, unit], rhythm[1, unit], rhythm[2, unit]
        phase = phase_of((t - shift) / period)
        k = 0.0
        if phase < ratio_on:
            k = bump(phase * (1.0 / ratio_on), shape)
        else:
            wake[unit] = t + (1.0 - EARLY - phase) * period - ROUNDING * (abs(t) + abs(shift))
        if k > 0.0 or not skip:
            found[count] = unit
            ks[count] = k
            count += 1
    return count


@njit(**OPTIONS)
def lstm_unit(row: Array, peepholes: Array, x: Array, h: Array, c: float) -> tuple[float, float]:
    """(h~, c~) of one unit. row (4, D + 1 + H); c: its own."""
    half, one, features = row.dtype.type(0.5), row.dtype.type(1), x.size
    i, f, g, o = row[0, features], row[1, features], row[2, features], row[3, features]
    for block in range(2):
        a = h if block else x
        first = features + 1 if block else 0
        w0, w1 = row[0, first : first + a.size], row[1, first : first + a.size]
        w2, w3 = row[2, first : first + a.size], row[3, first : first + a.size]
        for e in range(a.size):
            i += w0[e] * a[e]
            f += w1[e] * a[e]
            g += w2[e] * a[e]
            o += w3[e] * a[e]
    i = half * (one + tanh(half * (i + peepholes[0] * c)))
    f = half * (one + tanh(half * (f + peepholes[1] * c)))
    cell = f * c + i * tanh(g)
    o = half * (one + tanh(half * (o + peepholes[2] * cell)))
    return o * tanh(cell), cell


@njit(**OPTIONS)
def gru_unit(row: Array, extra: Array, x: Array, h: Array, own: float) -> float:
    """h~ of one unit. row (3, D + 1 + H); own: its h'."""
    half, one, features = row.dtype.type(0.5), row.dtype.type(1), x.size
    z, r, g, inner = row[0, features], row[1, features], row[2, features], extra[0]
    w0, w1, w2 = row[0, :features], row[1, :features], row[2, :features]
    for e in range(features):
        z += w0[e] * x[e]
        r += w1[e] * x[e]
        g += w2[e] * x[e]
    w0, w1, w2 = row[0, features + 1 :], row[1, features + 1 :], row[2, features + 1 :]
    for e in range(h.size):
        z += w0[e] * h[e]
        r += w1[e] * h[e]
        inner += w2[e] * h[e]
    z = half * (one + tanh(half * z))
    r = half * (one + tanh(half * r))
    g = tanh(g + r * inner)
    return g + z * (own - g)


def _entry(seen: int) -> Callable[..., int]:
    # ``seen`` has no effect except that it is there: see ``kernels.cache``.
    @entry
    def advance(
        low: int, high: int, gru: bool, skip: bool, weights: Array, extra: Array, rhythm: Floats, shape: int, x: Array,
        times: Floats, mask: Booleans, starts: Integers, slots: Integers, wake: Floats, h: Array, c: Array,
        outputs: Array,
    ) -> int:  # fmt: skip
        seen  # noqa: B018  # pyright: ignore[reportUnusedExpression]
        return walk(
            low, high, gru, skip, weights, extra, rhythm, shape, x, times, mask, starts, slots, wake, h, c, outputs
        )

    return advance


advance = _entry(stamp(__file__))
