"""LiteRT (TFLite): an exported model answers without Keras and TensorFlow what it answered here."""

import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

import plstm
from plstm.layers import clock
from tests.support import numpy

if keras.backend.backend() != "tensorflow":
    pytest.skip("TensorFlow's converter is tested", allow_module_level=True)

import tensorflow as tf  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 9, 3)).astype("float32")
X[1, 5:] = 0.0
T = np.cumsum(RNG.uniform(0.2, 3.0, (4, 9)), axis=1).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
BUILT_IN = {"target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}}


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def clocked(*layers, masked=False, dtype="float32"):
    x, t = keras.Input((None, 3), name="x"), keras.Input((None,), name="t", dtype=dtype)
    h = keras.layers.Masking()(x) if masked else x
    for layer in layers:
        h = layer(h, times=t)
    return keras.Model([x, t], keras.layers.Dense(1)(h))


def exported(model, path, batch=None, steps=None):
    """An interpreter of the model, which has nothing but LiteRT's own operations."""
    signature = [tf.TensorSpec((batch, steps, 3), "float32", "x"), tf.TensorSpec((batch, steps), "float32", "t")]
    with clock.in_32_bits():
        model.export(path, format="litert", input_signature=[signature], verbose=False, **BUILT_IN)
    return tf.lite.Interpreter(str(path))


def answers(interpreter, x, t):
    given = {3: x, 2: t}
    for spec in interpreter.get_input_details():
        interpreter.resize_tensor_input(spec["index"], given[len(spec["shape"])].shape)
    interpreter.allocate_tensors()
    for spec in interpreter.get_input_details():
        interpreter.set_tensor(spec["index"], given[len(spec["shape"])])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: plstm.PhasedLSTM(4, peepholes=True, parametrization="log", **RHYTHM),
        lambda: plstm.PhasedGRU(4, gate_shape="gaussian", origin=3.0, **RHYTHM),
        lambda: plstm.PhasedLSTM(4, gate_shape="square", go_backwards=True, activation="relu", **RHYTHM),
        lambda: plstm.Bidirectional(plstm.PhasedLSTM(4, **RHYTHM)),
    ],
)
def test_any_batch_and_any_number_of_steps(make, tmp_path):
    model = clocked(make(), masked=True)
    interpreter = exported(model, tmp_path / "model.tflite")
    assert np.abs(numpy(model([X, T]))).max() > 0.01
    for samples, steps in ((4, 9), (1, 9), (3, 5)):
        x, t = X[:samples, :steps], T[:samples, :steps]
        want = numpy(model([x, t]))
        np.testing.assert_allclose(answers(interpreter, x, t), want, rtol=1e-5, atol=1e-5)


def test_sequences_of_a_given_batch(tmp_path):
    """A layer that returns sequences, as in a stack, needs to know the batch."""
    model = clocked(plstm.PhasedLSTM(4, return_sequences=True, **RHYTHM), plstm.PhasedGRU(3, **RHYTHM), masked=True)
    interpreter = exported(model, tmp_path / "model.tflite", batch=1)
    for sample in range(4):
        x, t = X[sample : sample + 1], T[sample : sample + 1]
        np.testing.assert_allclose(answers(interpreter, x, t), numpy(model([x, t])), rtol=1e-5, atol=1e-5)
    with pytest.raises(Exception, match="'tf.TensorListReserve' op requires element_shape to be static"):
        exported(model, tmp_path / "another.tflite")


def test_without_times_and_through_the_converter(tmp_path):
    x = keras.Input((9, 3))
    model = keras.Model(x, plstm.PhasedLSTM(4, **RHYTHM)(x))
    want = numpy(model(X))
    with clock.in_32_bits():
        content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    interpreter = tf.lite.Interpreter(model_content=content)
    np.testing.assert_allclose(answers(interpreter, X, None), want, rtol=1e-5, atol=1e-5)


def test_a_clock_too_coarse_answers_nan(tmp_path):
    model = clocked(plstm.PhasedLSTM(4, **RHYTHM))
    interpreter = exported(model, tmp_path / "model.tflite")
    assert np.all(np.isnan(answers(interpreter, X, T + np.float32(1.7e9))))


def test_what_the_converter_says_without_32_bits(tmp_path):
    """The message that PhasedLSTM's documentation quotes."""
    model = clocked(plstm.PhasedLSTM(4, **RHYTHM))
    model([X, T])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    with pytest.raises(Exception, match="(?s)ops? .*FloorMod|'tf.FloorMod'"):
        converter.convert()


def test_32_bits_end_with_the_block_and_leave_saved_models_alone(tmp_path):
    assert clock.dtype() == "float64"
    with pytest.raises(KeyError), clock.in_32_bits():
        assert clock.dtype() == "float32"
        raise KeyError
    assert clock.dtype() == "float64"
    model = clocked(plstm.PhasedLSTM(4, **RHYTHM), dtype="float64")
    exported(model, tmp_path / "model.tflite")
    late = 1.7e9 + np.arange(9.0) + np.zeros((4, 1))
    want = numpy(model([X, late]))
    model.export(tmp_path / "saved", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "saved")
    np.testing.assert_allclose(loaded.serve([X, late]), want, rtol=1e-5, atol=1e-5)


def test_compiling_is_announced_once():
    """Two kernels, two dtypes: one line a process."""
    program = """
        import numpy as np, numba
        from plstm.engines import launch, native
        launch.PATIENCE = 0.0
        class Kernel:
            overloads = {}
            def compile(self, signature):
                import time
                time.sleep(0.2)
        for dtype in ("float32", "float64"):
            for kernel in (Kernel(), Kernel()):
                launch.prepare(kernel, (np.zeros(1, dtype),))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stderr.count("plstm: compiling the native engine") == 1
