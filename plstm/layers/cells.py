"""One step: the Phased LSTM cell and the Phased GRU cell.

The cells are Keras' own LSTM and GRU cells, arguments, weights and all, with a time gate between a step's proposal and
the state: state = state' + k (proposal - state').
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from plstm.engines import Weights
from plstm.engines.steps import gru_step, lstm_step
from plstm.layers.arguments import given
from plstm.layers.first_values import made_untraced
from plstm.layers.recurrent_cell import PhasedCell
from plstm.types import (
    Activation,
    Config,
    Constraint,
    GateGradient,
    GateShape,
    Initial,
    Initializer,
    Leak,
    Parametrization,
    Part,
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
        bias_initializer: of the bias (4H,).
        unit_forget_bias: whether the forget gates' bias begins at 1, whatever ``bias_initializer`` says.
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
        shift_initializer: shifts s, in the clock's unit, given likewise. Default: uniform over each unit's period.
        ratio_on_initializer: the open share of the period, 0 < ratio_on <= 1, given likewise.
        period_regularizer: of the periods, in the clock's unit.
        ratio_on_regularizer: of ratio_on.
        leak: alpha >= 0, the slope of the closed gate in training; a number or a schedule.
        leak_at_inference: whether the leak stays at inference.
        origin: the time that phases are measured from, in the clock's unit.
        parametrization: what the weights of the rhythm hold, ``"natural"`` or ``"log"``; see ``plstm.TimeGate``.
        frozen: names out of ``"period"``, ``"shift"`` and ``"ratio_on"`` that are not trained.
        gate_shape: ``"triangle"``, ``"square"``, ``"gaussian"`` or a serialisable callable ``(phase, ratio_on) -> k``.
        gate_gradient: of the rhythm, ``"exact"``, ``"truncated"`` or ``"none"``; see ``plstm.TimeGate``.
        trainable_gate: whether the rhythm is trained.
        peepholes: whether there are diagonal peephole weights (3, H) for i, f and o; i and f see c', o sees the
            proposal.
        name: of the layer; default: made of the class's.
        dtype: a dtype's or policy's name, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: of one step's inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        implementation: no effect; Keras has two ways to compute a step.

    Call arguments:
        inputs: (B, D).
        states: ``[h, c]``, each (B, H), or ``[h, c, steps]`` as from ``get_initial_state``; steps (B, 4) is the count
            of steps taken, as digits to base 256.
        times: scalar or (B,), in the unit of the periods; default: the count.
        training: whether leak and dropout act.

    Returns:
        ``h, [h, c]``, or ``h, [h, c, steps]`` with steps one more.

    Raises:
        TypeError: an argument that does not exist.
        ValueError: a period <= 0, a ratio_on outside (0, 1], an unknown option, neither times nor a count of steps.

    Notes:
        In ``keras.layers.RNN`` and ``StackedRNNCells``, which give a cell no times, it lives on the count: 0, 1, 2, ...
        as ``plstm.PhasedLSTM`` without times. Two things differ there. A masked step leaves every state as it is, the
        count too, so that steps after a gap come earlier (padding at the end makes no difference). And
        ``go_backwards`` counts in the order of reading. Times that are data go to ``plstm.PhasedLSTM``.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 1-11; the output peephole sees the proposal, as its
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
        frozen: Part | Sequence[Part] = (),
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

    def get_config(self) -> Config:
        return {**super().get_config(), "peepholes": self.use_peepholes}


@keras.saving.register_keras_serializable(package="plstm")
class PhasedGRUCell(PhasedCell, keras.layers.GRUCell):
    """One step of the Phased GRU: ``keras.layers.GRUCell`` with a time gate on its only state.

    .. math::
        h &= h' + k \\odot (\\tilde h - h') \\\\
        \\tilde h &= z \\odot h' + (1 - z) \\odot \\hat h

    Args:
        units: H, the number of units.
        activation: of the proposal; a name or a function; None: linear.
        recurrent_activation: of the gates z and r.
        use_bias: whether there is a bias.
        kernel_initializer: of the input weights (D, 3H).
        recurrent_initializer: of the recurrent weights (H, 3H).
        bias_initializer: of the bias (2, 3H), input over recurrent.
        kernel_regularizer: of the input weights.
        recurrent_regularizer: of the recurrent weights.
        bias_regularizer: of the bias.
        kernel_constraint: of the input weights.
        recurrent_constraint: of the recurrent weights.
        bias_constraint: of the bias.
        dropout: the share of the inputs dropped in training; the same ones at every step of a sequence.
        recurrent_dropout: the share of h' dropped in training, where it enters the matrix product.
        seed: of dropout; an integer or a ``keras.random.SeedGenerator``.
        reset_after: only True: all engines reset after the recurrent product, as Keras does by default.
        period_initializer: periods tau > 0, in the clock's unit; a Keras initializer, a number, or an array of H
            values. Default: ``LogUniform(1, 1000)``.
        shift_initializer: shifts s, in the clock's unit, given likewise. Default: uniform over each unit's period.
        ratio_on_initializer: the open share of the period, 0 < ratio_on <= 1, given likewise.
        period_regularizer: of the periods, in the clock's unit.
        ratio_on_regularizer: of ratio_on.
        leak: alpha >= 0, the slope of the closed gate in training; a number or a schedule.
        leak_at_inference: whether the leak stays at inference.
        origin: the time that phases are measured from, in the clock's unit.
        parametrization: what the weights of the rhythm hold, ``"natural"`` or ``"log"``; see ``plstm.TimeGate``.
        frozen: names out of ``"period"``, ``"shift"`` and ``"ratio_on"`` that are not trained.
        gate_shape: ``"triangle"``, ``"square"``, ``"gaussian"`` or a serialisable callable ``(phase, ratio_on) -> k``.
        gate_gradient: of the rhythm, ``"exact"``, ``"truncated"`` or ``"none"``; see ``plstm.TimeGate``.
        trainable_gate: whether the rhythm is trained.
        name: of the layer; default: made of the class's.
        dtype: a dtype's or policy's name, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: of one step's inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        implementation: no effect; Keras has two ways to compute a step.

    Call arguments:
        inputs: (B, D).
        states: ``[h]``, (B, H), or ``[h, steps]`` as from ``get_initial_state``, see ``plstm.PhasedLSTMCell``.
        times: scalar or (B,), in the unit of the periods; default: the count of steps.
        training: whether leak and dropout act.

    Returns:
        ``h, [h]``, or ``h, [h, steps]`` with steps one more.

    Raises:
        TypeError: an argument that does not exist.
        ValueError: ``reset_after=False``, and as ``plstm.PhasedLSTMCell``.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, only say that their gate extends to GRUs; this is the extension
        that updates h as the Phased LSTM does.

    Example:
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
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Seed = None,
        reset_after: bool = True,
        period_initializer: Initial = "log_uniform",
        shift_initializer: Initial = "uniform_over_period",
        ratio_on_initializer: Initial = 0.05,
        period_regularizer: Regularizer = None,
        ratio_on_regularizer: Regularizer = None,
        leak: Leak = 1e-3,
        leak_at_inference: bool = False,
        origin: float = 0.0,
        parametrization: Parametrization = "natural",
        frozen: Part | Sequence[Part] = (),
        gate_shape: GateShape = "triangle",
        gate_gradient: GateGradient = "exact",
        trainable_gate: bool = True,
        name: str | None = None,
        dtype: Policy = None,
        trainable: bool = True,
        activity_regularizer: Regularizer = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
        implementation: int = 2,
    ):
        if not reset_after:
            raise ValueError(
                "expected reset_after=True, got False: the phased GRU resets after the recurrent product, and weights "
                "of the other form are not its own"
            )
        super().__init__(**given(locals()))

    def sequence_weights(self) -> Weights:
        """``plstm.engines.Weights`` in the compute dtype; the bias is (2, 3H), input over recurrent."""
        bias = np.zeros((2, 3 * self.units)) if self.bias is None else self.bias
        return Weights(*map(self._cast, (self.kernel, self.recurrent_kernel, bias)))
