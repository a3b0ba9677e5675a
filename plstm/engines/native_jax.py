"""The native engine as a JAX primitive, on a CPU.

The primitive calls back to Python with NumPy views of JAX's own memory. (``jax.pure_callback`` would first copy them to
JAX arrays and wait for that, while the computation that called waits too.) Under ``jax.vmap`` the calls are made one
after another: each uses all threads. An exported function cannot call back into Python; there the primitive is replaced
by the portable engine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from plstm.engines import launch, native, primitive_jax
from plstm.engines.kernel_inputs import CONSTANTS, KernelInputs, Options
from plstm.engines.spec import Gate, Weights
from plstm.engines.workspace import checkpoints_shape
from plstm.types import Array, Tensor

DIFFERENTIABLE = [name for name in KernelInputs._fields if name not in CONSTANTS]


def run(inputs: KernelInputs, options: Options) -> tuple[Tensor, Tensor, Tensor]:
    """(outputs, h, c) as arrays or tracers.

    Raises:
        NotImplementedError: a second derivative.
        TypeError: forward mode.
        ValueError: compilation for several devices.
    """
    return function()(options, native.threads(), inputs)


def arrays_of(tensors: Sequence[Array]) -> KernelInputs:
    """The arguments of a callback, with times and rhythm in 64 bits, which JAX may not have."""
    inputs = KernelInputs(*tensors)
    return inputs._replace(times=inputs.times.astype(np.float64), rhythm=inputs.rhythm.astype(np.float64))


def call_forward(*tensors: Array, options: Options, threads: int) -> tuple[Array, ...]:
    """Outputs, h, c and checkpoints."""
    return launch.forward(arrays_of(tensors), options, threads)


def call_backward(
    checkpoints: Array, d_outputs: Array, d_h: Array, d_c: Array, *tensors: Array, options: Options, threads: int
) -> list[Array]:
    """Gradients of the inputs that are ``DIFFERENTIABLE``, in their dtypes."""
    inputs = KernelInputs(*tensors)
    found = launch.backward(arrays_of(tensors), options, checkpoints, d_outputs, d_h, d_c, threads)
    return [getattr(found, name).astype(getattr(inputs, name).dtype) for name in DIFFERENTIABLE]


class GivenOpenness(NamedTuple):
    """A gate whose openness was computed before."""

    k: Tensor

    def openness(self, dtype: str) -> Tensor:
        return self.k[0] if len(self.k) == 1 else self.k


def portable(*tensors: Tensor, options: Options, threads: int) -> tuple[Tensor, ...]:
    """The results of ``call_forward`` by JAX's own operations, without checkpoints."""
    from keras import ops

    from plstm.engines import scan

    inputs, gru = KernelInputs(*tensors), options.cell == "gru"
    times = inputs.times[0] if len(inputs.times) == 1 else inputs.times
    period, shift, ratio_on = inputs.rhythm
    gate: Any = Gate(times, period, shift, ratio_on, inputs.leak, options.gate_shape)
    gate = GivenOpenness(inputs.k) if inputs.k.size else gate
    outputs, state = scan.run(
        options.cell,
        Weights(inputs.kernel, inputs.recurrent_kernel, inputs.bias, None if gru else inputs.peepholes),
        inputs.x,
        gate,
        [inputs.h] if gru else [inputs.h, inputs.c],
        inputs.mask if inputs.mask.size else None,
        inputs.recurrent_dropout if inputs.recurrent_dropout.size else None,
    )
    none = ops.zeros(checkpoints_shape(inputs.x.shape, len(inputs.recurrent_kernel), inputs.x.dtype, threads))
    outputs = outputs if options.return_sequences else outputs[:, None][:, :0]
    return outputs, state[0], inputs.c if gru else state[1], ops.cast(none, inputs.x.dtype)


def no_export(*_: Tensor, **how: Any) -> NoReturn:
    raise ValueError("expected a function without gradients to export, got gradients; use engine='scan'")


def primitive(name: str, callback: Callable[..., Any], shapes: Callable[..., Any], exported: Callable[..., Any]) -> Any:
    """A primitive that calls back.

    Args:
        name: of the primitive.
        callback: arrays and parameters in, arrays out.
        shapes: of the results, with their dtypes, for abstract arguments.
        exported: what is compiled instead where the function is exported.
    """
    from jax.interpreters import mlir

    def lower(context: Any, *operands: Any, **how: Any) -> Any:
        devices = primitive_jax.devices(context)
        if devices > 1:
            raise ValueError(f"expected one device for the native engine, got {devices}; use engine='scan'")
        if primitive_jax.is_exported(context):
            return primitive_jax.by_jax(exported)(context, *operands, **how)
        results, _, _ = mlir.emit_python_callback(
            context,
            functools.partial(callback, **how),
            None,
            list(operands),
            context.avals_in,
            context.avals_out,
            has_side_effect=False,
            returns_token=False,
        )
        return results

    return primitive_jax.primitive(name, shapes, lower, native.second_derivative, platform="cpu")


def forward_shapes(*avals: Any, options: Options, threads: int) -> list[Any]:
    inputs = KernelInputs(*avals)
    (batch, steps, _), dtype, units = inputs.x.shape, inputs.x.dtype, inputs.h.shape[1]
    shapes = [(batch, steps if options.return_sequences else 0, units), (batch, units), (batch, units)]
    return [(shape, dtype) for shape in (*shapes, checkpoints_shape(inputs.x.shape, units, dtype, threads))]


def backward_shapes(*avals: Any, options: Options, threads: int) -> list[Any]:
    inputs = KernelInputs(*avals[4:])
    return [(getattr(inputs, name).shape, getattr(inputs, name).dtype) for name in DIFFERENTIABLE]


@functools.cache
def function() -> Callable[[Options, int, KernelInputs], tuple[Tensor, Tensor, Tensor]]:
    """The differentiable function of options, number of threads and inputs."""
    import jax

    forward = primitive("plstm_forward", call_forward, forward_shapes, portable)
    backward = primitive("plstm_backward", call_backward, backward_shapes, no_export)

    @functools.partial(jax.jit, static_argnums=(0, 1))
    def results(options: Options, threads: int, *tensors: Tensor) -> list[Tensor]:
        return forward.bind(*tensors, options=options, threads=threads)

    @functools.partial(jax.jit, static_argnums=(0, 1))
    def gradients(options: Options, threads: int, *tensors: Tensor) -> list[Tensor]:
        return backward.bind(*tensors, options=options, threads=threads)

    def answer(options: Options, threads: int, inputs: KernelInputs) -> tuple[Tensor, Tensor, Tensor]:
        outputs, h, c, _ = results(options, threads, *inputs)
        return outputs, h, c

    def keep(options: Options, threads: int, inputs: KernelInputs) -> Any:
        outputs, h, c, checkpoints = results(options, threads, *inputs)
        return (outputs, h, c), (checkpoints, inputs)

    def differentiate(options: Options, threads: int, kept: Any, d_results: Any) -> tuple[KernelInputs]:
        checkpoints, inputs = kept
        # Now, not in the callback, which runs on a thread of JAX's.
        native.compile_once(np.dtype(inputs.x.dtype).name, backward=True)
        found = dict(zip(DIFFERENTIABLE, gradients(options, threads, checkpoints, *d_results, *inputs)))
        return (KernelInputs(*(found.get(name) for name in KernelInputs._fields)),)

    sequence: Any = jax.custom_vjp(answer, nondiff_argnums=(0, 1))
    sequence.defvjp(keep, differentiate)
    return sequence
