"""Arguments that make ``plstm.PhasedLSTM`` behave as other implementations do.

Each recipe returns keyword arguments: ``PhasedLSTM(32, **recipes.tf_contrib())``. They reproduce an implementation's
semantics: initial rhythm, leak, peepholes, forget bias and gradient policy.
"""

import math

import keras

from plstm.layers.initializers import ForgetBias, LogUniform, UniformOverPeriod


def authors():
    """The authors' Theano code: periods U(10, 100), shifts U(0, 1000), diagonal peepholes, forget bias 2.

    Their phase is (t + s) mod tau: the same gate with the sign of s turned, so the shifts here are negative.

    >>> sorted(authors())[:3]
    ['bias_initializer', 'leak', 'leak_at_inference']
    """
    return _recipe(
        period=keras.initializers.RandomUniform(10.0, 100.0),
        shift=keras.initializers.RandomUniform(-1000.0, 0.0),
        forget_bias=2.0,
        peepholes=True,
        leak_at_inference=False,
    )


def seed():
    """The TensorFlow 1 repository this project modernises: periods exp U(0, 6), diagonal peepholes, leak always on."""
    return _recipe(period=LogUniform(1.0, math.exp(6.0)), forget_bias=0.0, peepholes=True)


def tf_contrib():
    """``tf.contrib.rnn.PhasedLSTMCell``: periods exp U(0, ln 1000), ratio .1, its truncated period gradient."""
    return _recipe(period=LogUniform(1.0, 1000.0), ratio_on=0.1, forget_bias=0.0, gate_gradient="truncated")


def phased_lstm_keras():
    """PhasedLSTM-Keras 1.0.2: periods U(10, 100), shifts U(0, 1000), forget bias 1, leak always on.

    It knows no times: call the layer without any, and it counts steps as that package does.
    """
    return _recipe(
        period=keras.initializers.RandomUniform(10.0, 100.0),
        shift=keras.initializers.RandomUniform(0.0, 1000.0),
        forget_bias=1.0,
    )


def _recipe(period, forget_bias, shift=None, ratio_on=0.05, peepholes=False, leak_at_inference=True, **more):
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
