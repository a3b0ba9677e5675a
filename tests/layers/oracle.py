"""Keras' own recurrent layers beside ours with an always-open gate, which must answer alike."""

import keras
import numpy as np

import plstm
from tests.support import close, numpy

RNG = np.random.default_rng(0)
BATCH, STEPS, FEATURES, UNITS = 3, 6, 2, 4
X = RNG.normal(size=(BATCH, STEPS, FEATURES)).astype("float32")
STATES = [RNG.normal(size=(BATCH, UNITS)).astype("float32") for _ in range(4)]
# Not trained, for a ratio_on below 1 would close the gate for a while.
ALWAYS_OPEN = {"gate_shape": "square", "ratio_on_initializer": 1.0, "trainable_gate": False}
KERAS = {plstm.PhasedLSTM: keras.layers.LSTM, plstm.PhasedGRU: keras.layers.GRU}
MASKS = {
    "right": [[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0]],
    "left": [[1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1]],
    "holes": [[1, 0, 1, 1, 0, 1], [0, 1, 0, 0, 1, 0], [1, 1, 0, 1, 0, 1]],
    "one sample": [[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 0]],
    "all": [[0, 0, 0, 0, 0, 0]] * BATCH,
}
MASKS = {name: np.array(rows, bool) for name, rows in MASKS.items()}


def state_count(phased_class):
    return 2 if phased_class is plstm.PhasedLSTM else 1


def share_weights(ours, theirs, draw=1):
    """Give a Keras cell and ours the same weights: random ones, biases included."""
    rng = np.random.default_rng(draw)
    for weight in theirs.trainable_weights:
        values = rng.normal(scale=0.5, size=weight.shape)
        weight.assign(values)
        getattr(ours, weight.name).assign(values)


def twins(phased_class, shape=X.shape, draw=1, **options):
    """(Keras' layer, ours) of the same options and weights, ours always open."""
    theirs, ours = KERAS[phased_class](UNITS, **options), phased_class(UNITS, **options, **ALWAYS_OPEN)
    theirs.build(shape)
    ours.build(shape)
    share_weights(ours.cell, theirs.cell, draw)
    return theirs, ours


def same(ours, theirs, tolerance=1e-5):
    """The same tensor, or as many of them in the same order."""
    ours, theirs = ([one] if not isinstance(one, (list, tuple)) else list(one) for one in (ours, theirs))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs):
        assert tuple(one.shape) == tuple(other.shape)
        assert keras.backend.standardize_dtype(one.dtype) == keras.backend.standardize_dtype(other.dtype)
        close(one, numpy(other), tolerance)


def silent_before(outputs, mask):
    """Outputs with 0 before the first step that counts, as in Keras on TensorFlow and PyTorch (on JAX: h)."""
    sequences = len(outputs.shape) == 3
    silent = np.cumsum(mask, axis=1) == 0 if sequences else ~np.any(mask, axis=1)
    return keras.ops.where(silent[..., None], keras.ops.zeros_like(outputs), outputs)
