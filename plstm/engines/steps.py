"""One step of the Phased LSTM and of the Phased GRU in Keras ops: what the cells and the portable engine share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from keras import ops

from plstm.engines.spec import Weights
from plstm.types import Tensor

Activation: TypeAlias = Callable[[Tensor], Tensor]


def project(inputs: Tensor, weights: Weights) -> Tensor:
    """The inputs' part of every gate, x W + b: (..., D) to (..., 4H), for one step or for a whole sequence.

    Products are written with the operator: ``keras.ops.matmul`` rounds 64-bit tensors to 32 bits on PyTorch.
    """
    bias = weights.bias[0] if len(weights.bias.shape) == 2 else weights.bias
    rows = ops.reshape(inputs, (-1, inputs.shape[-1])) @ weights.kernel + bias
    return ops.reshape(rows, (*ops.shape(inputs)[:-1], bias.shape[0]))


def lstm_step(
    projected: Tensor,
    state: Sequence[Tensor],
    k: Tensor,
    weights: Weights,
    activation: Activation = ops.tanh,
    recurrent_activation: Activation = ops.sigmoid,
    recurrent_dropout: Tensor = None,
) -> list[Tensor]:
    """One Phased LSTM step (paper, equations 1-5 and 8-11) from x W + b, in Keras ops.

    Args:
        projected: x W + b, (B, 4H), gates in the order i, f, c, o.
        state: ``[h, c]``, each (B, H).
        k: openness, (B, H) or (1, H).
        weights: those of the cell.
        activation: of the proposal.
        recurrent_activation: of the gates.
        recurrent_dropout: (B, H) or None, multiplies h' in the recurrent product.

    Returns:
        The new ``[h, c]``.
    """
    h, c = state
    inner = projected + (h if recurrent_dropout is None else h * recurrent_dropout) @ weights.recurrent_kernel
    z_i, z_f, z_c, z_o = ops.split(inner, 4, axis=-1)
    if weights.peepholes is not None:
        z_i = z_i + weights.peepholes[0] * c
        z_f = z_f + weights.peepholes[1] * c
    proposal = recurrent_activation(z_f) * c + recurrent_activation(z_i) * activation(z_c)
    if weights.peepholes is not None:
        z_o = z_o + weights.peepholes[2] * proposal
    output = recurrent_activation(z_o) * activation(proposal)
    return [h + k * (output - h), c + k * (proposal - c)]


def gru_step(
    projected: Tensor,
    state: Sequence[Tensor],
    k: Tensor,
    weights: Weights,
    activation: Activation = ops.tanh,
    recurrent_activation: Activation = ops.sigmoid,
    recurrent_dropout: Tensor = None,
) -> list[Tensor]:
    """One Phased GRU step from x W + b, in Keras ops (the ``reset_after`` form; order z, r, h).

    Shapes as in ``lstm_step``, with 3H for 4H and ``[h]`` for the state; ``weights.bias[1]`` is the recurrent bias.
    """
    (h,) = state
    inner = (h if recurrent_dropout is None else h * recurrent_dropout) @ weights.recurrent_kernel + weights.bias[1]
    x_z, x_r, x_h = ops.split(projected, 3, axis=-1)
    h_z, h_r, h_h = ops.split(inner, 3, axis=-1)
    z = recurrent_activation(x_z + h_z)
    output = z * h + (1.0 - z) * activation(x_h + recurrent_activation(x_r + h_r) * h_h)
    return [h + k * (output - h)]
