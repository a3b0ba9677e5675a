"""Keras citizenship: configs, files, export, precision, strategies, and everything else that wraps a layer."""

import keras
import numpy as np
import pytest

import plstm
from plstm.layers import presets
from tests.support import close, numpy

tensorflow_only = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="about TensorFlow")
LAYERS = pytest.mark.parametrize("layer_class", [plstm.PhasedLSTM, plstm.PhasedGRU])
RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 10, 3)).astype("float32")
T = np.cumsum(RNG.uniform(0.2, 3.0, (8, 10)), axis=1).astype("float32")
Y = RNG.normal(size=(8, 1)).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}


@keras.saving.register_keras_serializable(package="tests")
def raised_cosine(phase, ratio_on):
    """A gate shape of a user's own."""
    inside = 0.5 - 0.5 * keras.ops.cos(2 * np.pi * phase / ratio_on)
    return keras.ops.where(phase < ratio_on, inside, keras.ops.zeros_like(inside))


def clocked(layer):
    values, times = keras.Input((10, 3)), keras.Input((10,))
    return keras.Model([values, times], keras.layers.Dense(1)(layer(values, times=times)))


EVERYTHING = {
    "activation": "relu",
    "recurrent_activation": "hard_sigmoid",
    "use_bias": False,
    "kernel_initializer": "he_normal",
    "kernel_regularizer": keras.regularizers.L2(0.1),
    "recurrent_constraint": keras.constraints.MaxNorm(2.0),
    "activity_regularizer": keras.regularizers.L1(0.2),
    "dropout": 0.1,
    "recurrent_dropout": 0.2,
    "seed": 5,
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "engine": "scan",
    "period_initializer": [3.0, 4.0],
    "shift_initializer": keras.initializers.RandomUniform(0, 1, seed=3),
    "ratio_on_initializer": 0.3,
    "period_regularizer": keras.regularizers.L2(0.3),
    "ratio_on_regularizer": keras.regularizers.L1(0.4),
    "leak": keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5),
    "leak_at_inference": True,
    "origin": 1.7e9,
    "gate_shape": raised_cosine,
    "gate_gradient": "truncated",
    "trainable_gate": False,
    "parametrization": "log",
    "frozen": ["shift"],
    "zero_output_for_mask": True,
    "dtype": "float64",
    "name": "all_of_it",
}


@pytest.mark.parametrize("name", EVERYTHING)
@LAYERS
def test_config_keeps_every_argument(layer_class, name):
    layer = layer_class(2, **{name: EVERYTHING[name]})
    config = layer.get_config()
    plain = layer_class(2).get_config()
    assert config[name] != plain[name]
    assert layer_class.from_config(config).get_config() == config


@LAYERS
def test_keras_file_keeps_everything(layer_class, tmp_path):
    options = {**RHYTHM, "gate_shape": raised_cosine, "leak": 0.02, "leak_at_inference": True, "parametrization": "log"}
    options |= {"peepholes": True} if layer_class is plstm.PhasedLSTM else {}
    model = clocked(layer_class(4, **options))
    model.compile("adam", "mse")
    model.fit([X, T], Y, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again.predict([X, T], verbose=0), model.predict([X, T], verbose=0))
    for ours, theirs in zip(model.weights, again.weights):
        np.testing.assert_array_equal(numpy(ours), numpy(theirs))
    again.fit([X, T], Y, verbose=0)


@LAYERS
def test_weights_file(layer_class, tmp_path):
    one, other = clocked(layer_class(4, **RHYTHM)), clocked(layer_class(4, **RHYTHM))
    one.save_weights(tmp_path / "it.weights.h5")
    other.load_weights(tmp_path / "it.weights.h5")
    close(other([X, T]), numpy(one([X, T])), 1e-7)


def test_bidirectional_file(tmp_path):
    model = clocked(plstm.Bidirectional(plstm.PhasedLSTM(4, **RHYTHM), merge_mode="sum"))
    model.save(tmp_path / "model.keras")
    close(keras.saving.load_model(tmp_path / "model.keras")([X, T]), numpy(model([X, T])), 1e-7)


