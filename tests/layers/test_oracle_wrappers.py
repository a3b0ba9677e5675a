"""What wraps layers, around ours that are always open, beside Keras' own: Bidirectional and TimeDistributed."""

import keras
import numpy as np
import pytest

import plstm
from tests.layers import oracle
from tests.layers.oracle import ALWAYS_OPEN, FEATURES, KERAS, MASKS, STATES, STEPS, UNITS, X, same, state_count, twins
from tests.support import close, numpy

both = pytest.mark.parametrize("phased_class", KERAS)
MERGES = pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave", None])
booleans = (False, True)
RHYTHM = {"period_initializer": [3.0, 5.0, 7.0, 9.0], "shift_initializer": 0.4, "ratio_on_initializer": 0.5}


def pair(phased_class, backward=None, dtype=None, merge_mode="concat", **options):
    """(Keras' Bidirectional, ours) of the same options and weights; ``backward``: what a layer of its own has else."""
    wrappers = []
    for cls, wrapper, more in (
        (KERAS[phased_class], keras.layers.Bidirectional, {}),
        (phased_class, plstm.Bidirectional, ALWAYS_OPEN),
    ):
        other = None if backward is None else cls(UNITS, **{**options, "go_backwards": True, **backward}, **more)
        both = wrapper(cls(UNITS, **options, **more), merge_mode=merge_mode, backward_layer=other, dtype=dtype)
        both.build(X.shape)
        wrappers.append(both)
    theirs, ours = wrappers
    for draw, name in enumerate(("forward_layer", "backward_layer")):
        oracle.share_weights(getattr(ours, name).cell, getattr(theirs, name).cell, draw)
    return theirs, ours


def unpacked(value):
    """Tensors, shapes or masks as Keras nests them, in one row."""
    return [one for part in value for one in (part if isinstance(part, (list, tuple)) else [part])]


@both
@MERGES
@pytest.mark.parametrize("sequences", booleans)
@pytest.mark.parametrize("mask", [None, "left", "holes", "one sample"])
def test_bidirectional(phased_class, merge, sequences, mask):
    theirs, ours = pair(phased_class, merge_mode=merge, return_sequences=sequences)
    mask = MASKS.get(mask)
    same(ours(X, mask=mask), theirs(X, mask=mask))
    assert ours.compute_output_shape(X.shape) == theirs.compute_output_shape(X.shape)
    assert ours.compute_mask(X, "the mask") == theirs.compute_mask(X, "the mask")


@both
@MERGES
@pytest.mark.parametrize("sequences", booleans)
@pytest.mark.parametrize("given", booleans)
def test_states_of_both_directions(phased_class, merge, sequences, given):
    theirs, ours = pair(phased_class, merge_mode=merge, return_sequences=sequences, return_state=True)
    states = STATES[: 2 * state_count(phased_class)] if given else None
    mask = MASKS["left"] if given else None
    same(ours(X, initial_state=states, mask=mask), theirs(X, initial_state=states, mask=mask))
    assert unpacked(ours.compute_output_shape(X.shape)) == unpacked(theirs.compute_output_shape(X.shape))


@both
def test_states_of_both_directions_as_inputs(phased_class):
    def model(wrapper):
        inputs = keras.Input((None, FEATURES))
        states = [keras.Input((UNITS,)) for _ in range(2 * state_count(phased_class))]
        return keras.Model([inputs, *states], wrapper(inputs, initial_state=states))

    theirs, ours = (model(wrapper) for wrapper in pair(phased_class))
    arrays = [X, *STATES[: 2 * state_count(phased_class)]]
    same(ours.predict(arrays, verbose=0), theirs.predict(arrays, verbose=0))


@both
@pytest.mark.parametrize("states", [1, 3, 5])
def test_too_few_or_too_many_initial_states(phased_class, states):
    _, ours = pair(phased_class)
    wanted = 2 * state_count(phased_class)
    with pytest.raises(ValueError, match=f"expected {wanted} initial states, .* got {states}"):
        ours(X, initial_state=[STATES[0]] * states)


@both
def test_stateful_in_both_directions(phased_class):
    theirs, ours = pair(phased_class, stateful=True, return_sequences=True)
    for mask in (None, "left", "holes"):
        same(ours(X, mask=MASKS.get(mask)), theirs(X, mask=MASKS.get(mask)))
    same(ours.states, theirs.states)
    for wrapper in (theirs, ours):
        wrapper.reset_state()
    same(ours(X), theirs(X))


def test_without_a_state_there_is_none():
    assert pair(plstm.PhasedLSTM)[1].states is None


