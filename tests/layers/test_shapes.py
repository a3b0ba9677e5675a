"""What a layer is called with fits, or is refused, and alike on every engine: before a graph runs, or when it runs."""

import re

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from tests.support import by_reference, close, numpy, raw_weights, value_and_gradients

BACKEND = keras.backend.backend()
tensorflow_only = pytest.mark.skipif(BACKEND != "tensorflow", reason="about TensorFlow's graphs")
ENGINES = ["native", "scan", "scan-checkpointed"]
RHYTHM = {"period_initializer": 7.0, "shift_initializer": 0.0, "ratio_on_initializer": 0.4, "leak": 0.0}
B, T, D, H = 6, 5, 2, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(B, T, D)).astype("float32")
TIMES = np.cumsum(RNG.uniform(0.2, 3.0, (B, T)), axis=1)
MASK = RNG.random((B, T)) < 0.6
STATE = RNG.normal(size=(2, B, H)).astype("float32")
each_engine = pytest.mark.parametrize("engine", ENGINES)


def make(engine="auto", kind=plstm.PhasedLSTM, **kwargs):
    return kind(H, engine=engine, **{**RHYTHM, "return_sequences": True, **kwargs})


def state_of(*batches):
    return [STATE[n, :batch] for n, batch in enumerate(batches)]


def test_one_mask_for_a_long_batch():
    x = np.ones((64, 500, 1), "float32")
    layer = make(return_sequences=False)
    np.testing.assert_allclose(numpy(layer(x, mask=np.ones((1, 500), bool))), numpy(layer(x)), atol=1e-6)


@each_engine
@pytest.mark.parametrize("times", [None, TIMES, TIMES[0]], ids=["steps", "own", "shared"])
def test_one_mask_is_everyones(engine, times):
    layer = make(engine)
    got = layer(X, times=times, mask=MASK[:1])
    shown = np.arange(float(T)) if times is None else times
    want, _ = by_reference(layer, raw_weights(layer), X, shown, mask=np.repeat(MASK[:1], B, 0))
    close(got, want, 1e-5)


@each_engine
@pytest.mark.parametrize(
    "kind, batches", [(plstm.PhasedLSTM, (1, 1)), (plstm.PhasedLSTM, (B, 1)), (plstm.PhasedGRU, (1,))]
)
def test_one_state_is_everyones_and_learns_from_all(engine, kind, batches):
    layer = make(engine, kind)
    layer.build(X.shape)
    shares = RNG.normal(size=(B, T, H)).astype("float32")

    def loss(inputs):
        outputs = layer(inputs["x"], times=TIMES, initial_state=[inputs[n] for n in "hc" if n in inputs])
        return ops.sum(ops.convert_to_tensor(shares) * outputs)

    given = dict(zip("hc", state_of(*batches)))
    _, found = value_and_gradients(loss, layer, {"x": X, **given})
    whole = {name: np.broadcast_to(state, (B, H)) for name, state in given.items()}
    want, _ = by_reference(layer, raw_weights(layer), X, TIMES, list(whole.values()))
    close(layer(X, times=TIMES, initial_state=list(given.values())), want, 1e-5)
    _, apart = value_and_gradients(loss, layer, {"x": X, **whole})
    for name, state in given.items():
        expected = apart[name].sum(axis=0, keepdims=True) if len(state) == 1 else apart[name]
        np.testing.assert_allclose(found[name], expected, atol=1e-5)


@pytest.mark.parametrize("theirs", ["LSTM", "GRU"])
def test_as_keras_does(theirs):
    """An always open gate is Keras' layer, and takes one state and one mask for all as it does."""
    keras_layer = getattr(keras.layers, theirs)(H, return_sequences=True)
    keras_layer(X)
    kind = plstm.PhasedLSTM if theirs == "LSTM" else plstm.PhasedGRU
    layer = kind.from_keras(keras_layer, gate_shape="square", ratio_on_initializer=1.0, leak=0.0)
    options = {"initial_state": state_of(1, 1)[: 2 if theirs == "LSTM" else 1], "mask": MASK[:1] | (np.arange(T) == 0)}
    theirs = {"initial_state": [np.repeat(s, B, 0) for s in options["initial_state"]], "mask": options["mask"]}
    # On JAX, Keras' loop has no place for a state that grows.
    want = keras_layer(X, **(theirs if BACKEND == "jax" else options))
    close(layer(X, **options), numpy(want), 1e-5)


