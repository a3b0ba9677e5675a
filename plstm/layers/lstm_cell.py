"""The Phased LSTM cell: one step of Keras' LSTM cell, with a time gate between the proposal and the state."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from plstm.engines import Weights
from plstm.engines.steps import lstm_step
from plstm.layers.arguments import given
from plstm.layers.initial_values import made_untraced
from plstm.layers.initializers import ChronoBias, ForgetBias
from plstm.layers.recurrent_cell import PhasedCell
from plstm.types import (
    Activation,
    Constraint,
    GateGradient,
    GateParameter,
    GateShape,
    Initial,
    Initializer,
    LayerConfig,
    Leak,
    Parametrization,
    Policy,
    Regularizer,
    Seed,
    Shape,
)


@keras.saving.register_keras_serializable(package="plstm")
class PhasedLSTMCell(PhasedCell, keras.layers.LSTMCell):
    """One step of the Phased LSTM: ``keras.layers.LSTMCell`` with a time gate.

    .. math::
        c &= c' + k \\odot (\\tilde c - c') \\\\
        h &= h' + k \\odot (\\tilde h - h')

    where the proposals come from an LSTM step on x and the previous gated h' and c', and k from ``plstm.TimeGate``.

    Args:
        units: H, the number of units.
        activation: of the proposed cell state and of the output; a name or a function; None: linear.
        recurrent_activation: of the gates i, f and o.
        use_bias: whether there is a bias.
        kernel_initializer: of the input weights (D, 4H).
        recurrent_initializer: of the recurrent weights (H, 4H).
        bias_initializer: of the bias (4H,); ``plstm.ChronoBias`` needs ``unit_forget_bias=False``.
        unit_forget_bias: whether the forget gates' bias starts at 1, whatever ``bias_initializer`` is.
        kernel_regularizer: of the input weights.
        recurrent_regularizer: of the recurrent weights.
        bias_regularizer: of the bias.
        kernel_constraint: of the input weights.
        recurrent_constraint: of the recurrent weights.
        bias_constraint: of the bias.
        dropout: the share of the inputs dropped in training; the same ones at every step of a sequence.
        recurrent_dropout: the share of h' dropped in training, where it enters the matrix product.
        seed: of dropout; an integer or a ``keras.random.SeedGenerator``.
        period_initializer: periods tau > 0, in the clock's unit; a Keras initializer, a number, or an array of H
            values. Default: ``LogUniform(1, 1000)``.
        shift_initializer: shifts s, in the clock's unit, in the same forms. Default: uniform over each unit's period.
        ratio_on_initializer: the open share of the period, 0 < ratio_on <= 1, in the same forms.
        period_regularizer: of the periods, in the clock's unit.
        ratio_on_regularizer: of ratio_on.
        leak: alpha >= 0, the slope of the closed gate in training; a number or a schedule.
        leak_at_inference: whether the leak stays at inference.
        origin: the time that phases are measured from, in the clock's unit.
        parametrization: what the gate's weights hold, ``"natural"`` or ``"log"``; see ``plstm.TimeGate``.
        frozen: which of ``"period"``, ``"shift"`` and ``"ratio_on"`` are not trained.
        gate_shape: ``"triangle"``, ``"square"``, ``"gaussian"`` or a serialisable callable ``(phase, ratio_on) -> k``.
        gate_gradient: the gate's gradient, ``"exact"``, ``"truncated"`` or ``"none"``; see ``plstm.TimeGate``.
        trainable_gate: whether period, shift and ratio_on are trained.
        peepholes: whether there are diagonal peephole weights (3, H) for i, f and o; i and f see c', o sees the
            proposal.
        name: the layer's name; default: made from the class name.
        dtype: the name of a dtype or policy, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: of one step's inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        implementation: no effect; accepted because Keras' cells have it.

    Call arguments:
        inputs: (B, D).
        states: ``[h, c]``, each (B, H), or ``[h, c, steps]`` as from ``get_initial_state``; steps (B, 4) is the count
            of steps taken, as digits to base 256.
        times: scalar or (B,), in the unit of the periods; default: the count.
        training: whether leak and dropout act.

    Returns:
        ``h, [h, c]``, or ``h, [h, c, steps]`` with steps one more.

    Raises:
        TypeError: an unknown argument.
        ValueError: a period <= 0, a ratio_on outside (0, 1], an unknown option, no times and no count of steps.

    Notes:
        ``keras.layers.RNN`` and ``StackedRNNCells`` give a cell no times. There the count of steps is its time: 0, 1,
        2, ..., as in ``plstm.PhasedLSTM`` without times. Two things differ. A masked step leaves every state unchanged,
        the count too, so that steps after a gap come earlier (padding at the end makes no difference). And
        ``go_backwards`` counts in the order of reading. If times are part of the data, use ``plstm.PhasedLSTM``.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 1-11. The output peephole sees the proposal, as the
        first author confirmed; the paper prints the gated state.

    Example:
        >>> import numpy as np
        >>> from plstm import PhasedLSTMCell
        >>> cell = PhasedLSTMCell(3, period_initializer=10.0, shift_initializer=0.0, ratio_on_initializer=0.2)
        >>> h, state = cell(np.ones((1, 2)), cell.get_initial_state(1), times=5.0)  # closed: h stays 0
        >>> h.numpy().tolist()
        [[0.0, 0.0, 0.0]]
    """

    kind = "lstm"
    step = staticmethod(lstm_step)
    state_count = 2

    def __init__(
        self,
        units: int,
        *,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Seed = None,
        period_initializer: Initial = "log_uniform",
        shift_initializer: Initial = "uniform_over_period",
        ratio_on_initializer: Initial = 0.05,
        period_regularizer: Regularizer = None,
        ratio_on_regularizer: Regularizer = None,
        leak: Leak = 1e-3,
        leak_at_inference: bool = False,
        origin: float = 0.0,
        parametrization: Parametrization = "natural",
        frozen: GateParameter | Sequence[GateParameter] = (),
        gate_shape: GateShape = "triangle",
        gate_gradient: GateGradient = "exact",
        trainable_gate: bool = True,
        peepholes: bool = False,
        name: str | None = None,
        dtype: Policy = None,
        trainable: bool = True,
        activity_regularizer: Regularizer = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
        implementation: int = 2,
    ):
        arguments = given(locals())
        del arguments["peepholes"]
        super().__init__(**arguments)
        if self.unit_forget_bias and isinstance(self.bias_initializer, (ChronoBias, ForgetBias)):
            raise ValueError(
                f"expected unit_forget_bias=False with {type(self.bias_initializer).__name__}, which sets the biases "
                "of the forget gates itself, got True"
            )
        self.use_peepholes = bool(peepholes)
        self.peepholes = None

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        if self.use_peepholes:
            with made_untraced():
                self.peepholes = self.add_weight(shape=(3, self.units), name="peepholes", initializer="zeros")

    def sequence_weights(self) -> Weights:
        """``plstm.engines.Weights`` in the compute dtype."""
        bias = np.zeros(4 * self.units) if self.bias is None else self.bias
        return Weights(*map(self._cast, (self.kernel, self.recurrent_kernel, bias, self.peepholes)))

    def get_config(self) -> LayerConfig:
        return {**super().get_config(), "peepholes": self.use_peepholes}
