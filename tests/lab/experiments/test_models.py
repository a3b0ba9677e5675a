"""Models by name: each is the layer it says, with the options it was given."""

import keras
import numpy as np
import pytest

from plstm import reference
from plstm.engines import select
from plstm.errors import ConfigError
from plstm.lab.experiments import models, ungated
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import Dataset
from plstm.layers import time_gate

T, CLASSES = 30, 3


@pytest.fixture
def dataset():
    random = np.random.default_rng(0)
    x = random.normal(size=(6, T, 1)).astype(np.float32)
    y = random.integers(0, CLASSES, 6)
    return Dataset(x, y, x, y, np.arange(float(T)), CLASSES, "a test", "0" * 64)


def recurrent(model):
    return model.get_layer("recurrent")


def logits_by_reference(model, x, times, leak):
    layer, dense = recurrent(model), model.get_layer("logits")
    natural = (keras.ops.convert_to_numpy(v).astype(float) for v in (layer.period, layer.shift, layer.ratio_on))
    weights = {name: layer.cell.sequence_weights()._asdict()[name] for name in ("kernel", "recurrent_kernel", "bias")}
    cell = "gru" if "GRU" in type(layer).__name__ else "lstm"
    outputs, _ = reference.run(cell, x, reference.gates(times, *natural, leak), weights)
    kernel, bias = (np.asarray(w, float) for w in dense.get_weights())
    return outputs[:, -1] @ kernel + bias


@pytest.mark.parametrize("name", ["phased-lstm", "phased-gru"])
@pytest.mark.parametrize("leak_at_inference", [False, True])
def test_phased_models_equal_the_reference(dataset, name, leak_at_inference):
    options = {"period": [2.0, 20.0], "ratio_on": 0.3, "leak": 0.1, "leak_at_inference": leak_at_inference}
    model = models.build(Config(model=name, units=4, engine="scan", options=options), dataset)
    expected = logits_by_reference(model, dataset.x_test, dataset.times, 0.1 if leak_at_inference else 0.0)
    logits = model.predict_on_batch([dataset.x_test, dataset.times])
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    trained = keras.ops.convert_to_numpy(model([dataset.x_test, dataset.times], training=True))
    np.testing.assert_allclose(trained, logits_by_reference(model, dataset.x_test, dataset.times, 0.1), atol=1e-5)


def test_the_cost_of_updates_is_that_share_of_the_loss(dataset):
    options = {"ratio_on": 0.3, "ratio_on_cost": 2.0}
    model = models.build(Config(units=4, engine="scan", options=options), dataset)
    model([dataset.x_test, dataset.times])
    np.testing.assert_allclose(sum(map(float, model.losses)), 2.0 * 0.3, rtol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "lstm-with-time"])
@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_baselines_equal_the_reference(dataset, name, engine):
    model = models.build(Config(model=name, units=4, engine=engine), dataset)
    x = dataset.x_test
    if name == "lstm-with-time":
        clock = np.broadcast_to(dataset.times[None, :, None] / T, (6, T, 1))
        x = np.concatenate([x, clock], axis=-1)
    weights = dict(zip(("kernel", "recurrent_kernel", "bias"), recurrent(model).get_weights()))
    outputs, _ = reference.run("lstm", x, np.ones((T, 4)), weights)
    kernel, bias = model.get_layer("logits").get_weights()
    logits = model.predict_on_batch([dataset.x_test, dataset.times])
    np.testing.assert_allclose(logits, outputs[:, -1] @ kernel + bias, atol=1e-5)
    assert models.engine_of(model) == ("native" if engine == "auto" else "keras")


def test_the_options_reach_the_layer(dataset):
    options = {
        "period": [3.0, 5.0],
        "ratio_on": 0.25,
        "leak": 0.02,
        "gate_shape": "square",
        "gate_gradient": "truncated",
        "parametrization": "log",
        "trainable_gate": False,
        "unit_forget_bias": False,
        "peepholes": True,
    }
    layer = recurrent(models.build(Config(units=50, engine="scan", dtype="float64", options=options), dataset))
    gate = layer.cell.time_gate
    period = np.asarray(layer.period)
    assert period.min() >= 3 and period.max() <= 5 and np.ptp(period) > 1
    np.testing.assert_allclose(np.asarray(layer.ratio_on), 0.25, rtol=1e-12)
    assert (gate.leak, gate.shape, gate.gradient, gate.parametrization) == (0.02, "square", "truncated", "log")
    assert not gate.trainable_weights and layer.cell.peepholes is not None
    assert not np.any(layer.cell.bias) and layer.compute_dtype == "float64" and layer.requested_engine == "scan"


def test_one_number_is_the_period_of_every_unit(dataset):
    layer = recurrent(models.build(Config(units=4, options={"period": 7}), dataset))
    np.testing.assert_allclose(np.asarray(layer.period), 7.0, rtol=1e-6)


def test_the_seed_makes_the_weights(dataset):
    first, again, other = (models.build(Config(units=4, seed=seed), dataset).get_weights() for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other))


def test_every_default_is_allowed_and_every_choice_exists():
    for model, entry in models.MODELS.items():
        assert models.complete(model, {}) == {name: option.default for name, option in entry.options.items()}
        for name, option in entry.options.items():
            assert option.accepts(option.default), (model, name)
    assert models.ENGINES == select.ENGINES and models.PLAIN_ENGINES == ungated.ENGINES
    parametrization = models.RHYTHM["parametrization"]
    assert all(map(parametrization.accepts, time_gate.PARAMETRIZATIONS)) and not parametrization.accepts("raw")


