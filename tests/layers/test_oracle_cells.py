"""The cells, always open, in keras.layers.RNN and StackedRNNCells, beside keras.layers.LSTMCell and GRUCell."""

import keras
import numpy as np
import pytest

import plstm
from plstm import reference
from tests.layers.oracle import ALWAYS_OPEN, FEATURES, MASKS, STATES, STEPS, UNITS, X, same, share_weights
from tests.support import close, numpy

KERAS = {plstm.PhasedLSTMCell: keras.layers.LSTMCell, plstm.PhasedGRUCell: keras.layers.GRUCell}
both = pytest.mark.parametrize("cell_class", KERAS)


def cells(cell_class, features=FEATURES, draw=1, **options):
    """(Keras' cell, ours) of the same options and weights."""
    theirs, ours = KERAS[cell_class](UNITS, **options), cell_class(UNITS, **options, **ALWAYS_OPEN)
    for cell in (theirs, ours):
        cell.build((None, features))
    share_weights(ours, theirs, draw)
    return theirs, ours


def count(cell_class):
    return 2 if cell_class is plstm.PhasedLSTMCell else 1


@both
def test_one_step(cell_class):
    theirs, ours = cells(cell_class)
    states = STATES[: count(cell_class)]
    wanted, wanted_states = theirs(X[:, 0], states)
    found, found_states = ours(X[:, 0], states, times=0.0)
    same(found, wanted)
    same(list(found_states)[: len(states)], list(wanted_states))


@both
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}, {"return_sequences": True}])
@pytest.mark.parametrize("mask", [None, "left", "holes"])
def test_in_an_rnn(cell_class, options, mask):
    theirs, ours = (keras.layers.RNN(cell, **options) for cell in cells(cell_class))
    mask = MASKS.get(mask)
    same(ours(X, mask=mask), theirs(X, mask=mask))


@both
def test_zeros_for_masked_steps_in_an_rnn(cell_class):
    options = {"zero_output_for_mask": True, "return_sequences": True}
    theirs, ours = (keras.layers.RNN(cell, **options) for cell in cells(cell_class))
    same(ours(X, mask=MASKS["holes"]), theirs(X, mask=MASKS["holes"]))


@both
def test_stateful_in_an_rnn(cell_class):
    theirs, ours = (keras.layers.RNN(cell, stateful=True) for cell in cells(cell_class))
    for _ in range(3):
        same(ours(X), theirs(X))
    for layer in (theirs, ours):
        layer.reset_state()
    same(ours(X), theirs(X))


@both
def test_states_of_an_rnn(cell_class):
    theirs, ours = (keras.layers.RNN(cell, return_state=True) for cell in cells(cell_class))
    wanted, found = theirs(X), ours(X)
    same(list(found)[: len(wanted)], list(wanted))
    # What it returned last is what it continues from, whatever else a state holds.
    same(ours(X, initial_state=list(found[1:]))[0], theirs(X, initial_state=list(wanted[1:]))[0])


@both
def test_stacked(cell_class):
    first, second = cells(cell_class), cells(cell_class, UNITS, draw=2)
    theirs, ours = (
        keras.layers.RNN(keras.layers.StackedRNNCells(list(pair)), return_sequences=True) for pair in zip(first, second)
    )
    same(ours(X), theirs(X))
    same(ours(X, mask=MASKS["holes"]), theirs(X, mask=MASKS["holes"]))


def test_stacked_beside_a_cell_of_keras():
    theirs, ours = cells(plstm.PhasedLSTMCell)
    above = keras.layers.GRUCell(3)
    theirs, ours = (keras.layers.RNN(keras.layers.StackedRNNCells([cell, above])) for cell in (theirs, ours))
    same(ours(X), theirs(X))


@both
def test_trained_in_a_model(cell_class):
    def history(cell):
        inputs = keras.Input((None, FEATURES))
        model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(keras.layers.RNN(cell)(inputs)))
        model.compile("sgd", "mse")
        return model.fit(X, np.ones((len(X), 1)), epochs=3, shuffle=False, verbose=0).history["loss"]

    theirs, ours = cells(cell_class)
    np.testing.assert_allclose(history(ours), history(theirs), rtol=1e-4)


@both
def test_dropout_of_the_same_seed(cell_class):
    theirs, ours = (keras.layers.RNN(cell) for cell in cells(cell_class, dropout=0.5, seed=3))
    for _ in range(2):  # each sequence has a mask of its own
        same(ours(X, training=True), theirs(X, training=True))
    same(ours(X), theirs(X))


@both
def test_dropout_in_a_stack_of_the_same_seed(cell_class):
    first, second = cells(cell_class, dropout=0.5, seed=3), cells(cell_class, UNITS, draw=2, dropout=0.5, seed=4)
    theirs, ours = (keras.layers.RNN(keras.layers.StackedRNNCells(list(pair))) for pair in zip(first, second))
    same(ours(X, training=True), theirs(X, training=True))


@both
def test_recurrent_dropout_enters_the_product_alone(cell_class, monkeypatch):
    mask = (2.0 * (np.random.default_rng(1).random((len(X), UNITS)) < 0.5)).astype("float32")
    _, ours = cells(cell_class, recurrent_dropout=0.5)
    monkeypatch.setattr(ours, "get_recurrent_dropout_mask", lambda h: keras.ops.convert_to_tensor(mask))
    states = STATES[: count(cell_class)]
    got, _ = ours(X[:, 0], states, times=0.0, training=True)
    weights = {name: numpy(getattr(ours, name)) for name in ("kernel", "recurrent_kernel", "bias")}
    k = np.ones((1, UNITS))
    want, _ = reference.run(ours.kind, X[:, :1], k, weights, states, recurrent_dropout=mask)
    close(got, want[:, 0], 1e-5)


@both
def test_recurrent_dropout_in_an_rnn(cell_class):
    keras.utils.set_random_seed(0)
    _, ours = cells(cell_class, recurrent_dropout=0.5)
    layer = keras.layers.RNN(ours)
    still = numpy(layer(X))
    first, second = numpy(layer(X, training=True)), numpy(layer(X, training=True))
    assert not np.allclose(first, still) and not np.allclose(first, second)
    close(layer(X), still, 1e-6)


@both
@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_policies_in_an_rnn(cell_class, dtype):
    pair = cells(cell_class, dtype=dtype, dropout=0.5, seed=3)
    theirs, ours = (keras.layers.RNN(cell, dtype=dtype) for cell in pair)
    same(ours(X, training=True), theirs(X, training=True), 0.03)


@both
def test_configs(cell_class):
    cell = cell_class(UNITS, dropout=0.1, recurrent_dropout=0.2, seed=1, **ALWAYS_OPEN)
    layer = keras.layers.RNN(keras.layers.StackedRNNCells([cell, cell_class(3)]), return_sequences=True)
    again = keras.layers.RNN.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again(X).shape == (len(X), STEPS, 3)
