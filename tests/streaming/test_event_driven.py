"""Event-driven inference: equal to the dense layer and to reference.py, streams, states, and what goes wrong."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plstm
from plstm import gate, reference
from plstm.errors import StateError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def make(layer=plstm.PhasedLSTM, units=9, features=3, seed=0, **options):
    """A built layer with weights that are not the ones it starts from, and gates that are open a fifth of the time."""
    keras.utils.set_random_seed(seed)
    options = {"ratio_on_initializer": 0.2, "period_initializer": plstm.LogUniform(1.0, 30.0), **options}
    built = layer(units, **options)
    built.build((None, None, features))
    for weight in built.cell.trainable_weights:
        if weight.name in ("bias", "peepholes", "kernel", "recurrent_kernel"):
            weight.assign(np.random.default_rng(seed).normal(0, 0.5, weight.shape))
    return built


def sequences(batch=4, steps=60, features=3, seed=0, shared=False):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.exponential(1.0, (batch, steps)), axis=1)
    return rng.normal(size=(batch, steps, features)).astype("float32"), times[0] if shared else times


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@settings(max_examples=25, deadline=None)
@given(
    cell=st.sampled_from([plstm.PhasedLSTM, plstm.PhasedGRU]),
    units=st.integers(1, 40),
    features=st.integers(1, 9),
    batch=st.integers(1, 5),
    shape=st.sampled_from(gate.SHAPES),
    ratio_on=st.floats(0.02, 1.0),
    shared=st.booleans(),
    masked=st.booleans(),
    seed=st.integers(0, 99),
)
def test_equals_the_dense_layer(cell, units, features, batch, shape, ratio_on, shared, masked, seed):
    layer = make(cell, units, features, seed, gate_shape=shape, ratio_on_initializer=ratio_on, return_sequences=True)
    x, times = sequences(batch, 30, features, seed, shared)
    mask = np.random.default_rng(seed).random((batch, 30)) < 0.7 if masked else None
    dense = array(layer(x, times=times, mask=mask, training=False))
    assert np.abs(plstm.EventDriven(layer).run(x, times, mask) - dense).max() < 1e-5


@pytest.mark.parametrize("peepholes", [False, True])
def test_equals_the_reference(peepholes):
    layer = make(peepholes=peepholes, return_sequences=True)
    x, times = sequences()
    rhythm = [array(p).astype(float) for p in (layer.period, layer.shift, layer.ratio_on)]
    names = ("kernel", "recurrent_kernel", "bias", "peepholes")
    weights = {n: array(getattr(layer.cell, n)) for n in names if getattr(layer.cell, n, None) is not None}
    expected, _ = reference.run("lstm", x, reference.gates(times, *rhythm), weights)
    assert np.abs(plstm.EventDriven(layer).run(x, times) - expected).max() < 1e-5


def test_float64_layers_are_computed_in_float64():
    layer = make(dtype="float64", return_sequences=True)
    x, times = sequences()
    outputs = plstm.EventDriven(layer).run(x, times)
    assert outputs.dtype == np.float64
    assert np.abs(outputs - array(layer(x, times=times))).max() < 1e-12


def model(last_sequences=False):
    x, t = keras.Input((None, 3)), keras.Input((None,), dtype="float64")
    lower = make(units=8, return_sequences=True)
    upper = make(plstm.PhasedGRU, units=6, features=8, return_sequences=last_sequences)
    outputs = upper(keras.layers.Dropout(0.5)(lower(x, times=t)), times=t)
    outputs = keras.layers.Dense(5, activation="relu")(outputs)
    return keras.Model([x, t], keras.layers.Dense(2, activation="softmax")(outputs))


@pytest.mark.parametrize("last_sequences", [False, True])
def test_a_stack_with_a_head_equals_the_model(last_sequences):
    stack = model(last_sequences)
    x, times = sequences()
    expected = stack.predict_on_batch([x, times])
    assert np.abs(plstm.EventDriven(stack).run(x, times) - expected).max() < 1e-5


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh", "softmax"])
def test_heads(activation):
    stack = keras.Sequential([keras.Input((None, 3)), make(), keras.layers.Dense(4, activation=activation)])
    x, _ = sequences(steps=20)
    assert np.abs(plstm.EventDriven(stack).run(x, np.arange(20.0)) - stack.predict_on_batch(x)).max() < 1e-5


def test_steps_equal_the_whole_and_count_only_open_units():
    stack = model(last_sequences=True)
    engine, (x, times) = plstm.EventDriven(stack), sequences(batch=1)
    whole = engine.run(x, times)[0]
    engine.clear_stats()
    steps = np.stack([engine.step(x[0, n], times[0, n]) for n in range(60)])
    assert np.abs(steps - whole).max() < 1e-6
    layers = [layer for layer in stack.layers if hasattr(layer, "openness")]
    opened = [int((layer.openness(times[0]) > 0).sum()) for layer in layers]
    stats = engine.stats
    assert (stats.events, stats.updates, stats.dense_updates) == (60, sum(opened), 60 * 14)
    assert stats.multiply_adds == opened[0] * 4 * (3 + 8) + opened[1] * 3 * (8 + 6)
    assert stats.ratio == stats.multiply_adds / (60 * (8 * 4 * 11 + 6 * 3 * 14))


def test_without_skipping_the_outputs_are_the_same_and_every_unit_is_computed():
    layer = make(return_sequences=True)
    x, times = sequences()
    dense = plstm.EventDriven(layer, skip_closed=False)
    assert np.array_equal(dense.run(x, times), plstm.EventDriven(layer).run(x, times))
    assert dense.stats.ratio == 1.0


def test_unix_times_and_times_from_another_origin_open_the_same_units():
    layer = make(period_initializer=10.0, shift_initializer=0.0, return_sequences=True)
    x, times = sequences(shared=True)
    later = plstm.EventDriven(layer).run(x, np.round(times, 3) + 1.7e9)
    assert np.abs(later - plstm.EventDriven(layer).run(x, np.round(times, 3))).max() < 1e-4


def test_a_gap_of_many_periods_misses_no_opening():
    layer = make(units=20, return_sequences=True)
    x, _ = sequences(batch=1, steps=8)
    times = np.array([0.0, 0.1, 5e3, 5e3 + 1e-3, 7e6, 7e6, 7e6 + 13.7, 1e9])
    dense = array(layer(x, times=times))
    assert np.abs(plstm.EventDriven(layer).run(x, times) - dense).max() < 1e-5


def test_a_thousand_streams_equal_each_alone():
    engine = plstm.EventDriven(make())
    rng = np.random.default_rng(0)
    names = [f"sensor {n}" for n in range(1000)]
    for name in names:
        engine.open(name)
    bytes_before = sum(a.nbytes for layer in engine._streams.state for a in layer)
    chosen = rng.integers(0, 1000, 5000)
    x, times = rng.normal(size=(5000, 3)).astype("float32"), np.sort(rng.uniform(0, 500, 5000))
    outputs = np.concatenate(
        [engine.step_many([names[n] for n in chosen[s]], x[s], times[s]) for s in (slice(0, 1234), slice(1234, 5000))]
    )
    for number in (0, 7, 999):
        own = chosen == number
        alone = engine.step_many([None] * own.sum(), x[own], times[own])
        engine.reset()
        assert np.array_equal(outputs[own], alone)
    assert sum(a.nbytes for layer in engine._streams.state for a in layer) == bytes_before
    assert engine.bytes_per_stream == 8 + 9 * 16


def test_a_closed_stream_leaves_room_and_nothing_behind():
    engine = plstm.EventDriven(make())
    engine.open("a")
    first = engine.step(np.ones(3), 2.0, stream="a")
    engine.close("a")
    assert engine.streams == []
    engine.open("b")
    assert np.array_equal(engine.step(np.ones(3), 2.0, stream="b"), first)


def test_save_and_load_in_the_middle(tmp_path):
    layer = make()
    engine, (x, times) = plstm.EventDriven(layer), sequences(batch=1)
    engine.open("a")
    for n in range(30):
        engine.step(x[0, n], times[0, n])
        engine.step(-x[0, n], times[0, n], stream="a")
    engine.save(tmp_path / "state.npz")
    again = plstm.EventDriven(layer)
    again.load(tmp_path / "state.npz")
    assert again.streams == ["a"]
    for n in range(30, 60):
        for stream in (None, "a"):
            expected = engine.step(x[0, n], times[0, n], stream)
            assert np.array_equal(again.step(x[0, n], times[0, n], stream), expected)


def test_a_late_event_is_an_error_or_left_out():
    engine = plstm.EventDriven(make())
    before = engine.step(np.ones(3), 5.0)
    with pytest.raises(ValueError, match="expected a time >= 5.0 in this stream, got 4.0;"):
        engine.step(np.ones(3), 4.0)
    with pytest.raises(ValueError, match="expected a time >= 5.0 in this stream, got 4.5;"):
        engine.step_many([None, None], np.ones((2, 3)), [6.0, 4.5][::-1])
    engine.step(np.ones(3), 5.0)
    lenient = plstm.EventDriven(make(), late="skip")
    assert np.array_equal(lenient.step(np.ones(3), 5.0), before)
    assert np.array_equal(lenient.step(np.zeros(3), 4.0), before)
    assert np.array_equal(lenient.step_many([None], np.zeros((1, 3)), [4.0])[0], before)
    assert (lenient.stats.skipped, lenient.stats.events) == (2, 1)


def wrong_state(**changes):
    def call(engine):
        engine.state = {**engine.state, **changes}

    return call


def load(content):
    def call(engine, path):
        path.write_bytes(content)
        engine.load(path)

    return call


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.step(np.ones(2), 9.0), r"expected x of shape \(3,\), got \(2,\)"),
        (lambda e: e.step(np.ones((1, 3)), 9.0), r"expected x of shape \(3,\), got \(1, 3\)"),
        (lambda e: e.step(1.0, 9.0), r"expected x of shape \(3,\), got \(\)"),
        (lambda e: e.step(["a", "b", "c"], 9.0), "expected x to be numbers, got text"),
        (lambda e: e.step(["1", "2", "3"], 9.0), "expected x to be numbers, got text"),
        (lambda e: e.step(np.ones(3, "M8[s]"), 9.0), "expected x to be numbers, got datetime64.*plstm.elapsed"),
        (lambda e: e.step([1.0, None, 1.0], 9.0), r"expected x to be numbers, got NoneType at \(1,\)"),
        (lambda e: e.step_many(["a"], [["1", "2", "3"]], [9.0]), "expected x to be numbers, got text"),
        (lambda e: e.run([[["a", "b", "c"]]], [9.0]), "expected sequences to be numbers, got text"),
        (lambda e: e.step(np.ones(3), [9.0, 10.0]), r"expected t to be one number, got shape \(2,\)"),
        (lambda e: e.step(np.ones(3), 0.1), "a time >= 1.0 in this stream, got 0.1;"),
        (lambda e: e.step_many([None], np.ones((1, 3)), [0.1]), "a time >= 1.0 in this stream, got 0.1;"),
        (lambda e: e.run(np.ones((1, 2, 3)), [0.3, 0.1]), "do not go back, got 0.1 after 0.3$"),
        (lambda e: e.step([1.0, np.nan, 1.0], 9.0), "finite x, got nan; plstm.hold_missing fills missing values"),
        (lambda e: e.step([1.0, np.inf, 1.0], 9.0), "finite x, got inf$"),
        (lambda e: e.step(np.ones(3), np.nan), "finite times, got nan$"),
        (lambda e: e.step(np.ones(3), 9.0, stream="b"), "the name of an open stream, got 'b'"),
        (lambda e: e.step_many(["a", "b"], np.ones((2, 3)), [9.0, 9.0]), "the name of an open stream, got 'b'"),
        (
            lambda e: e.step_many(["a"], np.ones((1, 3)), [9.0, 9.0]),
            r"1 times, one for each event, got times of shape \(2,\)",
        ),
        (lambda e: e.step_many(["a", None], np.ones((2, 3)), [9.0, 0.5]), "a time >= 1.0 in this stream, got 0.5"),
        (lambda e: e.open("a"), "the name of a new stream, got 'a', which is open"),
        (lambda e: e.open(3), "to be a string, got 3"),
        (lambda e: e.close("b"), "the name of an open stream, got 'b'"),
        (
            lambda e: e.run(np.ones((1, 4, 2)), np.arange(4.0)),
            r"sequences of shape \(batch, steps, 3\), got \(1, 4, 2\)",
        ),
        (lambda e: e.run(np.ones((1, 4, 3)), np.arange(3.0)), r"times of shape \(1, 4\) or \(4,\), got \(3,\)"),
        (lambda e: e.run(np.ones((1, 4, 3)), [0.0, 2.0, 1.0, 3.0]), "do not go back, got 1.0 after 2.0"),
        (lambda e: e.run(np.ones((1, 4, 3)), [0.0, 2.0, np.nan, 3.0]), "finite times, got nan"),
        (
            lambda e: e.run(np.full((1, 4, 3), np.nan), np.arange(4.0)),
            "finite sequences, got nan; plstm.hold_missing fills missing values",
        ),
        (lambda e: e.run(np.ones((1, 4, 3)), np.arange(4.0), np.ones((1, 3))), r"a mask of shape \(1, 4\)"),
        (wrong_state(h0=np.zeros((2, 8))), r"h0 of shape \(2, 9\) in the state, got \(2, 8\)"),
        (wrong_state(c0=np.full((2, 9), np.nan)), "numbers that are finite in float32 in the state"),
        (wrong_state(last_time=np.array([0.0, np.nan])), "times that are not NaN"),
    ],
)
def test_bad_input_leaves_the_streams_as_they_were(call, message):
    engine = plstm.EventDriven(make())
    engine.open("a")
    engine.step_many([None, "a"], np.ones((2, 3)), [1.0, 2.0])
    before = engine.state
    with pytest.raises(ValueError, match=message):
        call(engine)
    assert all(np.array_equal(before[name], engine.state[name]) for name in before)


def test_a_state_of_another_model_or_a_damaged_one_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    plstm.EventDriven(make(seed=1)).save(path)
    engine = plstm.EventDriven(make())
    before = engine.state
    with pytest.raises(StateError, match="a state of this model in .*, got one of other weights"):
        engine.load(path)
    engine.save(path)
    for content in (path.read_bytes()[:200], b"", b"not a state"):
        path.write_bytes(content)
        with pytest.raises(StateError, match="cannot be read"):
            engine.load(path)
    with pytest.raises(FileNotFoundError):
        engine.load(tmp_path / "none.npz")
    assert all(np.array_equal(before[name], engine.state[name]) for name in before)


def backwards():
    return make(go_backwards=True)


def branched():
    x = keras.Input((None, 3))
    return keras.Model(x, keras.layers.Add()([make()(x), make()(x)]))


def leaky():
    return make(leak_at_inference=True)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: plstm.PhasedLSTM(3), "a layer with weights"),
        (backwards, "layers that read forwards"),
        (leaky, "gates that close at inference, got .* with leak_at_inference=True"),
        (lambda: make(gate_shape=lambda phase, ratio_on: 0.0 * phase), "a gate shape given by name"),
        (lambda: make(activation="relu"), "the activations tanh and sigmoid"),
        (lambda: keras.Sequential([keras.Input((None, 3)), keras.layers.LSTM(4)]), "PhasedLSTM or PhasedGRU layers"),
        (branched, "PhasedLSTM or PhasedGRU layers, then Dense layers, got Add"),
        (lambda: keras.layers.LSTM(4), "PhasedLSTM or PhasedGRU layers, then Dense layers, got LSTM"),
        (
            lambda: keras.Sequential([keras.Input((None, 3)), make(), keras.layers.Dense(2, activation="gelu")]),
            "an activation out of linear, relu, sigmoid, tanh, softmax",
        ),
        (lambda: keras.Sequential([plstm.PhasedLSTM(3)]), "a built Functional or Sequential model"),
    ],
)
def test_models_that_it_cannot_run(build, message):
    with pytest.raises(ValueError, match=message):
        plstm.EventDriven(build())


def test_an_unknown_way_to_treat_late_events():
    with pytest.raises(ValueError, match="late to be one of error, skip, got 'drop'"):
        plstm.EventDriven(make(), late="drop")


def test_empty_batches_and_sequences():
    engine = plstm.EventDriven(make())
    assert engine.run(np.zeros((0, 5, 3)), np.arange(5.0)).shape == (0, 9)
    assert engine.run(np.zeros((2, 0, 3)), np.zeros((2, 0))).shape == (2, 9)
    assert engine.step_many([], np.zeros((0, 3)), []).shape == (0, 9)
