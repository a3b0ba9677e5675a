"""The Phased GRU as a Keras layer: Keras' recurrent layer with one more input, the times. An engine computes it."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from plstm.layers.arguments import given
from plstm.layers.gru_cell import PhasedGRUCell
from plstm.layers.recurrent import PhasedRNN
from plstm.types import (
    Activation,
    Constraint,
    Engine,
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
class PhasedGRU(PhasedRNN):
    """Phased GRU over whole sequences: a GRU whose units are updated only while their time gates are open.

    .. math:: h = h' + k \\odot (\\tilde h - h')

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
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last state, h, too.
        go_backwards: whether to read the last step first; times and masks are reversed too.
        stateful: whether each sample starts from the last state of the sample at the same place in the previous batch.
            Without times such a layer continues its count of steps from call to call. Its state (``states``,
            ``steps_seen``) is not a weight and is not saved.
        zero_output_for_mask: whether outputs at masked steps are 0 instead of the previous output.
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
        engine: ``"auto"``, ``"native"`` (fused, CPU), ``"triton"`` (fused, NVIDIA GPU under PyTorch, or
            under JAX with jax-triton), ``"scan"`` (portable), or, with training memory that grows as sqrt(T),
            ``"triton-checkpointed"`` and ``"scan-checkpointed"``. ``layer.engine`` names the one that computed the last
            call, and ``layer.engine.reason`` says why no faster one was chosen.
        name: the layer's name; default: made from the class name.
        dtype: the name of a dtype or policy, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: (T, D) of the inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        autocast: only False, because autocast would round the times.
        unroll: no effect; the engine decides how a sequence is computed.
        use_cudnn: no effect, for the same reason.
        implementation: no effect, for the same reason.

    Call arguments:
        sequences: (B, T, D).
        times: (T,) or (B, T), in the unit of the periods; default 0, 1, ..., T-1.
        initial_state: h (B, H), or (1, H) for the whole batch; as it is or in a list.
        mask: (B, T) booleans, or (1, T) for the whole batch; a False step changes no state.
        training: whether leak and dropout act.

    Returns:
        (B, H), or (B, T, H) with ``return_sequences``; with ``return_state`` a tuple of that and h.

    Raises:
        TypeError: an unknown argument.
        ValueError: ``reset_after=False``, whose weights have another form; and as for ``plstm.PhasedLSTM``, which
            explains times, masks, exports and derivatives.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, only say that their gate extends to GRUs. Here h is updated as in
        the Phased LSTM.

    Example:
        >>> import numpy as np, plstm
        >>> plstm.PhasedGRU(4)(np.zeros((2, 10, 3), "float32"), times=np.arange(10.0)).shape
        TensorShape([2, 4])
    """

    cell_class = PhasedGRUCell
    keras_class = keras.layers.GRU

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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        zero_output_for_mask: bool = False,
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
        engine: Engine = "auto",
        name: str | None = None,
        dtype: Policy = None,
        trainable: bool = True,
        activity_regularizer: Regularizer = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
        autocast: bool = False,
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        implementation: int = 2,
    ):
        super().__init__(**given(locals()))
