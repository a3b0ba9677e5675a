"""ONNX: an exported model answers in onnxruntime, without Keras and without this package, what it answered here."""

import keras
import numpy as np
import pytest

import plstm
from tests.support import numpy

BACKEND = keras.backend.backend()
pytestmark = [
    pytest.mark.skipif(BACKEND == "jax", reason="Keras exports from TensorFlow and PyTorch with what is tested here"),
    # PyTorch's tracer warns of every shape that is looked at, in Keras and here.
    pytest.mark.filterwarnings("ignore:.*might cause the trace to be incorrect:Warning"),
]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 9, 3)).astype("float32")
# Unix times: a period of seconds needs all the digits of float64, in the exported graph too.
T = 1_700_000_000.0 + np.cumsum(RNG.uniform(0.2, 3.0, (5, 9)), axis=1)
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
MODELS = {
    "stacked": lambda: [
        plstm.PhasedLSTM(4, peepholes=True, parametrization="log", return_sequences=True, **RHYTHM),
        plstm.PhasedGRU(3, gate_shape="gaussian", **RHYTHM),
    ],
    "both directions": lambda: [plstm.Bidirectional(plstm.PhasedLSTM(4, return_sequences=True, **RHYTHM))],
}


def clocked(layers, steps):
    x, t = keras.Input((steps, 3), name="x"), keras.Input((steps,), dtype="float64", name="t")
    h = keras.layers.Masking(0.0)(x)
    for layer in layers:
        h = layer(h, times=t)
    return keras.Model([x, t], keras.layers.Dense(1)(h))


def exported(model, path, inputs):
    """What onnxruntime answers."""
    onnxruntime = pytest.importorskip("onnxruntime")
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (outputs,) = session.run(None, {spec.name: values for spec, values in zip(session.get_inputs(), inputs)})
    return outputs


@pytest.mark.parametrize("name, steps", [("stacked", None), ("both directions", 9)])
def test_onnxruntime_answers_the_same(name, steps, tmp_path):
    keras.utils.set_random_seed(0)
    # PyTorch's exporter unrolls the loop: the number of steps is part of the file.
    model = clocked(MODELS[name](), 9 if BACKEND == "torch" else steps)
    x = np.where(np.arange(9)[None, :, None] < np.array([9, 5, 1, 0, 7])[:, None, None], X, 0.0).astype("float32")
    want = numpy(model([x, T]))
    assert np.abs(want).max() > 0.01
    np.testing.assert_allclose(exported(model, tmp_path / "model.onnx", [x, T]), want, rtol=1e-5, atol=1e-5)


def test_a_clock_too_coarse_answers_nan_in_onnxruntime_too(tmp_path):
    """An exported file cannot fail with a message; it does not answer with wrong phases either."""
    if BACKEND == "torch":
        pytest.skip("PyTorch's exporter keeps no check of the values")
    x, t = keras.Input((9, 3), name="x"), keras.Input((9,), dtype="float32", name="t")
    model = keras.Model([x, t], plstm.PhasedLSTM(4, **RHYTHM)(x, times=t))
    model([X, T - T[0, 0]])
    outputs = exported(model, tmp_path / "model.onnx", [X, T.astype("float32")])
    assert np.all(np.isnan(outputs))
