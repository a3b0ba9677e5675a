"""A trained model as arrays: its clock, the weights of its phased layers, the dense layers after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np

from plstm import gate
from plstm.layers.gru_cell import PhasedGRUCell
from plstm.layers.lstm_cell import PhasedLSTMCell
from plstm.layers.recurrent import PhasedRNN
from plstm.layers.time_gate import TimeGate
from plstm.streaming import chain
from plstm.streaming.input_output import ACTIVATIONS, Clock, Dense

if TYPE_CHECKING:
    from plstm.streaming.sparse import Rows

FLOATS = ("float32", "float64")
CLOCKS = (*FLOATS, "int32", "int64")


class Stack(NamedTuple):
    """A model as arrays: a ``sparse.Rows`` for each phased layer; sequences: whether each event has an output."""

    rows: list[Rows]
    dense: list[Dense]
    sequences: bool
    clock: Clock


def take_apart(model: keras.layers.Layer) -> Stack:
    """The ``Stack`` of a built phased layer, or of a Functional or Sequential model that is a chain of them.

    Raises:
        ValueError: the model is not a supported chain, or uses something that the event-driven engine does not support.
    """
    found = chain.read(model)
    for layer in (*found.phased, *found.dense, *found.passing):
        _check_dtype(layer)
    for layer in found.phased:
        _check_phased(layer)
    if not all(layer.return_sequences for layer in found.phased[:-1]):
        raise ValueError("expected return_sequences=True in all phased layers but the last, got False")
    if found.sequences is None and found.phased[0].return_state:
        raise ValueError(f"expected a layer with return_state=False, got {model.name} with return_state=True")
    if found.sequences is not None and (found.sequences.dtype not in FLOATS or found.sequences.sparse):
        kind = "sparse" if found.sequences.sparse else found.sequences.dtype
        raise ValueError(f"expected an input of {' or '.join(FLOATS)}, got {kind} for {found.phased[0].name}")
    dtypes = {layer.compute_dtype for layer in found.phased}
    if len(dtypes) > 1:
        raise ValueError(f"expected one dtype for all phased layers, got {', '.join(sorted(dtypes))}")
    weights = [rows(layer) for layer in found.phased]
    clock = Clock() if found.times is None else _clock(found.times.dtype, weights)
    return Stack(weights, [_dense(layer) for layer in found.dense], found.phased[-1].return_sequences, clock)


def _check_dtype(layer: Any) -> None:
    if not layer.built:
        raise ValueError(f"expected a layer with weights, got {layer.name}, which has not been built or called")
    if layer.quantization_mode is not None:
        raise ValueError(f"expected layers that are not quantised, got {layer.quantization_mode} in {layer.name}")
    parts = (layer, layer.cell, layer.cell.time_gate) if type(layer) in chain.PHASED else (layer,)
    other = {dtype for part in parts for dtype in (part.compute_dtype, part.variable_dtype)} - set(FLOATS)
    if other:
        raise ValueError(f"expected layers in {' or '.join(FLOATS)}, got {', '.join(sorted(other))} in {layer.name}")


def _check_phased(layer: PhasedRNN) -> None:
    gate, cell = layer.cell.time_gate, layer.cell
    if type(cell) not in (PhasedLSTMCell, PhasedGRUCell) or type(gate) is not TimeGate:
        kinds = f"{type(cell).__name__} with {type(gate).__name__}"
        raise ValueError(f"expected the cell and the gate of this package in {layer.name}, got {kinds}")
    if gate.leak_at_inference and (callable(gate.leak) or gate.leak > 0):
        raise ValueError(f"expected gates that close at inference, got {layer.name} with leak_at_inference=True")
    if callable(gate.shape):
        raise ValueError(f"expected a gate shape given by name, got the callable {gate.shape!r} in {layer.name}")
    activations = cell.activation, cell.recurrent_activation
    if activations != (keras.activations.tanh, keras.activations.sigmoid):
        names = " and ".join(getattr(one, "__name__", repr(one)) for one in activations)
        raise ValueError(f"expected the activations tanh and sigmoid, got {names} in {layer.name}")
    if layer.zero_output_for_mask:
        raise ValueError(f"expected masked steps to repeat outputs, got {layer.name} with zero_output_for_mask=True")
    for option, why in (
        ("go_backwards", "read forwards"),
        ("stateful", "start from zeros, because streams have their own states"),
    ):
        if getattr(layer, option):
            raise ValueError(f"expected layers that {why}, got {layer.name} with {option}=True")


def _clock(dtype: str, weights: list[Rows]) -> Clock:
    """The ``Clock`` of an input."""
    if dtype not in CLOCKS:
        raise ValueError(f"expected the input of times to be one of {', '.join(CLOCKS)}, got {dtype}")
    if dtype == "float64":
        return Clock()
    if dtype != "float32":
        return Clock(dtype, float(np.iinfo(dtype).max))
    return Clock(dtype, min(gate.latest(layer.rhythm[0], layer.rhythm[2], dtype) for layer in weights))


def _dense(layer: keras.layers.Dense) -> Dense:
    # Compared by identity, because a custom function may have the name of one of these.
    names = [name for name in ACTIVATIONS if layer.activation in (getattr(keras.activations, name), None)]
    if not names:
        got = getattr(layer.activation, "__name__", layer.activation)
        raise ValueError(f"expected an activation out of {', '.join(ACTIVATIONS)} in {layer.name}, got {got!r}")
    # With LoRA the kernel is the sum.
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    bias = np.zeros(kernel.shape[1]) if layer.bias is None else keras.ops.convert_to_numpy(layer.bias)
    return Dense(kernel, bias.astype(kernel.dtype), names[0])


def rows(layer: PhasedRNN) -> Rows:
    """The weights of a phased layer as ``plstm.streaming.sparse.Rows``."""
    from plstm.streaming.sparse import Rows

    rhythm = [keras.ops.convert_to_numpy(p).astype(np.float64) for p in (layer.period, layer.shift, layer.ratio_on)]
    rhythm[1] += layer.cell.time_gate.origin
    *weights, peepholes = layer.cell.sequence_weights()
    kernel, recurrent_kernel, bias = map(keras.ops.convert_to_numpy, weights)
    peepholes = None if peepholes is None else keras.ops.convert_to_numpy(peepholes)
    shape = layer.cell.time_gate.shape
    return Rows.of(layer.cell.kind, kernel, recurrent_kernel, bias, peepholes, np.stack(rhythm), shape)
