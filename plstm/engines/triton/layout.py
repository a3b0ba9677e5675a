"""A call of the Triton engine as one value, and its weights in the kernels' layout: four blocks, filled up.

``xp`` is the library of the tensors: ``torch`` or ``jax.numpy``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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

    ``x (B, T, D)``; ``times (1 or B, T)`` and ``rhythm (3, H)`` in 64 bits, or in 32 where JAX has no others;
    ``leak ()`` in 32 bits; ``mask (B, T)`` of 0 and 1 in 8 bits; ``dropout (B, H)``.
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
    rhythm: Tensor  # (3, size): period, shift, ratio_on
    leak: Tensor


def check(call: Call, tensors: Tensors) -> None:
    """ValueError unless all tensors of a call fit together: the kernels do not check bounds."""
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
        if tensor is not None and tuple(tensor.shape) not in shapes:
            raise ValueError(f"expected {name} of shape {' or '.join(map(str, shapes))}, got {tuple(tensor.shape)}")


def filled(tensor: Tensor, axis: int, size: int, xp: Any, value: float = 0.0) -> Tensor:
    """An axis made ``size`` long; what is added has this value."""
    shape = list(tensor.shape)
    shape[axis] = size - shape[axis]
    if not shape[axis]:
        return tensor
    added = xp.broadcast_to(xp.full_like(tensor[(slice(1),) * tensor.ndim], value), shape)
    return xp.concatenate([tensor, added], axis)


def spread(matrix: Tensor, size: int, gru: bool, absent: int, xp: Any) -> Tensor:
    """Columns of 3 or 4 blocks of H as 4 blocks of ``size``."""
    count = 3 if gru else 4
    blocks = matrix.reshape(matrix.shape[0], count, matrix.shape[1] // count)
    parts = [blocks[:, n] for n in range(count)]
    if gru:
        parts.insert(absent, xp.zeros_like(parts[0]))
    return filled(xp.stack(parts, 1), 2, size, xp).reshape(-1, 4 * size)


def gathered(gradient: Tensor, units: int, gru: bool, absent: int, xp: Any) -> Tensor:
    """The inverse of ``spread``, for gradients."""
    blocks = gradient.reshape(gradient.shape[0], 4, gradient.shape[1] // 4)[..., :units]
    return xp.concatenate([blocks[:, n] for n in range(4) if not gru or n != absent], 1)


def of_bias(gradient: Tensor, units: int, gru: bool, xp: Any) -> Tensor:
    """The gradient of a bias, from the sum of dz (4 * size,)."""
    both = [gathered(gradient[None], units, gru, absent, xp) for absent in (OF_X, OF_H)]
    return xp.concatenate(both) if gru else both[0][0]


def lay(call: Call, tensors: Tensors, xp: Any) -> Laid:
    size, gru = call.tiles.size, call.cell == "gru"
    units = tensors.recurrent_kernel.shape[0]
    bias = tensors.bias.reshape(-1, (3 if gru else 4) * units)
    bias = spread(bias[:1], size, gru, OF_X, xp) + (spread(bias[1:], size, gru, OF_H, xp) if gru else 0)
    recurrent = spread(tensors.recurrent_kernel, size, gru, OF_H, xp)
    blocks = filled(recurrent.reshape(units, 4, size), 0, size, xp)
    return Laid(
        kernel=spread(tensors.kernel, size, gru, OF_X, xp),
        recurrent=recurrent,
        bias=bias[0],
        ahead=xp.moveaxis(blocks, 1, 0),
        back=xp.moveaxis(blocks, 0, 2),
        peepholes=bias if tensors.peepholes is None else filled(tensors.peepholes, 1, size, xp),
        # A period of 1 for units that are not there: no division by 0.
        rhythm=filled(tensors.rhythm, 1, size, xp, 1.0),
        leak=tensors.leak,
    )
