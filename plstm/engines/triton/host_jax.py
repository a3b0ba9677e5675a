"""What happens around the kernels in JAX: what ``host`` does, without writing into anything that is there.

JAX's arrays do not change. What a kernel writes is a result of its own; some lie in the place of an argument that has
been read. Segments are a loop in Python: under ``jax.jit`` their number is known.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from plstm.engines.triton import offer, plan
from plstm.engines.triton.device import gradients, recurrence
from plstm.engines.triton.layout import OF_H, OF_X, Call, Laid, Tensors, gathered, lay, of_bias
from plstm.engines.triton.tiles import Tile
from plstm.types import Tensor

States = tuple[Tensor, Tensor]
# Products of 16-bit numbers are summed, and stay, in 32 bits.
product = functools.partial(jnp.matmul, preferred_element_type=jnp.float32)


@functools.cache
def jax_triton() -> Any:
    """The package. Its import sets TRITON_CACHE_DIR for the whole process; that is undone."""
    before = os.environ.get("TRITON_CACHE_DIR")
    try:
        return importlib.import_module("jax_triton")
    finally:
        os.environ.pop("TRITON_CACHE_DIR", None)
        if before is not None:
            os.environ["TRITON_CACHE_DIR"] = before


def launch(
    kernel: Any,
    count: int,
    arguments: Sequence[Any],
    results: Sequence[jax.ShapeDtypeStruct],
    aliases: Mapping[int, int] | None = None,
    **how: Any,
) -> list[Tensor]:
    """What ``count`` programs of a kernel write.

    Args:
        kernel: its parameters are arguments, results, constants.
        count: of the programs.
        arguments: arrays, then numbers.
        results: shape and dtype of each.
        aliases: from the position of an argument to that of the result which lies in its place.
        how: constants of the kernel, ``num_warps`` and ``num_stages``.
    """
    if not count:
        return [jnp.zeros(result.shape, result.dtype) for result in results]
    card = offer.capability(arguments[0])
    if isinstance(card, str):
        raise ValueError(f"expected an NVIDIA GPU for a kernel of Triton's, got {card}; use engine='scan'")
    return jax_triton().triton_call(
        *arguments, kernel=kernel, out_shape=list(results), grid=(count,), name=f"plstm_{kernel.__name__}",
        compute_capability=10 * card[0] + card[1], input_output_aliases=dict(aliases or {}), **how,
    )  # fmt: skip


def options(tile: Tile) -> dict[str, Any]:
    """A cut, without the limit of registers: jax-triton takes none, and leaves the number to the assembler."""
    return {**tile.switches(), "num_warps": tile.warps, "num_stages": tile.stages}


def array(dtype: Any, *shape: int, wanted: bool = True) -> jax.ShapeDtypeStruct:
    """A result of a kernel; a single number where it is not wanted and the kernel leaves it alone."""
    return jax.ShapeDtypeStruct(shape if wanted else (1,), dtype)


def clock_of(tensors: Tensors, first: int, last: int) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
    """times and mask of a segment, and their strides from sample to sample."""
    times, mask = tensors.times[:, first:last], tensors.mask
    strides = (0 if len(times) == 1 else last - first), (0 if mask is None else last - first)
    return (times, times if mask is None else mask[:, first:last]), strides


def walk(
    call: Call, tensors: Tensors, laid: Laid, first: int, last: int, before: States, keeps_h: bool, keeps_c: bool
) -> tuple[States, States]:
    """One segment: h and c after it, and after every step (steps, B, H), something else where that is not kept."""
    (batch, _, features), (h, c) = tensors.x.shape, before
    x, steps, units = tensors.x[:, first:last], last - first, h.shape[1]
    z = (product(x.swapaxes(0, 1).reshape(-1, features), laid.kernel) + laid.bias).astype(x.dtype)
    tile, size = call.tiles.forward, call.tiles.size
    (times, mask), strides = clock_of(tensors, first, last)
    _, h_all, c_all, h_last, c_last = launch(
        recurrence.forward, plan.programs(batch),
        [z, laid.ahead, laid.peepholes, h if tensors.dropout is None else tensors.dropout,
         times, mask, laid.rhythm, laid.leak, h, c, *strides, batch, steps, units],
        [array(x.dtype, 2, batch, size, wanted=tile.reads(call.cell == "gru")),
         array(h.dtype, steps, batch, units, wanted=keeps_h), array(h.dtype, steps, batch, units, wanted=keeps_c),
         array(h.dtype, *h.shape), array(h.dtype, *h.shape)],
        **plan.switches(call, tensors), KEEPS_H=keeps_h, KEEPS_C=keeps_c, **options(tile),
    )  # fmt: skip
    return (h_last, c_last), (h_all, c_all)


def joined(parts: Sequence[Tensor], empty: Tensor, axis: int = 0) -> Tensor:
    """Parts one after the other; ``empty`` where there is none."""
    return jnp.concatenate(parts, axis) if parts else empty


def forward(call: Call, tensors: Tensors, trains: bool) -> tuple[Tensor, Tensor, Tensor, plan.Saved]:
    """(outputs, h, c, saved): outputs (B, T, H), or h where only that is wanted."""
    x = tensors.x
    laid = lay(call, tensors, jnp)
    now = tensors.h.astype(jnp.float32), tensors.c.astype(jnp.float32)
    none = jnp.zeros((0, *tensors.h.shape), jnp.float32)
    all_states = trains and not call.checkpoint
    keeps_h, keeps_c = all_states or call.sequences, all_states and call.cell == "lstm"
    h_all, c_all, marks = [now[0][None]], [now[1][None]], []
    for first, last in plan.segments(call, x):
        marks.append([state[None] for state in now])
        now, (h_part, c_part) = walk(call, tensors, laid, first, last, now, keeps_h, keeps_c)
        h_all.append(h_part)
        c_all.append(c_part)
    saved = plan.Saved(None, None)
    if trains and call.checkpoint:
        saved = plan.Saved(*(joined([mark[n] for mark in marks], none) for n in range(2)))
    elif trains:
        saved = plan.Saved(jnp.concatenate(h_all), jnp.concatenate(c_all) if keeps_c else None)
    h, c = (state.astype(x.dtype) for state in now)
    outputs = joined(h_all[1:], none).astype(x.dtype).swapaxes(0, 1) if call.sequences else h
    return outputs, h, c, saved


def backward(call: Call, tensors: Tensors, saved: plan.Saved, d_outputs: Tensor, dh: Tensor, dc: Tensor) -> Tensors:
    """Gradients, None for those of clock, leak, mask, dropout, and of what is absent."""
    x, gru, units = tensors.x, call.cell == "gru", tensors.recurrent_kernel.shape[0]
    laid, parts = lay(call, tensors, jnp), plan.segments(call, x)
    if call.checkpoint:
        # The compiler is not to keep the states of the way forward instead of computing them again.
        saved = jax.lax.optimization_barrier(saved)
    # Where only the last output is wanted, it is h.
    back_in_time = dh.astype(jnp.float32) + (0.0 if call.sequences else d_outputs.astype(jnp.float32))
    carried = back_in_time, dc.astype(jnp.float32)
    d_outputs = d_outputs.swapaxes(0, 1).astype(jnp.float32) if call.sequences else None
    sums = [jnp.zeros(w.shape, jnp.float32) for w in (laid.kernel, laid.recurrent, laid.bias)]
    sums, dx = [*sums, jnp.zeros((3, units), jnp.float32), jnp.zeros_like(tensors.rhythm)], []
    for n in reversed(range(len(parts))):
        first, last = parts[n]
        h, c = remember(call, tensors, laid, saved, n, first, last)
        own = None if d_outputs is None else d_outputs[first:last]
        rows, before, dz, dk, dp, carried = back(call, tensors, laid, first, last, h, c, own, carried)
        found = [product(rows.T, dz), product(before.T, dz), dz.astype(jnp.float32).sum(0), 0.0, 0.0]
        if tensors.peepholes is not None:
            d_i, d_f, *_ = jnp.moveaxis(
                dz.astype(jnp.float32).reshape(*c.shape[:2], 4, call.tiles.size)[..., :units], 2, 0
            )
            found[3] = jnp.stack([(d * q).sum((0, 1)) for d, q in ((d_i, c), (d_f, c), (dp, 1.0))])
        if call.gradient != "none":
            found[4] = rhythm_gradients(call, tensors, laid, first, last, dk)
        sums = [total + part for total, part in zip(sums, found)]
        dx.append(product(dz, laid.kernel.T).astype(x.dtype).reshape(last - first, *x.shape[::2]).swapaxes(0, 1))
    of_x, of_h = (gathered(total, units, gru, absent, jnp) for total, absent in zip(sums, (OF_X, OF_H)))
    bias = of_bias(sums[2], units, gru, jnp)
    dx = joined(dx[::-1], jnp.zeros_like(x), 1)
    (dh, dc), constants = carried, (None, None, None, None)
    results = Tensors(dx, of_x, of_h, bias, sums[3], sums[4], dh, dc, *constants)
    return Tensors(*(None if g is None or t is None else g.astype(t.dtype) for g, t in zip(results, tensors)))


def remember(
    call: Call, tensors: Tensors, laid: Laid, saved: plan.Saved, n: int, first: int, last: int
) -> tuple[Tensor, Tensor]:
    """h and c before every step of the n-th segment, (steps, B, H); computed again where only its start was kept."""
    if not call.checkpoint:
        h = saved.h[first:last]
        return h, h if saved.c is None else saved.c[first:last]
    start = saved.h[n], saved.c[n]
    _, after = walk(call, tensors, laid, first, last, start, True, True)
    h, c = (jnp.concatenate([state[None], states[:-1]]) for state, states in zip(start, after))
    return h, c


def back(
    call: Call, tensors: Tensors, laid: Laid, first: int, last: int, h: Tensor, c: Tensor, d_outputs: Tensor,
    carried: States,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, States]:  # fmt: skip
    """One segment.

    Returns:
        x (steps * B, D) and h' (steps * B, H) as they entered the products, the gradient dz (steps * B, 4 * size) of
        what came out, dk and what the output peephole gets of every step (steps, B, H), or something else, and the
        gradients of h and c before the segment.
    """
    (steps, batch, units), (dh, dc) = h.shape, carried
    tile, dtype = call.tiles.backward, tensors.x.dtype
    x = tensors.x[:, first:last].swapaxes(0, 1).reshape(steps * batch, tensors.x.shape[2])
    before = (h if tensors.dropout is None else h * tensors.dropout).astype(dtype).reshape(steps * batch, units)
    # All pre-activations at once: h' is known.
    z = (product(x, laid.kernel) + product(before, laid.recurrent) + laid.bias).astype(dtype)
    (times, mask), strides = clock_of(tensors, first, last)
    dz, dh, dc, dk, dp = launch(
        gradients.backward, plan.programs(batch),
        [z, laid.back, laid.peepholes, h if tensors.dropout is None else tensors.dropout, times, mask, laid.rhythm,
         laid.leak, h, c, h if d_outputs is None else d_outputs, dh, dc, *strides, batch, steps, units],
        [array(dtype, *z.shape), array(dh.dtype, *dh.shape), array(dc.dtype, *dc.shape),
         array(h.dtype, *h.shape, wanted=call.gradient != "none"),
         array(h.dtype, *h.shape, wanted=tensors.peepholes is not None)],
        {0: 0, 11: 1, 12: 2}, **plan.switches(call, tensors), SEQUENCES=call.sequences,
        DK=call.gradient != "none", **options(tile),
    )  # fmt: skip
    return x, before, dz, dk, dp, (dh, dc)


def rhythm_gradients(call: Call, tensors: Tensors, laid: Laid, first: int, last: int, dk: Tensor) -> Tensor:
    """(3, H), from the dk of one segment; summed in 64 bits in each program."""
    steps, batch, units = dk.shape
    (times, mask), strides = clock_of(tensors, first, last)
    count = plan.programs_of_gate(batch, steps)
    [sums] = launch(
        gradients.rhythm_gradients, count,
        [dk, times, mask, laid.rhythm, laid.leak, *strides, batch, steps, units, plan.SHARE],
        [array(laid.rhythm.dtype, count, 3, call.tiles.size)],
        **plan.switches_of_gate(call, tensors), TRUNCATED=call.gradient == "truncated", num_warps=4,
    )  # fmt: skip
    return sums.sum(0)[:, :units]