MISFITS = {
    "a mask of one step": ({"mask": MASK[:, :1]}, r"expected a mask of shape \(6, 5\) or \(1, 5\), got \(6, 1\)"),
    "a mask of another batch": ({"mask": MASK[:2]}, r"a mask of shape \(6, 5\) or \(1, 5\), got \(2, 5\)"),
    "a mask of nobody": ({"mask": MASK[:0]}, r"got \(0, 5\)"),
    "a mask with features": ({"mask": MASK[..., None]}, r"got \(6, 5, 1\)"),
    "a mask without a batch": ({"mask": MASK[0]}, r"got \(5,\)"),
    "a mask turned over": ({"mask": MASK.T}, r"got \(5, 6\)"),
    "one clock as a batch": ({"times": TIMES[:1]}, r"expected times of shape \(6, 5\) or \(5,\), got \(1, 5\)"),
    "times of another batch": ({"times": TIMES[:3]}, r"expected times of shape \(6, 5\) or \(5,\), got \(3, 5\)"),
    "one time": ({"times": TIMES[:, :1]}, r"got \(6, 1\)"),
    "times for longer sequences": ({"times": np.arange(9.0)}, r"got \(9,\)"),
    "a state of another batch": (
        {"initial_state": state_of(2, 6)},
        r"state of shape \(6, 4\) or \(1, 4\), got \(2, 4\)",
    ),
    "a cell state of another": (
        {"initial_state": state_of(6, 3)},
        r"state of shape \(6, 4\) or \(1, 4\), got \(3, 4\)",
    ),
    "a state of one unit": ({"initial_state": [STATE[0, :, :1]] * 2}, r"got \(6, 1\)"),
    "a state without a batch": ({"initial_state": [STATE[0, 0]] * 2}, r"got \(4,\)"),
    "a state too few": ({"initial_state": state_of(6)}, "expected an initial state of 2 tensors, got 1"),
}


