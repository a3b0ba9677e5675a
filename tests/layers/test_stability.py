"""No NaN from finite numbers: extreme rhythms, clocks and lengths, and a long training run at a high rate.

The failures these stand for were reported for other implementations: NaN after some epochs as tau and s drift and r_on
reaches 0, where ``where`` picks a finite value but multiplies an infinite slope by zero.
"""

import keras
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from keras import ops

import plstm
from plstm import gate
from tests.support import numpy, value_and_gradients

LARGE = 1e12 if keras.backend.backend() != "jax" else 1e4
DTYPES = ["float32", "mixed_bfloat16", *(["float64"] if LARGE > 1e4 else [])]  # float16 ends at 65,504


@settings(max_examples=60 if LARGE > 1e4 else 8)  # JAX compiles every example anew
@given(data=st.data())
def test_finite_in_finite_out(data):
    layer_class = data.draw(st.sampled_from([plstm.PhasedLSTM, plstm.PhasedGRU]))
    parametrization = data.draw(st.sampled_from(["natural", "log"]))
    sizes = (st.integers(1, 3), st.integers(0, 6)) if LARGE > 1e4 else (st.just(2), st.sampled_from([0, 3]))
    units, steps = map(data.draw, sizes)
    raw = st.one_of(st.floats(-(2.0**100), 2.0**100, width=32), st.floats(-2.0, 2.0, width=32), st.just(0.0))
    layer = layer_class(
        units,
        parametrization=parametrization,
        gate_shape=data.draw(st.sampled_from(gate.SHAPES)),
        gate_gradient=data.draw(st.sampled_from(["exact", "truncated", "none"])),
        leak=data.draw(st.floats(0.0, 1.0)),
        dtype=data.draw(st.sampled_from(DTYPES)),
        engine=data.draw(st.sampled_from(["auto", "scan"])),
    )
    layer.build((2, steps, 1))
    period, shift, ratio_on = layer.cell.time_gate.trainable_variables
    for variable in (period, ratio_on):
        variable.assign(np.array([data.draw(raw) for _ in range(units)]))
    shift.assign(np.array([data.draw(st.floats(-LARGE, LARGE)) for _ in range(units)]))
    times = np.array([[data.draw(st.floats(-LARGE, LARGE)) for _ in range(steps)] for _ in range(2)]).reshape(2, steps)
    x = np.array([[data.draw(st.floats(-1e6, 1e6))] * steps for _ in range(2)]).reshape(2, steps, 1)

    def loss(inputs):
        return ops.sum(layer(inputs["x"], times=times, training=True))

    try:
        value, gradients = value_and_gradients(loss, layer, {"x": x})
    except Exception as error:  # JAX wraps what a callback raises
        assert "expected times fine enough" in str(error)
        reject()  # a refused clock is no NaN, and no example either: another is drawn, too many refusals fail the test
    assert np.isfinite(value)
    for name, gradient in gradients.items():
        assert np.all(np.isfinite(gradient)), name


@pytest.mark.skipif(LARGE < 1e12, reason="such times need 64-bit floats")
@pytest.mark.parametrize("engine", ["auto", "scan"])
def test_more_cycles_than_a_64_bit_integer_counts(engine):
    layer = plstm.PhasedLSTM(3, engine=engine)
    layer.build((1, 3, 1))
    # One period as short as it may get; the clock is fine enough for the two others, and so is not refused.
    layer.cell.time_gate.trainable_variables[0].assign([0.0, 100.0, 100.0])
    times = np.array([[-1e12, -9223382.0, 9223382.0]])
    inputs = {"x": np.ones((1, 3, 1))}
    value, gradients = value_and_gradients(lambda v: ops.sum(layer(v["x"], times=times, training=True)), layer, inputs)
    assert np.isfinite(value)
    assert all(np.all(np.isfinite(g)) for g in gradients.values())


@pytest.mark.parametrize("reported", ["PhasedLSTM-Keras #11", "PhasedLSTM-Keras #13", "PhasedLSTM-Keras #21"])
def test_ratio_on_of_zero_has_finite_gradients(reported):
    layer = plstm.PhasedLSTM(2, leak=1e-3)
    layer.build((1, 4, 1))
    layer.cell.time_gate.trainable_variables[2].assign(np.zeros(2))
    inputs = {"x": np.ones((1, 4, 1))}
    _, gradients = value_and_gradients(lambda v: ops.sum(layer(v["x"], training=True)), layer, inputs)
    assert all(np.all(np.isfinite(g)) for g in gradients.values())


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="one long run is enough")
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_5000_steps_at_a_rate_that_drives_the_rhythm_out_of_range(parametrization):
    """Adam at 1e-2 for 5,000 steps could move a raw ratio_on of .05 by 50: it crosses 0 and 1 many times over."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    values, times = keras.Input((12, 1)), keras.Input((12,))
    layer = plstm.PhasedLSTM(8, period_initializer=plstm.LogUniform(1, 20), parametrization=parametrization)
    model = keras.Model([values, times], keras.layers.Dense(1)(layer(values, times=times)))
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    x, t = rng.normal(size=(16, 12, 1)), np.cumsum(rng.exponential(1.0, (16, 12)), axis=1)
    y = rng.normal(size=(16, 1))  # noise: nothing to converge to
    before = model.evaluate([x, t], y, verbose=0)
    model.fit(
        [np.tile(x, (1000, 1, 1)), np.tile(t, (1000, 1))], np.tile(y, (1000, 1)), batch_size=16, epochs=5, verbose=0
    )
    assert model.evaluate([x, t], y, verbose=0) < before
    assert all(np.all(np.isfinite(numpy(w))) for w in model.weights)
    assert np.all(numpy(layer.period) > 0)
    assert np.all((numpy(layer.ratio_on) > 0) & (numpy(layer.ratio_on) <= 1))
