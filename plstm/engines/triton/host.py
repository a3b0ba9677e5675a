"""What happens around the kernels: segments of the sequence, large matrix products, and what is kept for backward.

Inside, time comes first: states (T + 1, B, H), pre-activations (T, B, 4 * size). Those are made and used segment by
segment, as many steps as WORKSPACE holds. With ``checkpoint`` a segment has about sqrt(T) steps, and training keeps the
state before each instead of all states.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any, NamedTuple

import torch

from plstm.engines.kernel_inputs import GATE_SHAPES
from plstm.engines.triton.device import gradients, recurrence
from plstm.engines.triton.layout import OF_H, OF_X, Call, Laid, Tensors, gathered, lay
from plstm.engines.triton.tiles import ROWS
from plstm.types import Tensor

WORKSPACE = 128 * 2**20  # bytes of pre-activations
# From this many features on, x W is computed for all steps at once; with fewer, reading it costs more than that saves.
HOIST_FEATURES = 8
# Above this many units too, because the kernel has no register left to compute it.
HOIST_UNITS = 32
# One program of the gate's gradient sums over this many steps of each of its rows.
SHARE = 64


class Saved(NamedTuple):
    """States (n, B, H) in 32 bits that backward needs: before every step and after the last, or before each segment."""

    h: Tensor
    c: Tensor


def segments(call: Call, x: Tensor) -> list[tuple[int, int]]:
    """(first step, step after the last) of each segment."""
    batch, steps, _ = x.shape
    length = max(1, WORKSPACE // max(1, batch * 4 * call.tiles.size * x.element_size()))
    if call.checkpoint:
        length = min(length, math.isqrt(max(steps - 1, 0)) + 1)
    return [(first, min(first + length, steps)) for first in range(0, steps, length)]


def switches(call: Call, tensors: Tensors) -> dict[str, Any]:
    """The constants that both kernels are compiled with."""
    return {
        "GRU": call.cell == "gru", "SHAPE": GATE_SHAPES[call.shape], "PEEPHOLES": tensors.peepholes is not None,
        "DROPOUT": tensors.dropout is not None, "MASKED": tensors.mask is not None,
        "SHARED": tensors.times.shape[0] == 1, "PRECISION": call.precision, "ROWS": ROWS, "SIZE": call.tiles.size,
    }  # fmt: skip


def clock_of(tensors: Tensors, first: int) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    """times and mask from a step on, and their strides from sample to sample."""
    times, mask = tensors.times, tensors.mask
    strides = (0 if times.shape[0] == 1 else times.shape[1]), (0 if mask is None else mask.shape[1])
    return (times[:, first:], times if mask is None else mask[:, first:]), strides


def programs(batch: int) -> int:
    return -(-batch // ROWS)


def launch(kernel: Any, count: int, *arguments: Any, **switches: Any) -> None:
    """Run ``count`` programs of a kernel."""
    kernel[(count,)](*arguments, **switches)


def walk(
    call: Call, tensors: Tensors, laid: Laid, first: int, last: int, h: Tensor, c: Tensor, h_all: Tensor, c_all: Tensor
) -> None:
    """One segment: h and c move on in place; ``h_all`` and ``c_all`` (steps, B, H) take all states, unless None."""
    batch, _, features = tensors.x.shape
    x = tensors.x[:, first:last]
    hoisted = features >= HOIST_FEATURES or call.tiles.size > HOIST_UNITS
    z = torch.addmm(laid.bias, x.transpose(0, 1).reshape(-1, features), laid.kernel) if hoisted else laid.bias
    tile, size, units = call.tiles.forward, call.tiles.size, h.shape[1]
    scratch = z if tile.depth == size else laid.ahead.new_empty((2, batch, size))
    (times, mask), strides = clock_of(tensors, first)
    launch(
        recurrence.forward, programs(batch), x, laid.kernel, laid.bias, z, laid.ahead, laid.peepholes,
        h if tensors.dropout is None else tensors.dropout, times, mask, laid.rhythm, laid.leak, scratch,
        h, c, h if h_all is None else h_all, c if c_all is None else c_all, h, c,
        tensors.x.shape[1] * features, *strides, batch, last - first, features, units,
        **switches(call, tensors), DEPTH=tile.depth, PROJECTS=not hoisted, KEEPS_H=h_all is not None,
        KEEPS_C=c_all is not None, **tile.options(),
    )  # fmt: skip


def forward(call: Call, tensors: Tensors, trains: bool) -> tuple[Tensor, Tensor, Tensor, Saved]:
    """(outputs, h, c, saved): outputs (B, T, H), or h where only that is wanted."""
    x, lstm = tensors.x, call.cell == "lstm"
    batch, steps, _ = x.shape
    units = tensors.recurrent_kernel.shape[0]
    h, c = tensors.h.float().clone(), tensors.c.float().clone()
    with on(x):
        laid, parts = lay(call, tensors), segments(call, x)
        all_states = trains and not call.checkpoint

        def states(count: int, wanted: bool) -> Tensor:
            return h.new_empty((count, batch, units)) if wanted else None

        h_all = states(steps + 1, all_states or call.sequences)
        c_all = states(steps + 1, all_states and lstm)
        marks = Saved(*(states(len(parts), trains and call.checkpoint) for _ in range(2)))
        for all_of, state in ((h_all, h), (c_all, c)):
            if all_of is not None:
                all_of[0] = state
        for n, (first, last) in enumerate(parts):
            if marks.h is not None:
                marks.h[n], marks.c[n] = h, c
            own = (None if s is None else s[first + 1 : last + 1] for s in (h_all, c_all))
            walk(call, tensors, laid, first, last, h, c, *own)
    saved = marks if call.checkpoint else Saved(h_all, c_all)
    outputs = h_all[1:].to(x.dtype).transpose(0, 1) if call.sequences else h.to(x.dtype)
    return outputs, h.to(x.dtype), c.to(x.dtype), saved


def backward(
    call: Call, tensors: Tensors, saved: Saved, d_outputs: Tensor, dh: Tensor, dc: Tensor, wants_x: bool
) -> Tensors:
    """Gradients, None for those of clock, leak, mask, dropout, and of what is absent or not wanted."""
    x, gru = tensors.x, call.cell == "gru"
    units = tensors.recurrent_kernel.shape[0]
    with on(x):
        laid = lay(call, tensors)
        # Copies: the kernel carries on in them from segment to segment.
        dh, dc = dh.float().clone(), dc.float().clone()
        d_outputs = d_outputs.transpose(0, 1).float().contiguous() if call.sequences else dh
        dx = torch.empty_like(x) if wants_x else None
        sums = [
            torch.zeros_like(w, dtype=torch.float32) for w in (laid.kernel, laid.recurrent, laid.bias, laid.peepholes)
        ] + [torch.zeros_like(tensors.rhythm)]
        parts = segments(call, x)
        for n in reversed(range(len(parts))):
            first, last = parts[n]
            h, c = remember(call, tensors, laid, saved, n, first, last)
            own = d_outputs[first:last] if call.sequences else d_outputs
            rows, before, dz, dk, dp = back(call, tensors, laid, first, last, h, c, own, dh, dc)
            products = [rows.T @ dz, before.T @ dz, dz.sum(0, dtype=torch.float32)]
            for total, product in zip(sums, products):
                total += product
            if tensors.peepholes is not None:
                d_i, d_f, _, _ = dz.float().reshape(*c.shape[:2], 4, -1)[..., :units].unbind(2)
                sums[3][:, :units] += torch.stack([(d * q).sum((0, 1)) for d, q in ((d_i, c), (d_f, c), (dp, 1.0))])
            if call.gradient != "none":
                sums[4] += rhythm_gradients(call, tensors, laid, first, last, dk)
            if dx is not None:
                dx[:, first:last] = (dz @ laid.kernel.T).reshape(last - first, *x.shape[::2]).transpose(0, 1)
    bias = gathered(sums[2][None], units, gru, OF_X)
    bias = torch.cat([bias, gathered(sums[2][None], units, gru, OF_H)]) if gru else bias[0]
    found = Tensors(
        dx, gathered(sums[0], units, gru, OF_X), gathered(sums[1], units, gru, OF_H), bias, sums[3][:, :units], sums[4],
        dh, dc, None, None, None, None,
    )  # fmt: skip
    return Tensors(*(None if g is None or t is None else g.to(t.dtype) for g, t in zip(found, tensors)))


def remember(
    call: Call, tensors: Tensors, laid: Laid, saved: Saved, n: int, first: int, last: int
) -> tuple[Tensor, Tensor]:
    """h and c before every step of the n-th segment, (steps, B, H); computed again where only its start was kept."""
    if not call.checkpoint:
        return saved.h[first:last], saved.h if saved.c is None else saved.c[first:last]
    h, c = saved.h.new_empty((2, last - first + 1, *saved.h.shape[1:]))
    h[0], c[0] = saved.h[n], saved.c[n]
    walk(call, tensors, laid, first, last, saved.h[n].clone(), saved.c[n].clone(), h[1:], c[1:])
    return h[:-1], c[:-1]


def back(
    call: Call, tensors: Tensors, laid: Laid, first: int, last: int, h: Tensor, c: Tensor,
    d_outputs: Tensor, dh: Tensor, dc: Tensor,
) -> tuple[Tensor, ...]:  # fmt: skip
    """One segment: ``dh`` and ``dc`` move back in place.

    Returns:
        x (steps * B, D) and h' (steps * B, H) as they entered the products, the gradient dz (steps * B, 4 * size) of
        what came out, dk and what the output peephole gets of every step (steps, B, H), or something empty.
    """
    steps, batch, units = h.shape
    tile = call.tiles.backward
    x = tensors.x[:, first:last].transpose(0, 1).flatten(0, 1)
    before = (h if tensors.dropout is None else h * tensors.dropout).to(x.dtype).flatten(0, 1)
    # All pre-activations at once: h' is known.
    z = torch.addmm(laid.bias, x, laid.kernel).addmm_(before, laid.recurrent)
    dk = h.new_empty(h.shape if call.gradient != "none" else 0)
    dp = h.new_empty(0 if tensors.peepholes is None else h.shape)
    (times, mask), strides = clock_of(tensors, first)
    launch(
        gradients.backward, programs(batch), z, laid.back, laid.peepholes,
        dh if tensors.dropout is None else tensors.dropout, times, mask, laid.rhythm, laid.leak, h, c,
        d_outputs, dh, dc, dk, dp, *strides, batch, steps, units,
        **switches(call, tensors), DEPTH=tile.depth, SEQUENCES=call.sequences, DK=call.gradient != "none",
        **tile.options(),
    )  # fmt: skip
    return x, before, z, dk, dp


def rhythm_gradients(call: Call, tensors: Tensors, laid: Laid, first: int, last: int, dk: Tensor) -> Tensor:
    """(3, H) in 64 bits, from the dk of one segment."""
    batch, units, size = tensors.x.shape[0], dk.shape[-1], call.tiles.size
    (times, mask), strides = clock_of(tensors, first)
    count = -(-(last - first) * batch // (ROWS * SHARE))
    sums = laid.rhythm.new_empty((count, 3, size))
    launch(
        gradients.rhythm_gradients, count, dk, times, mask, laid.rhythm, laid.leak, sums, *strides,
        batch, last - first, units, SHARE,
        SHAPE=GATE_SHAPES[call.shape], MASKED=tensors.mask is not None, TRUNCATED=call.gradient == "truncated",
        ROWS=ROWS, SIZE=size, num_warps=4,
    )  # fmt: skip
    return sums.sum(0)[:, :units]


def on(x: Tensor) -> contextlib.AbstractContextManager[Any]:
    """The device of a tensor as the current one, and no mixed precision but that which was asked for."""
    stack = contextlib.ExitStack()
    stack.enter_context(torch.autocast(x.device.type, enabled=False))
    if x.is_cuda:
        stack.enter_context(torch.cuda.device(x.device))
    return stack
