"""Recipes against NumPy code written from the descriptions of the implementations they stand for."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm.layers import presets
from tests.support import CLOCK_TOLERANCE, close, numpy, value_and_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 9, 3)).astype("float32")
T = np.cumsum(RNG.uniform(1, 40, (2, 9)), axis=1)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def hard_sigmoid(z):
    return np.clip(0.2 * z + 0.5, 0.0, 1.0)


def described(weights, times, phase_of, leak, squashed=sigmoid):
    """A Phased LSTM as described for these implementations, with the gate's phase from ``phase_of(t)``."""
    kernel, recurrent, bias = weights["kernel"], weights["recurrent_kernel"], weights["bias"]
    p_i, p_f, p_o = weights.get("peepholes", np.zeros((3, recurrent.shape[0])))
    r = weights["ratio_on"]
    outputs = []
    for b in range(len(X)):
        h = c = np.zeros(recurrent.shape[0])
        for x, t in zip(X[b], times[b]):
            phase = phase_of(t)
            k = np.where(phase < r / 2, 2 * phase / r, np.where(phase < r, 2 - 2 * phase / r, leak * phase))
            z_i, z_f, z_c, z_o = np.split(x @ kernel + h @ recurrent + bias, 4)
            new_c = squashed(z_f + p_f * c) * c + squashed(z_i + p_i * c) * np.tanh(z_c)
            new_h = squashed(z_o + p_o * new_c) * np.tanh(new_c)
            h, c = k * new_h + (1 - k) * h, k * new_c + (1 - k) * c
        outputs.append(h)
    return np.array(outputs)


def made(recipe):
    keras.utils.set_random_seed(4)
    layer = plstm.PhasedLSTM(16, **recipe())
    layer.build(X.shape)
    if recipe in (presets.authors, presets.tf1_repository):
        layer.cell.peepholes.assign(np.random.default_rng(1).normal(size=(3, 16)))
    return layer, {v.name: numpy(v) for v in layer.weights}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("recipe", [presets.tf1_repository, presets.tf_contrib])
def test_seed_and_contrib(recipe, training):
    layer, w = made(recipe)
    want = described(w, T, lambda t: np.mod(t - w["shift"], w["period"]) / w["period"], leak=1e-3)
    close(layer(X, times=T, training=training), want, CLOCK_TOLERANCE)


@pytest.mark.parametrize("training, leak", [(True, 1e-3), (False, 0.0)])
def test_authors_add_the_shift_and_leak_in_training_only(training, leak):
    layer, w = made(presets.authors)
    theirs = -w["shift"]  # their s, which their code adds to t
    assert np.all(theirs >= 0)
    want = described(w, T, lambda t: np.mod(t + theirs, np.abs(w["period"])) / np.abs(w["period"]), leak)
    close(layer(X, times=T, training=training), want, CLOCK_TOLERANCE)


def test_phased_lstm_keras_counts_steps_from_one():
    layer, w = made(presets.phased_lstm_keras)
    layer.cell.kernel.assign(w["kernel"] * 5)  # far enough from 0 to tell the sigmoids apart
    layer.cell.time_gate.trainable_variables[2].assign(np.full(16, 0.6))
    w |= {"kernel": w["kernel"] * 5, "ratio_on": np.full(16, 0.6)}
    steps = np.tile(np.arange(1.0, 10.0), (2, 1))
    want = described(w, steps, lambda t: np.mod(t - w["shift"], w["period"]) / w["period"], 1e-3, hard_sigmoid)
    close(layer(X), want, CLOCK_TOLERANCE)


def test_the_authors_train_no_open_ratio():
    layer, _ = made(presets.authors)
    trained = {v.name for v in layer.trainable_variables}
    assert {"period", "shift"} <= trained and "ratio_on" not in trained
    assert "ratio_on" in {v.name for v in layer.non_trainable_variables}
    everything = plstm.PhasedLSTM(4, **presets.authors() | {"frozen": ()})
    everything.build(X.shape)
    assert "ratio_on" in {v.name for v in everything.trainable_variables}


