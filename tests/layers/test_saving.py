"""Files and lists of weights: the state of a stateful layer is no part of them, as in Keras."""

import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

import plstm
from tests.support import close, numpy

BACKEND = keras.backend.backend()
DATA = Path(__file__).parents[1] / "saved"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 6, 1)).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
LAYERS = pytest.mark.parametrize("layer_class", [plstm.PhasedLSTM, plstm.PhasedGRU])


def streaming(layer_class, stateful=True):
    inputs = keras.Input(batch_shape=(2, 6, 1))
    model = keras.Model(inputs, layer_class(2, stateful=stateful, **RHYTHM)(inputs))
    model(X)
    return model


@LAYERS
def test_a_file_saved_in_mid_stream_starts_afresh(layer_class, tmp_path):
    model = streaming(layer_class)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert float(again.layers[-1].steps_seen) == 0.0
    model.layers[-1].reset_state()
    fresh = numpy(model(X))
    close(again(X), fresh, 1e-7)
    second = numpy(model(X))
    close(again(X), second, 1e-7)  # h, c and the clock go on together
    assert np.abs(second - fresh).max() > 1e-4


@LAYERS
def test_weights_move_between_stateful_and_stateless_layers(layer_class, tmp_path):
    stateful, plain = streaming(layer_class), streaming(layer_class, stateful=False)
    assert [w.path.rpartition("/")[2] for w in stateful.weights] == [w.path.rpartition("/")[2] for w in plain.weights]
    for source, target in ((stateful, plain), (plain, stateful)):
        for weight in source.weights[:3]:
            weight.assign(RNG.normal(size=weight.shape))
        target.set_weights(source.get_weights())
        for one in (source, target):
            one.layers[-1].reset_state()
        close(target(X), numpy(source(X)), 1e-6)
        for weight in target.weights:
            weight.assign(np.full(weight.shape, 0.5))
        source.save_weights(tmp_path / "it.weights.h5")
        target.load_weights(tmp_path / "it.weights.h5")
        for ours, theirs in zip(source.get_weights(), target.get_weights()):
            np.testing.assert_array_equal(ours, theirs)


@LAYERS
def test_reset_state_resets_the_clock_too(layer_class):
    layer = layer_class(2, stateful=True, **RHYTHM)
    layer.reset_state()  # before there is a state
    first = numpy(layer(X))
    assert float(layer.steps_seen) == 6.0
    layer.reset_states()
    close(layer(X), first, 1e-7)
    assert not [v for v in layer.variables if v.name in ("steps_seen", "rnn_state")]


OLD = {"lstm": -0.04881814494729042, "gru": -0.07153482735157013}  # to ones, when the files were made


@pytest.mark.parametrize("kind", OLD)
def test_stateful_files_of_version_0_1_load(kind, tmp_path):
    """They were saved after six steps, which ``steps_seen`` knew and h and c did not; that is forgotten."""
    path = DATA / f"stateful_{kind}.keras"
    ones = np.ones((1, 3, 1), "float32")
    model = keras.saving.load_model(path)
    close(model(ones), [[OLD[kind]]], 1e-6)
    with zipfile.ZipFile(path) as file:
        file.extract("model.weights.h5", tmp_path)
    for again in (keras.models.clone_model(model), keras.saving.load_model(path)):
        again.load_weights(tmp_path / "model.weights.h5")
        close(again(ones), [[OLD[kind]]], 1e-6)


def test_a_file_of_another_layer_is_still_refused(tmp_path):
    """What is left out is the one scalar, and nothing else."""
    inputs = keras.Input(batch_shape=(2, 6, 1))
    keras.Model(inputs, keras.layers.Dense(2)(inputs)).save_weights(tmp_path / "dense.weights.h5")
    with pytest.raises(ValueError, match="(?i)layer"):
        streaming(plstm.PhasedLSTM).load_weights(tmp_path / "dense.weights.h5")


@pytest.mark.skipif(BACKEND != "tensorflow", reason="about TensorFlow")
@LAYERS
def test_a_stateful_layer_is_exported_and_streams(layer_class, tmp_path):
    import tensorflow as tf

    model = streaming(layer_class)
    model.layers[-1].reset_state()
    model.export(tmp_path / "exported", verbose=False)
    model.layers[-1].reset_state()
    loaded = tf.saved_model.load(tmp_path / "exported")
    for _ in range(3):
        close(loaded.serve(X), numpy(model(X)), 1e-6)