@tensorflow_only
@LAYERS
def test_saved_model_runs_without_this_package(layer_class, tmp_path):
    import tensorflow as tf

    model = clocked(layer_class(4, **RHYTHM))
    want = model.predict([X, T], verbose=0)
    model.export(tmp_path / "exported", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "exported")
    close(loaded.serve([X, T]), want, 1e-5)
    # Python code cannot travel in a saved graph: the file must hold operations only.
    assert b"PyFunc" not in (tmp_path / "exported" / "saved_model.pb").read_bytes()


@tensorflow_only
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@LAYERS
def test_mixed_precision(layer_class, policy):
    keras.utils.set_random_seed(1)
    layer = layer_class(4, **RHYTHM, dtype=policy)
    full = layer_class(4, **RHYTHM)
    layer.build(X.shape)
    full.build(X.shape)
    full.set_weights(layer.get_weights())
    outputs = layer(X, times=T)
    assert keras.backend.standardize_dtype(outputs.dtype) == policy.removeprefix("mixed_")
    close(outputs, numpy(full(X, times=T)), 0.02)
    assert all(keras.backend.standardize_dtype(v.dtype) == "float32" for v in layer.trainable_variables)


@tensorflow_only
@pytest.mark.parametrize("jit", [True, False])
@LAYERS
def test_fit_with_and_without_xla_takes_the_same_step(layer_class, jit):
    keras.utils.set_random_seed(1)
    model = clocked(layer_class(4, **RHYTHM))
    start = model.get_weights()
    model.compile("sgd", "mse", jit_compile=jit)
    model.fit([X, T], Y, batch_size=8, verbose=0)
    twin = clocked(layer_class(4, **RHYTHM, engine="scan"))
    twin.set_weights(start)
    twin.compile("sgd", "mse", run_eagerly=True)
    twin.fit([X, T], Y, batch_size=8, verbose=0)
    for ours, theirs in zip(model.get_weights(), twin.get_weights()):
        close(ours, theirs, 1e-5)


@tensorflow_only
def test_mirrored_strategy():
    import tensorflow as tf

    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = clocked(plstm.PhasedLSTM(4, **RHYTHM))
        model.compile("adam", "mse")
    before = model.evaluate([X, T], Y, verbose=0)
    model.fit([X, T], Y, epochs=5, verbose=0)
    assert model.evaluate([X, T], Y, verbose=0) < before


@tensorflow_only
def test_tf_data_with_padded_batches():
    import tensorflow as tf

    def sequences():
        for length in (3, 7, 5, 2):
            yield {"x": X[0, :length], "t": T[0, :length]}, Y[0]

    signature = ({"x": tf.TensorSpec((None, 3)), "t": tf.TensorSpec((None,))}, tf.TensorSpec((1,)))
    data = tf.data.Dataset.from_generator(sequences, output_signature=signature).padded_batch(2)
    values, times = keras.Input((None, 3), name="x"), keras.Input((None,), name="t")
    hidden = plstm.PhasedLSTM(4, **RHYTHM)(keras.layers.Masking(0.0)(values), times=times)
    model = keras.Model({"x": values, "t": times}, keras.layers.Dense(1)(hidden))
    model.compile("adam", "mse")
    history = model.fit(data, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


@LAYERS
def test_sequential_and_time_distributed(layer_class):
    layer = layer_class(4, **RHYTHM)
    model = keras.Sequential([keras.Input((2, 10, 3)), keras.layers.TimeDistributed(layer)])
    both = np.stack([X, X[::-1]], axis=1)
    got = numpy(model(both))
    close(got[:, 0], numpy(layer(X)), 1e-5)
    close(got[:, 1], numpy(layer(X[::-1])), 1e-5)


def test_summary_counts_the_rhythm(capsys):
    clocked(plstm.PhasedLSTM(4)).summary()
    # kernel 3*16, recurrent 4*16, bias 16, rhythm 3*4, dense 4+1
    assert "145" in capsys.readouterr().out


@pytest.mark.parametrize(
    "preset", [presets.authors, presets.tf1_repository, presets.tf_contrib, presets.phased_lstm_keras]
)
def test_presets_survive_a_config_round_trip(preset):
    layer = plstm.PhasedLSTM(3, **preset())
    assert plstm.PhasedLSTM.from_config(layer.get_config()).get_config() == layer.get_config()
