"""A Keras model as a chain: the layers that its graph calls, each on the output of the one before.

The chain is read from the model's graph. Its list of layers would not do: it may look like a chain although a layer is
skipped, or its output is read twice. Anything that could change the output is refused: other layers, other arguments,
other ways to call a layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import keras

from plstm.layers.gru import PhasedGRU
from plstm.layers.lstm import PhasedLSTM
from plstm.layers.recurrent import PhasedRNN

PHASED = (PhasedLSTM, PhasedGRU)
# At inference these return their input.
PASSING = (
    keras.layers.ActivityRegularization,
    keras.layers.AlphaDropout,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.Identity,
    keras.layers.SpatialDropout1D,
)
KNOWN = (*PHASED, keras.layers.Dense, *PASSING)


class Call(NamedTuple):
    """One call of a layer. times, mask: the model's inputs that it also receives, or None."""

    layer: Any
    times: keras.KerasTensor | None = None
    mask: keras.KerasTensor | None = None


# How a tensor is made: the model's input that it comes from, and the calls in between.
Calls: TypeAlias = tuple[keras.KerasTensor, list[Call]]


class Chain(NamedTuple):
    """The called layers in order, one entry for each call. sequences, times: the model's inputs, or None."""

    phased: list[PhasedRNN]
    dense: list[keras.layers.Dense]
    passing: list[keras.layers.Layer]
    sequences: keras.KerasTensor | None = None
    times: keras.KerasTensor | None = None


def read(model: keras.layers.Layer) -> Chain:
    """The ``Chain`` of a phased layer, or of a Functional or Sequential model.

    Raises:
        ValueError: the model is not such a chain.
    """
    if not isinstance(model, keras.Model):
        source, calls = None, [Call(model)]
        _check_known(model)
    else:
        inputs, output = _graph(model)
        source, calls = _calls(output, {id(tensor): (tensor, []) for tensor in inputs})
    acting = [call for call in calls if type(call.layer) not in PASSING]
    phased = [call for call in acting if type(call.layer) in PHASED]
    if not phased or phased != acting[: len(phased)]:
        raise _unknown(", ".join(type(call.layer).__name__ for call in acting) or "none")
    first = phased[0]
    for layer, times, mask in phased:
        if times is not first.times:
            raise ValueError(
                f"expected the same times for all layers, got others for {layer.name} than {first.layer.name}"
            )
        # Keras passes the mask of a layer on to the next.
        if mask is not None and mask is not first.mask:
            raise ValueError(
                f"expected the same mask for all layers, got another for {layer.name} than {first.layer.name}"
            )
    given = [id(tensor) for tensor in (source, first.times, first.mask) if tensor is not None]
    if len(set(given)) < len(given):
        raise ValueError(
            f"expected separate inputs for sequences, times and mask of {first.layer.name}, got one for two of them"
        )
    return Chain(
        [call.layer for call in phased],
        [call.layer for call in acting[len(phased) :]],
        [call.layer for call in calls if type(call.layer) in PASSING],
        source,
        first.times,
    )


def _calls(tensor: keras.KerasTensor, known: Mapping[int, Calls]) -> Calls:
    """The calls that make a tensor.

    ``known`` holds the calls that make the inputs of the current model, by their id. For a model inside a model these
    include calls of the outer model.
    """
    if id(tensor) in known:
        return known[id(tensor)]
    operation, number, place = tensor._keras_history
    read, given = _arguments(operation, operation._inbound_nodes[number].arguments)
    if place:
        raise ValueError(f"expected a chain that uses the output of {operation.name}, got its state")
    if isinstance(operation, keras.Model):
        inputs, output = _graph(operation)
        return _calls(output, {id(inner): _calls(outer, known) for inner, outer in zip(inputs, read)})
    source, calls = _calls(read[0], known)
    given = {name: _input(value, known, name, operation) for name, value in given.items()}
    return source, [*calls, Call(operation, **given)]


def _arguments(operation: Any, arguments: Any) -> tuple[list[keras.KerasTensor], dict[str, Any]]:
    """The tensors that an operation reads by position, and the inputs that it receives by name."""
    _check_known(operation)
    given = {name: value for name, value in arguments.kwargs.items() if not _says_nothing(value)}
    allowed = ("times", "mask") if type(operation) in PHASED else ()
    other = [name for name in given if name not in allowed]
    if other:
        got = f"{other[0]}={given[other[0]]}" if other[0] == "training" else other[0]
        raise ValueError(f"expected {operation.name} to be called with its inputs only, got {got}")
    read = list(arguments.args)
    if isinstance(operation, keras.Model) and len(read) == 1 and isinstance(read[0], (list, tuple)):
        read = list(read[0])
    expected = len(operation.inputs) if isinstance(operation, keras.Model) else 1
    if len(read) != expected or not all(isinstance(tensor, keras.KerasTensor) for tensor in read):
        raise ValueError(f"expected {operation.name} to be called with {expected} tensors, got other arguments")
    return read, given


def _says_nothing(value: object) -> bool:
    """None, False, or, as Keras writes for a model without masks, a list of None."""
    return value is None or value is False or (isinstance(value, list) and all(map(_says_nothing, value)))


def _input(tensor: Any, known: Mapping[int, Calls], name: str, layer: keras.layers.Layer) -> keras.KerasTensor:
    """The input of the outermost model that a tensor is; ValueError if it is anything else."""
    if not isinstance(tensor, keras.KerasTensor):
        raise ValueError(f"expected {name} of {layer.name} to be an input of the model, got an array that is fixed")
    source, calls = known.get(id(tensor), (None, []))
    if source is None or calls:
        maker = calls[-1].layer if calls else tensor._keras_history.operation
        raise ValueError(
            f"expected {name} of {layer.name} to be an input of the model as it is, got what {maker.name} makes of it"
        )
    return source


def _graph(model: keras.Model) -> tuple[list[keras.KerasTensor], keras.KerasTensor]:
    """(inputs, output) of a model that computes what its graph shows."""
    own = next(base for base in type(model).__mro__ if base.__module__.partition(".")[0] == "keras")
    same = all(getattr(type(model), name) is getattr(own, name) for name in ("__call__", "call"))
    outputs = getattr(model, "outputs", None)
    if not (same and "call" not in vars(model) and outputs):
        raise ValueError(f"expected a built Functional or Sequential model, got {type(model).__name__} {model.name}")
    if len(outputs) != 1:
        raise ValueError(f"expected a model with one output, got {len(outputs)} of {model.name}")
    return model.inputs, outputs[0]


def _check_known(operation: object) -> None:
    """ValueError for all but models and the layers in ``KNOWN``: a subclass may compute anything."""
    if not isinstance(operation, keras.Model) and (type(operation) not in KNOWN or "call" in vars(operation)):
        raise _unknown(type(operation).__name__)


def _unknown(names: str) -> ValueError:
    return ValueError(f"expected PhasedLSTM or PhasedGRU layers, then Dense layers, got {names}")
