"""The native engine as a TensorFlow operation, in eager mode or in a graph; XLA cannot compile it."""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf

from plstm.engines import native
from plstm.engines.kernel_inputs import CONSTANTS, KernelInputs, Options
from plstm.types import Tensor


def run(inputs: KernelInputs, options: Options) -> tuple[Tensor, Tensor, Tensor]:
    """(outputs, h, c) as tensors."""
    x, dtype = inputs.x, inputs.x.dtype
    differentiable = {name: tensor for name, tensor in inputs._asdict().items() if name not in CONSTANTS}
    wanted = [tensor.dtype for tensor in differentiable.values()]

    @tf.custom_gradient
    def first_derivative(*arguments: Tensor) -> Any:
        gradients = tf.numpy_function(functools.partial(native.backward, options, True), arguments, wanted)
        for gradient, tensor in zip(gradients, differentiable.values()):
            gradient.set_shape(tensor.shape)
        return gradients, native.second_derivative

    @tf.custom_gradient
    def sequence(*arguments: Tensor) -> Any:
        outputs, h, c, checkpoints = tf.numpy_function(
            functools.partial(native.forward, options), arguments, [dtype] * 4
        )
        units = inputs.recurrent_kernel.shape[0]
        outputs.set_shape((x.shape[0], x.shape[1] if options.return_sequences else 0, units))
        h.set_shape((x.shape[0], units))
        c.set_shape((x.shape[0], units))

        def gradient(d_outputs: Tensor, d_h: Tensor, d_c: Tensor) -> list[Tensor]:
            found = dict(zip(differentiable, first_derivative(checkpoints, d_outputs, d_h, d_c, *arguments)))
            return [found.get(name) for name in KernelInputs._fields]

        return (outputs, h, c), gradient

    return sequence(*inputs)
