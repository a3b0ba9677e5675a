"""Keras' LSTM and GRU on our engines are Keras' LSTM and GRU: answers, gradients, training, files."""

import keras
import numpy as np
import pytest

from plstm.lab import results, tasks
from plstm.lab.experiments import models, train, ungated
from plstm.lab.experiments.config import Config
from tests.digits import few_digits  # noqa: F401
from tests.support import close, numpy, value_and_gradients

B, T, D, H = 7, 40, 3, 5
KINDS = {"lstm": (ungated.LSTM, keras.layers.LSTM), "gru": (ungated.GRU, keras.layers.GRU)}


def pair(kind, engine="native", dtype="float32", **arguments):
    """Our layer and Keras' with the same weights, none of them zero; x (B, T, D) and a mask with gaps."""
    random = np.random.default_rng(0)
    ours, theirs = (
        layer(H, dtype=dtype, **given, **arguments)
        for layer, given in zip(KINDS[kind], ({"engine": engine}, {}), strict=True)
    )
    for layer in (ours, theirs):
        layer.build((None, T, D))
    weights = [random.normal(0, 0.7, w.shape) for w in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    x = random.normal(0, 1, (B, T, D)).astype(dtype)
    return ours, theirs, x, random.uniform(size=(B, T)) < 0.7


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("engine", ["native", "scan", "scan-checkpointed", "auto"])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_answers_are_those_of_keras(kind, engine, sequences, masked):
    ours, theirs, x, mask = pair(kind, engine, return_sequences=sequences)
    mask = mask if masked else None
    expected = numpy(theirs(x, mask=mask))
    close(ours(x, mask=mask), expected, 1e-5)
    assert ours.engine == ("native" if engine == "auto" else engine)
    assert np.ptp(expected) > 0.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("engine", ["native", "scan"])
def test_gradients_are_those_of_keras(kind, engine):
    ours, theirs, x, mask = pair(kind, engine, dtype="float64", return_sequences=True)
    towards = np.random.default_rng(1).normal(size=(B, T, H))
    found = []
    for layer in (ours, theirs):

        def loss(inputs, layer=layer):
            return keras.ops.sum(layer(inputs["x"], mask=mask) * towards)

        value, gradients = value_and_gradients(loss, layer, {"x": x})
        found.append([value, *gradients.values()])
    assert len(found[0]) == 5
    for actual, expected in zip(*found, strict=True):
        close(actual, expected, 1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_keras_is_keras_own_code(kind):
    ours, theirs, x, mask = pair(kind, "keras")
    np.testing.assert_array_equal(numpy(ours(x, mask=mask)), numpy(theirs(x, mask=mask)))
    assert ours.engine == "keras"


def test_half_precision_and_other_activations_go_to_keras():
    ours, theirs, x, _ = pair("lstm", "auto", activation="relu", recurrent_activation="tanh")
    np.testing.assert_array_equal(numpy(ours(0.1 * x)), numpy(theirs(0.1 * x)))
    assert ours.engine == "keras"
    half = ungated.GRU(H, dtype="mixed_bfloat16")
    half(x)
    assert half.engine == "keras"


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_to_begin_with(kind):
    ours, theirs, x, _ = pair(kind)
    state = [np.full((B, H), 0.3, "float32")] * (2 if kind == "lstm" else 1)
    close(ours(x, initial_state=state), numpy(theirs(x, initial_state=state)), 1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dropout": 0.5}, "without dropout"),
        ({"recurrent_dropout": 0.5}, "without dropout"),
        ({"go_backwards": True}, "use Keras' layer"),
        ({"stateful": True}, "use Keras' layer"),
        ({"return_state": True}, "use Keras' layer"),
        ({"use_bias": False}, "a layer with biases"),
        ({"engine": "warp"}, "expected engine .* keras, got 'warp'"),
    ],
)
def test_what_is_not_computed_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ungated.LSTM(3, **arguments)
    with pytest.raises(ValueError, match="reset_after"):
        ungated.GRU(3, reset_after=False)


@pytest.mark.parametrize("kind", KINDS)
def test_training_takes_the_same_course_and_the_files_fit_both(tmp_path, few_digits, kind):  # noqa: F811
    common = {"model": kind, "units": 3, "batch_size": 5, "steps": 12, "dtype": "float64", "clipnorm": 0.5}
    configs = {engine: Config(**common, engine=engine, learning_rate=0.01) for engine in ("native", "keras")}
    for engine, config in configs.items():
        result = train.train(config, tmp_path / engine, progress=False)
        assert result["provenance"]["engine"] == engine
    trained = {engine: train.load_model(tmp_path / engine) for engine in configs}
    initial = models.build(configs["keras"], tasks.load("mnist")).get_weights()
    moved = 0.0
    for a, b, start in zip(trained["native"].get_weights(), trained["keras"].get_weights(), initial, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)
        moved = max(moved, np.abs(b - start).max())
    assert moved > 0.05
    other = models.build(configs["native"], tasks.load("mnist"))
    other.load_weights(tmp_path / "keras" / "weights.weights.h5")
    for a, b in zip(other.get_weights(), trained["keras"].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert result["parameters"]["total"] == {"lstm": 60, "gru": 54}[kind] + 40


PUBLISHED = [("adding", "lstm"), ("frequency", "lstm-with-time"), ("frequency", "lstm-normalised")]


@pytest.mark.parametrize(("name", "model"), PUBLISHED)
@pytest.mark.parametrize("engine", ["keras", "native"])
def test_published_runs_begin_anew_as_they_did(tmp_path, name, model, engine):
    """The first twenty steps of runs that Keras' own layers made, before there was an engine to choose."""
    published = next(
        run
        for run in results.published(name)
        if run["result"]["config"]["model"] == model
        and run["result"]["config"]["task"] in ("adding-short", "frequency")
    )
    assert published["result"]["provenance"]["engine"] == "keras"
    config = Config(**{**published["result"]["config"], "steps": 20, "engine": engine})
    again = train.train(config, tmp_path / "run", progress=False)
    assert again["provenance"]["engine"] == engine
    history = results.thin(results.read_history(tmp_path / "run" / "history.csv"))
    np.testing.assert_allclose(history["loss"], published["history"]["loss"][:2], rtol=2e-4)
