"""The Phased LSTM as a Keras layer: Keras' recurrent layer with one more input, the times. An engine computes it."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from plstm.layers.arguments import given
from plstm.layers.lstm_cell import PhasedLSTMCell
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
class PhasedLSTM(PhasedRNN):
    """Phased LSTM over whole sequences: an LSTM whose units are updated only while their time gates are open.

    .. math::
        k &= \\mathrm{openness}\\big(\\mathrm{frac}((t - s)/\\tau)\\big) \\\\
        c &= c' + k \\odot (\\tilde c - c') \\\\
        h &= h' + k \\odot (\\tilde h - h')

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
        return_sequences: whether to return the outputs of all steps instead of the last one.
        return_state: whether to return the last state, h and c, too.
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
        peepholes: whether there are diagonal peephole weights (3, H) for i, f and o; i and f see c', o sees the
            proposal.
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
        times: (T,) for one clock shared by the batch, or (B, T); any unit and start; default 0, 1, ..., T-1.
            Give Unix times in float64 or integers; the layer does not cast them. (Keras' ``fit`` and ``predict`` round
            float64 arrays, but not integers or a tf.data.Dataset.) Times receive no gradient.
        initial_state: ``[h, c]``, each (B, H), or (1, H) for the whole batch, such as a learned state.
        mask: (B, T) booleans, or (1, T) for the whole batch; a False step changes no state, whatever its values. As in
            Keras, its output is the previous output, or 0 before the first unmasked step, whatever h is (Keras on
            JAX: h).
        training: whether leak and dropout act.

    Returns:
        (B, H), or (B, T, H) with ``return_sequences``; with ``return_state`` a tuple of that, h and c.

    Raises:
        TypeError: an unknown argument.
        ValueError: shapes that do not fit, dates (see ``plstm.elapsed``), times that are not finite or too coarse,
            ragged sequences (see ``plstm.pad``), unknown options. In a traced graph, times that are too coarse and
            shapes that TensorFlow did not know before raise an error when the graph runs. Where that is impossible
            (XLA, inference on JAX), the output is NaN.

    Exports:
        ``model.export`` writes a SavedModel or, with ``format="onnx"``, a file that onnxruntime runs without Keras:
        from TensorFlow for any number of steps (needs tf2onnx), from PyTorch for a fixed number (needs onnx). From JAX,
        Keras uses jax2onnx, which is not tested here. If the model was not fitted, call it once before the export.
        ``format="litert"`` (TFLite), from TensorFlow, works inside ``with plstm.layers.clock.in_32_bits():`` and then
        needs LiteRT's built-in operations only. Otherwise the converter asks for TensorFlow's 64-bit operations
        ("FloorMod ... TF Select"). For a layer that returns sequences, ``input_signature`` must give the batch size
        ("element_shape to be static").

    Derivatives:
        The native engine has first derivatives in reverse mode only; others raise an error. In a transform of
        ``torch.func`` and in PyTorch's forward mode, ``"auto"`` takes the portable engine. For a gradient of a
        gradient, or forward mode on TensorFlow and JAX, give ``engine="scan"``. In a ``keras.RematScope`` engines keep
        few states and recompute the others.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513.

    Example:
        >>> import numpy as np, plstm
        >>> x = np.random.default_rng(0).normal(size=(2, 50, 3)).astype("float32")
        >>> t = np.sort(np.random.default_rng(1).uniform(0, 100, size=(2, 50)))
        >>> layer = plstm.PhasedLSTM(4, return_sequences=True)
        >>> layer(x, times=t).shape
        TensorShape([2, 50, 4])
    """

    cell_class = PhasedLSTMCell
    keras_class = keras.layers.LSTM

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
        peepholes: bool = False,
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
