"""Dtype policies keep the rhythm's digits; regularizers, constraints and activity count as in Keras' own layers."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm import reference
from tests.layers.oracle import FEATURES, KERAS, STEPS, UNITS, X, twins
from tests.support import CLOCK_TOLERANCE, by_reference, close, numpy

both = pytest.mark.parametrize("phased_class", KERAS)
MIXED = pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
# None of these is a multiple of what 16 bits can hold.
RHYTHM = {
    "period_initializer": [100.37, 77.77, 33.31, 12.13],
    "shift_initializer": [5.55, 1.23, 7.77, 3.21],
    "ratio_on_initializer": [0.377, 0.423, 0.511, 0.293],
}
LATE = 5000.0 + 3.1 * np.arange(STEPS)


def weights_of(layer):
    return {v.name: numpy(v) for v in layer.weights}


# Mixed precision


@both
@MIXED
@pytest.mark.parametrize("engine", ["auto", "scan", "scan-checkpointed"])
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_the_gate_keeps_its_digits(phased_class, policy, engine, parametrization):
    options = {**RHYTHM, "parametrization": parametrization, "dtype": policy, "engine": engine}
    layer = phased_class(UNITS, **options, return_sequences=True)
    layer.build(X.shape)
    for times in (LATE, LATE + 10.0 * np.arange(len(X))[:, None]):
        want, _ = by_reference(layer, weights_of(layer), X, times)
        close(layer(X, times=times), want, 0.02)


@both
@MIXED
def test_a_cell_keeps_its_digits(phased_class, policy):
    cell_class = plstm.PhasedLSTMCell if phased_class is plstm.PhasedLSTM else plstm.PhasedGRUCell
    cell, full = (cell_class(UNITS, **RHYTHM, dtype=dtype) for dtype in (policy, "float32"))
    cell.build((3, FEATURES))
    full.build((3, FEATURES))
    for ours, theirs in zip(cell.weights, full.weights):
        ours.assign(theirs)
    for t in LATE:
        got, _ = cell(X[:, 0], cell.get_initial_state(3), times=t)
        want, _ = full(X[:, 0], full.get_initial_state(3), times=t)
        close(got, numpy(want), 0.02)


@MIXED
def test_time_gates_keep_their_digits(policy):
    gate = plstm.TimeGate(UNITS, **RHYTHM, dtype=policy)
    want = reference.gates(LATE, *RHYTHM.values())
    close(gate(LATE), want, 0.01)
    np.testing.assert_allclose(gate.openness(LATE), want, atol=1e-4)


@both
@MIXED
def test_stateful_layers_count_beyond_what_16_bits_hold(phased_class, policy):
    layer = phased_class(UNITS, **RHYTHM, dtype=policy, stateful=True, return_sequences=True, engine="scan")
    long = np.zeros((1, 700, FEATURES), "float32")
    for _ in range(4):  # 16 bits count to 256, or to 2,048
        outputs = layer(long)
    layer.stateful = False
    state = [numpy(s) for s in layer.states]
    layer(long)
    close(state[0], numpy(outputs)[:, -1], 1e-6)
    x = np.ones((1, 5, FEATURES), "float32")
    layer.stateful = True
    got = numpy(layer(x))
    want, _ = by_reference(layer, weights_of(layer), x, 2800.0 + np.arange(5), state=state)
    close(got, want, 0.02)


@MIXED
def test_leak_schedules_count_beyond_what_16_bits_hold(policy):
    schedule = keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=3000, end_learning_rate=0.0)
    gate = plstm.TimeGate(1, period_initializer=1000.0, shift_initializer=-900.0, leak=schedule, dtype=policy)
    gate.build()
    for _ in range(2100):
        gate._leak_now(training=True)
    assert float(gate._leak_now(training=True)) == pytest.approx(0.3, abs=1e-3)


@MIXED
def test_inside_a_model_of_a_global_policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        layer = plstm.PhasedLSTM(UNITS, **RHYTHM, return_sequences=True)
        inputs, times = keras.Input((STEPS, FEATURES)), keras.Input((STEPS,), dtype="int32")
        model = keras.Model([inputs, times], layer(inputs, times=times))
    finally:
        keras.config.set_dtype_policy(before)
    clock = np.tile(np.arange(5000, 5000 + 7 * STEPS, 7), (len(X), 1)).astype("int32")
    want, _ = by_reference(layer, weights_of(layer), X, clock.astype(float))
    close(model([X, clock]), want, 0.02)


# Penalties


@both
def test_penalties_of_weights_and_activity(phased_class):
    names = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
    options = {name: keras.regularizers.L2(0.1 * (i + 1)) for i, name in enumerate(names)}
    theirs, ours = twins(phased_class, **options, activity_regularizer=keras.regularizers.L1(0.3))
    theirs(X)
    ours(X)
    close(sum(numpy(loss) for loss in ours.losses), sum(numpy(loss) for loss in theirs.losses), 1e-5)


@both
def test_constraints(phased_class):
    limit = keras.constraints.MaxNorm(0.1)
    options = {"kernel_constraint": limit, "recurrent_constraint": limit, "bias_constraint": keras.constraints.NonNeg()}
    layers = twins(phased_class, **options)
    for layer in layers:
        model = keras.Sequential([keras.Input(X.shape[1:]), layer, keras.layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse")
        model.fit(X, np.ones((len(X), 1)), verbose=0)
    theirs, ours = (layer.cell for layer in layers)
    for name in ("kernel", "recurrent_kernel", "bias"):
        close(getattr(ours, name), numpy(getattr(theirs, name)), 1e-5)


PENALTIES = {"period_regularizer": keras.regularizers.L2(1e-3), "ratio_on_regularizer": keras.regularizers.L1(0.5)}


def penalty(layer):
    """Of these regularizers, by formulas of the test's own."""
    period, ratio_on = numpy(layer.time_gate.period), numpy(layer.time_gate.ratio_on)
    return 1e-3 * np.sum(period**2) + 0.5 * np.sum(ratio_on)