@pytest.mark.parametrize("parametrization", ["natural", "log"])
@pytest.mark.parametrize("frozen", [(), "period", ["shift"], ("period", "shift", "ratio_on")])
def test_frozen_parts_of_the_rhythm_stay(parametrization, frozen):
    wide = {"period_initializer": [3.0, 4.0, 5.0, 6.0], "ratio_on_initializer": 0.6}
    layer = plstm.PhasedLSTM(4, parametrization=parametrization, frozen=frozen, **wide)
    model = keras.Sequential([keras.Input(X.shape[1:]), layer, keras.layers.Dense(1)])
    before = {name: numpy(getattr(layer, name)) for name in ("period", "shift", "ratio_on")}
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(X, np.ones((2, 1)), verbose=0)
    for name, values in before.items():
        assert np.array_equal(numpy(getattr(layer, name)), values) == (name in frozen), name
    assert plstm.PhasedLSTM.from_config(layer.get_config()).get_config() == layer.get_config()


def test_only_parts_of_the_rhythm_are_frozen():
    with pytest.raises(ValueError, match="each name in frozen to be one of period, shift, ratio_on, got 'kernel'"):
        plstm.PhasedLSTM(4, frozen=["period", "kernel"])


@pytest.mark.parametrize(
    "recipe, period, shift, ratio_on, forget_bias",
    [
        (presets.authors, (10, 100), (-1000, 0), 0.05, 2.0),
        (presets.tf1_repository, (1, np.exp(6)), None, 0.05, 0.0),
        (presets.tf_contrib, (1, 1000), None, 0.1, 0.0),
        (presets.phased_lstm_keras, (10, 100), (0, 1000), 0.05, 1.0),
    ],
)
def test_initial_values(recipe, period, shift, ratio_on, forget_bias):
    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(4000, **recipe(), recurrent_initializer="zeros")
    layer.build((None, None, 1))
    tau, s = numpy(layer.period), numpy(layer.shift)
    low, high = shift or (0.0, 1.0)
    s = s if shift else s / tau
    for values, a, b in ((tau, *period), (s, low, high)):
        assert a <= values.min() < a + 0.05 * (b - a)
        assert b - 0.05 * (b - a) < values.max() <= b
    np.testing.assert_allclose(numpy(layer.ratio_on), ratio_on, rtol=1e-6)
    forget = numpy(layer.cell.bias).reshape(4, -1)
    np.testing.assert_array_equal(forget, np.repeat([[0], [forget_bias], [0], [0]], 4000, axis=1))


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="needs 64-bit floats")
def test_contrib_truncates_the_gradient_of_the_period():
    """~300 times too small at t = 100, tau = 7: d phase / d tau is -phase / tau there, -(t - s) / tau^2 in truth."""
    arguments = {"period_initializer": 7.0, "shift_initializer": 0.5, "dtype": "float64", "leak": 0.5}

    def gradient(gate_gradient):
        keras.utils.set_random_seed(0)
        options = {**presets.tf_contrib(), **arguments, "gate_gradient": gate_gradient}
        layer = plstm.PhasedLSTM(1, **options)
        layer.build((1, 1, 3))
        x = ops.convert_to_tensor(X[:1, :1].astype("float64"))
        loss = lambda _: ops.sum(layer(x, times=[[100.0]], training=True))  # noqa: E731
        return value_and_gradients(loss, layer, {})[1]["period"][0]

    phase = (99.5 / 7.0) % 1.0
    assert gradient("truncated") / gradient("exact") == pytest.approx(phase / (99.5 / 7.0), rel=1e-9)


def test_a_former_name_warns():
    with pytest.warns(DeprecationWarning, match="tf1_repository"):
        assert presets.seed is presets.tf1_repository
