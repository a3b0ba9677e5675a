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
        self.state_size = [self.units] * self.state_count

    def build(self, input_shape):
        super().build(input_shape)
        self.time_gate.build()

    def __call__(self, inputs, states, times=None, **kwargs):
        if times is not None:
            kwargs["times"] = clock.from_user(times)
        return super().__call__(inputs, states, **kwargs)

    def call(self, inputs, states, times=0.0, training=False):
        """One step. inputs (B, D); states as returned before; times a scalar or (B,). Returns h and the new states."""
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
        return states[0], states

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in range(self.state_count)]

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
        inputs (B, D); states ``[h, c]``, each (B, H); times: scalar or (B,), in the unit of the periods.

    Returns:
        ``h, [h, c]``

    Raises:
        ValueError: a period <= 0, a ratio_on outside (0, 1], an unknown option.

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

    def build(self, input_shape):
        super().build(input_shape)
        self.peepholes = None
        if self.use_peepholes:
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
