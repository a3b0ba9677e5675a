"""The gradients of period, shift and ratio_on: exact ones by finite differences, other policies by their formulas."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm import gate
from plstm.engines import Gate
from plstm.layers import initializers
from tests.support import close, numpy, value_and_gradients

TIMES = np.random.default_rng(0).uniform(-30.0, 300.0, 40)
RHYTHM = {
    "period": np.array([3.0, 7.7, 40.0]),
    "shift": np.array([0.3, -4.0, 11.0]),
    "ratio_on": np.array([0.3, 0.6, 0.9]),
}
WEIGHTS = np.random.default_rng(1).normal(size=(40, 3))


class Probe(keras.layers.Layer):
    """sum(weights * k) as a function of three trainable variables in natural units."""

    def __init__(self, shape, gradient):
        super().__init__(dtype="float64", autocast=False)
        self.shape, self.gradient = shape, gradient
        for name, value in RHYTHM.items():
            setattr(self, name, self.add_weight(shape=(3,), name=name, initializer=initializers.Values(value)))

    def call(self, times):
        rhythm = [ops.convert_to_tensor(getattr(self, name)) for name in RHYTHM]
        k = Gate(times, *rhythm, 0.02, self.shape, self.gradient).openness("float64")
        return ops.sum(k * ops.convert_to_tensor(WEIGHTS))


def gradients(shape, gradient):
    probe = Probe(shape, gradient)
    times = ops.convert_to_tensor(TIMES, dtype="float64")
    return value_and_gradients(lambda _: probe(times), probe, {})[1]


def differences(shape, name):
    """The gradient by central differences of plstm.time_gate."""

    def total(value):
        return np.sum(WEIGHTS * plstm.time_gate(TIMES[:, None], **{**RHYTHM, name: value}, leak=0.02, shape=shape))

    steps = 1e-7 * np.eye(3)
    return np.array([(total(RHYTHM[name] + step) - total(RHYTHM[name] - step)) / 2e-7 for step in steps])


pytestmark = pytest.mark.skipif(keras.backend.backend() == "jax", reason="needs 64-bit floats; see test_matrix.py")


@pytest.mark.parametrize("shape", sorted(set(gate.SHAPES) - {"square"}))
def test_exact_equals_finite_differences(shape):
    for name, gradient in gradients(shape, "exact").items():
        close(gradient, differences(shape, name), 1e-5)


def test_square_borrows_the_slope_of_the_triangle():
    for name, gradient in gradients("square", "exact").items():
        close(gradient, numpy(gradients("triangle", "exact")[name]), 1e-12)
        assert np.abs(gradient).max() > 0.1


def test_truncated_forgets_the_whole_periods():
    """tf.contrib's policy: d phase / d period is -phase / period instead of -(t - s) / period^2."""
    period, shift, ratio_on = RHYTHM.values()
    phase = ((TIMES[:, None] - shift) / period) % 1.0
    slope = np.where(phase < ratio_on / 2, 2 / ratio_on, np.where(phase < ratio_on, -2 / ratio_on, 0.02))
    got = gradients("triangle", "truncated")
    close(got["period"], np.sum(WEIGHTS * slope * -phase / period, axis=0), 1e-9)
    exact = gradients("triangle", "exact")
    close(got["shift"], exact["shift"], 1e-9)
    close(got["ratio_on"], exact["ratio_on"], 1e-9)
    assert np.abs(got["period"] - exact["period"]).max() > 1.0


def test_none_stops_every_gradient():
    for gradient in gradients("triangle", "none").values():
        np.testing.assert_array_equal(gradient, 0.0)
