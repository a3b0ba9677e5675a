"""Arguments, dtypes and configs of PhasedLSTM and PhasedGRU beside those of keras.layers.LSTM and GRU."""

import keras
import numpy as np
import pytest

import plstm
from tests.layers.oracle import ALWAYS_OPEN, FEATURES, KERAS, MASKS, STEPS, UNITS, X, same, twins
from tests.support import numpy

both = pytest.mark.parametrize("phased_class", KERAS)


@both
@pytest.mark.parametrize(
    "argument", [{"implementation": 0}, {"implementation": 1}, {"unroll": True}, {"use_cudnn": False}]
)
def test_arguments_without_effect(phased_class, argument):
    theirs, ours = twins(phased_class, return_sequences=True, **argument)
    same(ours(X), theirs(X))


@both
@pytest.mark.parametrize("argument", [{"time_major": True}, {"weights": []}, {"return_state_sequences": True}])
def test_arguments_that_do_not_exist(phased_class, argument):
    with pytest.raises(TypeError, match=next(iter(argument))):
        phased_class(UNITS, **argument)


@both
def test_inputs_are_never_autocast(phased_class):
    with pytest.raises(ValueError, match="expected autocast=False, because autocast would round the times, got True"):
        phased_class(UNITS, autocast=True)


@pytest.mark.parametrize("made", [plstm.PhasedGRU, plstm.PhasedGRUCell])
def test_reset_before_the_product_is_refused(made):
    with pytest.raises(ValueError, match="expected reset_after=True, got False"):
        made(UNITS, reset_after=False)
    built = keras.layers.GRU(UNITS, reset_after=False)
    built.build(X.shape)
    with pytest.raises(ValueError, match="expected reset_after=True, got False"):
        plstm.PhasedGRU.from_keras(built)


@both
def test_input_shape_in_a_sequential_model(phased_class):
    with pytest.warns(UserWarning, match="input_shape"):
        model = keras.Sequential([phased_class(UNITS, input_shape=(STEPS, FEATURES))])
    assert model.built and model.output_shape == (None, UNITS)


@both
def test_input_dropout_of_the_same_seed(phased_class):
    theirs, ours = twins(phased_class, dropout=0.5, seed=3, return_sequences=True)
    same(ours(X, training=True), theirs(X, training=True))
    same(ours(X), theirs(X))


@both
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "mixed_float16", "mixed_bfloat16"])
def test_dtypes(phased_class, dtype):
    if dtype == "float64" and keras.backend.backend() == "jax":
        pytest.skip("JAX has no 64-bit floats unless asked")
    options = {"return_sequences": True, "return_state": True, "recurrent_initializer": "zeros"}
    theirs, ours = twins(phased_class, dtype=dtype, **options)
    x = X.astype("float64") if dtype == "float64" else X
    same(ours(x), theirs(x), {"float64": 1e-12, "float32": 1e-5}.get(dtype, 0.03))


# Configs


@both
def test_the_config_holds_what_keras_holds(phased_class):
    left_out = {"unroll", "name"}
    options = {"kernel_regularizer": "l2", "dropout": 0.1, "seed": 4, "activity_regularizer": "l1", "stateful": True}
    theirs, ours = KERAS[phased_class](UNITS, **options), phased_class(UNITS, **options)
    config = ours.get_config()
    for name, value in theirs.get_config().items():
        if name not in left_out and not name.endswith("initializer"):
            assert config[name] == value, name
    assert phased_class.from_config(config).get_config() == config


@both
def test_clones_are_fresh_and_alike(phased_class):
    _, ours = twins(phased_class, return_sequences=True)
    inputs = keras.Input((STEPS, FEATURES))
    model = keras.Model(inputs, ours(inputs))
    clone = keras.models.clone_model(model)
    assert not np.allclose(numpy(clone(X)), numpy(model(X)))
    clone.set_weights(model.get_weights())
    same(clone(X), model(X), 1e-7)


@both
@pytest.mark.parametrize(
    "options",
    [
        {"return_sequences": True, "zero_output_for_mask": True},
        {"unroll": True, "implementation": 1, "use_cudnn": False},
        {"stateful": True, "return_state": True},
        {"go_backwards": True, "use_bias": False},
        {"dtype": "mixed_bfloat16"},
        {"trainable": False},
    ],
)
def test_from_keras(phased_class, options):
    theirs, _ = twins(phased_class, **options)
    ours = phased_class.from_keras(theirs, **ALWAYS_OPEN)
    same(ours(X, mask=MASKS["holes"]), theirs(X, mask=MASKS["holes"]), 0.03 if "dtype" in options else 1e-5)
    assert len(theirs.trainable_weights) == len(ours.trainable_weights)


@both
def test_from_keras_refuses_what_it_cannot_take_over(phased_class):
    with pytest.raises(ValueError, match="expected a built layer, got young, which has no weights yet"):
        phased_class.from_keras(KERAS[phased_class](UNITS, name="young"))
    others = [
        keras.layers.SimpleRNN(UNITS),
        keras.layers.RNN(keras.layers.LSTMCell(UNITS)),
        keras.layers.Bidirectional(keras.layers.LSTM(UNITS)),
        keras.layers.LSTM(UNITS) if phased_class is plstm.PhasedGRU else keras.layers.GRU(UNITS),
        phased_class(UNITS),
        keras.layers.Dense(UNITS),
        keras.layers.LSTMCell(UNITS),
    ]
    for other in others:
        with pytest.raises(TypeError, match=f"expected a keras.layers.{KERAS[phased_class].__name__}, got "):
            phased_class.from_keras(other)
