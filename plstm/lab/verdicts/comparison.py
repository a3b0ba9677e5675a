"""Groups of published runs, and whether the difference of two groups is larger than chance."""

from functools import cache
from typing import NamedTuple

import numpy as np

from plstm.lab import results
from plstm.lab.results import table

SIGNIFICANT = 2.0


class Difference(NamedTuple):
    """Of two means: how far apart they are, and the standard error of that; NaN where no seeds tell it."""

    value: float
    error: float

    @property
    def counts(self):
        """Whether it is more than two standard errors."""
        return bool(abs(self.value) > SIGNIFICANT * self.error)

    def __str__(self):
        return f"{100 * self.value:+.1f} ± {100 * self.error:.1f} points".replace("-", "−")


def difference(values, others):
    """``Difference`` of the means of two groups of runs, each a number a run.

    >>> found = difference([0.9, 0.92], [0.8, 0.82])
    >>> str(found), found.counts
    ('+10.0 ± 1.4 points', True)
    """
    groups = [np.asarray(group, np.float64) for group in (values, others)]
    error = np.sqrt(sum(_variance(group) / len(group) for group in groups))
    return Difference(float(groups[0].mean() - groups[1].mean()), float(error))


def pooled(groups):
    """The standard deviation of a single run, from all groups that have more than one; NaN where none has.

    >>> float(round(pooled([[0.8, 0.84], [0.5, 0.54], [0.9]]), 4))
    0.0283
    """
    groups = [np.asarray(group, np.float64) for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in groups)
    return float(np.sqrt(sum(_variance(group) * (len(group) - 1) for group in groups) / freedom)) if freedom else np.nan


def _variance(group):
    return group.var(ddof=1) if len(group) > 1 else np.nan


def scores(name, metric="test_accuracy", **settings):
    """The values of a metric over the seeds of the published runs with these settings; options as ``options__NAME``.

    Options that are not named are the model's defaults.

    Raises:
        ResultError: nothing is published under that name.
        ValueError: no run with these settings.
    """
    wanted, found = _wanted(settings), []
    for row in _rows(name):
        expected = {**_default_options(row), **wanted}
        if all(row.get(key) == value for key, value in expected.items()):
            found.append(row[metric])
    if not found:
        raise ValueError(f"expected published runs of {name} with {settings}, found none")
    return np.array(found)


@cache
def _rows(name):
    """A published file is checked from end to end when it is read, and the verdicts ask for each many times."""
    return [table.row(run["result"]) for run in results.published(name)]


def _default_options(row):
    from plstm.lab.experiments import models

    return {f"options.{key}": value for key, value in models.complete(row["model"], {}).items()}


def steps_to(name, accuracy, **settings):
    """For each seed the step at which the training accuracy, a mean of 100 steps, reaches ``accuracy``; NaN: never."""
    found = []
    for step, smooth in _curves(name, settings):
        reached = np.flatnonzero(smooth >= accuracy)
        found.append(float(step[reached[0]]) if len(reached) else np.nan)
    return np.array(found)


def best_moment(name, **settings):
    """For each seed the highest training accuracy, a mean of 100 steps, that there was at any time."""
    return np.array([smooth.max() for _, smooth in _curves(name, settings)])


def _curves(name, settings):
    """Steps and training accuracy of the runs with these settings; a mean of 100 steps, which are 10 points."""
    wanted, found = _wanted(settings), []
    for run in results.published(name):
        row = table.row(run["result"])
        if all(row.get(key) == value for key, value in wanted.items()):
            smooth = np.convolve(run["history"]["accuracy"], np.ones(10) / 10, "valid")
            found.append((run["history"]["step"][9:], smooth))
    if not found:
        raise ValueError(f"expected published runs of {name} with {settings}, found none")
    return found


def _wanted(settings):
    return {key.replace("__", "."): value for key, value in settings.items()}
