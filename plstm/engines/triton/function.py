"""The Triton engine as one call of ``plstm.engines``, made differentiable for PyTorch.

Second derivatives are not defined; the portable engine has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import torch

from plstm.engines.spec import Gate, Weights
from plstm.engines.triton import host, offer, plan
from plstm.engines.triton.layout import Call, Laid, Tensors, check
from plstm.types import Cell, Tensor


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
    dtype, device = inputs.dtype, inputs.device
    call = offer.call(cell, weights, inputs, gate, return_sequences, checkpoint)
    rhythm = torch.stack(
        [torch.as_tensor(p, dtype=torch.float64, device=device) for p in (gate.period, gate.shift, gate.ratio_on)]
    )
    times = torch.as_tensor(gate.times, dtype=torch.float64, device=device)
    # Filled on the device: a number that is copied there waits for all that the device has to do.
    leak = gate.leak if torch.is_tensor(gate.leak) else torch.full((), gate.leak, device=device)
    h = state[0]
    tensors = Tensors(
        x=inputs,
        kernel=weights.kernel.to(dtype),
        recurrent_kernel=weights.recurrent_kernel.to(dtype),
        bias=weights.bias.to(dtype),
        peepholes=None if weights.peepholes is None else weights.peepholes.to(dtype),
        rhythm=rhythm.detach() if gate.gradient == "none" else rhythm,
        h=h,
        c=state[1] if cell == "lstm" else torch.zeros_like(h),
        times=(times[None] if times.ndim == 1 else times).detach(),
        leak=leak.detach().float(),
        mask=None if mask is None else mask.to(torch.uint8),
        dropout=None if recurrent_dropout is None else recurrent_dropout.to(dtype),
    )
    check(call, tensors)
    for name, tensor in tensors._asdict().items():
        if tensor is not None and tensor.device != device:
            raise ValueError(f"expected {name} on {device}, where x is, got {tensor.device}")
    tensors = Tensors(*(None if t is None else t.contiguous() for t in tensors))
    outputs, h, c = Whole.apply(call, torch.is_grad_enabled(), *tensors)
    return outputs, ([h, c] if cell == "lstm" else [h])


class Whole(torch.autograd.Function):
    """The whole sequence, forward; its backward is a function of its own."""

    @staticmethod
    def forward(context: Any, call: Call, records: bool, *tensors: Tensor) -> tuple[Tensor, ...]:
        trains = records and any(context.needs_input_grad)
        outputs, h, c, saved, laid = host.forward(call, Tensors(*tensors), trains)
        context.call = call
        context.save_for_backward(*saved, *laid, *tensors)
        # Two answers of one call may not be one tensor.
        return outputs, h.clone() if h is outputs else h, c

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        kinds = torch._C._functorch
        if any(kinds.is_legacy_batchedtensor(g) or kinds.is_functorch_wrapped_tensor(g) for g in gradients):
            raise NotImplementedError(f"the Triton engine takes no batches of gradients; {offer.FALLBACK}")
        found = Gradient.apply(context.call, context.needs_input_grad[2], *gradients, *context.saved_tensors)
        wanted = context.needs_input_grad[2:]
        return None, None, *(g if needed else None for g, needed in zip(found, wanted))


class Gradient(torch.autograd.Function):
    """Separate, so that a second derivative raises an error."""

    @staticmethod
    def forward(context: Any, call: Call, wants_x: bool, *tensors: Tensor) -> tuple[Tensor, ...]:
        d_outputs, dh, dc, h_all, c_all, *rest = tensors
        laid, rest = Laid(*rest[: len(Laid._fields)]), rest[len(Laid._fields) :]
        # Where only the last output is wanted, it is h.
        dh = dh if call.sequences else dh + d_outputs
        saved = plan.Saved(h_all, c_all)
        return tuple(host.backward(call, Tensors(*rest), saved, laid, d_outputs, dh, dc, wants_x))

    @staticmethod
    def backward(context: Any, *_: Tensor) -> NoReturn:
        raise NotImplementedError(f"the Triton engine has no second derivatives; {offer.FALLBACK}")
