"""What happens around the kernels in PyTorch: segments in turn, large matrix products, and states that are kept."""

from __future__ import annotations

import contextlib
from typing import Any

import torch

from plstm.engines.triton import plan
from plstm.engines.triton.device import gradients, recurrence
from plstm.engines.triton.layout import OF_H, OF_X, Call, Laid, Tensors, gathered, lay, of_bias
from plstm.types import Tensor


def clock_of(tensors: Tensors, first: int) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    """times and mask from a step on, and their strides from sample to sample."""
    times, mask = tensors.times, tensors.mask
    strides = (0 if times.shape[0] == 1 else times.shape[1]), (0 if mask is None else mask.shape[1])
    return (times[:, first:], times if mask is None else mask[:, first:]), strides


def contiguous(laid: Laid) -> Laid:
    """The kernels are told of no strides here."""
    return Laid(*(tensor.contiguous() for tensor in laid))


def launch(kernel: Any, count: int, *arguments: Any, **switches: Any) -> None:
    """Run ``count`` programs of a kernel."""
    kernel[(count,)](*arguments, **switches)


def walk(
    call: Call, tensors: Tensors, laid: Laid, first: int, last: int, h: Tensor, c: Tensor, h_all: Tensor, c_all: Tensor
) -> None:
    """One segment: h and c move on in place; ``h_all`` and ``c_all`` (steps, B, H) take all states, unless None."""
    batch, _, features = tensors.x.shape
    x = tensors.x[:, first:last].transpose(0, 1).reshape(-1, features)
    z = torch.addmm(laid.bias, x, laid.kernel)
    tile, units = call.tiles.forward, h.shape[1]
    scratch = laid.ahead.new_empty((2, batch, call.tiles.size)) if tile.reads(call.cell == "gru") else z
    (times, mask), strides = clock_of(tensors, first)
    launch(
        recurrence.forward, plan.programs(batch), z, laid.ahead, laid.peepholes,
        h if tensors.dropout is None else tensors.dropout, times, mask, laid.rhythm, laid.leak, h, c,
        *strides, batch, last - first, units,
        scratch, h if h_all is None else h_all, c if c_all is None else c_all, h, c,
        **plan.switches(call, tensors), KEEPS_H=h_all is not None, KEEPS_C=c_all is not None, **tile.switches(),
        **tile.options(),
    )  # fmt: skip


def forward(call: Call, tensors: Tensors, trains: bool) -> tuple[Tensor, Tensor, Tensor, plan.Saved, Laid]:
    """(outputs, h, c, saved, laid): outputs (B, T, H), or h where only that is wanted."""
    x, lstm = tensors.x, call.cell == "lstm"
    batch, steps, _ = x.shape
    units = tensors.recurrent_kernel.shape[0]
    h, c = tensors.h.float().clone(), tensors.c.float().clone()
    with on(x):
        laid, parts = contiguous(lay(call, tensors, torch)), plan.segments(call, x)
        all_states = trains and not call.checkpoint

        def states(count: int, wanted: bool) -> Tensor:
            return h.new_empty((count, batch, units)) if wanted else None

        h_all = states(steps + 1, all_states or call.sequences)
        c_all = states(steps + 1, all_states and lstm)
        marks = plan.Saved(*(states(len(parts), trains and call.checkpoint) for _ in range(2)))
        for all_of, state in ((h_all, h), (c_all, c)):
            if all_of is not None:
                all_of[0] = state
        for n, (first, last) in enumerate(parts):
            if marks.h is not None:
                marks.h[n], marks.c[n] = h, c
            own = (None if s is None else s[first + 1 : last + 1] for s in (h_all, c_all))
            walk(call, tensors, laid, first, last, h, c, *own)
    saved = marks if call.checkpoint else plan.Saved(h_all, c_all)
    outputs = h_all[1:].to(x.dtype).transpose(0, 1) if call.sequences else h.to(x.dtype)
    return outputs, h.to(x.dtype), c.to(x.dtype), saved, laid


