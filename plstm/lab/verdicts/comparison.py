"""Comparison of groups of published runs: whether their difference is larger than chance."""

from functools import cache
from typing import NamedTuple

import numpy as np

from plstm.lab.results import table

SIGNIFICANT = 2.0


class Difference(NamedTuple):
    """The difference of two means and its standard error; NaN if there are too few seeds to estimate it."""

    value: float
    error: float

    @property
    def counts(self):
        """Whether the difference is more than two standard errors."""
        return bool(abs(self.value) > SIGNIFICANT * self.error)

    def __str__(self):
        return f"{100 * self.value:+.1f} ± {100 * self.error:.1f} points".replace("-", "−")


def difference(values, others):
    """``Difference`` of the means of two groups, each with one number for each run.

    >>> found = difference([0.9, 0.92], [0.8, 0.82])
    >>> str(found), found.counts
    ('+10.0 ± 1.4 points', True)
    """
    groups = [np.asarray(group, np.float64) for group in (values, others)]
    error = np.sqrt(sum(_variance(group) / len(group) for group in groups))
    return Difference(float(groups[0].mean() - groups[1].mean()), float(error))


def pooled(groups):
    """The standard deviation of a single run, from all groups with more than one run; NaN if there is no such group.

    >>> float(round(pooled([[0.8, 0.84], [0.5, 0.54], [0.9]]), 4))
    0.0283
    """
    groups = [np.asarray(group, np.float64) for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in groups)
    return float(np.sqrt(sum(_variance(group) * (len(group) - 1) for group in groups) / freedom)) if freedom else np.nan


def _variance(group):
    return group.var(ddof=1) if len(group) > 1 else np.nan


def scores(name, settings, metric="test_accuracy"):
    """The values of a metric over the seeds of the published runs with these settings ({column of the table: value}).

    Raises:
        ResultError: nothing is published under that name.
        ValueError: no run has these settings, or the runs differ in another setting.
    """
    return table.select(_runs(name), settings)[metric].to_numpy()


def steps_to(name, accuracy, settings, over=()):
    """For each run, the step at which the training accuracy, a mean of 100 steps, reaches ``accuracy``; NaN if never.

    Args:
        settings: as for ``scores``.
        over: settings in which the runs may differ.
    """
    found = []
    for step, smooth in _curves(name, settings, over):
        reached = np.flatnonzero(smooth >= accuracy)
        found.append(float(step[reached[0]]) if len(reached) else np.nan)
    return np.array(found)


def best_moment(name, settings):
    """For each seed, the highest training accuracy at any time, as a mean of 100 steps."""
    return np.array([smooth.max() for _, smooth in _curves(name, settings)])


def _curves(name, settings, over=()):
    """Steps and training accuracy of the runs with these settings; means of 100 steps, which are 10 points."""
    for number in table.select(_runs(name), settings, over).index:
        history = _histories(name)[number]
        yield history["step"][9:], np.convolve(history["accuracy"], np.ones(10) / 10, "valid")


# Cached, because a file is checked completely when it is read, and the verdicts read each many times.
@cache
def _runs(name):
    return table.runs(name)


@cache
def _histories(name):
    return table.histories(_runs(name))
