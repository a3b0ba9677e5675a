"""Frequency discrimination: is the period of a sine between 5 and 6 ms? Sampled every 1 ms, every 0.1 ms or at random.

The protocol follows the published code of the paper's authors (public_plstm). Half of the sequences get a period in the
target range; the periods of the others are log-uniform in [1, 100] ms, so a few more are in the target. A sine lasts 15
to 125 ms somewhere within 125 ms and has a random phase. The sampling is one of:

* ``regular``: every 1 ms. Periods below 2 ms are aliased: one of 1.2 to 1.25 ms looks like one of 5 to 6. Such a
  negative has probability log(1.25 / 1.2) / log(100) / 2, so no network can be right in more than 99.56 %;
* ``fine``: every 0.1 ms, so that the same sine takes ten times as many steps;
* ``asynchronous``: 15 to 125 samples, at times drawn uniformly from the sine's duration.

The second task adds two such sines, asynchronously sampled; the label says whether both periods are in their
target ranges, 5 to 6 and 13 to 15 ms. The published generator lacks a factor of 2 pi there, so that true periods are
2 pi times as long: ``"two-published"`` keeps this error, ``"two"`` does not.

``start`` is the time at which the sequences begin. Nothing else changes with it, so any loss of accuracy comes from the
size of the times alone.
"""

from functools import partial

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.generated import Sampled

TARGET = (5.0, 6.0)
SECOND_TARGET = (13.0, 15.0)
PERIODS = (1.0, 100.0)
DURATION = (15.0, 125.0)
# Milliseconds between samples, and the number of samples in the longest sine.
SPACING = {"regular": 1.0, "fine": 0.1}
SAMPLES = (15, 125)
SAMPLINGS = ("regular", "fine", "asynchronous")
KINDS = ("one", "two", "two-published")


def load(kind="one", sampling="asynchronous", start=0.0):
    """The task as ``plstm.lab.tasks.generated.Sampled``: 5,000 sequences in an epoch, 500 in the test set.

    Args:
        kind: ``"one"``, ``"two"`` or ``"two-published"``.
        sampling: ``"regular"``, ``"fine"`` or ``"asynchronous"``.
        start: the time at which the 125 ms begin, in ms.

    Returns:
        x (N, T, 1) float32 in [-1, 1] (two sines: [-2, 2]); times (N, T) in ms; mask (N, T); y (N,), 1 for the target.

    Raises:
        ConfigError: an unknown kind or sampling, or two sines that are not sampled asynchronously.

    Example:
        >>> (x, times, mask), y = load(sampling="regular").batch(seed=0, step=0, size=32)
        >>> x.shape, times.shape, np.diff(times[0][mask[0]]).round(6).max()
        ((32, 126, 1), (32, 126), np.float64(1.0))
    """
    for what, value, known in (("kind", kind, KINDS), ("sampling", sampling, SAMPLINGS)):
        if value not in known:
            raise ConfigError(f"expected {what} of the frequency task to be one of {', '.join(known)}, got {value!r}")
    if kind != "one" and sampling != "asynchronous":
        raise ConfigError(f"expected asynchronous sampling for two sines, got {sampling!r}")
    steps = SAMPLES[1] if sampling == "asynchronous" else round(DURATION[1] / SPACING[sampling]) + 1
    return Sampled(
        draw=partial(draw, kind=kind, sampling=sampling, steps=steps, start=start),
        shape=(steps, 1),
        train=5000,
        test=500,
        classes=2,
        time_scale=DURATION[1],
        source=f"frequency discrimination, {kind}, {sampling}{f', clock from {start:g} ms' if start else ''}",
    )


def draw(rng, count, kind, sampling, steps, start=0.0):
    """``count`` sequences: x (N, T, 1), times (N, T), mask (N, T), y (N,)."""
    times, mask = sample_times(rng, count, sampling, steps)
    forced = np.arange(count) % 2 == 0
    first = periods(rng, count, TARGET, forced)
    label = within(first, TARGET)
    radians = 1.0 if kind == "two-published" else 2 * np.pi
    x = sine(rng, times, first, radians)
    if kind != "one":
        second = periods(rng, count, SECOND_TARGET, forced)
        label = label & within(second, SECOND_TARGET)
        x = x + sine(rng, times, second, radians)
    order = rng.permutation(count)
    x = np.where(mask, x, 0.0)[order, :, None].astype(np.float32)
    return x, start + times[order], mask[order], label[order].astype(np.uint8)


def sample_times(rng, count, sampling, steps):
    """times (N, T) in ms, increasing, and mask (N, T). Padding repeats the last time."""
    duration = rng.uniform(*DURATION, count)
    start = rng.uniform(0.0, DURATION[1] - duration)
    if sampling == "asynchronous":
        lengths = rng.integers(SAMPLES[0], SAMPLES[1], count, endpoint=True)
        mask = np.arange(steps) < lengths[:, None]
        drawn = start[:, None] + duration[:, None] * rng.uniform(size=(count, steps))
        times = np.sort(np.where(mask, drawn, np.inf), axis=1)
    else:
        lengths = (duration / SPACING[sampling]).astype(int) + 1
        mask = np.arange(steps) < lengths[:, None]
        times = start[:, None] + SPACING[sampling] * np.arange(steps)
    last = times[np.arange(count), lengths - 1]
    return np.where(mask, times, last[:, None]), mask


def periods(rng, count, target, forced):
    """Periods (N,) in ms: in the target where ``forced``, else log-uniform over the whole range."""
    anywhere = np.exp(rng.uniform(*np.log(PERIODS), count))
    return np.where(forced, rng.uniform(*target, count), anywhere)


def sine(rng, times, period, radians):
    """sin(radians t / period) with a random phase each, (N, T)."""
    return np.sin(radians * times / period[:, None] - rng.uniform(0.0, 2 * np.pi, (len(period), 1)))


def within(values, target):
    return (values >= target[0]) & (values <= target[1])