def backward(
    call: Call, tensors: Tensors, saved: plan.Saved, laid: Laid, d_outputs: Tensor, dh: Tensor, dc: Tensor,
    wants_x: bool,
) -> Tensors:  # fmt: skip
    """Gradients, None for those of clock, leak, mask, dropout, and of what is absent or not wanted."""
    x, gru = tensors.x, call.cell == "gru"
    units = tensors.recurrent_kernel.shape[0]
    with on(x):
        # Copies: the kernel carries on in them from segment to segment.
        dh, dc = dh.float().clone(), dc.float().clone()
        d_outputs = d_outputs.transpose(0, 1).float().contiguous() if call.sequences else dh
        dx = torch.empty_like(x) if wants_x else None
        sums = [
            torch.zeros_like(w, dtype=torch.float32) for w in (laid.kernel, laid.recurrent, laid.bias, laid.peepholes)
        ] + [torch.zeros_like(tensors.rhythm)]
        parts = plan.segments(call, x)
        for n in reversed(range(len(parts))):
            first, last = parts[n]
            h, c = remember(call, tensors, laid, saved, n, first, last)
            own = d_outputs[first:last] if call.sequences else d_outputs
            rows, before, dz, dk, dp = back(call, tensors, laid, first, last, h, c, own, dh, dc)
            products = [rows.T @ dz, before.T @ dz, dz.sum(0, dtype=torch.float32)]
            for total, product in zip(sums, products):
                total += product
            if tensors.peepholes is not None:
                d_i, d_f, _, _ = dz.float().reshape(*c.shape[:2], 4, call.tiles.size)[..., :units].unbind(2)
                sums[3][:, :units] += torch.stack([(d * q).sum((0, 1)) for d, q in ((d_i, c), (d_f, c), (dp, 1.0))])
            if call.gradient != "none":
                sums[4] += rhythm_gradients(call, tensors, laid, first, last, dk)
            if dx is not None:
                dx[:, first:last] = (dz @ laid.kernel.T).reshape(last - first, *x.shape[::2]).transpose(0, 1)
            # The next segment takes as much memory.
            del rows, before, dz, dk, dp, h, c, products
    of_x, of_h = (gathered(total, units, gru, absent, torch) for total, absent in zip(sums, (OF_X, OF_H)))
    bias = of_bias(sums[2], units, gru, torch)
    found = Tensors(dx, of_x, of_h, bias, sums[3][:, :units], sums[4], dh, dc, None, None, None, None)
    return Tensors(*(None if g is None or t is None else g.to(t.dtype) for g, t in zip(found, tensors)))


def remember(
    call: Call, tensors: Tensors, laid: Laid, saved: plan.Saved, n: int, first: int, last: int
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
        gradients.backward, plan.programs(batch), z, laid.back, laid.peepholes,
        dh if tensors.dropout is None else tensors.dropout, times, mask, laid.rhythm, laid.leak, h, c,
        d_outputs, dh, dc, *strides, batch, steps, units, z, dh, dc, dk, dp,
        **plan.switches(call, tensors), SEQUENCES=call.sequences, DK=call.gradient != "none", **tile.switches(),
        **tile.options(),
    )  # fmt: skip
    return x, before, z, dk, dp


def rhythm_gradients(call: Call, tensors: Tensors, laid: Laid, first: int, last: int, dk: Tensor) -> Tensor:
    """(3, H) in 64 bits, from the dk of one segment."""
    batch, units, size = tensors.x.shape[0], dk.shape[-1], call.tiles.size
    (times, mask), strides = clock_of(tensors, first)
    count = plan.programs_of_gate(batch, last - first)
    sums = laid.rhythm.new_empty((count, 3, size))
    launch(
        gradients.rhythm_gradients, count, dk, times, mask, laid.rhythm, laid.leak, *strides,
        batch, last - first, units, plan.SHARE, sums,
        **plan.switches_of_gate(call, tensors), TRUNCATED=call.gradient == "truncated", num_warps=4,
    )  # fmt: skip
    return sums.sum(0)[:, :units]


def on(x: Tensor) -> contextlib.AbstractContextManager[Any]:
    """The device of a tensor as the current one, and no mixed precision but that which was asked for."""
    stack = contextlib.ExitStack()
    stack.enter_context(torch.autocast(x.device.type, enabled=False))
    if x.is_cuda:
        stack.enter_context(torch.cuda.device(x.device))
    return stack
