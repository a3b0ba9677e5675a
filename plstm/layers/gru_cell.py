"""The Phased GRU cell: one step of Keras' GRU cell, with a time gate between the proposal and the state."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from plstm.engines import Weights
from plstm.engines.steps import gru_step
from plstm.layers.arguments import given
from plstm.layers.recurrent_cell import PhasedCell
from plstm.types import (
    Activation,
    Constraint,
    GateGradient,
    GateParameter,
    GateShape,
    Initial,
    Initializer,
    Leak,
    Parametrization,
    Policy,
    Regularizer,
    Seed,
    Shape,
)


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
        reset_after: only True; all engines reset after the recurrent product, as Keras does by default.
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
        name: the layer's name; default: made from the class name.
        dtype: the name of a dtype or policy, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: of one step's inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        implementation: no effect; accepted because Keras' cells have it.

    Call arguments:
        inputs: (B, D).
        states: ``[h]``, (B, H), or ``[h, steps]`` as from ``get_initial_state``, see ``plstm.PhasedLSTMCell``.
        times: scalar or (B,), in the unit of the periods; default: the count of steps.
        training: whether leak and dropout act.

    Returns:
        ``h, [h]``, or ``h, [h, steps]`` with steps one more.

    Raises:
        TypeError: an unknown argument.
        ValueError: ``reset_after=False``, and as ``plstm.PhasedLSTMCell``.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, only say that their gate extends to GRUs. Here h is updated as in
        the Phased LSTM.

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
        frozen: GateParameter | Sequence[GateParameter] = (),
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
                "trained with reset_after=False do not fit it"
            )
        super().__init__(**given(locals()))

    def sequence_weights(self) -> Weights:
        """``plstm.engines.Weights`` in the compute dtype; the bias is (2, 3H), input over recurrent."""
        bias = np.zeros((2, 3 * self.units)) if self.bias is None else self.bias
        return Weights(*map(self._cast, (self.kernel, self.recurrent_kernel, bias)))
