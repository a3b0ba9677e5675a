"""The native engine: compiled kernels for CPUs, made differentiable for TensorFlow and PyTorch.

Forward and backward each run the whole sequence in one call, and memory for training grows as the square root of T:
only every so often a state is kept, the rest is computed again. A clock of its own for every sample costs no memory
either: gates are opened inside the kernel. Second derivatives are not defined; the portable engine has them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any, NoReturn, TypedDict

import numpy as np

from plstm.engines import launch
from plstm.engines.launch import NativeUnavailable
from plstm.engines.spec import Gate, Weights
from plstm.types import Array, Cell, GateGradient, GateShape, Tensor

BACKENDS = ("tensorflow", "torch")
DTYPES = ("float32", "float64")
# The tensors of a call, in order; those that no gradient flows to.
NAMES = (
    "x", "kernel", "recurrent_kernel", "bias", "peepholes", "k", "times", "rhythm", "leak", "mask", "dropout", "h", "c",
)  # fmt: skip
CONSTANTS = ("times", "leak", "mask", "dropout")


class Static(TypedDict):
    """What of a call is no tensor."""

    gru: bool
    shape: GateShape
    sequences: bool
    gradient: GateGradient


def available() -> bool:
    """Whether this engine can run here: a backend that it is wired into, and a Numba that imports.

    >>> available()
    True
    """
    from keras import backend

    try:
        launch.kernels()
    except NativeUnavailable:
        return False
    return backend.backend() in BACKENDS


def run(
    cell: Cell,
    weights: Weights,
    inputs: Tensor,
    gate: Gate,
    state: Sequence[Tensor],
    mask: Tensor = None,
    recurrent_dropout: Tensor = None,
    return_sequences: bool = True,
) -> tuple[Tensor, list[Tensor]]:
    """A whole sequence; the call is described in ``plstm.engines``.

    Raises:
        NativeUnavailable: Numba does not import or compile here, or the backend is neither TensorFlow nor PyTorch.
        ValueError: a compute dtype that is neither float32 nor float64.
    """
    from keras import backend, ops

    if backend.backend() not in BACKENDS:
        raise NativeUnavailable(f"expected a backend out of {', '.join(BACKENDS)}, got {backend.backend()}")
    dtype = backend.standardize_dtype(inputs.dtype)
    if dtype not in DTYPES:
        raise ValueError(f"expected inputs of dtype {' or '.join(DTYPES)} for the native engine, got {dtype}")
    compile_once(dtype)
    units = weights.recurrent_kernel.shape[0]
    peepholes = ops.zeros((3, units), dtype) if weights.peepholes is None else weights.peepholes
    h = state[0]
    c = state[1] if cell == "lstm" else ops.zeros_like(h)
    tensors = {
        "x": inputs, "kernel": weights.kernel, "recurrent_kernel": weights.recurrent_kernel, "bias": weights.bias,
        "peepholes": peepholes, "h": h, "c": c,
        "dropout": ops.zeros((0, 0), dtype) if recurrent_dropout is None else recurrent_dropout,
    }  # fmt: skip
    tensors = {name: ops.cast(tensor, dtype) for name, tensor in tensors.items()}
    tensors["mask"] = ops.zeros((0, 0), "bool") if mask is None else ops.cast(mask, "bool")
    tensors.update(openness(gate, mask, units, dtype))
    static = Static(gru=cell == "gru", shape=gate.shape, sequences=return_sequences, gradient=gate.gradient)
    wire = run_tensorflow if backend.backend() == "tensorflow" else run_torch
    outputs, h, c = wire(static, [ops.convert_to_tensor(tensors[name]) for name in NAMES])
    return (outputs if return_sequences else h), ([h, c] if cell == "lstm" else [h])


def openness(gate: Gate, mask: Tensor, units: int, dtype: str) -> dict[str, Tensor]:
    """The four tensors that tell the kernels how open the units are: k, or what it is computed from; empty otherwise.

    A callable shape cannot be compiled, and is computed outside the kernels.
    """
    from keras import ops

    times = ops.convert_to_tensor(gate.times)
    shared = len(times.shape) == 1
    leak = ops.convert_to_tensor(gate.leak, dtype="float64")
    if not callable(gate.shape):
        rhythm = ops.stack([ops.cast(p, "float64") for p in (gate.period, gate.shift, gate.ratio_on)])
        rhythm = ops.stop_gradient(rhythm) if gate.gradient == "none" else rhythm
        times = ops.cast(times[None] if shared else times, "float64")
        return {"k": ops.zeros((0, 0, 0), dtype), "times": times, "rhythm": rhythm, "leak": leak}
    if mask is not None:
        # A time that nobody uses may be anything, and a NaN times a zero gradient is a NaN.
        used = ops.any(mask, axis=0) if shared else mask
        times = ops.where(used, times, ops.zeros_like(times))
    k = gate._replace(times=times).openness(dtype)
    empty = {"times": ops.zeros((0, 0), "float64"), "rhythm": ops.zeros((3, units), "float64"), "leak": leak}
    return {"k": k[None] if shared else k, **empty}


def problem(static: Static, arrays: Sequence[Any]) -> tuple[launch.Problem, Array, Array]:
    """The launch of a call, with its initial state."""
    named = dict(zip(NAMES, map(np.asarray, arrays)))
    h, c = named.pop("h"), named.pop("c")
    return launch.Problem(gru=static["gru"], shape=static["shape"], sequences=static["sequences"], **named), h, c


def threads() -> int:
    """How many may compute at once: as many as both Numba and the backend are allowed."""
    from keras import backend
    from numba import get_num_threads

    if backend.backend() == "torch":
        import torch

        return min(get_num_threads(), torch.get_num_threads())
    import tensorflow as tf

    # 0 where nobody has set it.
    allowed = tf.config.threading.get_intra_op_parallelism_threads()
    allowed = allowed or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or get_num_threads())
    return min(get_num_threads(), allowed)


def forward(static: Static, *arrays: Any) -> tuple[Array, Array, Array, Array]:
    """Outputs, h, c and checkpoints; arrays in the order of NAMES."""
    return launch.forward(*problem(static, arrays), threads())


def backward(
    static: Static, inputs: bool, checkpoints: Array, d_outputs: Array, dh: Array, dc: Array, *arrays: Any
) -> list[Array]:
    """Gradients in the order of NAMES but those of CONSTANTS."""
    p, _, _ = problem(static, arrays)
    dx, *rest = launch.backward(p, checkpoints, d_outputs, dh, dc, static["gradient"], threads(), inputs)
    return [np.zeros((0, 0, 0), p.x.dtype) if dx is None else dx, *rest]


@functools.cache
def compile_once(dtype: str) -> None:
    """Both kernels on an empty sequence, so that what can fail fails here, where the caller can still choose."""
    launch.kernels()
    zeros = functools.partial(np.zeros, dtype=dtype)
    arrays = [zeros((1, 0, 1)), zeros((1, 4)), zeros((1, 4)), zeros(4), zeros((3, 1)), zeros((1, 0, 1))]
    arrays += [
        np.zeros((0, 0)),
        np.zeros((3, 1)),
        0.0,
        np.zeros((0, 0), bool),
        zeros((0, 0)),
        zeros((1, 1)),
        zeros((1, 1)),
    ]
    static = Static(gru=False, shape="triangle", sequences=True, gradient="exact")
    outputs, h, c, checkpoints = forward(static, *arrays)
    backward(static, True, checkpoints, outputs, h, c, *arrays)


def run_tensorflow(static: Static, tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """(outputs, h, c) as TensorFlow tensors, in eager mode or in a graph; XLA cannot compile it."""
    import tensorflow as tf

    x, dtype = tensors[0], tensors[0].dtype
    differentiable = [name not in CONSTANTS for name in NAMES]
    wanted = [tensor.dtype for tensor, is_wanted in zip(tensors, differentiable) if is_wanted]
    shapes = [tensor.shape for tensor, is_wanted in zip(tensors, differentiable) if is_wanted]

    @tf.custom_gradient
    def first_derivative(*arguments: Tensor) -> Any:
        gradients = tf.numpy_function(functools.partial(backward, static, True), arguments, wanted)
        for gradient, shape in zip(gradients, shapes):
            gradient.set_shape(shape)
        return gradients, second_derivative

    @tf.custom_gradient
    def sequence(*arguments: Tensor) -> Any:
        outputs, h, c, checkpoints = tf.numpy_function(functools.partial(forward, static), arguments, [dtype] * 4)
        units = arguments[2].shape[0]
        outputs.set_shape((x.shape[0], x.shape[1] if static["sequences"] else 0, units))
        h.set_shape((x.shape[0], units))
        c.set_shape((x.shape[0], units))

        def gradient(d_outputs: Tensor, dh: Tensor, dc: Tensor) -> list[Tensor]:
            gradients = iter(first_derivative(checkpoints, d_outputs, dh, dc, *arguments))
            return [next(gradients) if is_wanted else None for is_wanted in differentiable]

        return (outputs, h, c), gradient

    return sequence(*tensors)


def second_derivative(*_: Tensor) -> NoReturn:
    raise NotImplementedError("the native engine has no forward-mode and no second derivatives; use engine='scan'")


@functools.cache
def torch_function() -> Any:
    """The autograd function of a call. Differentiating it twice is an error that names the engine that can."""
    import torch

    class Sequence(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, static: Static, *tensors: Tensor) -> tuple[Tensor, ...]:
            results = [torch.from_numpy(a) for a in forward(static, *(tensor.detach().numpy() for tensor in tensors))]
            context.static = static
            context.save_for_backward(results[3], *tensors)
            return tuple(results[:3])

        @staticmethod
        def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
            kinds = torch._C._functorch
            if any(kinds.is_legacy_batchedtensor(g) or kinds.is_functorch_wrapped_tensor(g) for g in gradients):
                raise NotImplementedError("the native engine takes no batches of gradients; use engine='scan'")
            needed = context.needs_input_grad[1:]
            return None, *Gradient.apply(context.static, needed, *gradients, *context.saved_tensors)

    class Gradient(torch.autograd.Function):
        """Apart, so that whoever differentiates it meets an error, not a constant."""

        @staticmethod
        def forward(
            context: Any,
            static: Static,
            needed: Sequence[bool],
            d_outputs: Tensor,
            dh: Tensor,
            dc: Tensor,
            checkpoints: Tensor,
            *tensors: Tensor,
        ) -> tuple[Tensor, ...]:
            arrays = [tensor.detach().numpy() for tensor in (checkpoints, d_outputs, dh, dc, *tensors)]
            found = iter(backward(static, needed[0], *arrays))
            found = [None if name in CONSTANTS else np.ascontiguousarray(next(found)) for name in NAMES]
            return tuple(torch.from_numpy(array) if wanted else None for array, wanted in zip(found, needed))

        @staticmethod
        def backward(context: Any, *_: Tensor) -> NoReturn:
            return second_derivative()

    return Sequence


def run_torch(static: Static, tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """(outputs, h, c) as PyTorch tensors on the CPU."""
    return torch_function().apply(static, *tensors)