@each_engine
@pytest.mark.parametrize("given, message", MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_refused(engine, given, message):
    layer = make(engine)
    with pytest.raises(ValueError, match=message):
        layer(X, **given)


@each_engine
def test_features_other_than_those_it_was_built_for_are_refused(engine):
    layer = make(engine)
    layer(X)
    for features in (1, 3):
        x = np.ones((B, T, features), "float32")
        with pytest.raises(ValueError, match=rf"expected sequences of shape \(6, 5, 2\), got \(6, 5, {features}\)"):
            layer(x)


# Where a graph is traced, nothing is known but the number of dimensions.


def unknown(engine, given, **options):
    """A function of x and of what is given, which knows no size when it is traced; as in training, for native."""
    import tensorflow as tf

    layer = make(engine)
    layer.build(X.shape)
    steps = T if engine == "scan-checkpointed" else None
    flat = given.pop("initial_state", [])
    names = list(given)
    arrays = [ops.convert_to_tensor(array) for array in (*given.values(), *flat)]
    signature = [tf.TensorSpec((None, steps, D))] + [tf.TensorSpec((None,) * a.ndim, a.dtype) for a in arrays]

    @tf.function(input_signature=signature, **options)
    def call(x, *rest):
        more = {"initial_state": list(rest[len(names) :])} if flat else {}
        return layer(x, training=True, **dict(zip(names, rest)), **more)

    return layer, lambda: call(X, *arrays)


@tensorflow_only
@each_engine
@pytest.mark.parametrize("name", [n for n in MISFITS if "features" not in n and "without" not in n and "few" not in n])
def test_what_turns_out_not_to_fit_is_refused_when_the_graph_runs(engine, name):
    import tensorflow as tf

    given, message = MISFITS[name]
    call = unknown(engine, dict(given))[1]
    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        call()
    got = re.sub(r"\\|\(|\)|,", "", message.rpartition("got ")[2])
    assert re.search(
        rf"expected .* of shape \] \[.*\[, got \] \[{got}\] \[ for sequences of shape \] \[6 5 2\]", str(refused.value)
    )


@tensorflow_only
@each_engine
def test_what_turns_out_to_be_everyones_is(engine):
    layer, call = unknown(engine, {"mask": MASK[:1], "times": TIMES, "initial_state": state_of(1, 6)})
    state = [np.broadcast_to(s, (B, H)) for s in state_of(1, 6)]
    mask = np.repeat(MASK[:1], B, 0)
    close(call(), by_reference(layer, raw_weights(layer), X, TIMES, state, mask)[0], 1e-5)


@tensorflow_only
@pytest.mark.parametrize(
    "name", ["a mask of one step", "times of another batch", "a state of another batch", "one time"]
)
def test_where_nothing_can_fail_the_answer_is_nan(name):
    """XLA leaves assertions out. Some misfits fail there by themselves."""
    import tensorflow as tf

    call = unknown("scan", dict(MISFITS[name][0]), jit_compile=True)[1]
    try:
        answer = numpy(call())
    except (ValueError, tf.errors.InvalidArgumentError, tf.errors.InternalError, tf.errors.UnimplementedError):
        return
    assert np.isnan(answer).all()


@tensorflow_only
def test_a_tensor_of_any_number_of_dimensions_is_refused():
    import tensorflow as tf

    layer = make()
    layer.build(X.shape)

    @tf.function(input_signature=[tf.TensorSpec((None, T, D)), tf.TensorSpec(None, "bool")])
    def call(x, mask):
        return layer(x, mask=mask)

    with pytest.raises(ValueError, match="expected a mask with a known number of dimensions, got a tensor with an unk"):
        call(X, MASK)


class Learned(keras.layers.Layer):
    """An initial state that is learned, as people write it."""

    def __init__(self, batch=1):
        super().__init__()
        self.batch = batch

    def build(self, shape):
        self.h = self.add_weight(shape=(self.batch, 64), name="h")

    def call(self, x):
        return self.h + 0.0


def learning(engine, batch):
    x = keras.Input((20, 1))
    state = [Learned(batch), Learned(batch)]
    outputs = plstm.PhasedLSTM(64, engine=engine)(x, initial_state=[s(x) for s in state])
    model = keras.Model(x, keras.layers.Dense(1)(outputs))
    model.compile(keras.optimizers.Adam(1e-3), "mse")
    return model, state


@each_engine
def test_a_learned_state_is_trained(engine):
    model, state = learning(engine, 1)
    before = [numpy(s.h) for s in state]
    model.fit(np.ones((500, 20, 1)), np.ones((500, 1)), batch_size=256, verbose=0)
    for then, s in zip(before, state):
        # Adam's first two steps are as long as its rate.
        assert 1e-3 < np.abs(numpy(s.h) - then).max() < 3e-3


@each_engine
def test_a_learned_state_of_another_batch_is_refused_in_fit(engine):
    model, _ = learning(engine, 7)
    with pytest.raises(Exception, match="expected an initial state of shape") as refused:
        model.fit(np.ones((500, 20, 1)), np.ones((500, 1)), batch_size=256, verbose=0)
    assert re.search(r"256,? 64\W+or\W+1,? 64\W+got\W+7,? 64", str(refused.value))


def stateful(engine):
    x = keras.Input(batch_shape=(4, T, D))
    layer = plstm.PhasedLSTM(H, engine=engine, stateful=True, **RHYTHM)
    model = keras.Model(x, keras.layers.Dense(1)(layer(x)))
    model.compile("sgd", "mse")
    return layer, model


@each_engine
@pytest.mark.parametrize("how", ["call", "fit", "predict"])
def test_a_smaller_last_batch_of_a_stateful_layer_is_refused(engine, how):
    layer, model = stateful(engine)
    model.predict(X[:4], verbose=0)
    before = [numpy(v) for v in (*layer.states, layer.steps_seen)]
    calls = {
        "call": lambda: layer(X[:2]),
        "fit": lambda: model.fit(X[:2], np.ones((2, 1)), batch_size=4, verbose=0),
        "predict": lambda: model.predict(X[:2], batch_size=4, verbose=0),
    }
    with pytest.raises(
        Exception, match="expected sequences of shape .*; a stateful layer keeps a state for each sample"
    ):
        calls[how]()
    if BACKEND == "jax" and how != "call":
        return  # Keras' trainer takes the variables away and, where it fails, does not put them back
    for then, now in zip(before, (*layer.states, layer.steps_seen)):
        np.testing.assert_array_equal(then, numpy(now))


def test_a_stateful_layer_of_one_sample_takes_no_more():
    layer = make(stateful=True)
    layer(X[:1])
    with pytest.raises(ValueError, match=r"expected sequences of shape \(1, 5, 2\), got \(6, 5, 2\); a stateful layer"):
        layer(X)


@tensorflow_only
def test_a_saved_model_refuses_times_longer_than_its_sequences(tmp_path):
    import tensorflow as tf

    x, t = keras.Input((None, D)), keras.Input((None,), dtype="float64")
    model = keras.Model([x, t], make()(x, times=t))
    model.export(str(tmp_path / "model"), verbose=False)
    saved = tf.saved_model.load(str(tmp_path / "model"))
    close(saved.serve([X, TIMES]), numpy(model([X, TIMES])), 1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"expected times of shape \] \[6 5\] \[, got \] \[6 6\]"):
        saved.serve([X, np.concatenate([TIMES, TIMES[:, -1:]], axis=1)])


def test_the_event_driven_engine_takes_one_mask_for_all():
    layer = make()
    layer.build(X.shape)
    want = by_reference(layer, raw_weights(layer), X, TIMES, mask=np.repeat(MASK[:1], B, 0))[0]
    engine = plstm.EventDriven(layer)
    close(engine.run(X, TIMES, MASK[:1]), want, 1e-5)
    for mask in (MASK[:2], MASK[:, :1], MASK[0]):
        with pytest.raises(ValueError, match=r"expected a mask of shape \(6, 5\) or \(1, 5\), got"):
            engine.run(X, TIMES, mask)
