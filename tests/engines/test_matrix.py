"""Every engine against the reference, over every combination of what a layer can be asked for."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm import gate
from tests.support import by_reference, close, natural, raw_weights, slope, value_and_gradients

BATCH, STEPS, FEATURES, UNITS = 3, 7, 2, 4
LAYERS = {"lstm": plstm.PhasedLSTM, "lstm with peepholes": plstm.PhasedLSTM, "gru": plstm.PhasedGRU}
ENGINES = ["scan", "native"]
MASKS = {
    "none": None,
    "padded": np.arange(STEPS) < np.array([[7], [4], [1]]),
    "scattered": np.random.default_rng(3).random((BATCH, STEPS)) < 0.5,
}
# JAX compiles every case anew, which takes seconds each: there the states are always given.
STATES = ("given",) if keras.backend.backend() == "jax" else ("zeros", "given")
CASES = [
    *itertools.product(ENGINES, LAYERS, ("shared", "own"), MASKS, STATES, gate.SHAPES),
    # The checkpointed scan is the scan in segments: what differs are the sequence's and the state's gradients.
    *itertools.product(["scan-checkpointed"], LAYERS, ("own",), MASKS, ("given",), ("triangle",)),
]


def make(engine, cell, shape, dtype="float32", **kwargs):
    """A layer with weights away from their initial values, so that every term counts."""
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(8)
    options = {"peepholes": True, "parametrization": "log"} if "peepholes" in cell else {}
    layer = LAYERS[cell](
        UNITS,
        engine=engine,
        gate_shape=shape,
        period_initializer=rng.uniform(2, 20, UNITS),
        shift_initializer=rng.uniform(-5, 5, UNITS),
        ratio_on_initializer=rng.uniform(0.2, 0.9, UNITS),
        leak=0.05,
        dtype=dtype,
        return_sequences=True,
        return_state=True,
        **(options | kwargs),
    )
    layer.build((BATCH, STEPS, FEATURES))
    for variable in layer.trainable_variables:
        if variable.name in ("bias", "peepholes"):
            variable.assign(rng.normal(0.0, 0.5, variable.shape))
    return layer


def data(clock, mask, state, cell):
    rng = np.random.default_rng(9)
    times = np.cumsum(rng.uniform(0.1, 3.0, (BATCH, STEPS)), axis=1)
    times = times[0] if clock == "shared" else times
    inputs = {"x": rng.normal(size=(BATCH, STEPS, FEATURES))}
    if state == "given":
        count = 1 if cell == "gru" else 2
        inputs |= {f"state{i}": rng.normal(0.0, 0.5, (BATCH, UNITS)) for i in range(count)}
    return inputs, times, MASKS[mask]


def weigh(outputs, states):
    """A scalar in which every output and the last state count differently."""
    rng = np.random.default_rng(10)
    total = 0.0
    for tensor in (outputs, *states):
        weights = rng.normal(size=tuple(tensor.shape))
        is_numpy = isinstance(tensor, np.ndarray)
        total = total + (np.sum(weights * tensor) if is_numpy else ops.sum(ops.cast(weights, tensor.dtype) * tensor))
    return total


def check(layer, inputs, times, mask, forward, backward):
    spoilt = dict(inputs)
    t = times
    if mask is not None:
        spoilt["x"] = np.where(mask[..., None], inputs["x"], np.nan)
        t = np.where(mask, times, np.inf) if times.ndim == 2 else times

    def given_states(values):
        return [values[name] for name in sorted(values) if name.startswith("state")] or None

    def loss(tensors):
        outputs, *states = layer(tensors["x"], times=t, initial_state=given_states(tensors), mask=mask, training=True)
        return weigh(outputs, states)

    def expected(values):
        weights = {name: values[name] for name in raw_weights(layer)}
        outputs, states = by_reference(layer, weights, values["x"], times, given_states(values), mask, leak=0.05)
        return weigh(outputs, states)

    arguments = {"times": t, "initial_state": given_states(spoilt), "mask": mask, "training": True}
    outputs, *states = layer(spoilt["x"].astype(layer.compute_dtype), **arguments)
    want, want_states = by_reference(
        layer, raw_weights(layer), inputs["x"], times, given_states(inputs), mask, leak=0.05
    )
    close(outputs, want, forward)
    for state, want_state in zip(states, want_states):
        close(state, want_state, forward)

    _, gradients = value_and_gradients(loss, layer, spoilt)
    values = {**raw_weights(layer), **inputs}
    rng = np.random.default_rng(11)
    for name, gradient in gradients.items():
        assert np.all(np.isfinite(gradient)), name
        if layer.cell.time_gate.shape == "square" and name not in ("kernel", "recurrent_kernel", "bias", *inputs):
            continue  # a borrowed slope, tested in test_gate_gradients.py
        direction = rng.normal(size=gradient.shape)
        if name == "x" and mask is not None:
            assert np.all(gradient[~mask] == 0.0)
            direction = direction * mask[..., None]
        want = slope(expected, values, name, direction)
        close(np.sum(np.where(direction == 0.0, 0.0, gradient) * direction) / 10, want / 10, backward)


@pytest.mark.parametrize("engine, cell, clock, mask, state, shape", CASES)
def test_engine_equals_reference(engine, cell, clock, mask, state, shape):
    layer = make(engine, cell, shape)
    check(layer, *data(clock, mask, state, cell), forward=1e-5, backward=1e-4)
    assert layer.engine == engine


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX computes in 32 bits unless told otherwise")
def test_float64_equals_reference_closely(engine, cell):
    layer = make(engine, cell, "triangle", dtype="float64")
    check(layer, *data("own", "scattered", "given", cell), forward=1e-10, backward=1e-6)


@pytest.mark.parametrize("policy, digits", [("mixed_float16", 2.0**-11), ("mixed_bfloat16", 2.0**-8)])
@pytest.mark.parametrize("engine, clock", [("scan", "shared"), ("scan", "own"), ("scan-checkpointed", "own")])
@pytest.mark.parametrize("mask", ["none", "scattered"])
@pytest.mark.parametrize("cell", LAYERS)
def test_half_precision_equals_reference_to_its_digits(cell, mask, engine, clock, policy, digits):
    """Values are sums of a few rounded ones; the gate's parameters and the times stay in full precision."""
    layer = make(engine, cell, "triangle", dtype=policy)
    check(layer, *data(clock, mask, "given", cell), forward=8 * digits, backward=20 * digits)


@pytest.mark.parametrize("cell", LAYERS)
def test_the_layer_tells_its_rhythm_in_natural_units(cell):
    layer = make("scan", cell, "triangle")
    for got, want in zip((layer.period, layer.shift, layer.ratio_on), natural(layer, raw_weights(layer))):
        close(got, want, 1e-6)
