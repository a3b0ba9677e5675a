"""The trial's two answers in PyTorch, on a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from plstm.engines import scan
from plstm.engines.spec import Asked, Gate, Weights
from plstm.engines.triton import function
from plstm.engines.triton.trial import RHYTHM
from plstm.types import Array, Tensor


def answers(
    device: torch.device, dtype: str, asked: Asked, arguments: dict[str, Array], times: Array, mask: Array
) -> list[list[Array]]:
    """Of the Triton engine in ``dtype``, and of the portable one in 32 bits: outputs, states and all gradients."""
    rounded = getattr(torch, dtype)

    def argument(name: str, kind: torch.dtype) -> Tensor:
        values = torch.tensor(arguments[name], device=device)
        return (values if name in RHYTHM else values.to(rounded).to(kind)).requires_grad_(True)

    # Whatever mode the caller is in.
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device.type, enabled=False):
        clock = torch.tensor(times, device=device), torch.tensor(mask, device=device)
        return [
            answer(run, asked, {name: argument(name, kind) for name in arguments}, *clock)
            for run, kind in ((function.run, rounded), (scan.run, torch.float32))
        ]


def answer(run: Callable[..., Any], asked: Asked, given: dict[str, Tensor], times: Tensor, mask: Tensor) -> list[Array]:
    weights = Weights(*(given.get(name) for name in Weights._fields))
    gate = Gate(times, *(given[name] for name in RHYTHM), leak=0.01, shape=asked.shape)
    state = [given[name] for name in ("h", "c") if name in given]
    outputs, states = run(asked.cell, weights, given["x"], gate, state, mask)
    loss = torch.stack([(part.float() * part.float()).sum() for part in (outputs, *states)]).sum()
    found = (outputs, *states, *torch.autograd.grad(loss, list(given.values())))
    return [tensor.detach().double().cpu().numpy() for tensor in found]