@both
@pytest.mark.parametrize("backward", [{}, {"activation": "relu"}, {"use_bias": False, "dropout": 0.5}])
def test_a_backward_layer_of_its_own(phased_class, backward, tmp_path):
    theirs, ours = pair(phased_class, backward=backward, return_sequences=True)
    same(ours(X), theirs(X))
    inputs = keras.Input((STEPS, FEATURES))
    model = keras.Model(inputs, ours(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    same(again(X), model(X), 1e-6)
    assert again.layers[-1].backward_layer.cell.dropout == backward.get("dropout", 0.0)


def test_a_backward_layer_of_another_size():
    theirs, ours = (
        wrapper(cls(UNITS, **more), backward_layer=cls(3, go_backwards=True, **more))
        for wrapper, cls, more in (
            (keras.layers.Bidirectional, keras.layers.LSTM, {}),
            (plstm.Bidirectional, plstm.PhasedLSTM, ALWAYS_OPEN),
        )
    )
    assert ours(X).shape == theirs(X).shape == ours.compute_output_shape(X.shape) == (len(X), UNITS + 3)


@pytest.mark.parametrize(
    "forward, backward",
    [
        ({"return_sequences": True}, {"go_backwards": True}),
        ({"return_state": True}, {"go_backwards": True}),
        ({"stateful": True}, {"go_backwards": True}),
        ({}, {"go_backwards": False}),
        ({"go_backwards": True}, {"go_backwards": True}),
        ({"go_backwards": True}, None),
    ],
)
def test_layers_that_do_not_fit_together(forward, backward):
    for cls, wrapper in ((keras.layers.LSTM, keras.layers.Bidirectional), (plstm.PhasedLSTM, plstm.Bidirectional)):
        with pytest.raises(ValueError, match="(?i)expected|different `go_backwards`"):
            wrapper(cls(3, **forward), backward_layer=backward and cls(3, **backward))


def test_other_layers_are_refused():
    for arguments in ((keras.layers.LSTM(3),), (plstm.PhasedLSTM(3), "concat", None, keras.layers.LSTM(3))):
        with pytest.raises(TypeError, match="expected a PhasedLSTM or PhasedGRU, got LSTM"):
            plstm.Bidirectional(*arguments)


@both
def test_weights_to_start_with(phased_class):
    _, ours = pair(phased_class)
    again = plstm.Bidirectional(phased_class(UNITS, **ALWAYS_OPEN), weights=ours.get_weights())
    same(again(X), ours(X), 1e-7)


@both
@pytest.mark.parametrize("outer", ["float32", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("inner", ["float32", "mixed_bfloat16"])
def test_policies_outside_and_inside(phased_class, outer, inner):
    if outer == "float64" and keras.backend.backend() == "jax":
        pytest.skip("JAX has no 64-bit floats unless asked")
    options = {"dtype": keras.DTypePolicy(inner)}
    theirs = keras.layers.Bidirectional(KERAS[phased_class](UNITS, **options), dtype=outer)
    ours = plstm.Bidirectional(phased_class(UNITS, **options, **ALWAYS_OPEN), dtype=outer)
    for wrapper in (theirs, ours):
        wrapper.build(X.shape)
    for name in ("forward_layer", "backward_layer"):
        oracle.share_weights(getattr(ours, name).cell, getattr(theirs, name).cell)
    same(ours(X), theirs(X), 0.03 if "mixed_bfloat16" in (outer, inner) else 1e-5)


@both
def test_trained_in_both_directions(phased_class):
    def history(wrapper):
        inputs = keras.Input((None, FEATURES))
        hidden = wrapper(keras.layers.Masking(0.0)(inputs))
        model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(hidden))
        model.compile("sgd", "mse")
        return model.fit(X, np.ones((len(X), 1)), epochs=3, shuffle=False, verbose=0).history["loss"]

    theirs, ours = pair(phased_class)
    np.testing.assert_allclose(history(ours), history(theirs), rtol=1e-4)


@both
def test_the_clock_goes_both_ways_with_masks_and_states(phased_class):
    """Not always open: beside one layer for each direction."""
    layer = phased_class(UNITS, **RHYTHM, return_sequences=True, return_state=True, zero_output_for_mask=True)
    ours = plstm.Bidirectional(layer)
    times = np.cumsum(np.random.default_rng(3).uniform(0.2, 3.0, X.shape[:2]), axis=1)
    count, mask = state_count(phased_class), MASKS["holes"]
    states = STATES[: 2 * count]
    merged, *found = ours(X, times=times, initial_state=states, mask=mask)
    ahead, *after = ours.forward_layer(X, times=times, initial_state=states[:count], mask=mask)
    back, *before = ours.backward_layer(X, times=times, initial_state=states[count:], mask=mask)
    close(merged, np.concatenate([numpy(ahead), numpy(back)[:, ::-1]], axis=-1), 1e-6)
    same(found, [*after, *before], 1e-6)
    assert not np.any(numpy(merged)[~mask])


@both
@pytest.mark.parametrize("sequences", booleans)
def test_time_distributed(phased_class, sequences):
    theirs, ours = (keras.layers.TimeDistributed(layer) for layer in twins(phased_class, return_sequences=sequences))
    x = np.stack([X, X[::-1]], axis=1)
    same(ours(x), theirs(x))
    assert ours.compute_output_shape(x.shape) == theirs.compute_output_shape(x.shape)


@both
def test_inside_a_sequential_model(phased_class):
    def model(layers):
        first, second = layers
        return keras.Sequential(
            [keras.layers.Embedding(7, FEATURES, mask_zero=True, embeddings_initializer="ones"), first, second]
        )

    stacks = zip(twins(phased_class, return_sequences=True), twins(phased_class, shape=(*X.shape[:2], UNITS), draw=2))
    theirs, ours = (model(layers) for layers in stacks)
    tokens = np.array([[1, 2, 0, 3, 0], [4, 5, 6, 0, 0]])
    same(ours.predict(tokens, verbose=0), theirs.predict(tokens, verbose=0))
