"""ODE-LSTM: between two steps the output of an LSTM follows a learned differential equation."""

import functools

import keras
from keras import ops

from plstm.lab.peers import recurrence
from plstm.lab.peers.timed import TimedLayer
from plstm.layers.arguments import check_option

SOLVERS = ("euler", "rk4")


@keras.saving.register_keras_serializable(package="plstm")
class ODELSTM(TimedLayer):
    """ODE-LSTM over whole sequences, with a solver of fixed steps.

    .. math::
        i, f, \\tilde c, o &= \\sigma, \\sigma, \\tanh, \\sigma \\; (x W + h' U + b) \\\\
        c &= f \\odot c' + i \\odot \\tilde c, \\quad y = o \\odot \\tanh(c) \\\\
        h &= \\mathrm{solve}\\Big(\\frac{dy}{d\\theta} = \\tanh(y W_1 + b_1) W_2 + b_2\\Big)
            \\text{ from } y \\text{ over the gap}

    The memory c is changed by the LSTM alone, so its gradients are those of an LSTM; the time acts on the output h,
    which the next step reads. The solver divides every gap into ``solver_steps`` equal ones.

    Args:
        units: H, the number of units.
        solver: ``"rk4"``, the classical Runge-Kutta method, or ``"euler"``.
        solver_steps: how many steps of it a gap is divided into, >= 1.
        bias_initializer: of b (4H,), in the order i, f, c~, o; None: 1 for the forget gate, 0 for the others.
        return_sequences: whether the outputs of all steps are wanted, or the last one alone.
        time_scale: what counts as 1 in the differential equation, in the unit of the times: a usual gap.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D).
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ... The gap of the first step is 0.
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.

    Returns:
        h (B, H), or (B, T, H) with ``return_sequences``.

    Raises:
        TypeError: units that are no integer.
        ValueError: as of ``TimedLayer``; an unknown solver, no step of it.

    Source:
        Lechner & Hasani (2020), *Learning long-term dependencies in irregularly-sampled time series*, arXiv:2006.04418,
        algorithm 1. It leaves the right-hand side open; a layer of tanh and a linear one is a common choice.

    Example:
        >>> import numpy as np
        >>> ODELSTM(4)(np.ones((2, 3, 1), "float32"), times=np.array([0.0, 0.5, 4.0])).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        units,
        *,
        solver="rk4",
        solver_steps=3,
        bias_initializer=None,
        return_sequences=False,
        time_scale=1.0,
        **kwargs,
    ):
        super().__init__(units, return_sequences=return_sequences, time_scale=time_scale, **kwargs)
        check_option("solver", solver, SOLVERS)
        if isinstance(solver_steps, bool) or not isinstance(solver_steps, int) or solver_steps < 1:
            raise ValueError(f"expected solver_steps to be an integer >= 1, got {solver_steps!r}")
        self.solver, self.solver_steps = solver, solver_steps
        self.bias_initializer = keras.initializers.get(bias_initializer)

    def build(self, sequences_shape, times_shape=None):
        super().build(sequences_shape)
        units, weight = self.units, self.add_weight
        self.kernel = weight(shape=(sequences_shape[-1], 4 * units), initializer="glorot_uniform", name="kernel")
        self.recurrent_kernel = weight(shape=(units, 4 * units), initializer="orthogonal", name="recurrent_kernel")
        self.bias = weight(shape=(4 * units,), initializer=self.bias_initializer or _forget, name="bias")
        self.inner_kernel = weight(shape=(units, units), initializer="glorot_uniform", name="inner_kernel")
        self.inner_bias = weight(shape=(units,), initializer="zeros", name="inner_bias")
        self.outer_kernel = weight(shape=(units, units), initializer="glorot_uniform", name="outer_kernel")
        self.outer_bias = weight(shape=(units,), initializer="zeros", name="outer_bias")

    def read(self, steps, training):
        told = ops.matmul(steps.x, self.kernel) + self.bias
        names = ("recurrent_kernel", "inner_kernel", "inner_bias", "outer_kernel", "outer_bias")
        weights = {name: getattr(self, name) for name in names}
        step = functools.partial(_step, self.solver, self.solver_steps)
        gaps, state = ops.cast(steps.gaps, told.dtype), [self.zeros(steps), self.zeros(steps)]
        return recurrence.run(step, weights, state, [told, gaps], steps.mask, self.return_sequences)

    def get_config(self):
        bias = self.bias_initializer
        return {
            **super().get_config(),
            "solver": self.solver,
            "solver_steps": self.solver_steps,
            "bias_initializer": None if bias is None else keras.initializers.serialize(bias),
        }


def _forget(shape, dtype=None):
    """1 for the forget gate of biases (4H,), 0 for the others."""
    units = shape[0] // 4
    zeros = ops.zeros((units,), dtype=dtype)
    return ops.concatenate([zeros, ops.ones((units,), dtype=dtype), zeros, zeros])


def _step(solver, count, weights, state, now):
    told, gap = now
    hidden, memory = state
    write, keep, new, show = ops.split(told + ops.matmul(hidden, weights["recurrent_kernel"]), 4, axis=-1)
    memory = ops.sigmoid(keep) * memory + ops.sigmoid(write) * ops.tanh(new)
    hidden = ops.sigmoid(show) * ops.tanh(memory)

    def slope(y):
        inner = ops.tanh(ops.matmul(y, weights["inner_kernel"]) + weights["inner_bias"])
        return ops.matmul(inner, weights["outer_kernel"]) + weights["outer_bias"]

    part = gap / count
    for _ in range(count):
        hidden = hidden + part * _SLOPES[solver](slope, hidden, part)
    return [hidden, memory]


def _rk4(slope, y, part):
    first = slope(y)
    second = slope(y + 0.5 * part * first)
    third = slope(y + 0.5 * part * second)
    return (first + 2 * second + 2 * third + slope(y + part * third)) / 6


_SLOPES = {"euler": lambda slope, y, part: slope(y), "rk4": _rk4}
