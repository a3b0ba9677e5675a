"""Whether the Triton engine supports a call on a device. Nothing here imports Triton."""

from __future__ import annotations

import os

from plstm.engines.spec import Asked
from plstm.engines.triton.tiles import Tiles, tiles_for
from plstm.types import Tensor

DTYPES = ("float32", "float16", "bfloat16")


def tiles(inputs: Tensor, asked: Asked) -> Tiles | str:
    """How the kernels are cut for a call, or why this engine cannot compute it.

    Triton's interpreter (the environment variable ``TRITON_INTERPRET=1``) needs no GPU, and stands in for any.
    """
    import torch

    dtype = str(inputs.dtype).removeprefix("torch.")
    if dtype not in DTYPES:
        return f"compute dtype {dtype}"
    if callable(asked.shape):
        return "a gate shape that is a function"
    if not inputs.is_cuda and os.environ.get("TRITON_INTERPRET") != "1":
        return f"device {inputs.device}"
    if inputs.is_cuda and torch.version.hip is not None:
        return "an AMD GPU"
    return tiles_for(asked.units, asked.cell == "gru", asked.peepholes, dtype, capability(inputs))


def capability(inputs: Tensor) -> tuple[int, int]:
    """That of the card that holds a tensor; of an H100 in the interpreter."""
    import torch

    return torch.cuda.get_device_capability(inputs.device) if inputs.is_cuda else (9, 0)


def precision(inputs: Tensor) -> str:
    """What products of 32-bit numbers are computed in, by PyTorch's own setting; before 8.0 no card has TF32."""
    import torch

    matmul = torch.backends.cuda.matmul
    # Reading the old name is an error where somebody set the new one.
    shortens = matmul.fp32_precision == "tf32" if hasattr(matmul, "fp32_precision") else matmul.allow_tf32
    return "tf32" if shortens and inputs.dtype == torch.float32 and capability(inputs) >= (8, 0) else "ieee"
