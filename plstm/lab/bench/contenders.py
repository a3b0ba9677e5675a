"""The contenders, and how to call each of them on each backend: forward only, and forward with backward.

A contender is a layer from (B, T, D) float32 to the last output (B, H). A training step is the gradient
of the mean square of that output for all weights, without an optimiser. Every call waits until the device is done.
"""

import importlib.metadata
import os

import numpy as np

CONTENDERS = {
    "plstm-native": "plstm.PhasedLSTM, native engine",
    "plstm-scan": "plstm.PhasedLSTM, portable engine",
    "plstm-scan-xla": "plstm.PhasedLSTM, portable engine, XLA",
    "plstm-scan-checkpointed": "plstm.PhasedLSTM, portable engine, memory sqrt(T)",
    "keras-lstm": "keras.layers.LSTM (no gate)",
    "keras-gru": "keras.layers.GRU (no gate)",
    "plain-cell": "plain Phased LSTM cell in keras.layers.RNN",
    "torch-lstm": "torch.nn.LSTM (no gate)",
    "phasedlstm-keras": "PhasedLSTM-Keras (PyPI: phased_lstm_keras)",
}
IN_SHAPES = tuple(name for name in CONTENDERS if name != "plstm-scan-checkpointed")
IN_SWEEP = ("plstm-native", "plstm-scan-checkpointed", "keras-lstm", "torch-lstm")
MODES = ("train", "forward")


class Absent(Exception):
    """A contender that cannot be measured here, and why."""


def prepare_environment():
    """Settings to make before a backend is loaded, so that it does not take the whole memory of a GPU."""
    # Without this, TensorFlow's messages at the start would appear between the lines of progress.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def make(name, shape, seed=0):
    """{"train": call, "forward": call, "engine": function}; ``engine()`` names the engine of the last call, or None.

    Raises:
        Absent: this backend or this machine does not have the contender.
    """
    x = np.random.default_rng(seed).normal(size=shape[:3]).astype("float32")
    if name == "torch-lstm":
        return _torch_lstm(x, shape.units)
    import keras

    keras.utils.set_random_seed(seed)
    layer, inputs = _layer(name, x, shape.units)
    build = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]
    calls = build(layer, inputs, xla=name == "plstm-scan-xla")
    return {**calls, "engine": lambda: getattr(layer, "engine", None)}


def _layer(name, x, units):
    """The layer and its inputs; for layers with a clock the times are the numbers of the steps."""
    import keras

    import plstm

    backend = keras.backend.backend()
    if name == "plstm-native":
        return plstm.PhasedLSTM(units, engine="native"), x
    if name == "plstm-scan-xla" and backend != "tensorflow":
        raise Absent({"jax": "JAX always compiles with XLA: see plstm-scan", "torch": "PyTorch has no XLA"}[backend])
    if name in ("plstm-scan", "plstm-scan-xla"):
        return plstm.PhasedLSTM(units, engine="scan"), x
    if name == "plstm-scan-checkpointed":
        return plstm.PhasedLSTM(units, engine="scan-checkpointed"), x
    if name == "keras-lstm":
        return keras.layers.LSTM(units), x
    if name == "keras-gru":
        return keras.layers.GRU(units), x
    times = np.broadcast_to(np.arange(x.shape[1], dtype=x.dtype)[:, None], (*x.shape[:2], 1))
    if name == "plain-cell":
        from plstm.lab.bench.plain import PlainPhasedLSTMCell

        return keras.layers.RNN(PlainPhasedLSTMCell(units)), np.concatenate([x, times], -1)
    return _phasedlstm_keras(units), [x, times.copy()]


def _phasedlstm_keras(units):
    try:
        version = importlib.metadata.version("phased_lstm_keras")
    except importlib.metadata.PackageNotFoundError:
        raise Absent("not installed: pip install --no-deps phased_lstm_keras") from None
    try:
        from phased_lstm_keras.PhasedLSTM import PhasedLSTM

        return PhasedLSTM(units)
    # Code of others, written for another version of Keras: any error is reported.
    except Exception as error:
        raise Absent(f"phased_lstm_keras {version}: {one_line(error)}") from error


def _tensorflow(layer, inputs, xla):
    import tensorflow as tf

    inputs = tf.nest.map_structure(tf.constant, inputs)
    layer(inputs)
    weights = [v.value for v in layer.trainable_variables]

    # The name of the function that Keras' predict traces. In other graphs the layer uses only exportable operations.
    @tf.function(jit_compile=xla)
    def one_step_on_data(x):
        return layer(x, training=False)

    @tf.function(jit_compile=xla)
    def train(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(x, training=True)))
        return tape.gradient(loss, weights)

    def finished(function):
        function(inputs)
        if tf.config.list_physical_devices("GPU"):
            tf.test.experimental.sync_devices()

    return {"train": lambda: finished(train), "forward": lambda: finished(one_step_on_data)}


def _jax(layer, inputs, xla):
    import jax

    inputs = jax.tree.map(jax.numpy.asarray, inputs)
    layer(inputs)
    weights = [v.value for v in layer.trainable_variables]
    fixed = [v.value for v in layer.non_trainable_variables]

    def outputs(weights, x, training):
        return layer.stateless_call(weights, fixed, x, training=training)[0]

    forward = jax.jit(lambda weights, x: outputs(weights, x, False))
    train = jax.jit(jax.grad(lambda weights, x: (outputs(weights, x, True) ** 2).mean()))
    return {
        "train": lambda: jax.block_until_ready(train(weights, inputs)),
        "forward": lambda: jax.block_until_ready(forward(weights, inputs)),
    }


def _torch(layer, inputs, xla):
    from keras import ops, tree

    inputs = tree.map_structure(ops.convert_to_tensor, inputs)
    layer(inputs)
    return _torch_calls(layer, inputs, [v.value for v in layer.trainable_variables])


def _torch_lstm(x, units):
    try:
        import torch
    except ImportError as error:
        raise Absent(one_line(error)) from error

    device = "cuda" if torch.cuda.is_available() else "cpu"
    lstm = torch.nn.LSTM(x.shape[2], units, batch_first=True).to(device)
    calls = _torch_calls(lambda x, training: lstm(x)[0][:, -1], torch.from_numpy(x).to(device), list(lstm.parameters()))
    return {**calls, "engine": lambda: None}


def _torch_calls(layer, inputs, weights):
    import torch

    def synchronise():
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def forward():
        with torch.no_grad():
            layer(inputs, training=False)
        synchronise()

    def train():
        torch.autograd.grad(layer(inputs, training=True).square().mean(), weights, allow_unused=True)
        synchronise()

    return {"train": train, "forward": forward}


def one_line(error):
    """An error's type and message in one line of at most 200 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
