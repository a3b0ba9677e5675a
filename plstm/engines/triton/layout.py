"""A call of the Triton engine as one value, and its weights in the kernels' layout: four blocks, padded."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch.nn.functional import pad

from plstm.engines.bounds import BLOCKS
from plstm.engines.triton.tiles import Tiles
from plstm.types import Cell, GateGradient, GateShape, Tensor

# The block that a GRU's x, and its h', leave out of z, r, x_h, h_h.
OF_X, OF_H = 3, 2


class Call(NamedTuple):
    """The settings of a call: all its arguments that are not tensors."""

    cell: Cell
    shape: GateShape
    gradient: GateGradient
    sequences: bool
    checkpoint: bool
    precision: str
    tiles: Tiles


class Tensors(NamedTuple):
    """The tensors of a call: weights in the compute dtype, states and gate in their own; None for those it lacks.

    ``x (B, T, D)``, ``times (1 or B, T)`` and ``rhythm (3, H)`` in 64 bits, ``leak ()``, ``mask (B, T)``,
    ``dropout (B, H)``.
    """

    x: Tensor
    kernel: Tensor
    recurrent_kernel: Tensor
    bias: Tensor
    peepholes: Tensor
    rhythm: Tensor
    h: Tensor
    c: Tensor
    times: Tensor
    leak: Tensor
    mask: Tensor
    dropout: Tensor


class Laid(NamedTuple):
    """Tensors in the kernels' layout."""

    kernel: Tensor  # (D, 4 * size)
    recurrent: Tensor  # (H, 4 * size)
    bias: Tensor  # (4 * size,)
    ahead: Tensor  # (4, size, size): the recurrent weights block by block, for products in the forward pass
    back: Tensor  # (4, size, size): every block transposed
    peepholes: Tensor  # (3, size)
    rhythm: Tensor  # (3, size): 1 / period, shift, ratio_on
    leak: Tensor


def check(call: Call, tensors: Tensors) -> None:
    """ValueError unless all tensors of a call fit together, on one device: the kernels do not check bounds."""
    if tensors.x.ndim != 3 or tensors.recurrent_kernel.ndim != 2:
        raise ValueError(
            "expected x of shape (batch, steps, features) and recurrent_kernel of shape (units, blocks * units), "
            f"got {tuple(tensors.x.shape)} and {tuple(tensors.recurrent_kernel.shape)}"
        )
    (batch, steps, features), units = tensors.x.shape, len(tensors.recurrent_kernel)
    width = BLOCKS[call.cell] * units
    of_state, of_step = (batch, units), (batch, steps)
    fitting = Tensors(
        x=(tuple(tensors.x.shape),),
        kernel=((features, width),),
        recurrent_kernel=((units, width),),
        bias=((2, width) if call.cell == "gru" else (width,),),
        peepholes=((3, units),),
        rhythm=((3, units),),
        h=(of_state,),
        c=(of_state,),
        times=(of_step, (1, steps)),
        leak=((),),
        mask=(of_step,),
        dropout=(of_state,),
    )
    for name, tensor, shapes in zip(Tensors._fields, tensors, fitting):
        if tensor is None:
            continue
        if tuple(tensor.shape) not in shapes:
            raise ValueError(f"expected {name} of shape {' or '.join(map(str, shapes))}, got {tuple(tensor.shape)}")
        if tensor.device != tensors.x.device:
            raise ValueError(f"expected {name} on {tensors.x.device}, where x is, got {tensor.device}")


def spread(matrix: Tensor, size: int, gru: bool, absent: int) -> Tensor:
    """Columns of 3 or 4 blocks of H as 4 blocks of ``size``."""
    blocks = 3 if gru else 4
    parts = list(matrix.reshape(matrix.shape[0], blocks, -1).unbind(1))
    if gru:
        parts.insert(absent, torch.zeros_like(parts[0]))
    return pad(torch.stack(parts, 1), (0, size - parts[0].shape[-1])).flatten(1)


def gathered(gradient: Tensor, units: int, gru: bool, absent: int) -> Tensor:
    """The inverse of ``spread``, for gradients."""
    parts = list(gradient.reshape(gradient.shape[0], 4, -1)[..., :units].unbind(1))
    if gru:
        del parts[absent]
    return torch.cat(parts, 1)


def lay(call: Call, tensors: Tensors) -> Laid:
    size, gru = call.tiles.size, call.cell == "gru"
    units = tensors.recurrent_kernel.shape[0]
    bias = tensors.bias.reshape(-1, (3 if gru else 4) * units)
    bias = spread(bias[:1], size, gru, OF_X) + (spread(bias[1:], size, gru, OF_H) if gru else 0)
    period, shift, ratio_on = tensors.rhythm
    fill = (0, size - units)
    rhythm = torch.stack([pad(1.0 / period, fill), pad(shift, fill), pad(ratio_on, fill, value=1.0)])
    peepholes = bias if tensors.peepholes is None else pad(tensors.peepholes, fill).contiguous()
    recurrent = spread(tensors.recurrent_kernel, size, gru, OF_H)
    blocks = pad(recurrent.reshape(units, 4, size), (0, 0, 0, 0, 0, size - units))
    return Laid(
        spread(tensors.kernel, size, gru, OF_X).contiguous(),
        recurrent,
        bias[0].contiguous(),
        blocks.transpose(0, 1).contiguous(),
        blocks.permute(1, 2, 0).contiguous(),
        peepholes,
        rhythm,
        tensors.leak.to(torch.float32),
    )
