"""The arguments of the compiled kernels, with the legend of their arrays, shapes and units.

B samples, T steps, D features, H units; an LSTM has G = 4 blocks of weights (i, f, c, o), a GRU G = 3 (z, r, h). Arrays
are in the compute dtype, float32 or float64, unless another is given. An array that a call does not use has size 0.

====================  =============================  =================================================================
``x``                 (B, T, D)                      inputs
``kernel``            (D, G H)                       input weights
``recurrent_kernel``  (H, G H)                       recurrent weights
``bias``              (4H,) or (2, 3H)               of an LSTM, or of a GRU: input over recurrent
``peepholes``         (3, H)                         of i, f, o; zeros without
``k``                 (B, T, H), (1, T, H) or none   openness, where it is computed outside the kernels
``times``             (B, T), (1, T) or none         float64, in the clock's unit, where the kernels compute openness
``rhythm``            (3, H)                         float64: period and shift in the clock's unit, ratio_on
``leak``              ()                             float64: slope of the closed gate
``mask``              (B, T) or none                 booleans; at a False step nothing changes
``recurrent_dropout`` (B, H) or none                 factors of h' in the recurrent product
``h``, ``c``          (B, H)                         initial state; a GRU's c is zeros
``checkpoints``       (tiles, segments, numbers)     c and h of every tile before each segment of steps
====================  =============================  =================================================================

In ``k`` and ``times`` a 1 for B says that the batch shares them. A name with ``d_`` is the gradient of the loss for
that array, of the same shape; gradients of weights have a row for each tile in front, to be summed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from plstm.types import Array, Booleans, Cell, Floats, GateGradient, GateShape

# What the kernels call each option. Openness of any other gate shape is computed outside.
CELLS: dict[Cell, int] = {"lstm": 0, "gru": 1}
GATE_SHAPES: dict[GateShape, int] = {"triangle": 0, "square": 1, "gaussian": 2}
GATE_GRADIENTS: dict[GateGradient, int] = {"none": 0, "exact": 1, "truncated": 2}
# Numbers kept for the backward pass, of each unit of each sample at each step: h', c', tanh c~.
KEPT = 3
# The arrays of ``KernelInputs`` that get no gradient.
CONSTANTS = ("times", "leak", "mask", "recurrent_dropout")


class Options(NamedTuple):
    """The settings of a call: all its arguments that are not arrays."""

    cell: Cell
    gate_shape: GateShape
    gate_gradient: GateGradient
    return_sequences: bool


class KernelInputs(NamedTuple):
    """The arrays of a call, as NumPy arrays or as a backend's tensors."""

    x: Any
    kernel: Any
    recurrent_kernel: Any
    bias: Any
    peepholes: Any
    k: Any
    times: Any
    rhythm: Any
    leak: Any
    mask: Any
    recurrent_dropout: Any
    h: Any
    c: Any


class PreparedInputs(NamedTuple):
    """The input of both kernels, from ``KernelInputs`` and ``Options``: contiguous, read-only; options as numbers."""

    x: Array
    peepholes: Array
    k: Array
    times: Floats
    rhythm: Floats
    leak: float
    mask: Booleans
    recurrent_dropout: Array
    cell: int
    gate_shape: int
    gate_gradient: int
    return_sequences: bool


class Results(NamedTuple):
    """What the kernel ``forward`` writes; (B, 0, H) for outputs without ``return_sequences``."""

    outputs: Array  # (B, T, H)
    h: Array  # (B, 1, H): before the call, the initial state; after it, the last state
    c: Array  # (B, 1, H), likewise
    checkpoints: Array  # (tiles, segments, numbers)


class Gradients(NamedTuple):
    """The other arrays of the kernel ``backward``. It reads the first two and writes all others.

    Gradients that are not wanted have size 0.
    """

    checkpoints: Array  # (tiles, segments, numbers)
    d_outputs: Array  # (B, T, H)
    d_h: Array  # (B, 1, H): before the call, of the last state; after it, of the initial state
    d_c: Array  # (B, 1, H), likewise
    d_weights: Array  # (tiles, columns * rows), transposed, with the padding of a ``Tile``
    d_peepholes: Array  # (tiles, 3, H)
    d_x: Array  # (B, T, D)
    d_k: Array  # (B, T, H), or (tiles, T, H) if the batch shares k
    d_rhythm: Floats  # (tiles, 3, H)


class Tile(NamedTuple):
    """The samples that one thread computes at a time, and the padded sizes of its arrays. Padding has no effect."""

    number: int  # of the tile
    first: int  # number of its first sample in the batch
    real: int  # how many samples it has
    n: int  # the same, padded to whole vectors; 1 for a single sample
    units: int  # how many units there are, padded to whole vectors if n is 1
    columns: int  # of the weights, which are rows of ``a`` at one step: x, ones and h', padded
    rows: int  # of the weights, which are rows of ``z`` at one step: four blocks of units, padded


class Space(NamedTuple):
    """The flat arrays that a tile is computed in.

    The samples of a unit are neighbours: the number of unit u and sample s is at ``u * n + s``, and ``size`` is
    units * n. ``steps`` is 1 in the forward pass and the steps of a segment in the backward pass.
    """

    packed: Array  # weights in the order in which products read them: D + 1 + H numbers a row, of at most ``rows``
    a: Array  # (steps * columns * n,): x, ones, h'
    z: Array  # (steps * rows * n,): pre-activations, then gates, then their gradients
    k: Array  # (steps * size,): openness, then its gradient
    kept: Array  # (steps * KEPT * size,): h', c' and tanh c~
    c: Array  # (size,)
    h: Array  # (size,)
    recurrent_dropout: Array  # (size,)
    peepholes: Array  # (3 * size,)
    clock: Array  # (samples,) float64: times of one step, only the first if the batch shares them
    row: Array  # (H,) float64: one number for each unit


class BackwardSpace(NamedTuple):
    """The flat arrays that only the backward pass has; ``size`` as in ``Space``."""

    packed: Array  # (rows * 4 * units,): transposed weights, of all columns or of those for h', padded
    d_a: Array  # (rows * n,), the rows of ``packed``: gradient of x, ones and h', or of h' alone, at the step after
    at_h: int  # the row of ``d_a`` at which the gradient of h' begins
    d_peepholes: Array  # (3 * size,)
    d_c: Array  # (size,)
    d_h: Array  # (size,), without the part in ``d_a``
