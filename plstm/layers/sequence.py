"""A whole sequence: the Phased LSTM and the Phased GRU as Keras layers.

They are Keras' recurrent layers with one more input, the times. How the sequence is computed is an engine's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import keras

from plstm.layers.arguments import given
from plstm.layers.cells import PhasedGRUCell, PhasedLSTMCell
from plstm.layers.recurrent import PhasedRNN
from plstm.types import (
    Activation,
    Constraint,
    Engine,
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
        return_sequences: whether to answer the outputs of all steps, not the last one's alone.
        return_state: whether to answer the last state h and c too.
        go_backwards: whether to read the last step first; times and masks go along.
        stateful: whether a batch begins with the state that the one before ended with, sample by sample. Without times
            such a layer counts on from call to call. Its state (``states``, ``steps_seen``) is no weight and in no
            file.
        zero_output_for_mask: whether outputs at masked steps are 0, not the last one before.
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
        engine: ``"auto"``, ``"native"`` (fused, CPU), ``"scan"`` (portable) or ``"scan-checkpointed"`` (portable,
            memory sqrt(T)). ``layer.engine`` tells which one computed the last call.
        name: of the layer; default: made of the class's.
        dtype: a dtype's or policy's name, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: (T, D) of the inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        autocast: only False: autocast would round the times.
        unroll: no effect: how a sequence is computed is the engine's affair.
        use_cudnn: no effect, likewise.
        implementation: no effect, likewise.

    Call arguments:
        sequences: (B, T, D).
        times: (T,) for one clock shared by the batch, or (B, T); any unit and start; default 0, 1, ..., T-1.
            Give Unix times in float64 or integers: they are never autocast. (Keras' own ``fit`` and ``predict`` round
            float64 arrays; integers and tf.data.Datasets they leave.) They receive no gradient.
        initial_state: ``[h, c]``, each (B, H), or (1, H) for the whole batch: so one can be learned.
        mask: (B, T) booleans, or (1, T) for the whole batch; a False step changes no state, whatever it holds. As in
            Keras its output is the last one before, or 0 where no step has counted yet, whatever h is (Keras
            on JAX: h).
        training: whether leak and dropout act.

    Returns:
        (B, H), or (B, T, H) with ``return_sequences``; with ``return_state`` a tuple of that, h and c.

    Raises:
        TypeError: an argument that does not exist.
        ValueError: shapes that do not fit, dates (see ``plstm.elapsed``), times that are not finite or too coarse,
            ragged sequences (see ``plstm.pad``), unknown options. In a traced graph coarse times, and shapes that
            TensorFlow did not know before, fail when it runs, or, where nothing can fail (XLA, inference on JAX), the
            answer is NaN.

    Exports:
        ``model.export`` writes a SavedModel or, with ``format="onnx"``, what onnxruntime runs without Keras: from
        TensorFlow for any number of steps (needs tf2onnx), from PyTorch for a given one (needs onnx). From JAX, Keras
        uses jax2onnx, which is not tested here. Without ``fit``, call the model once before.
        ``format="litert"`` (TFLite), from TensorFlow, works inside ``with plstm.layers.clock.in_32_bits():``,
        with LiteRT's built-in operations only; else its converter wants TensorFlow's for 64 bits ("FloorMod ... TF
        Select"). A layer that returns sequences needs ``input_signature`` to give the batch ("element_shape to be
        static").

    Derivatives:
        The native engine has first derivatives, and refuses others. Where that is known beforehand (transforms of
        ``torch.func``, forward mode on PyTorch) ``"auto"`` takes the portable engine; for a gradient of a gradient, or
        forward mode on TensorFlow and JAX, give ``engine="scan"``. In a ``keras.RematScope`` engines keep few states
        and compute the rest again.

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
        frozen: Part | Sequence[Part] = (),
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
        reset_after: only True: all engines reset after the recurrent product, as Keras does by default.
        return_sequences: whether to answer the outputs of all steps, not the last one's alone.
        return_state: whether to answer the last state h too.
        go_backwards: whether to read the last step first; times and masks go along.
        stateful: whether a batch begins with the state that the one before ended with, sample by sample. Without times
            such a layer counts on from call to call. Its state (``states``, ``steps_seen``) is no weight and in no
            file.
        zero_output_for_mask: whether outputs at masked steps are 0, not the last one before.
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
        engine: ``"auto"``, ``"native"`` (fused, CPU), ``"scan"`` (portable) or ``"scan-checkpointed"`` (portable,
            memory sqrt(T)). ``layer.engine`` tells which one computed the last call.
        name: of the layer; default: made of the class's.
        dtype: a dtype's or policy's name, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: (T, D) of the inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.
        autocast: only False: autocast would round the times.
        unroll: no effect: how a sequence is computed is the engine's affair.
        use_cudnn: no effect, likewise.
        implementation: no effect, likewise.

    Call arguments:
        sequences: (B, T, D).
        times: (T,) or (B, T), in the unit of the periods; default 0, 1, ..., T-1.
        initial_state: h (B, H), or (1, H) for the whole batch; as it is or in a list.
        mask: (B, T) booleans, or (1, T) for the whole batch; a False step changes no state.
        training: whether leak and dropout act.

    Returns:
        (B, H), or (B, T, H) with ``return_sequences``; with ``return_state`` a tuple of that and h.

    Raises:
        TypeError: an argument that does not exist.
        ValueError: ``reset_after=False``: weights of that form are not those of the other; and as ``plstm.PhasedLSTM``,
            where times, masks, exports and derivatives are explained.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, say that their gate extends to GRUs; how, is ours.

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
        frozen: Part | Sequence[Part] = (),
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


Phased: TypeAlias = PhasedLSTM | PhasedGRU
