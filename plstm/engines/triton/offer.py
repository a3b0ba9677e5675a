"""Whether the Triton engine supports a call on a device. Nothing here imports Triton."""

from __future__ import annotations

import os
import re
from typing import Any

import keras

from plstm.engines.spec import Asked, Gate, Weights
from plstm.engines.triton.layout import Call
from plstm.engines.triton.tiles import Tiles, tiles_for
from plstm.types import Cell, Tensor

DTYPES = ("float32", "float16", "bfloat16")
# What jax.default_matmul_precision may be set to where JAX computes products of 32-bit numbers in TF32 on a GPU.
TF32_OF_JAX = (None, "default", "fastest", "bfloat16", "high", "bfloat16_3x", "tensorfloat32", "TF32_TF32_F32")
H100 = (9, 0)
# On JAX the portable engine is compiled, and above this many units the two have not been compared.
LARGEST_ON_JAX = 128
FALLBACK = "use engine='scan'"


def call(cell: Cell, weights: Weights, inputs: Tensor, gate: Gate, return_sequences: bool, checkpoint: bool) -> Call:
    """A call with the arguments of ``plstm.engines``. ValueError that says why this engine cannot compute it."""
    asked = Asked(cell, weights.recurrent_kernel.shape[0], weights.peepholes is not None, gate.shape)
    found = tiles(inputs, asked)
    if not isinstance(found, Tiles):
        raise ValueError(f"expected what the Triton engine can compute, got {found}; {FALLBACK}")
    return Call(cell, gate.shape, gate.gradient, return_sequences, checkpoint, precision(inputs), found)


def tiles(inputs: Tensor, asked: Asked) -> Tiles | str:
    """How the kernels are cut for a call, or why this engine cannot compute it."""
    dtype = dtype_of(inputs)
    if dtype not in DTYPES:
        return f"compute dtype {dtype}"
    if callable(asked.shape):
        return "a gate shape that is a function"
    card = capability(inputs)
    if isinstance(card, str):
        return card
    if keras.backend.backend() == "jax" and asked.units > LARGEST_ON_JAX:
        return f"{asked.units} units on JAX, more than {LARGEST_ON_JAX}"
    return tiles_for(asked.units, asked.cell == "gru", asked.peepholes, dtype, card, precision(inputs))


def dtype_of(inputs: Tensor) -> str:
    return str(inputs.dtype).removeprefix("torch.")


def device_of(inputs: Tensor) -> Any:
    """Where a call runs: with its tensor, or, as a traced array of JAX has no device yet, on the default one."""
    if keras.backend.backend() != "jax":
        return inputs.device
    import jax

    chosen = jax.config.jax_default_device  # pyright: ignore[reportAttributeAccessIssue]
    if chosen is None or isinstance(chosen, str):
        return jax.devices(chosen)[0]
    return chosen


def interpreted() -> bool:
    """Whether Triton's interpreter was asked for: it needs no GPU, and stands in for an H100."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def capability(inputs: Tensor) -> tuple[int, int] | str:
    """The compute capability of the card that a call runs on, or why that device is none for this engine."""
    return _capability_jax(inputs) if keras.backend.backend() == "jax" else _capability_torch(inputs)


def _capability_torch(inputs: Tensor) -> tuple[int, int] | str:
    import torch

    if not inputs.is_cuda:
        return H100 if interpreted() else f"device {inputs.device}"
    return "an AMD GPU" if torch.version.hip is not None else torch.cuda.get_device_capability(inputs.device)


def _capability_jax(inputs: Tensor) -> tuple[int, int] | str:
    import jax

    if not all(isinstance(size, int) for size in inputs.shape):
        return f"a symbolic shape {inputs.shape}"
    if jax.device_count() > 1:
        return f"{jax.device_count()} devices"
    device = device_of(inputs)
    if device.platform == "cpu" and interpreted():
        return H100
    # JAX's devices that are no GPUs have no such attribute; an AMD GPU's begins with gfx.
    told = str(getattr(device, "compute_capability", ""))
    if re.fullmatch(r"\d+\.\d+", told):
        major, minor = told.split(".")
        return int(major), int(minor)
    return "an AMD GPU" if told else f"the default device {device.platform}"


def precision(inputs: Tensor) -> str:
    """What products of 32-bit numbers are computed in, by the backend's own setting; before 8.0 no card has TF32."""
    card = capability(inputs)
    if isinstance(card, str) or card < (8, 0) or dtype_of(inputs) != "float32":
        return "ieee"
    return "tf32" if _shortens() else "ieee"


def _shortens() -> bool:
    if keras.backend.backend() == "jax":
        import jax

        return jax.config.jax_default_matmul_precision in TF32_OF_JAX  # pyright: ignore[reportAttributeAccessIssue]
    import torch

    matmul: Any = torch.backends.cuda.matmul
    # Reading the old name is an error where somebody set the new one.
    return matmul.fp32_precision == "tf32" if hasattr(matmul, "fp32_precision") else matmul.allow_tf32
