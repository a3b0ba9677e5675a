"""What both hosts decide before a launch: the segments of a sequence, constants of the kernels, counts of programs.

Inside, time comes first: states (T + 1, B, H), pre-activations (T, B, 4 * size). Those are made and used segment by
segment, as many steps as WORKSPACE holds. With ``checkpoint`` a segment has about sqrt(T) steps, and training keeps the
state before each instead of all states.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from plstm.engines.kernel_inputs import GATE_SHAPES
from plstm.engines.triton.layout import Call, Tensors
from plstm.engines.triton.tiles import ROWS
from plstm.types import Tensor

WORKSPACE = 128 * 2**20  # bytes of pre-activations
# One program of the gate's gradient sums over this many steps of each of its rows.
SHARE = 64


class Saved(NamedTuple):
    """States (n, B, H) in 32 bits that backward needs: before every step and after the last, or before each segment."""

    h: Tensor
    c: Tensor


def segments(call: Call, x: Tensor) -> list[tuple[int, int]]:
    """(first step, step after the last) of each segment."""
    batch, steps, _ = x.shape
    length = max(1, WORKSPACE // max(1, batch * 4 * call.tiles.size * x.dtype.itemsize))
    if call.checkpoint:
        length = min(length, math.isqrt(max(steps - 1, 0)) + 1)
    return [(first, min(first + length, steps)) for first in range(0, steps, length)]


def switches(call: Call, tensors: Tensors) -> dict[str, Any]:
    """The constants that the kernels of both directions are compiled with."""
    return {
        "GRU": call.cell == "gru", "PEEPHOLES": tensors.peepholes is not None, "DROPOUT": tensors.dropout is not None,
        "SHARED": tensors.times.shape[0] == 1, "PRECISION": call.precision, **switches_of_gate(call, tensors),
    }  # fmt: skip


def switches_of_gate(call: Call, tensors: Tensors) -> dict[str, Any]:
    """The constants that all kernels are compiled with."""
    masked = tensors.mask is not None
    return {"SHAPE": GATE_SHAPES[call.shape], "MASKED": masked, "ROWS": ROWS, "SIZE": call.tiles.size}


def programs(batch: int) -> int:
    """How many it takes for a batch."""
    return -(-batch // ROWS)


def programs_of_gate(batch: int, steps: int) -> int:
    """How many it takes for the gate's gradient over a segment."""
    return -(-steps * batch // (ROWS * SHARE))
