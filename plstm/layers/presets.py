"""Presets: arguments that make ``plstm.PhasedLSTM`` behave like other implementations.

Each preset returns keyword arguments: ``PhasedLSTM(32, **presets.tf_contrib())``. They reproduce an implementation's
behaviour: initial period, shift and ratio_on, which of them are trained, leak, peepholes, forget bias, activations and
gradient.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras
from keras import ops

from plstm.layers.initializers import ForgetBias, LogUniform, UniformOverPeriod
from plstm.types import Initial, Initializer, LayerConfig, Tensor


def authors() -> LayerConfig:
    """The authors' Theano code: periods U(10, 100), shifts U(0, 1000), diagonal peepholes, forget bias 2.

    Their phase is (t + s) mod tau, the same gate with the opposite sign of s, so the shifts here are negative. By
    default their layer trains period and shift but not ratio_on; their scripts train all three:
    ``authors() | {"frozen": ()}``.

    Returns:
        Keyword arguments of ``plstm.PhasedLSTM``.

    Example:
        >>> authors()["frozen"]
        ['ratio_on']
    """
    return _arguments(
        period=keras.initializers.RandomUniform(10.0, 100.0),
        shift=keras.initializers.RandomUniform(-1000.0, 0.0),
        forget_bias=2.0,
        peepholes=True,
        leak_at_inference=False,
        frozen=["ratio_on"],
    )


def tf1_repository() -> LayerConfig:
    """The TensorFlow 1 repository this project modernises: periods exp U(0, 6), diagonal peepholes, leak always on.

    Returns:
        Keyword arguments of ``plstm.PhasedLSTM``.
    """
    return _arguments(period=LogUniform(1.0, math.exp(6.0)), forget_bias=0.0, peepholes=True)


def tf_contrib() -> LayerConfig:
    """``tf.contrib.rnn.PhasedLSTMCell``: periods exp U(0, ln 1000), ratio .1, its truncated period gradient.

    Its ``use_peepholes=True``, off by default, uses full matrices, which are not offered here: peepholes are diagonal.

    Returns:
        Keyword arguments of ``plstm.PhasedLSTM``.
    """
    return _arguments(period=LogUniform(1.0, 1000.0), ratio_on=0.1, forget_bias=0.0, gate_gradient="truncated")


@keras.saving.register_keras_serializable(package="plstm")
def hard_sigmoid(x: Tensor) -> Tensor:
    """The hard sigmoid of Keras 1 and 2, .2 x + .5 between 0 and 1 (Keras 3's has a slope of 1/6).

    Args:
        x: any shape.

    Returns:
        The same shape, between 0 and 1.

    Example:
        >>> hard_sigmoid(ops.convert_to_tensor([-3.0, 0.0, 3.0])).numpy().tolist()
        [0.0, 0.5, 1.0]
    """
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def phased_lstm_keras() -> LayerConfig:
    """PhasedLSTM-Keras 1.0.2: periods U(10, 100), shifts U(0, 1000), forget bias 1, hard sigmoid, leak always on.

    That package has no times: call the layer without times, and it counts steps too. There the first step is at t = 1,
    hence the origin -1. Its leak also acts in the falling half of the window, by less than .0001 of openness; this is
    not reproduced.

    Returns:
        Keyword arguments of ``plstm.PhasedLSTM``.
    """
    return _arguments(
        period=keras.initializers.RandomUniform(10.0, 100.0),
        shift=keras.initializers.RandomUniform(0.0, 1000.0),
        forget_bias=1.0,
        recurrent_activation=hard_sigmoid,
        origin=-1.0,
    )


def __getattr__(name: str) -> Any:
    if name == "seed":
        warnings.warn("plstm.presets.seed is now plstm.presets.tf1_repository", DeprecationWarning, stacklevel=2)
        return tf1_repository
    raise AttributeError(f"module 'plstm.layers.presets' has no attribute {name!r}")


def _arguments(
    period: Initializer,
    forget_bias: float,
    shift: Initializer | None = None,
    ratio_on: Initial = 0.05,
    peepholes: bool = False,
    leak_at_inference: bool = True,
    **more: Any,
) -> LayerConfig:
    return {
        "period_initializer": period,
        "shift_initializer": UniformOverPeriod() if shift is None else shift,
        "ratio_on_initializer": ratio_on,
        "bias_initializer": ForgetBias(forget_bias),
        "unit_forget_bias": False,
        "peepholes": peepholes,
        "leak": 1e-3,
        "leak_at_inference": leak_at_inference,
        "parametrization": "natural",
        **more,
    }