def test_names_of_other_code_mean_the_same_models():
    assert Config(model="PhasedLSTMCell") == Config(model="phased-lstm")
    assert Config(model="BasicLSTMCell") == Config(model="lstm")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"task": "mnits"}, "expected a task among mnist, .*, got 'mnits'"),
        ({"model": "phased"}, "expected a model out of phased-lstm \\(PhasedLSTMCell\\), .* got 'phased'"),
        ({"units": 0}, "expected units to be an integer >= 1, got 0"),
        ({"units": 2.0}, "expected units to be an integer >= 1, got 2.0"),
        ({"units": True}, "expected units to be an integer >= 1, got True"),
        ({"batch_size": -1}, "expected batch_size to be an integer >= 1, got -1"),
        ({"steps": 0}, "expected steps to be an integer >= 1, got 0"),
        ({"seed": -1}, "expected seed to be an integer >= 0, got -1"),
        ({"learning_rate": 0.0}, "expected learning_rate to be a number > 0, got 0.0"),
        ({"learning_rate": float("nan")}, "expected learning_rate to be a number > 0, got nan"),
        ({"learning_rate": "fast"}, "expected learning_rate to be a number > 0, got 'fast'"),
        (
            {"engine": "warp"},
            "expected engine of phased-lstm to be auto or native or triton or triton-checkpointed or scan",
        ),
        ({"engine": "keras"}, "expected engine of phased-lstm to be auto or .* got 'keras'"),
        ({"model": "gru", "engine": "warp"}, "expected engine of gru to be auto or .* or keras, got 'warp'"),
        ({"clipnorm": 0}, "expected clipnorm to be a number > 0 or null, got 0"),
        ({"clipnorm": -1.0}, "expected clipnorm .* got -1.0"),
        ({"clipnorm": True}, "expected clipnorm .* got True"),
        ({"clipnorm": float("inf")}, "expected clipnorm .* got inf"),
        ({"clipnorm": "1"}, "expected clipnorm .* got '1'"),
        ({"evaluate": "train"}, "expected evaluate of phased-lstm to be test or validation, got 'train'"),
        ({"evaluate": None}, "expected evaluate .* got None"),
        ({"dtype": "int8"}, "expected dtype of phased-lstm to be float32 or"),
        ({"options": {"ratio_on": 0}}, "expected ratio_on to be a number r with 0 < r <= 1, got 0"),
        ({"options": {"ratio_on": 1.01}}, "expected ratio_on .* got 1.01"),
        ({"options": {"ratio_on": "half"}}, "expected ratio_on .* got 'half'"),
        ({"options": {"period": 0}}, "expected period to be a number > 0, or .* got 0"),
        ({"options": {"period": [5, 2]}}, r"expected period .* got \[5, 2\]"),
        ({"options": {"period": [-1, 2]}}, r"expected period .* got \[-1, 2\]"),
        ({"options": {"ratio_on_cost": -1}}, "expected ratio_on_cost to be a number >= 0, got -1"),
        ({"options": {"leak": -0.1}}, "expected leak to be a number >= 0, got -0.1"),
        ({"options": {"gate_shape": "round"}}, "expected gate_shape to be one of triangle, square, gaussian"),
        ({"options": {"peepholes": 1}}, "expected peepholes to be true or false, got 1"),
        ({"options": {"perod": 3}}, "expected an option of phased-lstm out of period, .* got 'perod'"),
        (
            {"model": "lstm", "options": {"period": 3}},
            "expected an option of lstm out of bias, time, unit_forget_bias, got 'period'",
        ),
        ({"model": "lstm", "options": {"bias": "long"}}, "expected bias to be one of default, chrono, got 'long'"),
        (
            {"model": "gru", "options": {"time": True}},
            "expected time to be one of none, absolute, gap, both, sines, all, or a list of periods > 0, got True",
        ),
        ({"model": "lstm", "options": {"time": []}}, r"expected time to be .* or a list of periods > 0, got \[\]"),
        ({"model": "lstm", "options": {"time": [5.5, 0]}}, r"expected time .* got \[5.5, 0\]"),
        ({"model": "gru", "options": {"time": ["gap"]}}, r"expected time .* got \['gap'\]"),
        ({"model": "gru", "options": {"time": 5.5}}, r"expected time .* got 5.5"),
        ({"model": "gru", "options": {"unit_forget_bias": True}}, "expected an option of gru out of bias, time, got"),
        ({"model": "lstm-with-time", "options": {"time": "gap"}}, "expected an option of lstm-with-time out of unit"),
    ],
)
def test_bad_configs_say_what_was_expected(change, message):
    with pytest.raises(ConfigError, match=message):
        Config(**change)


def test_settings_of_one_meaning_are_one_config():
    assert Config(clipnorm=1) == Config(clipnorm=1.0) != Config()
    assert Config(learning_rate=1) == Config(learning_rate=1.0)


def test_a_config_survives_json():
    config = Config(model="phased-gru", options={"period": [1.0, 10.0]})
    assert Config(**config.as_dict()) == config