def wrapped(name, inputs):
    """(outputs, cells) of a rhythm with penalties somewhere in a model."""
    options = {**RHYTHM, **PENALTIES}
    if name == "called three times":
        layer = plstm.PhasedLSTM(UNITS, **options)
        return layer(inputs) + layer(inputs) + layer(inputs), [layer.cell]
    if name == "bidirectional":
        layer = plstm.Bidirectional(plstm.PhasedGRU(UNITS, **options))
        return layer(inputs), [layer.forward_layer.cell, layer.backward_layer.cell]
    if name == "time distributed":
        layer = plstm.PhasedLSTM(UNITS, **options)
        outputs = keras.layers.TimeDistributed(layer)(ops.expand_dims(inputs, 1))
        return ops.reshape(outputs, (-1, UNITS)), [layer.cell]
    layer = plstm.PhasedGRU(
        UNITS, **options, **{"mixed": {"dtype": "mixed_bfloat16"}, "log": {"parametrization": "log"}}[name]
    )
    return layer(inputs), [layer.cell]


@pytest.mark.parametrize("name", ["called three times", "bidirectional", "time distributed", "mixed", "log"])
def test_a_penalty_of_the_rhythm_counts_once(name):
    inputs = keras.Input((STEPS, FEATURES))
    outputs, cells = wrapped(name, inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="zeros", dtype="float32")(outputs))
    want = sum(penalty(cell) for cell in cells)
    close(sum(numpy(loss) for loss in model.losses), want, 1e-5)
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    history = model.fit(X, np.zeros((len(X), 1)), epochs=2, verbose=0).history["loss"]
    close(history[0], want, 1e-4)
    assert history[1] < history[0]  # it is trained


def test_penalties_of_gates_and_of_cells_in_a_loop():
    gate = plstm.TimeGate(UNITS, **RHYTHM, **PENALTIES)
    for _ in range(3):
        gate(LATE)
    close(
        sum(numpy(loss) for loss in gate.losses), 1e-3 * np.sum(np.square(RHYTHM["period_initializer"])) + 0.802, 1e-5
    )
    cell = plstm.PhasedLSTMCell(UNITS, **RHYTHM, **PENALTIES)
    state = cell.get_initial_state(3)
    for t in LATE:
        _, state = cell(X[:, 0], state, times=t)
    close(sum(numpy(loss) for loss in cell.losses), penalty(cell), 1e-5)


def test_what_is_not_trained_is_not_penalised():
    frozen = plstm.PhasedLSTM(UNITS, **RHYTHM, **PENALTIES, trainable_gate=False)
    frozen(X)
    assert not frozen.losses
    half = plstm.PhasedLSTM(UNITS, **RHYTHM, **PENALTIES, frozen="period")
    half(X)
    close(sum(numpy(loss) for loss in half.losses), 0.802, 1e-5)


@pytest.mark.parametrize("policy", ["float16", "bfloat16"])
def test_a_policy_of_16_bits_keeps_the_rhythm_in_32(policy):
    gate = plstm.TimeGate(1, period_initializer=100.37, shift_initializer=3.21, ratio_on_initializer=0.3, dtype=policy)
    gate.build()
    assert [w.dtype for w in gate.trainable_weights] == ["float32"] * 3
    close(gate.openness([5000.0]), plstm.time_gate([5000.0], 100.37, 3.21, 0.3)[:, None], 1e-4)


@pytest.mark.skipif(CLOCK_TOLERANCE > 1e-5, reason="JAX without 64 bits")
@pytest.mark.parametrize("given", [100.37, [100.37], np.array([100.37])], ids=["number", "list", "array"])
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_a_float64_layer_keeps_all_digits_of_a_period(given, parametrization):
    gate = plstm.TimeGate(1, period_initializer=given, parametrization=parametrization, dtype="float64")
    gate.build()
    assert {w.dtype for w in gate.trainable_weights} == {"float64"}
    assert abs(numpy(gate.period)[0] - 100.37) < 1e-13
