"""The adding task: two of some hundred numbers are marked; the target at the end is their sum.

Every step has a value, uniform in (-0.5, 0.5), and a marker, 1 at two steps and 0 at all others. One marker lies
anywhere in the first half of the steps, the other anywhere in the second. The target is the sum of the two marked
values. Always answering 0 gives a mean squared error of 1/6, the variance of the sum, and is within the tolerance of
0.04 with probability 1 - (1 - 0.04)^2 = 7.84 %. The task is that of Hochreiter and Schmidhuber (1997, *Long short-term
memory*), with ranges of our own.

A sequence has n steps, n uniform over a range of lengths. The clock is in mean distances between steps:

* ``regular``: the times are 0, 1, ..., n - 1;
* ``irregular``: n times drawn uniformly from [0, n), in order. Values and markers are the same as for ``regular``.
"""

from functools import partial

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.generated import Sampled

SAMPLINGS = ("regular", "irregular")
LENGTHS = (490, 510)
LONGEST = 10_000
HALF_RANGE = 0.5
TOLERANCE = 0.04


def load(sampling="regular", lengths=LENGTHS, train=5000, test=500):
    """The task as ``plstm.lab.tasks.generated.Sampled``.

    Args:
        sampling: ``"regular"`` or ``"irregular"``.
        lengths: the smallest and the largest number of steps, 2 to 10,000.
        train: number of sequences in an epoch.
        test: number of sequences in the test set.

    Returns:
        x (N, T, 2) float32, value and marker; times (N, T) in mean steps; mask (N, T); y (N,) float32, the sum.

    Raises:
        ConfigError: an unknown sampling, or lengths out of their range.

    Example:
        >>> (x, times, mask), y = load().batch(seed=0, step=0, size=32)
        >>> x.shape, y.shape, np.allclose(np.sum(x[..., 0] * x[..., 1], axis=1), y)
        ((32, 510, 2), (32,), True)
    """
    if sampling not in SAMPLINGS:
        raise ConfigError(f"expected sampling of the adding task to be one of {', '.join(SAMPLINGS)}, got {sampling!r}")
    low, high = lengths
    if not 2 <= low <= high <= LONGEST:
        raise ConfigError(
            f"expected lengths of the adding task to be (low, high) with 2 <= low <= high <= 10000, got {lengths}"
        )
    return Sampled(
        draw=partial(draw, sampling=sampling, lengths=(low, high)),
        shape=(high, 2),
        train=train,
        test=test,
        classes=None,
        tolerance=TOLERANCE,
        time_scale=float(high),
        source=f"adding, {sampling}, {low} to {high} steps",
    )


def draw(rng, count, sampling, lengths):
    """``count`` sequences: x (N, T, 2), times (N, T), mask (N, T), y (N,). Padding repeats the last time."""
    n = rng.integers(*lengths, count, endpoint=True)
    steps = np.arange(lengths[1])
    mask = steps < n[:, None]
    values = rng.uniform(-HALF_RANGE, HALF_RANGE, mask.shape)
    rows, half = np.arange(count), n // 2
    marker = np.zeros(mask.shape)
    marker[rows, rng.integers(0, half)] = 1.0
    marker[rows, rng.integers(half, n)] = 1.0
    x = np.where(mask[..., None], np.stack([values, marker], axis=-1), 0.0).astype(np.float32)
    if sampling == "irregular":
        times = np.sort(np.where(mask, n[:, None] * rng.uniform(size=mask.shape), np.inf), axis=1)
    else:
        times = np.broadcast_to(steps.astype(np.float64), mask.shape)
    times = np.where(mask, times, times[rows, n - 1][:, None])
    return x, times, mask, np.sum(x[..., 0] * x[..., 1], axis=1)
