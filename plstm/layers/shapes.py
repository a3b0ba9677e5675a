"""Checks of the shapes of times, masks and states against those of the sequences, before anything is computed.

While a graph is traced, TensorFlow may not know a shape. Unknown shapes are checked again when the graph runs.
Otherwise a mask, a state or times of another batch would be broadcast silently, and the output would be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import keras
from keras import ops

from plstm.types import Tensor

KEEPS = "; a stateful layer keeps a state for each sample, so drop a smaller last batch (drop_remainder=True)"

# The expected shapes, given batch and steps of the sequences: numbers, tensors, or words for a message.
Wanted: TypeAlias = Callable[[Any, Any], list[tuple[Any, ...]]]


class Claim(NamedTuple):
    """A tensor and the shapes that it may have.

    Attributes:
        name: its name in messages.
        tensor: the tensor.
        wanted: the shapes that are allowed.
        remedy: the end of the message.
    """

    name: str
    tensor: Tensor
    wanted: Wanted
    remedy: str = ""


def times_wanted(batch: Any, steps: Any) -> list[tuple[Any, ...]]:
    return [(batch, steps), (steps,)]


def mask_wanted(batch: Any, steps: Any) -> list[tuple[Any, ...]]:
    """As in Keras' layers, one mask may serve the whole batch."""
    return [(batch, steps), (1, steps)]


def state_wanted(units: int) -> Wanted:
    """As in Keras' layers, one state may serve the whole batch, such as a learned state."""
    return lambda batch, steps: [(batch, units), (1, units)]


def sequences_wanted(features: int, stored: int | None) -> Wanted:
    """The shape that the layer was built for, with as many samples as a stateful layer has states."""
    return lambda batch, steps: [(batch if stored is None else stored, steps, features)]


def check(name: str, shape: Any, wanted: Wanted, sequences_shape: Any, remedy: str = "") -> bool:
    """ValueError if a shape cannot be one of those wanted. Returns False if that is unknown, because of a None."""
    if getattr(shape, "rank", 0) is None:
        raise ValueError(f"expected {name} with a known number of dimensions, got a tensor with an unknown one")
    found, (batch, steps) = tuple(shape), tuple(sequences_shape)[:2]
    options = [option for option in wanted(batch, steps) if len(option) == len(found)]
    if not any(_may_be(found, option) for option in options):
        named = wanted("batch" if batch is None else batch, "steps" if steps is None else steps)
        of = "" if name == "sequences" else f" for sequences of shape {_text(tuple(sequences_shape))}"
        expected = " or ".join(dict.fromkeys(map(_text, named)))
        raise ValueError(f"expected {name} of shape {expected}, got {_text(found)}{of}{remedy}")
    return any(None not in found and found == option for option in options)


def _may_be(found: tuple[Any, ...], option: tuple[Any, ...]) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(found, option))


def _text(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def settle(
    sequences: Tensor,
    times: Tensor,
    mask: Tensor,
    state: list[Tensor],
    features: int,
    units: int,
    stored: int | None = None,
) -> tuple[Tensor, Tensor, Tensor, list[Tensor], Tensor]:
    """The arguments of a layer's call with their shapes checked, and a state and a mask for every sample.

    Args:
        sequences: (B, T, D).
        times: (T,), (B, T) or None.
        mask: (B, T), (1, T) or None.
        state: a list of tensors (B, H) or (1, H).
        features: D of the layer.
        units: H of the layer.
        stored: how many samples a stateful layer keeps states of.

    Returns:
        sequences, times, mask (B, T), state, each (B, H); and whether they fit, a tensor if only the running graph can
        tell, else None. XLA removes assertions, so the output must depend on this tensor too.

    Raises:
        ValueError: a known shape that is wrong. A shape that is not known yet raises an error when the graph runs.
    """
    claims = [Claim("times", times, times_wanted), Claim("a mask", mask, mask_wanted)]
    claims = [claim for claim in claims if claim.tensor is not None]
    claims += [Claim("an initial state", s, state_wanted(units)) for s in state]
    another_batch = stored not in (None, sequences.shape[0])
    if another_batch or sequences.shape[2] != features:
        remedy = KEEPS if another_batch else ""
        claims.insert(0, Claim("sequences", sequences, sequences_wanted(features, stored), remedy))
    doubts = [c for c in claims if not check(c.name, c.tensor.shape, c.wanted, sequences.shape, c.remedy)]
    fit = None
    if doubts and keras.backend.backend() == "tensorflow":
        fit, (sequences, times, mask, *state) = _when_it_runs(doubts, (sequences, times, mask, *state))
        sequences.set_shape((None, None, features))
    batch = _batch(sequences)
    mask = None if mask is None else _spread(mask, batch)
    return sequences, times, mask, [_spread(s, batch) for s in state], fit


def _when_it_runs(claims: list[Claim], tensors: tuple[Tensor, ...]) -> tuple[Tensor, list[Tensor]]:
    """Whether all claims hold, and the tensors (sequences first), which are usable only after the check."""
    import tensorflow as tf

    shape = tf.shape(tensors[0])
    verdicts, assertions = [], []
    for name, tensor, wanted, remedy in claims:
        found = tf.shape(tensor)
        options = [tf.stack(option) for option in wanted(shape[0], shape[1]) if len(option) == len(tensor.shape)]
        verdicts.append(tf.reduce_any([tf.reduce_all(tf.equal(found, option)) for option in options]))
        expected = [part for option in options for part in (" or ", option)][1:]
        of = [" for sequences of shape ", shape] * (name != "sequences")
        said = [f"expected {name} of shape ", *expected, ", got ", found, *of, remedy]
        assertions.append(tf.debugging.Assert(verdicts[-1], said))
    with tf.control_dependencies(assertions):
        return tf.reduce_all(verdicts), [None if tensor is None else tf.identity(tensor) for tensor in tensors]


def _batch(tensor: Tensor) -> Tensor:
    """The number of samples: an integer if it is known, else a tensor."""
    return ops.shape(tensor)[0] if tensor.shape[0] is None else tensor.shape[0]


def _spread(tensor: Tensor, batch: Tensor) -> Tensor:
    """A tensor with one row for each sample, from one that has all rows or a single one for all samples.

    Repeated, not broadcast: from a broadcast TensorFlow would infer a wrong batch size, and fail somewhere else, in the
    loss for example, before the assertion that explains it.
    """
    own = _batch(tensor)
    if not ops.is_tensor(own) and not ops.is_tensor(batch) and own == batch:
        return tensor
    own = ops.maximum(own, 1) if ops.is_tensor(own) else max(own, 1)
    return ops.tile(tensor, (batch // own, 1))
