"""One step: the Phased LSTM cell and the Phased GRU cell.

The cells are Keras' own LSTM and GRU cells, arguments, weights and all, with a time gate between a step's proposal and
the state: state = state' + k (proposal - state').
"""

import keras
import numpy as np
from keras import ops

from plstm.engines import Weights
from plstm.engines.steps import gru_step, lstm_step, project
from plstm.layers import clock
from plstm.layers.first_values import made_untraced
from plstm.layers.time_gate import TimeGate, check_units

GATE_ARGUMENTS = (
    "period_initializer",
    "shift_initializer",
    "ratio_on_initializer",
    "period_regularizer",
    "ratio_on_regularizer",
    "leak",
    "leak_at_inference",
    "origin",
    "parametrization",
    "frozen",
)


# How many steps a cell has taken, (B, 4): digits to this base, the lowest first. Keras keeps every state in the compute
# dtype, and bfloat16 has no whole number after 256; so digits are exact in each, up to 2^32 steps.
DIGITS, BASE = 4, 256.0


def _count(digits):
    """Digits (B, 4) as a number of steps (B,), in the clock's dtype."""
    places = ops.convert_to_tensor(BASE ** np.arange(DIGITS), dtype=clock.dtype())
    return ops.sum(ops.cast(digits, clock.dtype()) * places, axis=-1)


def _next(digits):
    """Digits (B, 4) of one step more."""
    carry, new = ops.ones_like(digits[:, :1]), []
    for place in range(DIGITS):
        digit = digits[:, place : place + 1] + carry
        carry = ops.cast(digit >= BASE, digit.dtype)
        new.append(digit - BASE * carry)
    return ops.concatenate(new, axis=-1)


class _PhasedCell:
    """What the two cells share: a time gate beside the weights of the Keras cell they extend."""

    def __init__(self, units, *, gate_shape="triangle", gate_gradient="exact", trainable_gate=True, **kwargs):
        given = {name: kwargs.pop(name) for name in GATE_ARGUMENTS if name in kwargs}
        # Keras would cast the times too: what has to be cast, ``call`` does.
        super().__init__(check_units(units), autocast=False, **kwargs)
        # One mask for all gates of a unit, as the layers have, where Keras may draw one for each.
        self.dropout_mask_count = None
        self.time_gate = TimeGate(
            units,
            shape=gate_shape,
            gradient=gate_gradient,
            trainable=trainable_gate,
            dtype=self.dtype_policy,
            name="time_gate",
            **given,
        )
        self.state_size = [self.units] * self.state_count + [DIGITS]

    def build(self, input_shape):
        with made_untraced():
            super().build(input_shape)
        # Not before the gate is: Keras tries a build that failed in a trace again, and then tells why.
        self.built = False
        self.time_gate.build()

    def __call__(self, inputs, states, times=None, **kwargs):
        if times is not None:
            kwargs["times"] = clock.from_user(times)
        return super().__call__(inputs, states, **kwargs)

    def call(self, inputs, states, times=None, training=False):
        """One step. inputs (B, D); states as returned before; times a scalar or (B,). Returns h and the new states."""
        states, steps = list(states[: self.state_count]), list(states[self.state_count :])
        if times is None:
            if not steps:
                raise ValueError(
                    f"expected times, or {self.state_count + 1} states, the last a count of steps as from "
                    f"get_initial_state, got no times and {len(states)} states"
                )
            times = _count(steps[0])
        times = ops.reshape(times if ops.is_tensor(times) else ops.cast(times, clock.dtype()), (-1,))
        k = self.time_gate.gate(times, training).openness(self.compute_dtype)
        weights = self.sequence_weights()
        inputs = ops.cast(inputs, self.compute_dtype)
        states = [ops.cast(s, self.compute_dtype) for s in states]
        recurrent_dropout = None
        if training:
            # Keras keeps these masks from step to step; its RNN has new ones made for every sequence.
            recurrent_dropout = self._cast(self.get_recurrent_dropout_mask(states[0]))
            dropout = self._cast(self.get_dropout_mask(inputs))
            inputs = inputs if dropout is None else inputs * dropout
        states = type(self).step(
            project(inputs, weights),
            states,
            k,
            weights,
            self.activation,
            self.recurrent_activation,
            recurrent_dropout,
        )
        return states[0], [*states, *map(_next, steps)]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self):
        gate = self.time_gate.get_config()
        return {
            **super().get_config(),
            **{name: gate[name] for name in GATE_ARGUMENTS},
            "gate_shape": gate["shape"],
            "gate_gradient": gate["gradient"],
            "trainable_gate": self.time_gate.trainable,
        }

    def _cast(self, weight):
        return None if weight is None else ops.cast(weight, self.compute_dtype)


