"""Sequences of different lengths: from a list of (times, values) to one padded batch with its clock and mask."""

from typing import NamedTuple

import numpy as np

from plstm import gate


class Batch(NamedTuple):
    """What ``layer(batch.values, times=batch.times, mask=batch.mask)`` takes."""

    values: np.ndarray
    times: np.ndarray
    mask: np.ndarray


def pad(sequences, length=None):
    """Pad sequences of (times, values) at their ends.

    Args:
        sequences: list of pairs: times (T_i,) in ascending order, values (T_i, D) or (T_i,) for one feature.
        length: T to pad to; by default the longest sequence's.

    Returns:
        ``Batch``: values (B, T, D) float32, times (B, T) float64, mask (B, T) booleans, True where something was
        observed. Padded values are 0, padded times repeat the last one.

    Raises:
        ValueError: lengths, numbers of features or orders of time that do not fit; anything not finite; a sequence
            longer than ``length``.

    Example:
        >>> batch = pad([([0.0, 1.5], [10.0, 20.0]), ([3.0], [30.0])])
        >>> batch.values[..., 0].tolist(), batch.times.tolist(), batch.mask.tolist()
        ([[10.0, 20.0], [30.0, 0.0]], [[0.0, 1.5], [3.0, 3.0]], [[True, True], [True, False]])
    """
    rows = [_checked(number, *pair) for number, pair in enumerate(sequences)]
    if not rows:
        raise ValueError("expected at least one sequence, got none")
    features = {values.shape[1] for _, values in rows}
    if len(features) > 1:
        raise ValueError(f"expected the same number of features in every sequence, got {sorted(features)}")
    longest = max(len(times) for times, _ in rows)
    length = longest if length is None else length
    if longest > length:
        raise ValueError(f"expected sequences of at most {length} steps, got one of {longest}")
    batch = Batch(
        np.zeros((len(rows), length, features.pop()), np.float32),
        np.zeros((len(rows), length)),
        np.zeros((len(rows), length), bool),
    )
    for row, (times, values) in enumerate(rows):
        steps = len(times)
        batch.values[row, :steps] = values
        batch.times[row, :steps] = times
        batch.times[row, steps:] = times[-1] if steps else 0.0
        batch.mask[row, :steps] = True
    return batch


def _checked(number, times, values):
    times = gate.finite(f"times of sequence {number}", times)
    try:
        values = gate.finite(f"values of sequence {number}", values)
    except ValueError as error:
        raise ValueError(f"{error}; plstm.hold_missing fills missing values") from None
    if values.ndim == 1:
        values = values[:, None]
    if times.ndim != 1 or values.ndim != 2 or len(times) != len(values):
        raise ValueError(
            f"expected times (steps,) and values (steps, features) in sequence {number}, "
            f"got shapes {times.shape} and {values.shape}"
        )
    backwards = np.flatnonzero(np.diff(times) < 0)
    if backwards.size:
        step = int(backwards[0]) + 1
        raise ValueError(
            f"expected ascending times in sequence {number}, got {times[step]} after {times[step - 1]} at step {step}"
        )
    return times, values
