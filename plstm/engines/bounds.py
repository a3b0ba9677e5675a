"""Checks before compiled code runs. Kernels read and write where the shapes tell them to. They do not check bounds.

So whatever calls a kernel first compares what it hands over: every array's actual shape and dtype with those of all
others, and every number that a kernel takes for an index with the array that it points into. Times, k and weights may
hold anything, NaN too: no index is ever computed from them. All these checks together take about ten microseconds.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from plstm.engines.kernel_inputs import GATE_SHAPES, KernelInputs, Options
from plstm.types import Array, Booleans, Cell, Floats, Integers

if TYPE_CHECKING:
    from plstm.streaming.sparse import Rows

Dtype: TypeAlias = np.dtype[Any]

FLOATS = (np.dtype("float32"), np.dtype("float64"))
CLOCK, BOOLEAN, INDEX = (np.dtype("float64"),), (np.dtype("bool"),), (np.dtype("int64"),)
# How many blocks the weights have: i, f, c, o of an LSTM; z, r, h of a GRU.
BLOCKS: dict[Cell, int] = {"lstm": 4, "gru": 3}
NO_K = (0, 0, 0)
NONE = (0, 0)


def expect(name: str, array: Array, dtypes: Sequence[Dtype], *shapes: tuple[int, ...]) -> None:
    """ValueError unless the array has one of the dtypes and one of the shapes."""
    if array.shape not in shapes:
        raise ValueError(f"expected {name} of shape {' or '.join(map(str, shapes))}, got {array.shape}")
    if array.dtype not in dtypes:
        raise ValueError(f"expected {name} of dtype {' or '.join(map(str, dtypes))}, got {array.dtype}")


def sizes(x: Array, recurrent_kernel: Array) -> tuple[Dtype, int, int, int, int]:
    """(dtype, B, T, D, H), from which all other shapes follow."""
    if x.ndim != 3:
        raise ValueError(f"expected x of shape (batch, steps, features), got {x.shape}")
    if x.dtype not in FLOATS:
        raise ValueError(f"expected x of dtype float32 or float64, got {x.dtype}")
    if recurrent_kernel.ndim != 2 or not len(recurrent_kernel):
        raise ValueError(f"expected recurrent_kernel of shape (units, blocks * units), got {recurrent_kernel.shape}")
    batch, steps, features = x.shape
    return x.dtype, batch, steps, features, len(recurrent_kernel)


def check_weights(
    cell: Cell, features: int, units: int, dtype: Dtype, kernel: Array, recurrent_kernel: Array, bias: Array
) -> None:
    """ValueError unless the weights are those of one cell."""
    width = BLOCKS[cell] * units
    expect("recurrent_kernel", recurrent_kernel, (dtype,), (units, width))
    expect("kernel", kernel, (dtype,), (features, width))
    expect("bias", bias, (dtype,), (2, width) if cell == "gru" else (width,))


def check_inputs(inputs: KernelInputs, options: Options) -> None:
    """ValueError unless the arrays of a call fit together.

    h and c are copied into the compute dtype anyway, so they may have either.
    """
    dtype, batch, steps, features, units = sizes(inputs.x, inputs.recurrent_kernel)
    check_weights(options.cell, features, units, dtype, inputs.kernel, inputs.recurrent_kernel, inputs.bias)
    expect("peepholes", inputs.peepholes, (dtype,), (3, units))
    expect("rhythm", inputs.rhythm, CLOCK, (3, units))
    expect("mask", inputs.mask, BOOLEAN, (batch, steps), NONE)
    expect("recurrent_dropout", inputs.recurrent_dropout, (dtype,), (batch, units), NONE)
    expect("h", inputs.h, FLOATS, (batch, units))
    expect("c", inputs.c, FLOATS, (batch, units))
    expect("k", inputs.k, (dtype,), (batch, steps, units), (1, steps, units), NO_K)
    if inputs.k.shape == NO_K:
        if options.gate_shape not in GATE_SHAPES:
            shape = options.gate_shape
            raise ValueError(f"expected k for the gate shape {shape!r}, which is not compiled, got none")
        expect("times", inputs.times, CLOCK, (batch, steps), (1, steps))
    else:
        expect("times", inputs.times, CLOCK, NONE)
    if np.shape(inputs.leak):
        raise ValueError(f"expected leak to be a number, got an array of shape {np.shape(inputs.leak)}")


def tiles_of(checkpoints: Array) -> int:
    """The number of tiles that wrote the checkpoints."""
    if checkpoints.ndim != 3:
        raise ValueError(f"expected checkpoints of shape (tiles, segments, numbers), got {checkpoints.shape}")
    return len(checkpoints)


def check_gradients(
    inputs: KernelInputs,
    options: Options,
    checkpoints: Array,
    d_outputs: Array,
    d_h: Array,
    d_c: Array,
    size: int,
    segment: int,
    kept: int,
) -> None:
    """ValueError unless what came out of forward, and the gradients of its results, fit inputs that are checked.

    Each tile has ``size`` samples, and keeps ``kept`` numbers every ``segment`` steps.
    """
    dtype, batch, steps, _, units = sizes(inputs.x, inputs.recurrent_kernel)
    expect("d_outputs", d_outputs, FLOATS, (batch, steps if options.return_sequences else 0, units))
    expect("d_h", d_h, FLOATS, (batch, units))
    expect("d_c", d_c, FLOATS, (batch, units))
    count = len(checkpoints)
    expect("checkpoints", checkpoints, (dtype,), (count, -(-steps // segment), kept))
    # Every sample is in a tile, and no tile is without a sample.
    if not (count - 1) * size < batch <= count * size:
        raise ValueError(f"expected checkpoints of all {batch} samples, got {count} tiles of {size}")


def check_events(
    rows: Rows,
    x: Array,
    times: Floats,
    mask: Booleans,
    starts: Integers,
    slots: Integers,
    wake: Floats,
    h: Array,
    c: Array,
) -> None:
    """ValueError unless the arguments of ``sparse.run`` fit together, and all that are indices stay inside."""
    check_rows(rows)
    dtype, units, features = rows.weights.dtype, rows.units, rows.features
    if h.ndim != 3:
        raise ValueError(f"expected h of shape (slots, streams, {units}), got {h.shape}")
    if times.ndim != 1 or slots.ndim != 1:
        raise ValueError(f"expected times and slots of one dimension, got {times.shape} and {slots.shape}")
    count, streams = len(h), h.shape[1]
    expect("x", x, (dtype,), (len(times), streams, features))
    expect("times", times, CLOCK, times.shape)
    expect("mask", mask, BOOLEAN, (len(times), streams))
    expect("starts", starts, INDEX, (len(slots) + 1,))
    expect("slots", slots, INDEX, slots.shape)
    expect("wake", wake, CLOCK, (count, units))
    expect("h", h, (dtype,), (count, streams, units))
    expect("c", c, (dtype,), (count, streams, units))
    for name, array in (("wake", wake), ("h", h), ("c", c)):
        if not array.flags.writeable:
            raise ValueError(f"expected {name} that can be written to, got a read-only array")
    # Lists: of a few numbers, NumPy takes longer to ask than an event to compute.
    edges, places = starts.tolist(), slots.tolist()
    if edges[0] != 0 or edges[-1] != len(times) or not all(map(operator.le, edges, edges[1:])):
        raise ValueError(f"expected starts that rise from 0 to {len(times)}, got {starts}")
    if places and not (places[0] >= 0 and places[-1] < count and all(map(operator.lt, places, places[1:]))):
        raise ValueError(f"expected slots that rise, each another, from 0 to {count - 1} at most, got {slots}")


def check_rows(rows: Rows) -> None:
    """ValueError unless the arrays of a ``sparse.Rows`` are those of one layer."""
    dtype, shape, blocks = rows.weights.dtype, rows.weights.shape, BLOCKS["gru" if rows.gru else "lstm"]
    if dtype not in FLOATS:
        raise ValueError(f"expected weights of dtype float32 or float64, got {dtype}")
    if len(shape) != 3 or shape[1] != blocks or not 0 < shape[0] < shape[2]:
        raise ValueError(f"expected weights of shape (units, {blocks}, features + 1 + units), got {shape}")
    expect("extra", rows.extra, (dtype,), (shape[0], 3))
    expect("rhythm", rows.rhythm, CLOCK, (3, shape[0]))


def check_stack(stack: Sequence[Rows]) -> None:
    """ValueError unless every ``sparse.Rows`` but the first reads what the one before writes."""
    for rows in stack:
        check_rows(rows)
    for below, above in zip(stack, stack[1:]):
        if above.features != below.units or above.weights.dtype != below.weights.dtype:
            raise ValueError(
                f"expected a layer that reads {below.units} features of dtype {below.weights.dtype}, "
                f"got one that reads {above.features} of {above.weights.dtype}"
            )
