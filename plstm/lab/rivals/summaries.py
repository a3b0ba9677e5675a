"""Summaries of records: a row of numbers for each person or star, whatever the length and the times of the sequence."""

from typing import NamedTuple

import numpy as np

from plstm.lab.tasks.nafld_tables import DAYS_A_YEAR, TESTS


class Summary(NamedTuple):
    """A row for each sequence.

    Attributes:
        values: (N, F), NaN where there is none. names: of the features.
        first: what anyone would look at first, True or False for each; the rest are counts, means and slopes.
        timed: what would be another number if the same values had come at other times.
    """

    values: np.ndarray
    names: list[str]
    first: list[bool]
    timed: list[bool]

    def only(self, columns):
        """The summary with these of its features, True or False for each."""
        kept = [[one for one, keep in zip(part, columns) if keep] for part in self[1:]]
        return Summary(self.values[:, np.array(columns, bool)], *kept)


def telling(values, share=0.01):
    """Which features differ between rows: True where at least this share of the rows have another than the usual value.

    >>> telling(np.array([[1.0, np.nan, 3.0], [1.0, np.nan, 4.0]])).tolist()
    [False, False, True]
    """
    found = []
    for column in values.T:
        counts = np.unique(column[~np.isnan(column)], return_counts=True)[1]
        found.append(counts.sum() - counts.max(initial=0) >= max(1, share * len(values)))
    return np.array(found)


def of_visits(x, times, mask):
    """The summary of records in the form ``visits`` of ``plstm.lab.tasks.nafld``.

    Of each test: the last value and how many years ago it was; how many values there are, their mean, least and
    largest, how many years lie between first and last, and their slope in a year, by least squares. Of all: how many
    days something was measured on, years since the last and since the first of them, age and sex.

    Args:
        x: (N, T, 10). times: (N, T) in days. mask: (N, T) bool. The last step that counts is the question.

    Returns:
        A ``Summary``; values are standardised as in x.
    """
    count, end = len(TESTS), mask.sum(axis=1) - 1
    people = np.arange(len(x))
    ago = (times[people, end][:, None] - times) / DAYS_A_YEAR
    columns, names = [], []
    for n, test in enumerate(TESTS):
        there = mask & (x[..., count + n] > 0.5)
        columns.append(of_values(x[..., n].astype(np.float64), ago, there))
        names += [f"{test} {what}" for what in OF_VALUES]
    visits = mask & (x[..., count : 2 * count] > 0.5).any(axis=-1)
    since = np.where(visits, ago, np.nan)
    whole = [visits.sum(axis=1), _least(since, np.fmin), _least(since, np.fmax), x[people, end, -2], x[people, end, -1]]
    columns.append(np.stack(whole, axis=1))
    names += ["days", "years since the last day", "years since the first day", "age", "male"]
    first = [name.endswith((" last", " years ago")) or name in ("age", "male") for name in names]
    timed = ["years" in name or name.endswith(" slope") for name in names]
    return Summary(np.concatenate(columns, axis=1), names, first, timed)


OF_VALUES = ("last", "years ago", "values", "mean", "least", "largest", "years", "slope")


def of_values(values, ago, there):
    """``OF_VALUES`` of values (N, T) so many years ago (N, T), of those that are there: (N, 8), NaN where none is.

    >>> of_values(np.array([[1.0, 3.0, 9.0]]), np.array([[4.0, 2.0, 0.0]]), np.array([[True, True, False]])).tolist()
    [[3.0, 2.0, 2.0, 2.0, 1.0, 3.0, 2.0, 1.0]]
    """
    rows, count = np.arange(len(values)), there.sum(axis=1)
    none = count == 0
    last = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    total = np.maximum(count, 1)
    seen, at = np.where(there, values, 0.0), np.where(there, -ago, 0.0)
    mean, middle = seen.sum(axis=1) / total, at.sum(axis=1) / total
    apart = np.where(there, at - middle[:, None], 0.0)
    square = (apart**2).sum(axis=1)
    # One value has no slope; nor have several of one day.
    slope = np.where(square > 1e-12, (apart * seen).sum(axis=1) / np.maximum(square, 1e-12), np.nan)
    inside, when = np.where(there, values, np.nan), np.where(there, ago, np.nan)
    spans = [_least(inside, np.fmin), _least(inside, np.fmax), _least(when, np.fmax) - _least(when, np.fmin)]
    found = np.stack([values[rows, last], ago[rows, last], count, mean, *spans, slope], axis=1).astype(np.float64)
    found[none] = np.nan
    found[:, OF_VALUES.index("values")] = count
    return found


def _least(values, which):
    """The least or, by ``np.fmax``, the largest of each row, without its NaN; NaN where a row has nothing else."""
    return which.reduce(values, axis=1)
