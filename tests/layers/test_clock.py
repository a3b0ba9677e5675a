"""Clocks too coarse for the rhythm: refused where the values are known, loud where a traced graph learns them late."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm.layers import clock
from tests.support import close, numpy, value_and_gradients

BACKEND = keras.backend.backend()
tensorflow_only = pytest.mark.skipif(BACKEND != "tensorflow", reason="about TensorFlow's graphs")
jax_only = pytest.mark.skipif(BACKEND != "jax", reason="about JAX")
X = np.random.default_rng(0).normal(size=(4, 6, 2)).astype("float32")
Y = np.zeros((4, 1), "float32")
UNIX = 1_700_000_000.0 + np.arange(6.0) + np.zeros((4, 1))
COARSE = "expected times fine enough for open windows of"


def layer(**kwargs):
    return plstm.PhasedLSTM(3, period_initializer=10.0, ratio_on_initializer=0.4, **kwargs)


def model(dtype, **compile_options):
    x, t = keras.Input((6, 2)), keras.Input((6,), dtype=dtype)
    made = keras.Model([x, t], keras.layers.Dense(1)(layer()(x, times=t)))
    made.compile("sgd", "mse", **compile_options)
    return made


def eagerly(times, dtype):
    return layer()(X, times=ops.convert_to_tensor(times, dtype=dtype))


@pytest.mark.parametrize(
    "dtype, start, apart",
    [("float32", 2.0**24, 2), ("float32", 1.7e9, 128), ("bfloat16", 300.0, 2), ("float16", 3000.0, 2)],
)
def test_known_times_are_refused(dtype, start, apart):
    with pytest.raises(ValueError, match=f"{COARSE} 4 .* to multiples of {apart}; use .*, or first subtract"):
        eagerly(start + np.arange(6.0), dtype)


@pytest.mark.parametrize("dtype, start", [("float32", 2.0**21), ("bfloat16", 20.0), ("float16", 300.0)])
def test_times_fine_enough_are_taken(dtype, start):
    assert np.all(np.isfinite(ops.convert_to_numpy(eagerly(start + np.arange(6.0), dtype))))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integers_that_the_clock_would_round_are_refused(dtype):
    times = ops.convert_to_tensor(UNIX[0].astype("int32"), dtype=dtype)
    if BACKEND != "jax":
        layer()(X, times=times)
        return
    with pytest.raises(ValueError, match=f"{COARSE}.*use jax.config.update"):
        layer()(X, times=times)


def test_cells_and_gates_refuse_them_too():
    times = ops.convert_to_tensor(UNIX[0, :4], dtype="float32")
    cell = plstm.PhasedLSTMCell(3, period_initializer=10.0)
    with pytest.raises(ValueError, match=COARSE):
        cell(X[:, 0], cell.get_initial_state(4), times=times)
    with pytest.raises(ValueError, match=COARSE):
        plstm.TimeGate(3, period_initializer=10.0)(times)


def test_masked_times_do_not_count():
    times, mask = np.arange(6.0) + np.zeros((4, 1)), np.arange(6) < np.full((4, 1), 5)
    times[:, 5] = 1e30
    outputs = layer()(X, times=ops.convert_to_tensor(times, dtype="float32"), mask=mask)
    assert np.all(np.isfinite(ops.convert_to_numpy(outputs)))


CALLS = {
    "fit": lambda made, data: made.fit(data, verbose=0),
    "evaluate": lambda made, data: made.evaluate(data, verbose=0),
    "predict": lambda made, data: made.predict(data, verbose=0),
}


@tensorflow_only
@pytest.mark.parametrize("loop", CALLS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_graph_that_is_given_coarse_times_fails(loop, dtype):
    """keras.Input rounds to float32 unless told otherwise, before the layer sees a value."""
    import tensorflow as tf

    def dataset(times):
        return tf.data.Dataset.from_tensors(((X, times), Y))

    made = model(dtype)
    with pytest.raises(tf.errors.InvalidArgumentError, match=COARSE):
        CALLS[loop](made, dataset(UNIX.astype("float32")))
    CALLS[loop](made, dataset(UNIX - UNIX[0, 0]))
    if dtype == "float64":
        CALLS[loop](made, dataset(UNIX))
        CALLS[loop](made, dataset(UNIX.astype("int64")))


@pytest.mark.skipif(BACKEND == "jax", reason="needs 64-bit floats")
def test_keras_rounds_arrays_and_that_is_noticed():
    """fit, evaluate and predict turn float64 arrays into float32, whatever keras.Input says; integers they leave."""
    made = model("float64")
    fraction = UNIX + 0.25
    with pytest.raises(Exception, match=f"{COARSE}.*Keras rounds arrays in fit and predict"):
        made.predict([X, fraction], verbose=0)
    with pytest.raises(Exception, match=COARSE):
        made.fit([X, fraction], Y, verbose=0)
    made.predict([X, UNIX.astype("int64")], verbose=0)
    assert np.all(np.isfinite(ops.convert_to_numpy(made([X, fraction]))))


@pytest.mark.skipif(BACKEND == "jax", reason="needs 64-bit floats")
@pytest.mark.parametrize(
    "times, passes",
    [
        (2.0**23 + np.arange(6.0), True),  # whole numbers that float32 holds exactly: nothing was lost
        (2.0**23 + np.arange(6) / 4, True),  # digits that float32 does not have
        (2.0**21 + np.arange(6) / 4, False),  # may have been anything between
        (2.0**25 + 4.0 * np.arange(6), False),
    ],
)
def test_64_bits_that_have_been_32_are_noticed(times, passes):
    narrow = plstm.PhasedLSTM(3, period_initializer=1.0)
    if passes:
        narrow(X, times=times)
        return
    with pytest.raises(ValueError, match=COARSE):
        narrow(X, times=times)


@tensorflow_only
def test_a_pipeline_that_is_given_coarse_times_fails():
    import tensorflow as tf

    one = layer()
    one.build(X.shape)
    for start, passes in ((0.0, True), (UNIX[0, 0], False)):
        data = tf.data.Dataset.from_tensors((X, (start + np.arange(6)).astype("float32"))).map(
            lambda x, t: one(x, times=t)
        )
        if passes:
            assert np.all(np.isfinite(next(iter(data))))
        else:
            with pytest.raises(tf.errors.InvalidArgumentError, match=COARSE):
                next(iter(data))


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch computes eagerly, and refuses")
def test_compiled_code_answers_nan_and_never_wrong_numbers():
    """XLA has no assertions."""
    compiled = model("float32", jit_compile=True)
    assert np.all(np.isnan(compiled.predict([X, UNIX], verbose=0)))
    assert np.all(np.isfinite(compiled.predict([X, UNIX - UNIX[0, 0]], verbose=0)))


@jax_only
def test_a_training_step_on_jax_fails():
    narrow = model("float32")
    narrow.fit([X, UNIX - UNIX[0, 0]], Y, verbose=0)
    with pytest.raises(Exception, match=f"(?s){COARSE}.*use jax.config.update"):
        narrow.fit([X, UNIX], Y, verbose=0)


@jax_only
def test_the_default_clock_counts_only_as_far_as_it_can():
    stateful = layer(stateful=True)
    stateful.build(X.shape)
    stateful.steps_seen.assign(2.0**24)
    with pytest.raises(ValueError, match=COARSE):
        stateful(X)


@pytest.mark.skipif(BACKEND == "jax", reason="needs 64-bit floats")
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_an_origin_makes_a_late_clock_train_as_a_new_one(parametrization):
    """Values, gradients and openness are those of times that count from the origin; at 2^30 not a digit is lost."""
    times = np.arange(6.0) + np.zeros((4, 1))
    found = []
    for start in (0.0, 2.0**30):
        one = layer(parametrization=parametrization, origin=start, shift_initializer=[0.5, 2.0, 7.0])
        one.build(X.shape)
        weights = np.random.default_rng(3)
        one.set_weights([w if w.ndim < 2 else weights.normal(size=w.shape) for w in one.get_weights()])
        loss = lambda v, one=one, start=start: ops.sum(one(v["x"], times=start + times, training=True))  # noqa: E731
        found.append((value_and_gradients(loss, one, {"x": X}), one.openness(start + times)))
        if BACKEND == "tensorflow":
            close(plstm.EventDriven(one).run(X, start + times), numpy(one(X, times=start + times)), 1e-5)
    (value, gradients), k = found[0]
    assert value == found[1][0][0] and np.abs(gradients[list(gradients)[3]]).max() > 0
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(found[1][0][1][name], gradient, err_msg=name)
    np.testing.assert_array_equal(found[1][1], k)


@pytest.mark.skipif(BACKEND == "jax", reason="float32 is too coarse there, however few the times")
def test_a_few_times_may_lie_on_the_grid_of_float32_by_chance():
    layer = plstm.PhasedLSTM(3, period_initializer=10.0)
    noon = 1_764_000_000 // 128 * 128
    for steps in (1, clock.TELLING - 1):
        layer(np.zeros((1, steps, 2), "float32"), times=np.float64(noon) + 128.0 * np.arange(steps))
    with pytest.raises(ValueError, match="expected times fine enough"):
        layer(np.zeros((1, 8, 2), "float32"), times=np.float64(noon) + 128.0 * np.arange(8))
