"""The native engine as a PyTorch function, on the CPU."""

from __future__ import annotations

import functools
from typing import Any, NoReturn

import numpy as np

from plstm.engines import native
from plstm.engines.kernel_inputs import CONSTANTS, KernelInputs, Options
from plstm.types import Tensor


@functools.cache
def function() -> Any:
    """The autograd function of a call. Differentiating it twice is an error that names the engine that can."""
    import torch

    class Sequence(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, options: Options, *tensors: Tensor) -> tuple[Tensor, ...]:
            results = native.forward(options, *(tensor.detach().numpy() for tensor in tensors))
            outputs, h, c, checkpoints = map(torch.from_numpy, results)
            context.options = options
            context.save_for_backward(checkpoints, *tensors)
            return outputs, h, c

        @staticmethod
        def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
            kinds = torch._C._functorch
            if any(kinds.is_legacy_batchedtensor(g) or kinds.is_functorch_wrapped_tensor(g) for g in gradients):
                raise NotImplementedError("the native engine takes no batches of gradients; use engine='scan'")
            needed = context.needs_input_grad[1:]
            checkpoints, *tensors = context.saved_tensors
            return None, *Gradient.apply(context.options, needed, checkpoints, *gradients, *tensors)

    class Gradient(torch.autograd.Function):
        """Separate, so that a second derivative raises an error."""

        @staticmethod
        def forward(context: Any, options: Options, needed: tuple[bool, ...], *tensors: Tensor) -> tuple[Tensor, ...]:
            arrays = [tensor.detach().numpy() for tensor in tensors]
            wants_x = needed[0]
            found = iter(native.backward(options, wants_x, *arrays))
            gradients = [
                None if name in CONSTANTS else np.ascontiguousarray(next(found)) for name in KernelInputs._fields
            ]
            return tuple(torch.from_numpy(gradient) if wanted else None for gradient, wanted in zip(gradients, needed))

        @staticmethod
        def backward(context: Any, *_: Tensor) -> NoReturn:
            return native.second_derivative()

    return Sequence


def run(inputs: KernelInputs, options: Options) -> tuple[Tensor, Tensor, Tensor]:
    """(outputs, h, c) as tensors."""
    return function().apply(options, *inputs)
