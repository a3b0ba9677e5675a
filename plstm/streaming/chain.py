"""A Keras model as a chain: the layers that its graph calls, each on the answer of the one before.

The graph decides, not the list of the layers, which may look like a chain where one is skipped, read twice or used
twice. What is not known to leave the answer alone is refused: another layer, another argument, another way to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import keras

from plstm.layers.sequence import Phased, PhasedGRU, PhasedLSTM

PHASED = (PhasedLSTM, PhasedGRU)
# At inference these answer what they are given.
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
    """One call of a layer. times, mask: the inputs of the model that it is given beside what it reads, or None."""

    layer: Any
    times: keras.KerasTensor | None = None
    mask: keras.KerasTensor | None = None


# What leads to a tensor: the input that it comes from, and the calls from there on.
Way: TypeAlias = tuple[keras.KerasTensor, list[Call]]


class Chain(NamedTuple):
    """Lists of the layers called, each as often as it is. sequences, times: the model's inputs, None without one."""

    phased: list[Phased]
    dense: list[keras.layers.Dense]
    passing: list[keras.layers.Layer]
    sequences: keras.KerasTensor | None = None
    times: keras.KerasTensor | None = None


def read(model: keras.layers.Layer) -> Chain:
    """The ``Chain`` of a phased layer, or of a Functional or Sequential model.

    Raises:
        ValueError: what is no such chain.
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
            raise ValueError(f"expected one clock for all layers, got another for {layer.name} than {first.layer.name}")
        # Keras hands the mask of a layer on to the next.
        if mask is not None and mask is not first.mask:
            raise ValueError(f"expected one mask for all layers, got another for {layer.name} than {first.layer.name}")
    given = [id(tensor) for tensor in (source, first.times, first.mask) if tensor is not None]
    if len(set(given)) < len(given):
        raise ValueError(f"expected an input each for sequences, times and mask of {first.layer.name}, got one for two")
    return Chain(
        [call.layer for call in phased],
        [call.layer for call in acting[len(phased) :]],
        [call.layer for call in calls if type(call.layer) in PASSING],
        source,
        first.times,
    )


def _calls(tensor: keras.KerasTensor, known: Mapping[int, Way]) -> Way:
    """What leads to a tensor.

    ``known`` holds the same for the inputs of the model at hand, by their id. For a model within a model they are what
    the outer one has made of its own.
    """
    if id(tensor) in known:
        return known[id(tensor)]
    operation, number, place = tensor._keras_history
    read, given = _arguments(operation, operation._inbound_nodes[number].arguments)
    if place:
        raise ValueError(f"expected the output of {operation.name} to be read, got its state")
    if isinstance(operation, keras.Model):
        inputs, output = _graph(operation)
        return _calls(output, {id(inner): _calls(outer, known) for inner, outer in zip(inputs, read)})
    source, calls = _calls(read[0], known)
    given = {name: _input(value, known, name, operation) for name, value in given.items()}
    return source, [*calls, Call(operation, **given)]


def _arguments(operation: Any, arguments: Any) -> tuple[list[keras.KerasTensor], dict[str, Any]]:
    """The tensors that an operation reads, and the inputs that it is given by name."""
    _check_known(operation)
    given = {name: value for name, value in arguments.kwargs.items() if not _says_nothing(value)}
    allowed = ("times", "mask") if type(operation) in PHASED else ()
    other = [name for name in given if name not in allowed]
    if other:
        got = f"{other[0]}={given[other[0]]}" if other[0] == "training" else other[0]
        raise ValueError(f"expected {operation.name} to be called as at inference, from rest, got {got}")
    read = list(arguments.args)
    if isinstance(operation, keras.Model) and len(read) == 1 and isinstance(read[0], (list, tuple)):
        read = list(read[0])
    expected = len(operation.inputs) if isinstance(operation, keras.Model) else 1
    if len(read) != expected or not all(isinstance(tensor, keras.KerasTensor) for tensor in read):
        raise ValueError(f"expected {operation.name} to be called with {expected} tensors in a list, got others")
    return read, given


def _says_nothing(value: object) -> bool:
    """None, False, or, as Keras writes for a model without masks, a list of None."""
    return value is None or value is False or (isinstance(value, list) and all(map(_says_nothing, value)))


def _input(tensor: Any, known: Mapping[int, Way], name: str, layer: keras.layers.Layer) -> keras.KerasTensor:
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
