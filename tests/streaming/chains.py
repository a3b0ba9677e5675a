"""Small models of phased layers, on two inputs, for the tests of what ``EventDriven`` takes over."""

import keras

import plstm

RHYTHM = {"ratio_on_initializer": 0.4, "period_initializer": plstm.LogUniform(1.0, 9.0)}
STEPS, FEATURES, UNITS = 20, 3, 4


def phased(kind=plstm.PhasedLSTM, units=UNITS, **options):
    return kind(units, **{**RHYTHM, "bias_initializer": "normal", **options})


def inputs(dtype="float32", clock="float64"):
    return keras.Input((None, FEATURES), dtype=dtype), keras.Input((None,), dtype=clock)


def head(*above, **options):
    """x, t and a phased layer, under what is given."""
    x, t = inputs()
    y = phased(**options)(x, times=t)
    for layer in above:
        y = layer(y)
    return keras.Model([x, t], y)
