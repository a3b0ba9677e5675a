"""The portable engine: one step after another, on TensorFlow, JAX and PyTorch, XLA included.

The gate, and where it pays the input's product, are computed for the whole sequence at once; the rest runs in the loop.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import keras
from keras import ops

from plstm.engines.spec import Gate, Weights
from plstm.engines.steps import Activation, gru_step, lstm_step, project
from plstm.types import Cell, Tensor

Given: TypeAlias = Mapping[str, Tensor]  # weights by name
Advance: TypeAlias = Callable[[Given, Sequence[Tensor], Sequence[Tensor]], list[Tensor]]  # given, state, what is read
Results: TypeAlias = tuple[Tensor, list[Tensor]]  # outputs, or None if only the state is wanted; the state

STEPS = {"lstm": lstm_step, "gru": gru_step}
# From how many features on x W is computed for all steps at once: with few, writing and reading it costs more.
HOIST_FEATURES = 8


def run(
    cell: Cell,
    weights: Weights,
    inputs: Tensor,
    gate: Gate,
    state: Sequence[Tensor],
    mask: Tensor = None,
    recurrent_dropout: Tensor = None,
    return_sequences: bool = True,
    activations: tuple[Activation, Activation] = (ops.tanh, ops.sigmoid),
    checkpoint: bool = False,
    training: bool = True,
) -> Results:
    """A whole sequence; the call is described in ``plstm.engines.spec``. This engine has three more arguments.

    Args:
        activations: of the proposal and of the gates.
        checkpoint: keep the state only every ~sqrt(T) steps in training and recompute between, so that memory grows as
            sqrt(T) rather than T, for about a third more time. Needs a static T on TensorFlow.
        training: whether a gradient is likely to be asked for. It changes the speed, not the results.
    """
    k = gate.openness(inputs.dtype)
    if len(k.shape) == 2:
        k = ops.expand_dims(k, 0)
    if mask is not None:
        # A masked step is a closed gate: the state stays as it is.
        k = ops.where(ops.expand_dims(mask, -1), k, ops.zeros_like(k))
    hoisted = not checkpoint and inputs.shape[-1] >= HOIST_FEATURES
    x = ops.swapaxes(project(inputs, weights) if hoisted else inputs, 0, 1)
    given = {name: ops.convert_to_tensor(w) for name, w in weights._asdict().items() if w is not None}
    if hoisted:
        # The loop needs no kernel, and of the biases only a GRU's recurrent half: ``project`` has used the others.
        given = {name: w for name, w in given.items() if name != "kernel" and (name != "bias" or cell == "gru")}

    def advance(given: Given, state: Sequence[Tensor], now: Sequence[Tensor]) -> list[Tensor]:
        own = weights._replace(**given)
        x, k = now
        return STEPS[cell](x if hoisted else project(x, own), state, k, own, *activations, recurrent_dropout)

    backend = keras.backend.backend()
    sequence = [x, ops.swapaxes(k, 0, 1)]
    if backend == "tensorflow":
        from plstm.engines.scan_tensorflow import loop

        if checkpoint and x.shape[0] is None:
            raise ValueError("expected a static number of steps for the checkpointed scan, got None")
        length = segment_length(x.shape[0]) if checkpoint else None
        outputs, state = loop(advance, given, list(state), sequence, return_sequences, length, training)
    else:
        loop = {"jax": _loop_jax, "torch": _loop_torch}[backend]
        outputs, state = loop(advance, given, list(state), sequence, return_sequences, checkpoint)
    return (ops.swapaxes(outputs, 0, 1) if return_sequences else state[0]), state


def segment_length(steps: int) -> int:
    """Steps between two kept states: sqrt(steps), rounded up.

    >>> segment_length(10)
    4
    """
    return math.isqrt(max(steps - 1, 0)) + 1


def _in_segments(
    loop: Callable[..., Results],
    recompute: Callable[[Callable[..., Any]], Callable[..., Any]],
    advance: Advance,
    given: Given,
    state: list[Tensor],
    sequence: Sequence[Tensor],
    return_sequences: bool,
) -> Results:
    """Run ``loop`` segment by segment. The backward pass recomputes the states within each segment."""
    first, second = len(given), len(given) + len(state)

    def segment(*values: Tensor) -> tuple[Tensor, ...]:
        own = dict(zip(given, values[:first]))
        part, new = loop(advance, own, list(values[first:second]), list(values[second:]), return_sequences, False)
        return (part, *new) if return_sequences else tuple(new)

    outputs: list[Tensor] = []
    steps = sequence[0].shape[0]
    length = segment_length(steps)
    # At least one segment, so that a sequence without steps has outputs too.
    for start in range(0, max(steps, 1), length):
        values = recompute(segment)(*given.values(), *state, *(s[start : start + length] for s in sequence))
        if return_sequences:
            outputs.append(values[0])
            values = values[1:]
        state = list(values)
    return (ops.concatenate(outputs, 0) if return_sequences else None), state


def _loop_jax(
    advance: Advance,
    given: Given,
    state: list[Tensor],
    sequence: Sequence[Tensor],
    return_sequences: bool,
    checkpoint: bool,
) -> Results:
    import jax

    if checkpoint:
        return _in_segments(_loop_jax, jax.checkpoint, advance, given, state, sequence, return_sequences)

    def body(state: list[Tensor], now: list[Tensor]) -> tuple[list[Tensor], Tensor]:
        state = advance(given, state, now)
        return state, state[0] if return_sequences else None

    state, outputs = jax.lax.scan(body, list(state), sequence)
    return outputs, state


def _loop_torch(
    advance: Advance,
    given: Given,
    state: list[Tensor],
    sequence: Sequence[Tensor],
    return_sequences: bool,
    checkpoint: bool,
) -> Results:
    import torch

    if checkpoint:
        recompute = functools.partial(functools.partial, _recompute_torch)
        return _in_segments(_loop_torch, recompute, advance, given, state, sequence, return_sequences)
    outputs: list[Tensor] = []
    for now in zip(*sequence):
        state = advance(given, state, now)
        outputs.append(state[0])
    if not return_sequences:
        return None, list(state)
    return (torch.stack(outputs) if outputs else sequence[0].new_zeros((0, *state[0].shape))), list(state)


def _recompute_torch(segment: Callable[..., Any], *values: Tensor) -> Any:
    from torch.utils.checkpoint import checkpoint

    try:
        return checkpoint(segment, *values, use_reentrant=False)
    except RuntimeError as error:
        if "saved tensor hooks" not in str(error):
            raise
        raise ValueError("reverse transforms of torch.func cannot compute steps again; use engine='scan'") from error
