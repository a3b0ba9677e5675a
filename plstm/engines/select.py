"""Which engine computes a sequence: a fused one where it can, the portable one everywhere else."""

from __future__ import annotations

import functools
import importlib
import warnings
from typing import NamedTuple

import keras

from plstm.engines.spec import Asked
from plstm.types import Engine, Tensor

ENGINES = ("auto", "native", "triton", "triton-checkpointed", "scan", "scan-checkpointed")
BACKENDS = {"jax": "JAX", "tensorflow": "TensorFlow", "torch": "PyTorch"}
# The functions that Keras' own fit, evaluate and predict trace; their graphs are never saved.
KERAS_LOOPS = ("one_step_on", "multi_step_on")


class Chosen(NamedTuple):
    """An engine's name, and why no faster one was chosen, or None. Plain strings: ``torch.compile`` can trace them."""

    name: str
    reason: str | None = None


class EngineName(str):
    """The name of the engine that computed a call. ``reason`` says why no faster one was chosen, or is None."""

    reason: str | None

    def __new__(cls, name: str, reason: str | None = None) -> EngineName:
        named = super().__new__(cls, name)
        named.reason = reason
        return named


def select_engine(
    requested: Engine, inputs: Tensor, plain_activations: bool, training: bool, asked: Asked | None = None
) -> Chosen:
    """One of ENGINES but ``"auto"``, by its name.

    ``"auto"`` takes native on CPUs; triton on NVIDIA GPUs under PyTorch and, where jax-triton is installed, under JAX;
    and scan on other GPUs, under XLA on TensorFlow, on CPUs for half precision, for other activations than tanh and
    sigmoid, in a transform of torch.func, in PyTorch's forward mode, and where a traced function may be exported:
    Python code cannot travel in a saved graph, so native is used in a TensorFlow graph only in training and inside
    Keras' own fit, evaluate and predict. On JAX a traced function has no device yet: what counts is the default
    backend, ``jax.default_backend()``, and that it has one device. A JAX function that is exported is the scan all the
    same.

    Args:
        requested: one of ENGINES.
        inputs: (B, T, D), whose dtype, device and graph decide.
        plain_activations: whether the activations are tanh and sigmoid.
        training: whether the call is one in training.
        asked: what else of the layer decides; without it, triton is not used.

    Raises:
        ValueError: a fused engine was asked for and cannot compute this layer here; the message says why.
    """
    if requested in ("scan", "scan-checkpointed"):
        return Chosen(requested)
    if _may_be_exported(training):
        return Chosen("scan", "a graph that may be exported")
    on_gpu = requested.startswith("triton") or (requested == "auto" and _on_gpu(inputs))
    if on_gpu:
        obstacle = _obstacle_triton(inputs, plain_activations, asked)
    else:
        obstacle = _obstacle(inputs, plain_activations)
    if obstacle is None and requested == "auto":
        return Chosen("triton" if on_gpu else "native")
    if obstacle is None:
        return Chosen(requested)
    if requested != "auto":
        name = "Triton" if on_gpu else "native"
        raise ValueError(f"expected what the {name} engine can compute, got {obstacle}; use engine='auto' or 'scan'")
    return Chosen("scan", obstacle)


def _on_gpu(inputs: Tensor) -> bool:
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() == "gpu"
    return keras.backend.backend() == "torch" and inputs.device.type == "cuda"


def _obstacle_triton(inputs: Tensor, plain_activations: bool, asked: Asked | None) -> str | None:
    backend = keras.backend.backend()
    if backend not in ("torch", "jax"):
        return f"the {BACKENDS.get(backend, backend)} backend"
    if not plain_activations:
        return "activations other than tanh and sigmoid"
    if asked is None:
        return "a call that does not say for what layer"
    from plstm.engines.triton import offer

    plan = offer.tiles(inputs, asked)
    obstacle = plan if isinstance(plan, str) else _obstacle_in_torch() if backend == "torch" else None
    obstacle = obstacle or _without_triton(backend)
    if obstacle is not None:
        return obstacle
    from plstm.engines.triton import trial

    return trial.failure(inputs, asked)


def _without_triton(backend: str) -> str | None:
    try:
        if backend == "torch":
            importlib.import_module("triton")
        else:
            importlib.import_module("plstm.engines.triton.host_jax").jax_triton()
    # A package that was built for another JAX may fail in any way.
    except Exception as error:
        name = "Triton" if backend == "torch" else "jax-triton, which JAX calls Triton's kernels through"
        return f"no {name} ({' '.join(str(error).split())[:200]})"
    return None


def _obstacle(inputs: Tensor, plain_activations: bool) -> str | None:
    backend = keras.backend.backend()
    dtype = keras.backend.standardize_dtype(inputs.dtype)
    if dtype not in ("float32", "float64"):
        return f"compute dtype {dtype}"
    if not plain_activations:
        return "activations other than tanh and sigmoid"
    look = {"tensorflow": _obstacle_tensorflow, "torch": _obstacle_torch, "jax": _obstacle_jax}[backend]
    obstacle = look(inputs)
    return obstacle or _compilation_failure(dtype)


@functools.cache
def _compilation_failure(dtype: str) -> str | None:
    """None once the kernels are compiled; else the reason, and one warning, because every later call is slower."""
    from plstm.engines import native

    try:
        native.compile_once(dtype)
    except native.NativeUnavailable as error:
        warnings.warn(f"{error}; using the portable engine, several times slower on a CPU", stacklevel=2)
        return str(error)
    return None


def _obstacle_tensorflow(inputs: Tensor) -> str | None:
    import tensorflow as tf

    if tf.config.list_logical_devices("GPU"):
        return "a GPU"
    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    while graph is not None:
        context = graph._get_control_flow_context()
        if context is not None and context.IsXLAContext():
            return "XLA (jit_compile=True)"
        graph = getattr(graph, "outer_graph", None)
    return None


def _obstacle_torch(inputs: Tensor) -> str | None:
    return f"device {inputs.device}" if inputs.device.type != "cpu" else _obstacle_in_torch()


def _obstacle_in_torch() -> str | None:
    import torch

    if torch.compiler.is_compiling() or torch.jit.is_tracing() or torch.onnx.is_in_onnx_export():
        return "a traced PyTorch graph"
    if torch._C._are_functorch_transforms_active():
        return "a transform of torch.func"
    if torch.autograd.forward_ad._current_level >= 0:
        return "forward-mode derivatives"
    return None


def _obstacle_jax(inputs: Tensor) -> str | None:
    import jax

    if jax.default_backend() != "cpu":
        return f"the default device {jax.default_backend()}"
    if jax.device_count() > 1:
        return f"{jax.device_count()} devices"
    if not all(isinstance(size, int) for size in inputs.shape):
        return f"a symbolic shape {inputs.shape}"
    return None


def _may_be_exported(training: bool) -> bool:
    if keras.backend.backend() != "tensorflow" or training:
        return False
    import tensorflow as tf

    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    if graph is None:
        return False
    while graph is not None:
        if getattr(graph, "name", "").startswith(KERAS_LOOPS):
            return False
        graph = getattr(graph, "outer_graph", None)
    return True