@keras.saving.register_keras_serializable(package="plstm")
class PhasedLSTMCell(_PhasedCell, keras.layers.LSTMCell):
    """One step of the Phased LSTM: ``keras.layers.LSTMCell`` with a time gate.

    .. math::
        c &= c' + k \\odot (\\tilde c - c') \\\\
        h &= h' + k \\odot (\\tilde h - h')

    where the proposals come from an LSTM step on x and the previous gated h' and c', and k from ``plstm.TimeGate``.

    Args:
        units: H. peepholes: diagonal peephole weights (3, H) for i, f and o; i and f see c', o sees the proposal.
        gate_shape, gate_gradient, trainable_gate: shape, gradient and trainability of the ``TimeGate``.
        **kwargs: every other argument of ``keras.layers.LSTMCell`` and of ``TimeGate``.

    Call arguments:
        inputs (B, D); states ``[h, c]``, each (B, H), or ``[h, c, steps]`` as from ``get_initial_state``, steps (B, 4)
        being the count of steps taken, as digits to base 256; times: scalar or (B,), in the unit of the periods,
        default the count.

    Returns:
        ``h, [h, c]``, or ``h, [h, c, steps]`` with steps one more.

    Raises:
        ValueError: a period <= 0, a ratio_on outside (0, 1], an unknown option, neither times nor a count of steps.

    Notes:
        In ``keras.layers.RNN`` and ``StackedRNNCells``, which give a cell no times, it lives on the count: 0, 1, 2, ...
        as ``plstm.PhasedLSTM`` without times. Two things differ there. A masked step leaves every state as it is, the
        count too, so that steps after a gap come earlier (padding at the end makes no difference). And
        ``go_backwards`` counts in the order of reading. Times that are data go to ``plstm.PhasedLSTM``.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 1-11; the output peephole sees the proposal, as its
    first author confirmed, not the gated state as printed.

    Example:
        >>> import numpy as np
        >>> from plstm import PhasedLSTMCell
        >>> cell = PhasedLSTMCell(3, period_initializer=10.0, shift_initializer=0.0, ratio_on_initializer=0.2)
        >>> h, state = cell(np.ones((1, 2)), cell.get_initial_state(1), times=5.0)  # closed: nothing moves
        >>> h.numpy().tolist()
        [[0.0, 0.0, 0.0]]
    """

    kind = "lstm"
    step = staticmethod(lstm_step)
    state_count = 2

    def __init__(self, units, *, peepholes=False, **kwargs):
        super().__init__(units, **kwargs)
        self.use_peepholes = bool(peepholes)
        self.peepholes = None

    def build(self, input_shape):
        super().build(input_shape)
        if self.use_peepholes:
            with made_untraced():
                self.peepholes = self.add_weight(shape=(3, self.units), name="peepholes", initializer="zeros")

    def sequence_weights(self):
        """``plstm.engines.Weights`` in the compute dtype."""
        bias = np.zeros(4 * self.units) if self.bias is None else self.bias
        return Weights(*map(self._cast, (self.kernel, self.recurrent_kernel, bias, self.peepholes)))

    def get_config(self):
        return {**super().get_config(), "peepholes": self.use_peepholes}


@keras.saving.register_keras_serializable(package="plstm")
class PhasedGRUCell(_PhasedCell, keras.layers.GRUCell):
    """One step of the Phased GRU: ``keras.layers.GRUCell`` with a time gate on its only state.

    .. math::
        h &= h' + k \\odot (\\tilde h - h') \\\\
        \\tilde h &= z \\odot h' + (1 - z) \\odot \\hat h

    Arguments, errors and example as for ``PhasedLSTMCell``, without peepholes; always in the ``reset_after`` form.
    The paper only says that its gate extends to GRUs; this is the extension that updates h as the Phased LSTM does.

    >>> import numpy as np
    >>> from plstm import PhasedGRUCell
    >>> cell = PhasedGRUCell(2, gate_shape="square", ratio_on_initializer=1.0)
    >>> h, state = cell(np.ones((1, 2)), cell.get_initial_state(1), times=5.0)
    >>> h.shape
    TensorShape([1, 2])
    """

    kind = "gru"
    step = staticmethod(gru_step)
    state_count = 1

    def __init__(self, units, *, reset_after=True, **kwargs):
        if not reset_after:
            raise ValueError(
                "expected reset_after=True, got False: the phased GRU resets after the recurrent product, and weights "
                "of the other form are not its own"
            )
        super().__init__(units, **kwargs)

    def sequence_weights(self):
        """``plstm.engines.Weights`` in the compute dtype; the bias is (2, 3H), input over recurrent."""
        bias = np.zeros((2, 3 * self.units)) if self.bias is None else self.bias
        return Weights(*map(self._cast, (self.kernel, self.recurrent_kernel, bias)))
