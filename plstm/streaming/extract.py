"""A trained model taken apart: the phased layers on top of each other, and the dense layers after the last."""

from typing import NamedTuple

import keras
import numpy as np

from plstm.layers.sequence import PhasedGRU, PhasedLSTM

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


class Dense(NamedTuple):
    """A dense layer as arrays: kernel (H, O), bias (O,), and the name of its activation."""

    kernel: np.ndarray
    bias: np.ndarray
    activation: str

    def __call__(self, x):
        """(..., H) to (..., O)."""
        z = x @ self.kernel + self.bias
        if self.activation == "relu":
            return np.maximum(z, 0)
        if self.activation == "sigmoid":
            return 0.5 * (1.0 + np.tanh(0.5 * z)).astype(z.dtype)
        if self.activation == "tanh":
            return np.tanh(z)
        if self.activation == "softmax":
            z = np.exp(z - z.max(axis=-1, keepdims=True))
            return z / z.sum(axis=-1, keepdims=True)
        return z


def take_apart(model):
    """(phased layers, dense layers) of a built phased layer or of a model that is a chain of them.

    Raises:
        ValueError: the model is no such chain, or does what leaves no unit closed at inference.
    """
    layers = _chain(model) if isinstance(model, keras.Model) else [model]
    kept = [layer for layer in layers if not isinstance(layer, (keras.layers.InputLayer, keras.layers.Dropout))]
    phased = [layer for layer in kept if isinstance(layer, (PhasedLSTM, PhasedGRU))]
    dense = kept[len(phased) :]
    if not phased or phased != kept[: len(phased)] or not all(type(layer) is keras.layers.Dense for layer in dense):
        names = ", ".join(type(layer).__name__ for layer in kept) or "none"
        raise ValueError(f"expected PhasedLSTM or PhasedGRU layers, then Dense layers, got {names}")
    for layer in phased:
        _check_phased(layer)
    if not all(layer.return_sequences for layer in phased[:-1]):
        raise ValueError("expected return_sequences=True in all phased layers but the last, got False")
    return phased, [_dense(layer) for layer in dense]


def _chain(model):
    """The layers of a model in their order, each of which reads nothing but the one before (and the clock)."""
    if model.built and isinstance(model, keras.Sequential):
        return list(model.layers)
    if not hasattr(model, "operations"):
        raise ValueError(f"expected a built Functional or Sequential model, got {type(model).__name__}")
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    inputs = {id(tensor) for tensor in model.inputs}
    before = None
    for layer in layers:
        # A layer may be in use elsewhere too: what counts is that it reads the one before somewhere.
        for node in layer._inbound_nodes:
            sources = [id(tensor) for tensor in node.input_tensors if id(tensor) not in inputs]
            if sources == ([] if before is None else [id(before)]):
                before = node.output_tensors[0]
                break
        else:
            raise ValueError(
                f"expected a chain of layers, but {layer.name} reads something else than the one before it"
            )
    if len(model.outputs) != 1 or model.outputs[0] is not before:
        raise ValueError("expected a chain of layers with one output")
    return layers


def _check_phased(layer):
    gate, cell = layer.cell.time_gate, layer.cell
    if not layer.built:
        raise ValueError(f"expected a layer with weights, got {layer.name}, which has not been built or called")
    if gate.leak_at_inference and (callable(gate.leak) or gate.leak > 0):
        raise ValueError(f"expected gates that close, got {layer.name} with leak_at_inference=True")
    if callable(gate.shape):
        raise ValueError(f"expected a gate shape that can be compiled, got {gate.shape!r} in {layer.name}")
    if (cell.activation, cell.recurrent_activation) != (keras.activations.tanh, keras.activations.sigmoid):
        raise ValueError(f"expected the activations tanh and sigmoid, got others in {layer.name}")
    if layer.go_backwards:
        raise ValueError(f"expected layers that read forwards, got {layer.name} with go_backwards=True")


def _dense(layer):
    activation = keras.activations.serialize(layer.activation)
    if activation not in ACTIVATIONS:
        raise ValueError(f"expected an activation out of {', '.join(ACTIVATIONS)} in {layer.name}, got {activation!r}")
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    bias = np.zeros(kernel.shape[1]) if layer.bias is None else keras.ops.convert_to_numpy(layer.bias)
    return Dense(kernel, bias.astype(kernel.dtype), activation)


def rows(layer):
    """The weights of a phased layer as ``plstm.streaming.sparse.Rows``."""
    from plstm.streaming.sparse import Rows

    weights = [None if w is None else keras.ops.convert_to_numpy(w) for w in layer.cell.sequence_weights()]
    rhythm = [keras.ops.convert_to_numpy(p).astype(np.float64) for p in (layer.period, layer.shift, layer.ratio_on)]
    rhythm[1] += layer.cell.time_gate.origin
    return Rows.of(layer.cell.kind, *weights, np.stack(rhythm), layer.cell.time_gate.shape)
