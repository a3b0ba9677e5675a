"""The kernels as operations of TensorFlow, PyTorch and JAX: gradients of every policy, graphs, clear refusals."""

import os
import subprocess
import sys

import keras
import numba
import numpy as np
import pytest
from keras import ops

from plstm.engines import Gate, Weights, launch, native, scan
from plstm.engines.kernel_inputs import GATE_SHAPES
from tests.support import close, numpy, value_and_gradients

tensorflow_only = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="about TensorFlow's graphs")

B, T, D, H = 3, 8, 2, 4


@pytest.fixture(autouse=True)
def in_64_bits():
    """On JAX 64 bits have to be asked for."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.enable_x64(True):
        yield


def hump(phase, ratio_on):
    """A gate shape that nobody has compiled."""
    return ops.sin(3.14159 * phase) * ratio_on


class Probe(keras.layers.Layer):
    """A weighted sum of all that an engine answers, as a function of every weight, in float64."""

    def __init__(self, engine, cell, clock, shape, gradient, mask, dtype="float64"):
        super().__init__(dtype=dtype, autocast=False)
        self.engine, self.cell, self.gate_shape, self.gradient = engine, cell, shape, gradient
        rng = np.random.default_rng(5)
        blocks = 4 if cell == "lstm" else 3
        sizes = {"kernel": (D, blocks * H), "recurrent_kernel": (H, blocks * H)}
        sizes["bias"] = (blocks * H,) if cell == "lstm" else (2, blocks * H)
        values = {name: rng.normal(0, 0.5, size) for name, size in sizes.items()}
        if cell == "lstm":
            values["peepholes"] = rng.normal(0, 0.5, (3, H))
        values |= {"period": rng.uniform(2, 9, H), "shift": rng.normal(size=H), "ratio_on": rng.uniform(0.3, 0.9, H)}
        for name, value in values.items():
            setattr(self, name, self.add_weight(shape=value.shape, name=name, initializer="zeros", dtype=dtype))
            getattr(self, name).assign(value)
        self.times = np.cumsum(rng.uniform(0.2, 3.0, (B, T) if clock == "own" else T), axis=-1)
        self.mask = rng.random((B, T)) < 0.6 if mask else None
        self.x, self.h, self.c = rng.normal(size=(B, T, D)), rng.normal(size=(B, H)), rng.normal(size=(B, H))
        self.share = rng.normal(size=(B, T, H))

    def given(self):
        inputs = {"x": self.x, "h": self.h}
        return inputs | {"c": self.c} if self.cell == "lstm" else inputs

    def call(self, inputs, return_sequences=True):
        names = ("kernel", "recurrent_kernel", "bias", "peepholes")
        weights = Weights(*(ops.convert_to_tensor(getattr(self, n)) if hasattr(self, n) else None for n in names))
        rhythm = [ops.convert_to_tensor(getattr(self, name)) for name in ("period", "shift", "ratio_on")]
        times = ops.convert_to_tensor(self.times, dtype="float64")
        gate = Gate(times, *rhythm, 0.02, self.gate_shape, self.gradient)
        mask = None if self.mask is None else ops.convert_to_tensor(self.mask)
        state = [inputs["h"], inputs["c"]] if self.cell == "lstm" else [inputs["h"]]
        return self.engine(self.cell, weights, inputs["x"], gate, state, mask, None, return_sequences)

    def loss(self, inputs):
        outputs, state = self(inputs)
        share = ops.convert_to_tensor(self.share, dtype=self.compute_dtype)
        return ops.sum(share * outputs) + sum(ops.sum(ops.sin(s)) for s in state)


@pytest.mark.parametrize("gradient", ["exact", "truncated", "none"])
@pytest.mark.parametrize("shape", [*GATE_SHAPES, hump])
@pytest.mark.parametrize("clock", ["shared", "own"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_all_gradients_equal_the_portable_engine(cell, clock, shape, gradient):
    found = {}
    for name, engine in (("native", native.run), ("scan", scan.run)):
        probe = Probe(engine, cell, clock, shape, gradient, mask=True)
        found[name] = value_and_gradients(probe.loss, probe, probe.given())
    # On JAX the portable engine keeps fewer digits; the native one is compared with the reference in test_native_jax.
    tolerance = 1e-5 if keras.backend.backend() == "jax" else 1e-8
    close(found["native"][0], found["scan"][0], tolerance)
    for name, expected in found["scan"][1].items():
        np.testing.assert_allclose(found["native"][1][name], expected, tolerance, tolerance, err_msg=name)
    if gradient == "none":
        assert not found["native"][1]["period"].any()


def test_the_last_output_is_the_last_state():
    probe = Probe(native.run, "lstm", "own", "triangle", "exact", True)
    inputs = {name: ops.convert_to_tensor(value) for name, value in probe.given().items()}
    outputs, _ = probe(inputs)
    last, (h, _) = probe(inputs, return_sequences=False)
    np.testing.assert_array_equal(numpy(last), numpy(h))
    np.testing.assert_array_equal(numpy(last), numpy(outputs)[:, -1])


def test_nan_in_masked_steps_of_a_shared_clock():
    """A time at which every sample is masked may be NaN, and nothing of it arrives in a gradient."""
    probe = Probe(native.run, "lstm", "shared", "triangle", "exact", True)
    probe.mask[:, 3] = False
    _, expected = value_and_gradients(probe.loss, probe, probe.given())
    probe.times[3] = np.nan
    probe.x[~probe.mask] = np.nan
    _, found = value_and_gradients(probe.loss, probe, probe.given())
    for name, gradient in expected.items():
        np.testing.assert_array_equal(found[name], gradient, err_msg=name)


@tensorflow_only
def test_graph_with_unknown_batch_and_steps():
    import tensorflow as tf

    probe = Probe(native.run, "lstm", "shared", "triangle", "exact", False)
    given = [tf.convert_to_tensor(value) for value in probe.given().values()]
    unknown = [tf.TensorSpec((None, None, D), "float64")] + [tf.TensorSpec((None, H), "float64")] * 2

    @tf.function(input_signature=unknown)
    def gradients(x, h, c):
        with tf.GradientTape() as tape:
            outputs, _ = probe({"x": x, "h": h, "c": c})
            assert outputs.shape.as_list() == [None, None, H]
            loss = tf.reduce_sum(outputs**2)
        return tape.gradient(loss, probe.kernel.value)

    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(probe(dict(zip("xhc", given)))[0] ** 2)
    close(gradients(*given), numpy(tape.gradient(loss, probe.kernel.value)), 1e-12)


@tensorflow_only
def test_second_derivatives_are_refused():
    import tensorflow as tf

    probe = Probe(native.run, "gru", "shared", "triangle", "exact", False)
    x, h = (tf.convert_to_tensor(value) for value in probe.given().values())
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            loss = tf.reduce_sum(probe({"x": x, "h": h})[0] ** 2)
        slope = inner.gradient(loss, x)
    with pytest.raises(NotImplementedError, match="no second derivatives; use engine='scan'"):
        outer.gradient(slope, x)


def test_other_dtypes_are_refused():
    probe = Probe(native.run, "gru", "shared", "triangle", "exact", False, dtype="float16")
    inputs = {name: ops.convert_to_tensor(value, dtype="float16") for name, value in probe.given().items()}
    with pytest.raises(
        ValueError, match="expected inputs of dtype float32 or float64 for the native engine, got float16"
    ):
        probe(inputs)


def test_other_backends_are_refused(monkeypatch):
    probe = Probe(native.run, "gru", "shared", "triangle", "exact", False)
    inputs = {name: ops.convert_to_tensor(value) for name, value in probe.given().items()}
    monkeypatch.setattr(native, "BACKENDS", ("another",))
    assert not native.available()
    with pytest.raises(native.NativeUnavailable, match="expected a backend out of another, got"):
        probe(inputs)


def test_without_numba_it_is_unavailable(monkeypatch):
    assert native.available()
    for name in [name for name in sys.modules if name.startswith("plstm.engines.kernels")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("plstm.engines.kernels")
    monkeypatch.setitem(sys.modules, "numba", None)
    launch.kernels.cache_clear()
    try:
        assert not native.available()
        with pytest.raises(native.NativeUnavailable, match="needs Numba: "):
            launch.kernels()
    finally:
        launch.kernels.cache_clear()


@tensorflow_only
def test_threads_are_those_that_everyone_allows():
    """Numba's and TensorFlow's settings, both made before anything is loaded; the smaller counts."""
    program = "from plstm.engines import native; import plstm; plstm.PhasedLSTM; print(native.threads())"
    for numbas, tensorflow, expected in (("2", "7", 2), ("3", "1", 1)):
        env = {**os.environ, "NUMBA_NUM_THREADS": numbas, "TF_NUM_INTRAOP_THREADS": tensorflow}
        done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
        assert int(done.stdout) == expected, (numbas, tensorflow)


def test_the_backends_own_setting_counts(monkeypatch):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 1)
    elif keras.backend.backend() == "jax":
        monkeypatch.setattr(numba, "get_num_threads", lambda: 1)
    else:
        import torch

        monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert native.threads() == 1
