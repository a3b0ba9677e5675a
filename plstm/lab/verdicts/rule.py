"""The rule of the fair comparisons: intervals by bootstrap, exact permutation tests, Holm's correction, margins.

The rule is written into every ``grids/fair_*.yaml`` before its runs are made. A difference of two means is *better* or
*worse* where its 95 % interval excludes 0 and p, corrected, is below .05; *as good* where the interval lies within a
margin that was fixed beforehand; else *open*.
"""

import functools
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
RESAMPLES = 10_000
BETTER, WORSE, AS_GOOD, UNDECIDED = "better", "worse", "as good", "open"


class Comparison(NamedTuple):
    """One group of runs beside another: the difference of the means, its 95 % interval, p before and after correction
    for the other comparisons of its family, and the verdict (``BETTER``, ``WORSE``, ``AS_GOOD`` or ``UNDECIDED``)."""

    difference: float
    low: float
    high: float
    p: float
    corrected: float
    verdict: str


def interval(*groups):
    """The 95 % bootstrap interval (percentiles of 10,000) of a group's mean, or of the difference of two groups' means.

    Every group is resampled on its own, with a fixed seed, so the same runs give the same interval.

    Args:
        groups: one or two arrays, a number a run; or four, a, b, c, d: then of the difference of the differences,
            (a - b) - (c - d).

    Returns:
        The lower and the upper end. A group of a single run has no interval: NaN.

    >>> [round(end, 3) for end in interval([0.90, 0.92, 0.94], [0.80, 0.80, 0.80])]
    [0.1, 0.14]
    """
    from scipy import stats

    groups = [np.asarray(group, np.float64) for group in groups]
    if min(map(len, groups)) < 2:
        return np.nan, np.nan
    if all(np.ptp(group) == 0 for group in groups):
        fixed = float(contrast(*groups))
        return fixed, fixed
    found = stats.bootstrap(
        groups, contrast, confidence_level=LEVEL, n_resamples=RESAMPLES, method="percentile", rng=0
    ).confidence_interval
    return float(found.low), float(found.high)


def p_value(values, others):
    """How often chance alone parts the runs as far, in either direction: a share of *all* divisions into two groups.

    Args:
        values, others: of two groups, a number a run.

    >>> p_value([3.0, 4.0], [1.0, 2.0])  # 2 of the 6 divisions of four runs into pairs part them as far
    0.3333333333333333
    """
    return _exact(*(tuple(np.asarray(group, np.float64).tolist()) for group in (values, others)))


@functools.cache  # a second for two groups of ten, and a page's table, sentence and checks ask for the same again
def _exact(values, others):
    from scipy import stats

    # Rounded, so that divisions that part the runs as far as they are parted count, whatever the last bit says.
    found = stats.permutation_test((values, others), _rounded, n_resamples=np.inf, vectorized=True)
    return float(found.pvalue)


def holm(values):
    """p-values corrected for their number, in their order, by Holm's steps (Scand. J. Statistics 6, 65-70, 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(values, kind="stable")
    steps = np.asarray(values, np.float64)[order] * np.arange(len(values), 0, -1)
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected.tolist()


def compare(values, rivals, margin, larger_is_better=True):
    """One group of runs beside each of its rivals: ``{name: Comparison}``; p is corrected for their number.

    Args:
        values: a number a run.
        rivals: {name: a number a run}.
        margin: differences up to this size, in the unit of the values, mean "as good".
        larger_is_better: False for errors: then a lower mean is better.

    >>> found = compare(np.full(6, 0.9) + [0, 0.01, 0, 0.01, 0, 0.01], {"lstm": np.full(6, 0.5)}, margin=0.01)
    >>> round(found["lstm"].difference, 3), found["lstm"].verdict
    (0.405, 'better')
    """
    return compare_pairs({name: (values, others) for name, others in rivals.items()}, margin, larger_is_better)


def compare_pairs(pairs, margin, larger_is_better=True):
    """As ``compare``, where each comparison has two groups of its own: p is corrected for the number of comparisons.

    Args:
        pairs: {name: (a number a run, a number a run)}; the first group is that which is better or worse.
    """
    ps = [p_value(*pair) for pair in pairs.values()]
    return {
        name: _judge(*pair, p, corrected, margin, larger_is_better)
        for (name, pair), p, corrected in zip(pairs.items(), ps, holm(ps))
    }


def _judge(values, others, p, corrected, margin, larger_is_better):
    difference, (low, high) = float(contrast(values, others)), interval(values, others)
    if (low > 0 or high < 0) and corrected < 1 - LEVEL:
        verdict = BETTER if (difference > 0) == larger_is_better else WORSE
    else:
        verdict = AS_GOOD if -margin <= low and high <= margin else UNDECIDED
    return Comparison(difference, low, high, p, corrected, verdict)


def _rounded(*groups, axis=-1):
    return np.round(contrast(*groups, axis=axis), 12)


def contrast(*groups, axis=-1):
    """What ``interval`` is about: a mean, the difference of two, or of four the difference of the differences.

    >>> float(contrast([4.0, 6.0], [1.0], [3.0], [2.0]))
    3.0
    """
    means = [np.mean(group, axis=axis) for group in groups]
    while len(means) > 1:
        means = [one - other for one, other in zip(means[::2], means[1::2])]
    return means[0]
