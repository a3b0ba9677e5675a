"""The time gate as a Keras layer: period, shift and ratio_on as weights, and the openness they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from plstm import gate as gates
from plstm.engines import Gate
from plstm.layers import clock, initializers
from plstm.layers.arguments import check_leak, check_option, check_units, frozen_names, given_only, of_layer
from plstm.layers.initial_values import InitialValues, made_untraced
from plstm.layers.parametrization import PARAMETRIZATIONS, period_of, ratio_on_of
from plstm.types import (
    Floats,
    GateGradient,
    GateParameter,
    GateShape,
    Initial,
    LayerConfig,
    Leak,
    Parametrization,
    Policy,
    Regularizer,
    Shape,
    Tensor,
    Times,
)

RHYTHM: tuple[GateParameter, ...] = ("period", "shift", "ratio_on")


@keras.saving.register_keras_serializable(package="plstm")
class TimeGate(keras.layers.Layer):
    """Time gates of ``units`` units as a layer: times in, openness k out.

    period > 0 and 0 < ratio_on <= 1 hold by construction, whatever an optimiser does to the weights:

    ===============  =========================================  ==============================================
    parametrization  weights                                    natural units
    ===============  =========================================  ==============================================
    ``"natural"``    period, shift, ratio_on                    abs(period), abs(ratio_on) clipped to 1
    ``"log"``        log_period_change, shift, logit_ratio_on   tau_0 exp(log_period_change), sigmoid(logit)
    ===============  =========================================  ==============================================

    tau_0, the initial period, is a weight that is not trained and has 64 bits. In 32 bits a period of 10 would become
    10.000001, and at Unix times the phase would be wrong by whole periods.

    Args:
        units: H, the number of gates.
        period_initializer: periods tau > 0, in the clock's unit; a Keras initializer, a number, or an array of H
            values. Default: ``LogUniform(1, 1000)``.
        shift_initializer: shifts s, in the clock's unit, in the same forms. Default: uniform over each unit's period.
        ratio_on_initializer: the open share of the period, 0 < ratio_on <= 1, in the same forms.
        period_regularizer: Keras regularizer of the periods, in the clock's unit. As for any weight, its penalty is
            added once, however often the layer is called, and not at all if the weight is not trained.
        ratio_on_regularizer: Keras regularizer of ratio_on.
        leak: alpha >= 0, the slope of the closed gate in training; a number or a ``keras.optimizers.schedules``
            schedule, which advances at every training call.
        leak_at_inference: whether the leak acts at inference too, as in most other implementations.
        origin: the time that phases are measured from, in the clock's unit, (t - origin - s) / tau. If the clock began
            long before the data (Unix time), give a time near the first of the data: it trains better, see the notes.
        shape: ``"triangle"``, ``"square"``, ``"gaussian"`` or a serialisable callable ``(phase, ratio_on) -> k``.
        gradient: ``"exact"``, ``"truncated"`` (tf.contrib's) or ``"none"``.
        parametrization: ``"natural"`` or ``"log"``.
        frozen: which of ``"period"``, ``"shift"`` and ``"ratio_on"`` are not trained.
        name: the layer's name; default: made from the class name.
        dtype: the name of a dtype or policy, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: the shape of the times, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.

    Call arguments:
        times: any shape; k has the same shape with H appended.
        training: whether the leak acts.

    Returns:
        k, the openness, in the compute dtype.

    Raises:
        TypeError: an unknown argument; units that are not an integer.
        ValueError: an unknown option, a leak < 0; when built, a period <= 0 or a ratio_on outside (0, 1]; when called,
            dates, and times that are not finite or too coarse.

    Notes:
        The two parametrizations were compared on MNIST pixel by pixel (32 units, periods log-uniform from 1 to 403
        steps, Adam at 1e-3, seeds 0 and 1; ``"mnist_seed"`` and ``"mnist_log"`` of the published results). Mean
        training accuracy over steps 901 to 1,000: .837 and .823 in natural units, .800 and .765 with logarithms. A step
        of Adam changes every logarithm by the same amount, so late in a long sequence most phases jump at every update.
        In natural units a long period stays nearly where it started. The disadvantage: natural units depend on the unit
        of the clock. If one step of the optimiser is very large or very small compared with the periods, use ``"log"``.

        The period's exact gradient, -(t - origin - s) / tau^2 times the phase's, grows with t. Test accuracy in the
        frequency task (32 units, 1,560 steps, seeds 0 to 2; ``"long_clock"``), in natural units, by how many median
        periods after the origin the sequences begin:

        ===========  =======  ===========  ======
        begin after  exact    truncated    none
        ===========  =======  ===========  ======
        0            .877     .858         .618
        1,000        .779     .787         .616
        1,000,000    .783     .776         .651
        ===========  =======  ===========  ======

        The growing term is not the cause: without it (``"truncated"``) accuracy falls as much. An optimiser such as
        Adam changes a period by about its learning rate, however large the gradient is, and thousands of periods after
        the origin even the smallest change turns every phase. So ``"exact"`` is the default: it is the true derivative
        and nowhere clearly worse. The remedy is ``origin``: with the origin where the data begin, the first row holds
        on any clock. If one sequence lasts for thousands of periods, ``trainable_gate=False`` keeps the phases fixed.

    Example:
        >>> import numpy as np
        >>> from plstm import TimeGate
        >>> gate = TimeGate(1, period_initializer=10.0, shift_initializer=0.0, ratio_on_initializer=0.2)
        >>> gate(np.array([0.0, 0.5, 1.0, 2.0])).numpy().ravel().round(3).tolist()
        [0.0, 0.5, 1.0, 0.0]
    """

    def __init__(
        self,
        units: int,
        period_initializer: Initial = "log_uniform",
        shift_initializer: Initial = "uniform_over_period",
        ratio_on_initializer: Initial = 0.05,
        period_regularizer: Regularizer = None,
        ratio_on_regularizer: Regularizer = None,
        leak: Leak = 1e-3,
        leak_at_inference: bool = False,
        origin: float = 0.0,
        shape: GateShape = "triangle",
        gradient: GateGradient = "exact",
        parametrization: Parametrization = "natural",
        frozen: GateParameter | Sequence[GateParameter] = (),
        *,
        name: str | None = None,
        dtype: Policy = None,
        trainable: bool = True,
        activity_regularizer: Regularizer = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
    ):
        super().__init__(autocast=False, **of_layer(locals()))
        self.shape: GateShape = keras.saving.deserialize_keras_object(shape) if isinstance(shape, dict) else shape
        gates.check_shape(self.shape)
        check_option("gate gradient", gradient, gates.GRADIENTS)
        check_option("parametrization", parametrization, PARAMETRIZATIONS)
        self.frozen = frozen_names(frozen, RHYTHM)
        self.units = check_units(units)
        self.period_initializer = initializers.get(period_initializer)
        self.shift_initializer = initializers.get(shift_initializer)
        self.ratio_on_initializer = initializers.get(ratio_on_initializer)
        self.period_regularizer = keras.regularizers.get(period_regularizer)
        self.ratio_on_regularizer = keras.regularizers.get(ratio_on_regularizer)
        self.leak: Any = keras.saving.deserialize_keras_object(leak) if isinstance(leak, dict) else leak
        check_leak(self.leak)
        self.leak_at_inference = leak_at_inference
        self.origin = float(gates.finite("origin", origin))
        self.gradient: GateGradient = gradient
        self.parametrization: Parametrization = parametrization

    def __call__(self, times: Times | Tensor, *, training: bool | None = None) -> Tensor:
        return super().__call__(clock.from_user(times), **given_only(training=training))

    def build(self, times_shape: Shape | None = None) -> None:
        initial = (self.period_initializer, self.shift_initializer, self.ratio_on_initializer)
        values = InitialValues(self.units, *initial, self._weights_dtype)
        values.check()
        weights = {"period": values.period, "shift": values.shift, "ratio_on": values.ratio_on}
        with made_untraced():
            if self.parametrization == "log":
                weights = {"log_period_change": "zeros", "shift": values.shift, "logit_ratio_on": values.logit_ratio_on}
                self.initial_period = self.add_weight(
                    shape=(self.units,),
                    name="initial_period",
                    initializer=values.period,
                    dtype=clock.dtype(),
                    trainable=False,
                    autocast=False,
                )
            # Never in 16 bits: those are too few digits for a period, for a shift and for counting steps.
            self._weights_of_rhythm = [
                self.add_weight(
                    shape=(self.units,),
                    name=name,
                    initializer=initializer,
                    dtype=self._weights_dtype,
                    trainable=parameter not in self.frozen,
                    autocast=False,
                    regularizer=regularizer,
                )
                for parameter, (name, initializer), regularizer in zip(RHYTHM, weights.items(), self._penalties())
            ]
            if callable(self.leak):
                self.leak_step = self.add_weight(
                    shape=(), name="leak_step", initializer="zeros", dtype="float32", trainable=False, autocast=False
                )

    @property
    def _weights_dtype(self) -> str:
        """The variable dtype of the policy; float32 if that has 16 bits."""
        return "float32" if self.variable_dtype in ("float16", "bfloat16") else self.variable_dtype

    def _penalties(self) -> tuple[Any, None, Any]:
        """Regularizers of the three weights, applied to the natural units, in the weight's dtype."""

        def penalty(regularizer: Any, natural: Callable[[Tensor], Tensor]) -> Any:
            dtype = self._weights_dtype
            return regularizer and (lambda weight: regularizer(ops.cast(natural(weight), dtype)))

        period = penalty(self.period_regularizer, self._period_of)
        return period, None, penalty(self.ratio_on_regularizer, self._ratio_on_of)

    def _period_of(self, weight: Tensor) -> Tensor:
        # Only the logarithmic parametrization has an initial period.
        return period_of(weight, self.parametrization, getattr(self, "initial_period", None))

    def _ratio_on_of(self, weight: Tensor) -> Tensor:
        return ratio_on_of(weight, self.parametrization)

    @property
    def period(self) -> Tensor:
        """tau (H,), in the clock's unit and dtype."""
        return self._period_of(self._weights_of_rhythm[0])

    @property
    def shift(self) -> Tensor:
        """s (H,), in the clock's unit, counted from the origin."""
        return ops.convert_to_tensor(self._weights_of_rhythm[1])

    @property
    def ratio_on(self) -> Tensor:
        """r_on (H,), the open share of the period."""
        return self._ratio_on_of(self._weights_of_rhythm[2])

    def gate(self, times: Tensor, training: bool = False) -> Gate:
        """The ``plstm.engines.Gate`` at some times, which the engines take.

        Args:
            times: (T,) or (B, T).
            training: whether the leak acts.
        """
        period, ratio_on = self.period, self.ratio_on
        times = clock.ready(times, period, ratio_on, training)
        times = times - self.origin if self.origin else times
        return Gate(times, period, self.shift, ratio_on, self._leak_now(training), self.shape, self.gradient)

    def _leak_now(self, training: bool) -> Tensor:
        if not (training or self.leak_at_inference):
            return 0.0
        if not callable(self.leak):
            return float(self.leak)
        leak = self.leak(self.leak_step.value)
        if training:
            self.leak_step.assign_add(1.0)
        return leak

    def call(self, times: Tensor, training: bool = False) -> Tensor:
        clock.check_values(times)
        return self.gate(times, training).openness(self.compute_dtype)

    def compute_output_shape(self, times_shape: Shape) -> Shape:
        return (*times_shape, self.units)

    def openness(self, times: Times) -> Floats:
        """k at inference as a float64 NumPy array: ``times.shape + (H,)``.

        Args:
            times: any shape, in the unit of the periods.

        Example:
            >>> gate = TimeGate(2, period_initializer=[4.0, 8.0], shift_initializer=0.0, ratio_on_initializer=0.5)
            >>> gate.openness([1.0, 2.0])
            array([[1. , 0.5],
                   [0. , 1. ]])
        """
        if not self.built:
            self.build()
        leak = float(self._leak_now(training=False))
        period, shift, ratio_on = (ops.convert_to_numpy(p) for p in (self.period, self.shift, self.ratio_on))
        given, times = times, gates.finite("times", times)
        gates.check_resolution(times, period, ratio_on, gates.floats(given))
        times = times[..., None] - self.origin
        if callable(self.shape):
            phase = gates.phase(times, period.astype(np.float64), shift.astype(np.float64))
            return np.asarray(ops.convert_to_numpy(self.shape(ops.convert_to_tensor(phase), ratio_on)), np.float64)
        return gates.time_gate(times, period, shift, ratio_on, leak, self.shape)

    def get_config(self) -> LayerConfig:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "units": self.units,
            "period_initializer": serialize(self.period_initializer),
            "shift_initializer": serialize(self.shift_initializer),
            "ratio_on_initializer": serialize(self.ratio_on_initializer),
            "period_regularizer": serialize(self.period_regularizer),
            "ratio_on_regularizer": serialize(self.ratio_on_regularizer),
            "leak": serialize(self.leak) if callable(self.leak) else self.leak,
            "leak_at_inference": self.leak_at_inference,
            "origin": self.origin,
            "shape": serialize(self.shape) if callable(self.shape) else self.shape,
            "gradient": self.gradient,
            "parametrization": self.parametrization,
            "frozen": self.frozen,
        }
