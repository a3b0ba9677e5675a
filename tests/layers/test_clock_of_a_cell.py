"""A cell without times counts its steps: in Keras' RNN and StackedRNNCells it lives on the layer's default clock."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm.layers import clock, recurrent_cell
from tests.support import close, numpy

BACKEND = keras.backend.backend()
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 12, 3)).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
PAIRS = {"lstm": (plstm.PhasedLSTM, plstm.PhasedLSTMCell), "gru": (plstm.PhasedGRU, plstm.PhasedGRUCell)}
pairs = pytest.mark.parametrize(("layer_class", "cell_class"), PAIRS.values(), ids=PAIRS)


def twins(layer_class, cell_class, x=X, units=5, dtype=None, **options):
    """A layer and Keras' RNN of a cell with the same weights."""
    layer = layer_class(units, **RHYTHM, dtype=dtype, **options)
    rnn = keras.layers.RNN(cell_class(units, **RHYTHM, dtype=dtype), dtype=dtype, **options)
    layer.build(x.shape)
    rnn.build(x.shape)
    weights = [RNG.normal(size=w.shape) if len(w.shape) == 2 else numpy(w) for w in layer.weights]
    layer.set_weights(weights)
    rnn.set_weights(weights)
    return layer, rnn


@pairs
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}], ids=["last", "all"])
def test_a_cell_in_an_rnn_equals_the_layer(layer_class, cell_class, options):
    layer, rnn = twins(layer_class, cell_class, **options)
    got = numpy(rnn(X))
    close(got, numpy(layer(X)), 1e-5)
    # It does not stand at time 0: that is another answer.
    assert np.abs(got - numpy(layer(X, times=np.zeros(12)))).max() > 1e-2


@pairs
def test_states_come_and_go(layer_class, cell_class):
    layer, rnn = twins(layer_class, cell_class, return_sequences=True, return_state=True)
    whole, *_ = (numpy(value) for value in layer(X))
    first, *state = rnn(X[:, :5])
    assert [tuple(s.shape) for s in state] == [(4, 5)] * rnn.cell.state_count + [(4, 4)]
    np.testing.assert_array_equal(numpy(state[-1]), [[5, 0, 0, 0]] * 4)
    second, *_ = rnn(X[:, 5:], initial_state=state)
    close(np.concatenate([numpy(first), numpy(second)], axis=1), whole, 1e-5)


@pairs
def test_a_stateful_rnn_counts_on(layer_class, cell_class):
    layer, rnn = twins(layer_class, cell_class, stateful=True)
    for start in (0, 4, 8):
        close(rnn(X[:, start : start + 4]), numpy(layer(X[:, start : start + 4])), 1e-5)
    layer.reset_state()
    rnn.reset_state()
    close(rnn(X), numpy(layer(X)), 1e-5)


@pairs
def test_stacked_cells_equal_stacked_layers(layer_class, cell_class):
    first, one = twins(layer_class, cell_class, return_sequences=True)
    second, other = twins(plstm.PhasedLSTM, plstm.PhasedLSTMCell, x=np.zeros((4, 12, 5)), units=3)
    stack = keras.layers.RNN([cell_class(5, **RHYTHM), plstm.PhasedLSTMCell(3, **RHYTHM)])
    stack.build(X.shape)
    stack.set_weights([*one.get_weights(), *other.get_weights()])
    close(stack(X), numpy(second(first(X))), 1e-5)


@pairs
def test_padding_at_the_end_changes_nothing(layer_class, cell_class):
    layer, rnn = twins(layer_class, cell_class)
    mask = np.arange(12) < np.array([12, 7, 1, 3])[:, None]
    close(rnn(X, mask=ops.convert_to_tensor(mask)), numpy(layer(X, mask=mask)), 1e-5)


@pairs
def test_a_masked_step_does_not_count(layer_class, cell_class):
    """Keras keeps a cell's state, so its count too: the layer does as much if it is given such times."""
    layer, rnn = twins(layer_class, cell_class)
    mask = RNG.random((4, 12)) < 0.6
    times = np.where(mask, np.cumsum(mask, axis=1) - 1.0, 0.0)
    close(rnn(X, mask=ops.convert_to_tensor(mask)), numpy(layer(X, times=times, mask=mask)), 1e-5)


@pairs
def test_it_trains_as_the_layer_does(layer_class, cell_class):
    models = []
    for one in twins(layer_class, cell_class):
        inputs = keras.Input((12, 3))
        models.append(keras.Model(inputs, one(inputs)))
        models[-1].compile(keras.optimizers.SGD(0.05), "mse")
        models[-1].fit(X, np.ones((4, 5)), epochs=2, batch_size=4, verbose=0)
    for ours, theirs in zip(*(model.get_weights() for model in models)):
        close(ours, theirs, 1e-4)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16", "float64"])
@pairs
def test_the_count_is_exact_in_every_dtype(layer_class, cell_class, policy):
    """bfloat16 has no whole number between 256 and 258."""
    rnn = keras.layers.RNN(
        cell_class(2, **RHYTHM, dtype=policy, recurrent_initializer="zeros"), return_state=True, dtype=policy
    )
    *_, count = rnn(np.zeros((1, 300, 1)))
    assert float(numpy(recurrent_cell._count(count))[0]) == 300.0


