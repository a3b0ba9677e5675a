"""PhasedLSTM and PhasedGRU, always open, beside keras.layers.LSTM and GRU: outputs, states and masks."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from tests.layers.oracle import (
    FEATURES,
    KERAS,
    MASKS,
    STATES,
    STEPS,
    UNITS,
    X,
    same,
    silent_before,
    state_count,
    twins,
)
from tests.support import close, numpy, value_and_gradients

both = pytest.mark.parametrize("phased_class", KERAS)
engines = pytest.mark.parametrize("engine", ["auto", "scan", "scan-checkpointed"])
booleans = (False, True)


# Outputs and states


@both
@pytest.mark.parametrize("sequences", booleans)
@pytest.mark.parametrize("states", booleans)
@pytest.mark.parametrize("backwards", booleans)
def test_what_is_returned(phased_class, sequences, states, backwards):
    options = {"return_sequences": sequences, "return_state": states, "go_backwards": backwards}
    theirs, ours = twins(phased_class, **options)
    same(ours(X), theirs(X))
    for shape in (X.shape, (None, None, FEATURES)):
        assert ours.compute_output_shape(shape) == theirs.compute_output_shape(shape)
    assert ours.compute_mask(X, "the mask") == theirs.compute_mask(X, "the mask")


@both
@pytest.mark.parametrize(
    "options",
    [
        {"activation": "relu"},
        {"activation": "linear", "recurrent_activation": "hard_sigmoid"},
        {"recurrent_activation": "tanh"},
        {"activation": None, "recurrent_activation": None},
        {"use_bias": False},
    ],
)
def test_activations_and_bias(phased_class, options):
    theirs, ours = twins(phased_class, **options, return_sequences=True)
    same(ours(X), theirs(X))


@pytest.mark.parametrize("unit_forget_bias", booleans)
@pytest.mark.parametrize("initializer", ["zeros", "ones"])
def test_initial_bias(unit_forget_bias, initializer):
    options = {"unit_forget_bias": unit_forget_bias, "bias_initializer": initializer}
    theirs, ours = keras.layers.LSTM(3, **options), plstm.PhasedLSTM(3, **options)
    theirs.build(X.shape)
    ours.build(X.shape)
    np.testing.assert_array_equal(numpy(ours.cell.bias), numpy(theirs.cell.bias))


@both
@engines
def test_initial_state(phased_class, engine):
    theirs, ours = twins(phased_class, return_sequences=True, return_state=True)
    ours.requested_engine = engine
    states = STATES[: state_count(phased_class)]
    same(ours(X, initial_state=states), theirs(X, initial_state=states))


def test_a_gru_takes_its_state_without_a_list():
    theirs, ours = twins(plstm.PhasedGRU)
    same(ours(X, initial_state=STATES[0]), theirs(X, initial_state=STATES[0]))


@both
def test_initial_states_as_inputs_of_a_model(phased_class):
    theirs, ours = twins(phased_class, return_state=True)
    count = state_count(phased_class)

    def model(layer):
        sequences, states = keras.Input((None, FEATURES)), [keras.Input((UNITS,)) for _ in range(count)]
        return keras.Model([sequences, *states], layer(sequences, initial_state=states))

    arrays = [X, *STATES[:count]]
    same(model(ours).predict(arrays, verbose=0), model(theirs).predict(arrays, verbose=0))


@both
def test_encoder_and_decoder(phased_class):
    encoders = twins(phased_class, return_state=True)
    decoders = twins(phased_class, return_sequences=True, draw=2)

    def model(encoder, decoder):
        source, target = keras.Input((None, FEATURES)), keras.Input((None, FEATURES))
        _, *states = encoder(source)
        return keras.Model([source, target], decoder(target, initial_state=states))

    theirs, ours = (model(*pair) for pair in zip(encoders, decoders))
    arrays = [X, X[:, ::2]]
    same(ours.predict(arrays, verbose=0), theirs.predict(arrays, verbose=0))


@both
@pytest.mark.parametrize("masked", booleans)
def test_stateful(phased_class, masked):
    theirs, ours = twins(phased_class, stateful=True, return_sequences=True, return_state=True)
    for _ in range(2):
        for name in ("holes", "left", "all", "right"):
            mask = MASKS[name] if masked else None
            outputs, *states = theirs(X, mask=mask)
            same(ours(X, mask=mask), [silent_before(outputs, mask) if masked else outputs, *states])
        for layer in (theirs, ours):
            layer.reset_state()


@both
def test_any_number_of_steps_and_samples(phased_class):
    theirs, ours = twins(phased_class, return_sequences=True)
    models = []
    for layer in (theirs, ours):
        inputs = keras.Input((None, FEATURES))
        models.append(keras.Model(inputs, layer(inputs)))
    for x in (X, X[:1, :1], X[:2, :4], np.tile(X, (3, 2, 1))):
        same(models[1].predict(x, verbose=0), models[0].predict(x, verbose=0))


# Masks


@both
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("sequences", booleans)
@pytest.mark.parametrize("zero", booleans)
def test_masks_and_a_state(phased_class, mask, sequences, zero):
    options = {"return_sequences": sequences, "return_state": True, "zero_output_for_mask": zero}
    theirs, ours = twins(phased_class, **options)
    arrays = {"mask": MASKS[mask], "initial_state": STATES[: state_count(phased_class)]}
    outputs, *states = theirs(X, **arrays)
    same(ours(X, **arrays), [silent_before(outputs, MASKS[mask]), *states])


@both
@engines
@pytest.mark.parametrize("mask", ["left", "holes"])
def test_masks_going_backwards(phased_class, engine, mask):
    theirs, ours = twins(phased_class, return_sequences=True, go_backwards=True, zero_output_for_mask=True)
    ours.requested_engine = engine
    same(ours(X, mask=MASKS[mask]), theirs(X, mask=MASKS[mask]))


@both
@pytest.mark.parametrize("sequences", booleans)
def test_layers_that_make_masks(phased_class, sequences):
    tokens = np.array([[3, 1, 2, 0, 0], [4, 0, 0, 0, 0], [0, 2, 0, 1, 5]])
    embedding = keras.layers.Embedding(6, FEATURES, mask_zero=True)
    theirs, ours = twins(phased_class, return_sequences=sequences)
    same(ours(embedding(tokens)), theirs(embedding(tokens)))
    masking = keras.layers.Masking(0.0)
    x = np.where(MASKS["holes"][..., None], X, 0.0)
    same(ours(masking(x)), theirs(masking(x)))


@both
@pytest.mark.parametrize("mask", [None, "left", "holes"])
def test_gradients(phased_class, mask):
    theirs, ours = twins(phased_class, return_sequences=True)
    slopes = np.random.default_rng(2).normal(size=(*X.shape[:2], UNITS)).astype("float32")
    options = {}
    if mask:
        options["mask"] = MASKS[mask]
        slopes *= MASKS[mask][..., None]
    states = dict(zip("hc", STATES[: state_count(phased_class)]))

    def gradients(layer):
        def loss(v):
            return ops.sum(
                ops.convert_to_tensor(slopes) * layer(v["x"], initial_state=[v[name] for name in states], **options)
            )

        return value_and_gradients(loss, layer, {"x": X, **states})[1]

    wanted, found = gradients(theirs), gradients(ours)
    for name, value in wanted.items():
        close(found[name], value, 1e-5 * max(1.0, np.abs(value).max()))


@both
def test_training_takes_the_same_steps(phased_class):
    layers = twins(phased_class)

    def history(layer):
        inputs = keras.Input((STEPS, FEATURES))
        hidden = layer(keras.layers.Masking(0.0)(inputs))
        model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(hidden))
        model.compile("sgd", "mse")
        return model.fit(X, np.ones((len(X), 1)), epochs=4, batch_size=2, shuffle=False, verbose=0).history["loss"]

    np.testing.assert_allclose(history(layers[1]), history(layers[0]), rtol=1e-4)
