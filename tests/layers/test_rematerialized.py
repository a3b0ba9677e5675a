"""keras.RematScope: the layer keeps few states and computes the rest again, and nothing else changes."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from tests.support import by_reference, close, numpy, raw_weights, slope, value_and_gradients

BACKEND = keras.backend.backend()
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6, 2)).astype("float32")
T = np.cumsum(RNG.uniform(0.2, 3.0, (4, 6)), axis=1).astype("float32")
Y = RNG.normal(size=(4, 1)).astype("float32")
CELLS = {"lstm": plstm.PhasedLSTM, "gru": plstm.PhasedGRU}
RHYTHM = {"period_initializer": [5.0, 7.0, 11.0], "shift_initializer": 0.3, "ratio_on_initializer": 0.4, "leak": 0.05}
MODES = {
    "full": {"mode": "full"},
    "larger_than": {"mode": "larger_than", "output_size_threshold": 1},
    "list_of_layers": {"mode": "list_of_layers", "layer_names": ["named"]},
}
OTHERS = {
    "activations": {"mode": "activations"},
    "list_of_others": {"mode": "list_of_layers", "layer_names": ["another"]},
    "larger_than_it": {"mode": "larger_than", "output_size_threshold": 1e9},
}


def in_scope(mode, cell="lstm", layer=None, **options):
    keras.utils.set_random_seed(3)
    with keras.RematScope(**mode):
        return (layer or CELLS[cell])(3, name="named", **(RHYTHM | options))


@pytest.mark.parametrize("engine", ["auto", "scan"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_differences_of_the_reference(cell, mode, engine):
    """Also those of a state that is given by name, which Keras' own way loses on TensorFlow."""
    layer = in_scope(MODES[mode], cell, engine=engine)
    layer.build(X.shape)
    count = layer.cell.state_count
    inputs = {"x": X, **{f"state{i}": RNG.normal(size=(4, 3)).astype("float32") for i in range(count)}}

    def loss(v):
        return ops.sum(layer(v["x"], times=T, initial_state=[v[f"state{i}"] for i in range(count)], training=True) ** 2)

    def expected(v):
        weights = {name: v[name] for name in raw_weights(layer)}
        states = [v[f"state{i}"] for i in range(count)]
        return np.sum(by_reference(layer, weights, v["x"], T, states, leak=0.05)[1][0] ** 2)

    value, gradients = value_and_gradients(loss, layer, inputs)
    assert layer.engine == ("native" if engine == "auto" else "scan-checkpointed")
    values = {**raw_weights(layer), **{name: v.astype(float) for name, v in inputs.items()}}
    close(value, expected(values), 1e-5)
    for name, gradient in gradients.items():
        direction = RNG.normal(size=gradient.shape)
        close(np.sum(gradient * direction), slope(expected, values, name, direction), 1e-3)


@pytest.mark.parametrize("mode", OTHERS)
def test_scopes_that_do_not_mean_the_layer(mode):
    layer = in_scope(OTHERS[mode], engine="scan")
    layer(X)
    assert layer.engine == "scan"


def fitted(scope, steps, layer, **compile_options):
    x, t = keras.Input((steps, 2)), keras.Input((steps,))
    hidden = in_scope(scope, layer=layer, dropout=0.3, recurrent_dropout=0.2, engine="auto")(x, times=t)
    model = keras.Model([x, t], keras.layers.Dense(1, kernel_initializer="ones")(hidden))
    model.compile("sgd", "mse", **compile_options)
    model.fit([X, T], Y, batch_size=4, shuffle=False, epochs=2, verbose=0)
    return model.get_weights()


def both_directions(units, name, **options):
    return plstm.Bidirectional(plstm.PhasedLSTM(units, **options), name=name)


OPTIONS = {"tensorflow": [{"jit_compile": False}, {"jit_compile": True}, {"run_eagerly": True}]}.get(BACKEND, [{}])


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("layer, steps", [(plstm.PhasedLSTM, 6), (plstm.PhasedGRU, None), (both_directions, 6)])
def test_fit_takes_the_same_steps(layer, steps, options):
    """Dropout too: what is computed again drops what was dropped before."""
    want = fitted({"mode": None}, steps, layer, **options)
    for weights, others in zip(fitted(MODES["full"], steps, layer, **options), want):
        close(weights, others.astype(float), 1e-5)


def test_what_a_call_changes_changes_once():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    plain, scoped = (
        in_scope(mode, stateful=True, dropout=0.3, leak=schedule) for mode in ({"mode": None}, MODES["full"])
    )
    for layer in (plain, scoped):
        layer.build(X.shape)
        loss = lambda v, layer=layer: ops.sum(layer(v["x"], training=True))  # noqa: E731
        keras.utils.set_random_seed(6)  # PyTorch drops by its global generator
        if BACKEND == "tensorflow":
            value_and_gradients(loss, layer, {"x": X})
        else:
            loss({"x": ops.convert_to_tensor(X)})
    for ours, theirs in zip((*scoped.variables, *scoped.states), (*plain.variables, *plain.states)):
        np.testing.assert_array_equal(numpy(ours), numpy(theirs), err_msg=ours.name)
