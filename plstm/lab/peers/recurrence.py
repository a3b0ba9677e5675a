"""One step after another on every backend: what the recurrent peers share."""

import keras
from keras import ops


def run(advance, weights, state, sequence, mask=None, return_sequences=False):
    """Runs ``advance(weights, state, now) -> state`` over a sequence; where a step does not count, the state stays.

    Args:
        advance: one step; ``now`` is a list of what stands at it in ``sequence``.
        weights: {name: variable or tensor} that the steps read.
        state: a list of tensors (B, ...) to begin with; the first is the output.
        sequence: a list of tensors (B, T, ...) of one dtype.
        mask: (B, T) bool, or None.
        return_sequences: whether the outputs of all steps are wanted.

    Returns:
        (B, T, H), or the last output (B, H).
    """
    weights = {name: ops.convert_to_tensor(value) for name, value in weights.items()}
    rows = [ops.swapaxes(values, 0, 1) for values in sequence]
    if mask is not None:
        # As numbers: TensorFlow's loop gives everything that it reads a gradient, and a bool can have none.
        rows.append(ops.swapaxes(ops.cast(ops.expand_dims(mask, -1), sequence[0].dtype), 0, 1))

    def step(weights, state, now):
        if mask is None:
            return advance(weights, state, now)
        *now, counts = now
        return [ops.where(counts > 0, new, old) for new, old in zip(advance(weights, state, now), state)]

    if keras.backend.backend() == "tensorflow":
        # ``ops.scan`` works there too, but its gradient takes time that grows as T squared.
        from plstm.engines.scan_tensorflow import loop

        outputs, state = loop(step, weights, list(state), rows, return_sequences, None, True)
    else:

        def body(state, now):
            state = step(weights, state, now)
            return state, state[0]

        state, outputs = ops.scan(body, list(state), rows)
    return ops.swapaxes(outputs, 0, 1) if return_sequences else state[0]