@pytest.mark.parametrize("start", [0, 255, 256, 65_535, 2**24 - 1, 2**24, 2**32 - 2])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_count_goes_on_to_2_to_the_32(start, dtype):
    digits = [[start // 256**place % 256 for place in range(4)]]
    got = recurrent_cell._next(ops.convert_to_tensor(digits, dtype=dtype))
    assert [int(d) for d in numpy(got)[0]] == [(start + 1) // 256**place % 256 for place in range(4)]
    if clock.dtype() == "float64":
        assert float(numpy(recurrent_cell._count(got))[0]) == start + 1


@pairs
def test_a_late_count_is_the_time(layer_class, cell_class):
    """After 100,000 steps, in two states: the count's, and the times of the same cell."""
    cell = cell_class(3, period_initializer=[7.0, 11.0, 300.0], ratio_on_initializer=0.5)
    state = [ops.zeros((2, 3))] * cell.state_count
    count = ops.convert_to_tensor([[160.0, 134.0, 1.0, 0.0]] * 2)  # 100,000
    h, new = cell(X[:2, 0], [*state, count])
    close(h, numpy(cell(X[:2, 0], state, times=100_000.0)[0]), 1e-3 if BACKEND == "jax" else 1e-6)
    assert [int(d) for d in numpy(new[-1])[0]] == [161, 134, 1, 0]


@pairs
def test_times_that_are_given_go_before_the_count(layer_class, cell_class):
    cell = cell_class(3, **RHYTHM)
    state = cell.get_initial_state(4)
    bare = state[: cell.state_count]
    h, new = cell(X[:, 0], bare, times=5.0)
    assert len(new) == cell.state_count
    close(cell(X[:, 0], state, times=5.0)[0], numpy(h), 0)
    close(cell(X[:, 0], state, times=np.full(4, 5.0))[0], numpy(h), 1e-6)
    assert len(cell(X[:, 0], state, times=5.0)[1]) == cell.state_count + 1
    with pytest.raises(
        ValueError, match="expected times, or . states of which the last is the count .* got no times and "
    ):
        cell(X[:, 0], bare)


@pairs
def test_a_model_with_such_a_cell_is_saved(layer_class, cell_class, tmp_path):
    inputs = keras.Input((12, 3))
    model = keras.Model(inputs, keras.layers.RNN([cell_class(4, **RHYTHM), cell_class(3, **RHYTHM)])(inputs))
    model.save(tmp_path / "model.keras")
    close(keras.saving.load_model(tmp_path / "model.keras")(X), numpy(model(X)), 1e-6)


@pairs
def test_keras_bidirectional_reads_both_ways(layer_class, cell_class):
    layer, rnn = twins(layer_class, cell_class, return_sequences=True)
    both = keras.layers.Bidirectional(rnn)
    got = numpy(both(X))
    close(got[..., :5], numpy(both.forward_layer(X)), 1e-6)
    # Keras' backward layer counts in the order of reading.
    layer.set_weights(both.backward_layer.get_weights())
    close(got[..., 5:], numpy(layer(X[:, ::-1]))[:, ::-1], 1e-5)


@pytest.mark.parametrize(
    ("states", "times", "words"),
    [
        ([(4, 5), (4, 5), (4, 1)], None, r"expected a count of steps of shape \(4, 4\), got \(4, 1\)"),
        ([(4, 5), (4, 5), (4,)], None, r"expected a count of steps of shape \(4, 4\), got \(4,\)"),
        ([(4, 5), (3, 5)], 1.0, r"expected a state of shape \(4, 5\), got \(3, 5\)"),
        ([(4, 5)], 1.0, "expected 2 states, or 3 with a count of steps, got 1"),
        ([(4, 5), (4, 5), (4, 4), (4, 4)], 1.0, "expected 2 states, or 3 with a count of steps, got 4"),
        ([(4, 5), (4, 5)], np.zeros((2, 2)), r"expected one time or times of shape \(4,\), got \(2, 2\)"),
        ([(4, 5), (4, 5)], np.arange(3.0), r"expected one time or times of shape \(4,\), got \(3,\)"),
        ([(4, 5), (4, 5)], float("nan"), "expected finite times, got nan"),
        ([(4, 5), (4, 5)], [0.0, 1.0, np.inf, 2.0], "expected finite times, got inf"),
    ],
)
def test_what_does_not_fit_a_cell_is_refused(states, times, words):
    cell = plstm.PhasedLSTMCell(5)
    with pytest.raises(ValueError, match=words):
        cell(X[:, 0], [np.zeros(shape, "float32") for shape in states], times=times)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_gate_refuses_times_that_are_not_finite(value):
    with pytest.raises(ValueError, match="expected finite times"):
        plstm.TimeGate(2)(np.array([0.0, value]))


@pairs
@pytest.mark.parametrize("engine", ["auto", "scan"])
def test_a_stateful_layer_is_trained(layer_class, cell_class, engine):
    inputs = keras.Input(batch_shape=(4, 12, 3))
    outputs = keras.layers.Dense(1)(layer_class(5, **RHYTHM, stateful=True, engine=engine)(inputs))
    model = keras.Model(inputs, outputs)
    model.compile("adam", "mse")
    before = model.get_weights()
    history = model.fit(X, np.ones((4, 1)), batch_size=4, epochs=3, shuffle=False, verbose=0)
    assert np.all(np.isfinite(history.history["loss"]))
    assert all(np.any(old != new) for old, new in zip(before[:3], model.get_weights()))
