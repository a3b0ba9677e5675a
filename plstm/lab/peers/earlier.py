"""The gap since the last unmasked step, and its values."""

from keras import ops


def gaps(times, mask=None):
    """The time since the last step that counts, 0 at the first and where a step does not count.

    Args:
        times: (B, T).
        mask: (B, T) bool, False where a step does not count; None: all do.

    >>> import numpy as np
    >>> t, m = np.array([[5.0, 0.0, 7.0, 10.0]]), np.array([[True, False, True, True]])
    >>> ops.convert_to_numpy(gaps(ops.convert_to_tensor(t), ops.convert_to_tensor(m))).tolist()
    [[0.0, 0.0, 2.0, 3.0]]
    """
    if mask is None:
        return times - ops.concatenate([times[:, :1], times[:, :-1]], axis=1)
    before, _ = last_before(times, mask)
    return ops.where(mask, times - before, ops.zeros_like(times))


def last_before(values, counts):
    """What the last step that counts held, strictly before each; where there is none, what the first that counts holds.

    Args:
        values: (B, T) or (B, T, D).
        counts: bool of the same shape: each feature may have steps of its own.

    Returns:
        The values, and whether there is such a step, both of the same shape.
    """
    rank = ops.cumsum(ops.cast(counts, "int32"), axis=1)
    place = rank - ops.cast(counts, "int32") - 1
    return _of_rank(values, counts, ops.maximum(place, 0)), place >= 0


def last(values, mask):
    """At each step what the last one that counts held, itself included; 0 before the first.

    Args:
        values: (B, T, H).
        mask: (B, T) bool.
    """
    counts = ops.broadcast_to(ops.expand_dims(mask, -1), ops.shape(values))
    rank = ops.cumsum(ops.cast(counts, "int32"), axis=1)
    return ops.where(rank > 0, _of_rank(values, counts, ops.maximum(rank - 1, 0)), ops.zeros_like(values))


def _of_rank(values, counts, rank):
    """The values of the steps with this rank among those that count."""
    # The steps that count come first, in their order. Sorted by a key that no two share.
    steps = ops.shape(values)[1]
    number = ops.arange(steps)
    number = ops.reshape(number, (1, -1) + (1,) * (len(values.shape) - 2))
    order = ops.argsort(ops.where(counts, number, number + steps), axis=1)
    return ops.take_along_axis(values, ops.take_along_axis(order, rank, axis=1), axis=1)
