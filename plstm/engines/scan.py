"""The portable engine: one step after another, on TensorFlow, JAX and PyTorch, XLA included.

The gate and the input's product are computed for the whole sequence at once; only the recurrent part runs in the loop.
"""

import math

import keras
from keras import ops

from plstm.cell import gru_step, lstm_step, project

STEPS = {"lstm": lstm_step, "gru": gru_step}


def run(
    cell,
    weights,
    inputs,
    gate,
    state,
    mask=None,
    recurrent_dropout=None,
    return_sequences=True,
    activations=(ops.tanh, ops.sigmoid),
    checkpoint=False,
):
    """The call of ``plstm.engines``, and two things more.

    Args:
        activations: of the proposal and of the gates.
        checkpoint: keep the state only every ~sqrt(T) steps in training and recompute between, so that memory grows as
            sqrt(T) rather than T, for about a third more time. Needs a static T on TensorFlow.
    """
    step = STEPS[cell]
    k = gate.openness(inputs.dtype)
    if len(k.shape) == 2:
        k = ops.expand_dims(k, 0)
    if mask is not None:
        # A masked step is a closed gate: the state stays as it is.
        k = ops.where(ops.expand_dims(mask, -1), k, ops.zeros_like(k))
    sequence = [ops.swapaxes(project(inputs, weights), 0, 1), ops.swapaxes(k, 0, 1)]

    def advance(weights, state, now):
        projected, k = now
        return step(projected, state, k, weights, *activations, recurrent_dropout)

    loop = {"tensorflow": _loop_tensorflow, "jax": _loop_jax, "torch": _loop_torch}[keras.backend.backend()]
    outputs, state = loop(advance, weights, state, sequence, return_sequences, checkpoint)
    return (ops.swapaxes(outputs, 0, 1) if return_sequences else state[0]), state


def segments(steps):
    """Cut 0..steps into about sqrt(steps) stretches of about equal length.

    >>> segments(10)
    [(0, 4), (4, 8), (8, 10)]
    """
    length = math.isqrt(max(steps - 1, 0)) + 1
    return [(start, min(start + length, steps)) for start in range(0, steps, length)]


def _in_segments(loop, recompute, advance, weights, state, sequence, return_sequences):
    """Run ``loop`` stretch by stretch, each forgotten after the forward pass and computed again in the backward."""
    # What needs a gradient goes in as an argument: TensorFlow's recomputation does not see captured tensors.
    given = {name: w for name, w in weights._asdict().items() if w is not None}
    first, second = len(given), len(given) + len(state)

    def stretch(*values):
        own = weights._replace(**dict(zip(given, values[:first])))
        part, new = loop(advance, own, list(values[first:second]), list(values[second:]), return_sequences, False)
        return (part, *new) if return_sequences else tuple(new)

    outputs = []
    for start, stop in segments(sequence[0].shape[0]):
        values = recompute(stretch)(*given.values(), *state, *(s[start:stop] for s in sequence))
        if return_sequences:
            outputs.append(values[0])
            values = values[1:]
        state = list(values)
    return (ops.concatenate(outputs, 0) if return_sequences else None), state


def _loop_tensorflow(advance, weights, state, sequence, return_sequences, checkpoint):
    import tensorflow as tf

    if checkpoint:
        if sequence[0].shape[0] is None:
            raise ValueError("expected a static number of steps for the checkpointed scan, got None")
        return _in_segments(_loop_tensorflow, tf.recompute_grad, advance, weights, state, sequence, return_sequences)
    steps = sequence[0].shape[0]
    steps = tf.shape(sequence[0])[0] if steps is None else steps
    arrays = [tf.TensorArray(s.dtype, steps, element_shape=s.shape[1:]).unstack(s) for s in sequence]
    size = steps if return_sequences else 0
    outputs = tf.TensorArray(state[0].dtype, size, element_shape=state[0].shape)

    def body(t, state, outputs):
        state = advance(weights, state, [a.read(t) for a in arrays])
        return t + 1, state, outputs.write(t, state[0]) if return_sequences else outputs

    # XLA can differentiate a loop only when it knows a bound on its steps.
    _, state, outputs = tf.while_loop(
        lambda t, *_: t < steps, body, (0, list(state), outputs), maximum_iterations=steps
    )
    return (outputs.stack() if return_sequences else None), list(state)


def _loop_jax(advance, weights, state, sequence, return_sequences, checkpoint):
    import jax

    if checkpoint:
        return _in_segments(_loop_jax, jax.checkpoint, advance, weights, state, sequence, return_sequences)

    def body(state, now):
        state = advance(weights, state, now)
        return state, state[0] if return_sequences else None

    state, outputs = jax.lax.scan(body, list(state), sequence)
    return outputs, state


def _loop_torch(advance, weights, state, sequence, return_sequences, checkpoint):
    import functools

    import torch
    from torch.utils.checkpoint import checkpoint as torch_checkpoint

    if checkpoint:

        def recompute(stretch):
            return functools.partial(torch_checkpoint, stretch, use_reentrant=False)

        return _in_segments(_loop_torch, recompute, advance, weights, state, sequence, return_sequences)
    outputs = []
    for now in zip(*sequence):
        state = advance(weights, state, now)
        outputs.append(state[0])
    if not return_sequences:
        return None, list(state)
    return (torch.stack(outputs) if outputs else sequence[0].new_zeros((0, *state[0].shape))), list(state)
