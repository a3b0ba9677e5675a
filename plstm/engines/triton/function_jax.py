"""The Triton engine as one call of ``plstm.engines``, made differentiable for JAX.

Where a computation is compiled for something else than one NVIDIA GPU, or exported, the same calls are the portable
engine. Under ``jax.vmap`` they are made one after another. Second derivatives are not defined; the portable engine has
them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import jax
import jax.numpy as jnp

from plstm.engines import native, primitive_jax, scan
from plstm.engines.spec import Gate, Weights
from plstm.engines.triton import host_jax, offer
from plstm.engines.triton.layout import Call, Tensors, check
from plstm.engines.triton.plan import Saved
from plstm.types import Cell, Tensor

Results = tuple[Tensor, Tensor, Tensor]


def run(
    cell: Cell,
    weights: Weights,
    inputs: Tensor,
    gate: Gate,
    state: Sequence[Tensor],
    mask: Tensor = None,
    recurrent_dropout: Tensor = None,
    return_sequences: bool = True,
    checkpoint: bool = False,
) -> tuple[Tensor, list[Tensor]]:
    """A whole sequence; the call is described in ``plstm.engines``.

    Args:
        checkpoint: keep the state only every ~sqrt(T) steps in training and compute the rest again.

    Raises:
        ValueError: what this engine cannot compute; the message says what.
    """
    dtype, clock = inputs.dtype, native.dtype_of_clock()
    call = offer.call(cell, weights, inputs, gate, return_sequences, checkpoint)
    rhythm = jnp.stack([jnp.asarray(part, clock) for part in (gate.period, gate.shift, gate.ratio_on)])
    times = jnp.asarray(gate.times, clock)

    def cast(tensor: Tensor, to: Any = dtype) -> Tensor:
        return None if tensor is None else jnp.asarray(tensor, to)

    tensors = Tensors(
        x=inputs,
        kernel=cast(weights.kernel),
        recurrent_kernel=cast(weights.recurrent_kernel),
        bias=cast(weights.bias),
        peepholes=cast(weights.peepholes),
        rhythm=jax.lax.stop_gradient(rhythm) if gate.gradient == "none" else rhythm,
        h=cast(state[0]),
        c=cast(state[1]) if cell == "lstm" else jnp.zeros_like(cast(state[0])),
        times=times[None] if times.ndim == 1 else times,
        leak=jnp.asarray(gate.leak, jnp.float32),
        mask=cast(mask, jnp.uint8),
        dropout=cast(recurrent_dropout),
    )
    check(call, tensors)
    outputs, h, c = differentiable()(call, tensors)
    return outputs, ([h, c] if cell == "lstm" else [h])


def portable(call: Call, tensors: Tensors) -> Results:
    """Outputs, h and c by JAX's own operations."""
    period, shift, ratio_on = tensors.rhythm
    times = tensors.times[0] if len(tensors.times) == 1 else tensors.times
    outputs, state = scan.run(
        call.cell,
        Weights(tensors.kernel, tensors.recurrent_kernel, tensors.bias, tensors.peepholes),
        tensors.x,
        Gate(times, period, shift, ratio_on, tensors.leak, call.shape, call.gradient),
        [tensors.h, tensors.c] if call.cell == "lstm" else [tensors.h],
        None if tensors.mask is None else tensors.mask.astype(bool),
        tensors.dropout,
        call.sequences,
        checkpoint=call.checkpoint,
    )
    return outputs, state[0], state[1] if call.cell == "lstm" else tensors.c


def forward(tensors: Tensors, call: Call, trains: bool) -> tuple[Tensor, Tensor, Tensor, Saved]:
    return host_jax.forward(call, tensors, trains)


def portable_forward(tensors: Tensors, call: Call, trains: bool) -> tuple[Tensor, Tensor, Tensor, Saved]:
    """What is saved goes unused."""
    *_, saved = jax.eval_shape(functools.partial(forward, call=call, trains=trains), tensors)
    return *portable(call, tensors), jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), saved)


def backward(given: tuple[Tensors, Saved, Results], call: Call) -> Tensors:
    tensors, saved, d_results = given
    return host_jax.backward(call, tensors, saved, *d_results)


def portable_backward(given: tuple[Tensors, Saved, Results], call: Call) -> Tensors:
    tensors, _, d_results = given
    names = [name for name, gradient in jax.eval_shape(functools.partial(backward, call=call), given)._asdict().items()
             if gradient is not None]  # fmt: skip

    def answer(*chosen: Tensor) -> Results:
        return portable(call, tensors._replace(**dict(zip(names, chosen))))

    _, pull = jax.vjp(answer, *(getattr(tensors, name) for name in names))
    return Tensors(**{**dict.fromkeys(Tensors._fields), **dict(zip(names, pull(d_results)))})


def refuse(*_: Tensor, **how: Any) -> NoReturn:
    raise NotImplementedError(f"the Triton engine has no forward-mode and no second derivatives; {offer.FALLBACK}")


def primitive(name: str, fused: Callable[..., Any], other: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one tree of tensors and of constants, as a primitive.

    Args:
        name: of the primitive.
        fused: what is compiled for one NVIDIA GPU, or where Triton's interpreter stands in for it.
        other: what is compiled elsewhere.
    """

    def flat(function: Callable[..., Any]) -> Callable[..., list[Tensor]]:
        return lambda *leaves, tree, **how: jax.tree.leaves(function(jax.tree.unflatten(tree, leaves), **how))

    def shapes(*avals: Any, **how: Any) -> list[Any]:
        return [(s.shape, s.dtype) for s in jax.eval_shape(functools.partial(flat(fused), **how), *avals)]

    def rule(context: Any, *operands: Any, **how: Any) -> Any:
        here = set(primitive_jax.platforms(context)) <= ({"cpu"} if offer.interpreted() else {"cuda", "gpu"})
        one = primitive_jax.devices(context) == 1 and not primitive_jax.is_exported(context)
        return primitive_jax.by_jax(flat(fused if here and one else other))(context, *operands, **how)

    made = primitive_jax.primitive(name, shapes, rule, refuse)

    @functools.partial(jax.jit, static_argnums=0)
    def bind(how: tuple[tuple[str, Any], ...], *leaves: Tensor) -> list[Tensor]:
        return made.bind(*leaves, **dict(how))

    def call(tensors: Any, **how: Any) -> Any:
        leaves, tree = jax.tree.flatten(tensors)
        shape = jax.tree.structure(jax.eval_shape(functools.partial(fused, **how), tensors))
        return jax.tree.unflatten(shape, bind((("tree", tree), *how.items()), *leaves))

    return call


@functools.cache
def differentiable() -> Callable[[Call, Tensors], Results]:
    """The differentiable function of a call and its tensors."""
    ahead = primitive("plstm_triton_forward", forward, portable_forward)
    back = primitive("plstm_triton_backward", backward, portable_backward)

    def answer(call: Call, tensors: Tensors) -> Results:
        outputs, h, c, _ = ahead(tensors, call=call, trains=False)
        return outputs, h, c

    def keep(call: Call, tensors: Tensors) -> tuple[Results, tuple[Tensors, Saved]]:
        outputs, h, c, saved = ahead(tensors, call=call, trains=True)
        return (outputs, h, c), (tensors, saved)

    def differentiate(call: Call, kept: tuple[Tensors, Saved], d_results: Results) -> tuple[Tensors]:
        return (back((*kept, d_results), call=call),)

    sequence: Any = jax.custom_vjp(answer, nondiff_argnums=(0,))
    sequence.defvjp(keep, differentiate)
    return sequence
