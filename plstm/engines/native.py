"""The native engine: compiled kernels for CPUs, differentiable on TensorFlow, PyTorch and JAX.

Forward and backward each run the whole sequence in one call. Memory for training grows as the square root of T, because
the state is kept only once a segment and recomputed between. A clock for each sample takes no more memory than a shared
one, because the kernel computes openness step by step. Second derivatives: only in the portable engine.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import numpy as np

from plstm.engines import launch
from plstm.engines.kernel_inputs import KernelInputs, Options
from plstm.engines.launch import NativeUnavailable
from plstm.engines.spec import Gate, Weights
from plstm.types import Array, Cell, Tensor

BACKENDS = ("tensorflow", "torch", "jax")
DTYPES = ("float32", "float64")


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
    """A whole sequence; the call is described in ``plstm.engines.spec``.

    Raises:
        NativeUnavailable: Numba does not import or compile here, or the backend is none of those above.
        ValueError: a compute dtype that is neither float32 nor float64.
    """
    from keras import backend

    if backend.backend() not in BACKENDS:
        raise NativeUnavailable(f"expected a backend out of {', '.join(BACKENDS)}, got {backend.backend()}")
    dtype = backend.standardize_dtype(inputs.dtype)
    if dtype not in DTYPES:
        raise ValueError(f"expected inputs of dtype {' or '.join(DTYPES)} for the native engine, got {dtype}")
    compile_once(dtype)
    tensors = kernel_inputs(cell, weights, inputs, gate, state, mask, recurrent_dropout)
    wire = import_module(f"plstm.engines.native_{backend.backend()}")
    outputs, h, c = wire.run(tensors, Options(cell, gate.shape, gate.gradient, return_sequences))
    return (outputs if return_sequences else h), ([h, c] if cell == "lstm" else [h])


def kernel_inputs(
    cell: Cell,
    weights: Weights,
    inputs: Tensor,
    gate: Gate,
    state: Sequence[Tensor],
    mask: Tensor,
    recurrent_dropout: Tensor,
) -> KernelInputs:
    """The arguments of ``run`` as the tensors that the kernels are made for."""
    from keras import backend, ops

    compute_dtype, clock_dtype = backend.standardize_dtype(inputs.dtype), dtype_of_clock()

    def cast(tensor: Tensor, *empty: int, dtype: str = compute_dtype) -> Tensor:
        return ops.zeros(empty, dtype) if tensor is None else ops.cast(tensor, dtype)

    compiled, shared, times = not callable(gate.shape), len(gate.times.shape) == 1, gate.times
    units, k = weights.recurrent_kernel.shape[0], None
    if not compiled:
        # The time of a masked step may be NaN, and NaN times a zero gradient is NaN.
        used = mask if mask is None or not shared else ops.any(mask, axis=0)
        times = times if used is None else ops.where(used, times, ops.zeros_like(times))
        k = gate._replace(times=times).openness(compute_dtype)
        k = k[None] if shared else k
    rhythm = ops.stack([ops.cast(part, clock_dtype) for part in (gate.period, gate.shift, gate.ratio_on)])
    return KernelInputs(
        x=cast(inputs),
        kernel=cast(weights.kernel),
        recurrent_kernel=cast(weights.recurrent_kernel),
        bias=cast(weights.bias),
        peepholes=cast(weights.peepholes, 3, units),
        k=cast(k, 0, 0, 0),
        times=cast((times[None] if shared else times) if compiled else None, 0, 0, dtype=clock_dtype),
        rhythm=ops.stop_gradient(rhythm) if gate.gradient == "none" or not compiled else rhythm,
        leak=ops.convert_to_tensor(gate.leak, dtype=clock_dtype),
        mask=cast(mask, 0, 0, dtype="bool"),
        recurrent_dropout=cast(recurrent_dropout, 0, 0),
        h=cast(state[0]),
        c=cast(state[1]) if cell == "lstm" else ops.zeros_like(cast(state[0])),
    )


def dtype_of_clock() -> str:
    """float64 where the backend has it."""
    from keras import backend

    if backend.backend() == "jax":
        from jax import dtypes

        return dtypes.canonicalize_dtype("float64").name
    return "float64"


def threads() -> int:
    """The number of threads: the smaller of the limits that are set for Numba and for the backend."""
    from keras import backend
    from numba import get_num_threads

    if backend.backend() == "torch":
        import torch

        return min(get_num_threads(), torch.get_num_threads())
    if backend.backend() == "jax":
        return get_num_threads()
    import tensorflow as tf

    # 0 if it was not set.
    allowed = tf.config.threading.get_intra_op_parallelism_threads()
    allowed = allowed or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or get_num_threads())
    return min(get_num_threads(), allowed)


def forward(options: Options, *arrays: Any) -> tuple[Array, Array, Array, Array]:
    """Outputs, h, c and checkpoints; arrays in the order of ``KernelInputs``."""
    return launch.forward(KernelInputs(*map(np.asarray, arrays)), options, threads())


def backward(
    options: Options, wants_x: bool, checkpoints: Array, d_outputs: Array, d_h: Array, d_c: Array, *arrays: Any
) -> list[Array]:
    """Gradients of ``KernelInputs`` in its order, without those of constants."""
    inputs = KernelInputs(*map(np.asarray, arrays))
    found = launch.backward(inputs, options, checkpoints, d_outputs, d_h, d_c, threads(), wants_x)
    x = found.x if wants_x else np.zeros((0, 0, 0), inputs.x.dtype)
    return [x, *(gradient for gradient in found[1:] if gradient is not None)]


@functools.cache
def compile_once(dtype: str, backward: bool = False) -> None:
    """Run a kernel on an empty sequence, so that a failure comes while the caller can still choose another engine.

    The backward kernel is compiled at the first gradient: it takes longer, and predictions do not need it.

    Args:
        dtype: float32 or float64.
        backward: whether to run the backward kernel instead of the forward one.
    """
    launch.kernels()
    inputs = KernelInputs(
        x=np.zeros((1, 0, 1), dtype),
        kernel=np.zeros((1, 4), dtype),
        recurrent_kernel=np.zeros((1, 4), dtype),
        bias=np.zeros(4, dtype),
        peepholes=np.zeros((3, 1), dtype),
        k=np.zeros((0, 0, 0), dtype),
        times=np.zeros((1, 0)),
        rhythm=np.ones((3, 1)),
        leak=np.zeros(()),
        mask=np.zeros((0, 0), bool),
        recurrent_dropout=np.zeros((0, 0), dtype),
        h=np.zeros((1, 1), dtype),
        c=np.zeros((1, 1), dtype),
    )
    options = Options("lstm", "triangle", "exact", True)
    outputs, h, c, checkpoints = launch.forward(inputs, options, threads=1)
    if backward:
        launch.backward(inputs, options, checkpoints, outputs, h, c, threads=1)


def second_derivative(*_: Tensor, **how: Any) -> NoReturn:
    raise NotImplementedError("the native engine has no forward-mode and no second derivatives; use engine='scan'")
