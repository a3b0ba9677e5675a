"""A deep state space model with a diagonal transition and real time steps, computed by an associative scan."""

import math

import keras
from keras import ops

from plstm.lab.peers import earlier
from plstm.lab.peers.timed import TimedLayer
from plstm.layers.arguments import check_option, check_units

INPUTS = ("impulse", "held")
POOLINGS = ("last", "mean")
# The first time steps of the states, in ``time_scale``.
SLOWEST, FASTEST = 1e-3, 1e-1


@keras.saving.register_keras_serializable(package="plstm")
class DiagonalSSM(TimedLayer):
    """Stacked linear state spaces with nonlinearities between them, over whole sequences.

    Each block normalises its input u over the features, runs it through a state space, and adds what comes out, bent
    and gated, to u:

    .. math::
        \\Lambda &= -e^{a} + i \\omega, \\quad \\bar\\Lambda_n = \\exp(\\Lambda \\, e^{\\delta} \\Delta t_n) \\\\
        z_n &= \\bar\\Lambda_n \\odot z_{n-1}
            + \\Lambda^{-1} (\\exp(\\Lambda e^{\\delta} \\epsilon_n) - 1) \\odot B u_n \\\\
        y_n &= 2 \\, \\mathrm{Re}(C z_n) + d \\odot u_n, \\quad
        v_n = \\mathrm{gelu}(y_n), \\quad \\mathrm{out}_n = v_n \\odot \\sigma(v_n W + b)

    ``"held"``: epsilon_n is the gap, as if the input had stood since the step before (zero-order hold, S5): the first
    step, whose gap is 0, leaves nothing in the state. ``"impulse"``: epsilon_n = 1: an input counts the same however
    long ago the last one came. The recurrence is linear, so all steps are computed together in about 2 log2(T)
    rounds. A linear layer in front brings D features to H.

    Args:
        units: H, the width of the blocks.
        states: P, the complex states of each block; None: half of the units, rounded up.
        depth: how many blocks.
        input: ``"impulse"`` or ``"held"``.
        pooling: what is the answer without ``return_sequences``: the output of the ``"last"`` step, or the ``"mean"``
            over all that count.
        return_sequences: whether the outputs of all steps are wanted.
        time_scale: what counts as 1 in the gaps, in the unit of the times: a usual gap.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D).
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ... The gap of the first step is 0.
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.

    Returns:
        (B, H), or (B, T, H) with ``return_sequences``.

    Raises:
        TypeError: units or states that are no integer.
        ValueError: as of ``TimedLayer``; no states, no blocks, an unknown input or pooling; when called: a graph that
            does not know T.

    Source:
        Smith, Warrington & Linderman (2023), *Simplified state space layers for sequence modeling* (S5),
        arXiv:2208.04933: the blocks, the scan, the zero-order hold over real gaps. Gu, Gupta, Goel & Re (2022),
        arXiv:2206.11893: the first eigenvalues, -1/2 + i pi n. Schoene et al. (2024), arXiv:2404.18508: impulses at the
        times of events.

    Example:
        >>> import numpy as np
        >>> DiagonalSSM(4)(np.ones((2, 3, 1), "float32"), times=np.array([0.0, 0.5, 4.0])).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        units,
        *,
        states=None,
        depth=2,
        input="impulse",
        pooling="last",
        return_sequences=False,
        time_scale=1.0,
        **kwargs,
    ):
        super().__init__(units, return_sequences=return_sequences, time_scale=time_scale, **kwargs)
        check_option("input", input, INPUTS)
        check_option("pooling", pooling, POOLINGS)
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
            raise ValueError(f"expected depth to be an integer >= 1, got {depth!r}")
        self.states = None if states is None else check_units(states)
        self.depth, self.input_kind, self.pooling = depth, input, pooling

    def build(self, sequences_shape, times_shape=None):
        super().build(sequences_shape)
        self.kernel = self.add_weight(
            shape=(sequences_shape[-1], self.units), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.blocks = [self._block(n) for n in range(self.depth)]

    def _block(self, number):
        units, states = self.units, self.states or (self.units + 1) // 2
        normal, step = keras.initializers.RandomNormal, keras.initializers.RandomUniform
        initial = {
            "scale": ((units,), "ones"),
            "offset": ((units,), "zeros"),
            "log_decay": ((states,), keras.initializers.Constant(math.log(0.5))),
            "frequency": ((states,), lambda shape, dtype=None: math.pi * ops.arange(shape[0], dtype=dtype)),
            "log_step": ((states,), step(math.log(SLOWEST), math.log(FASTEST))),
            "enter_real": ((units, states), normal(stddev=(2 * units) ** -0.5)),
            "enter_imaginary": ((units, states), normal(stddev=(2 * units) ** -0.5)),
            "leave_real": ((states, units), normal(stddev=(2 * states) ** -0.5)),
            "leave_imaginary": ((states, units), normal(stddev=(2 * states) ** -0.5)),
            "skip": ((units,), normal(stddev=1.0)),
            "gate_kernel": ((units, units), "glorot_uniform"),
            "gate_bias": ((units,), "zeros"),
        }
        return {
            name: self.add_weight(shape=shape, initializer=start, name=f"{name}_{number}")
            for name, (shape, start) in initial.items()
        }

    def read(self, steps, training):
        hidden = ops.matmul(steps.x, self.kernel) + self.bias
        gaps = ops.cast(steps.gaps, hidden.dtype)
        for block in self.blocks:
            block = {name: ops.convert_to_tensor(weight) for name, weight in block.items()}
            inside = _state_space(block, _normalised(block, hidden), gaps, steps, self.input_kind == "held")
            bent = ops.gelu(inside, approximate=False)
            hidden = hidden + bent * ops.sigmoid(ops.matmul(bent, block["gate_kernel"]) + block["gate_bias"])
        return self._answer(hidden, steps.mask)

    def _answer(self, hidden, mask):
        if self.return_sequences:
            return hidden if mask is None else earlier.last(hidden, mask)
        if self.pooling == "last":
            return hidden[:, -1] if mask is None else earlier.last(hidden, mask)[:, -1]
        if mask is None:
            return ops.mean(hidden, axis=1)
        counts = ops.cast(ops.expand_dims(mask, -1), hidden.dtype)
        return ops.sum(counts * hidden, axis=1) / ops.maximum(ops.sum(counts, axis=1), 1.0)

    def get_config(self):
        own = {"states": self.states, "depth": self.depth, "input": self.input_kind, "pooling": self.pooling}
        return {**super().get_config(), **own}


def _normalised(block, hidden):
    """Zero mean and unit variance over the features, then scaled and moved."""
    centred = hidden - ops.mean(hidden, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
    return centred * ops.rsqrt(variance + 1e-6) * block["scale"] + block["offset"]


def _state_space(block, u, gaps, steps, held):
    """y (B, T, H) of the inputs u (B, T, H). Complex numbers are pairs of real ones: backends differ in the others."""
    real, imaginary = -ops.exp(block["log_decay"]), block["frequency"]
    step = ops.exp(block["log_step"])
    turn = _exponential(real * step * gaps, imaginary * step * gaps)
    seen = turn if held else _exponential(real * step, imaginary * step)
    weight = _divide((seen[0] - 1.0, seen[1]), (real, imaginary))
    entering = ops.matmul(u, block["enter_real"]), ops.matmul(u, block["enter_imaginary"])
    entering = [steps.counted(part) for part in _times(weight, entering)]
    # Where a step does not count its gap is 0: it turns nothing.
    if u.shape[1] is None:
        raise ValueError("expected a known number of steps for an associative scan, got None")
    scanned = ops.associative_scan(_follow, [*turn, *entering], axis=1)
    # In a graph of TensorFlow the scan forgets the shape.
    z = [ops.reshape(part, (-1, *turn[0].shape[1:])) for part in scanned[2:]]
    left = ops.matmul(z[0], block["leave_real"]) - ops.matmul(z[1], block["leave_imaginary"])
    return 2 * left + block["skip"] * u


def _follow(first, second):
    """Two stretches one after the other: what the state is turned by, and what is added to it."""
    turn = _times(second[:2], first[:2])
    carried = _times(second[:2], first[2:])
    return [*turn, carried[0] + second[2], carried[1] + second[3]]


def _exponential(real, imaginary):
    size = ops.exp(real)
    return size * ops.cos(imaginary), size * ops.sin(imaginary)


def _times(a, b):
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _divide(a, b):
    size = b[0] * b[0] + b[1] * b[1]
    return (a[0] * b[0] + a[1] * b[1]) / size, (a[1] * b[0] - a[0] * b[1]) / size
