"""Scores of predictions on series that the network has not seen, with intervals over the series."""

from typing import NamedTuple

import numpy as np
from sklearn import metrics

RESAMPLES = 500
LEVEL = 95  # per cent


class Score(NamedTuple):
    """One metric: its value, its 95 % bootstrap interval, what a constant answer scores, and whether more is better."""

    value: float
    low: float
    high: float
    constant: float
    more_is_better: bool

    @property
    def beats_constant(self):
        """Whether the whole interval is better than a constant answer."""
        return self.low > self.constant if self.more_is_better else self.high < self.constant


def of_classes(truth, probabilities, classes):
    """{name: Score} of predicted classes.

    Args:
        truth: (n,) labels.
        probabilities: (n, classes), each predicted by a network that had not seen the series.
        classes: their labels.
    """
    codes = np.searchsorted(classes, truth)
    shares = np.bincount(codes, minlength=len(classes)) / len(codes)
    constant = np.broadcast_to(shares, probabilities.shape)
    measures = {
        "accuracy": (lambda y, p: np.mean(p.argmax(axis=1) == y), True),
        "balanced accuracy": (_balanced, True),
        "area under the ROC curve": (_area, True),
        "log loss": (lambda y, p: -np.mean(np.log(np.clip(p[np.arange(len(y)), y], 1e-12, 1))), False),
    }
    return {name: _score(codes, probabilities, constant, *measure) for name, measure in measures.items()}


def of_numbers(truth, predictions):
    """{name: Score} of predicted numbers, both (n,). The constant answer is the median, for squares the mean."""
    measures = {
        "mean absolute error": (lambda y, p: np.mean(np.abs(y - p)), False, np.median),
        "root of the mean squared error": (lambda y, p: np.sqrt(np.mean((y - p) ** 2)), False, np.mean),
        "R2": (metrics.r2_score, True, np.mean),
    }
    return {
        name: _score(truth, predictions, np.full(len(truth), middle(truth)), measure, more)
        for name, (measure, more, middle) in measures.items()
    }


def _score(truth, predictions, constant, measure, more_is_better):
    rng, values = np.random.default_rng(0), []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        value = measure(truth[rows], predictions[rows])
        if np.isfinite(value):
            values.append(value)
    low, high = np.percentile(values, [(100 - LEVEL) / 2, (100 + LEVEL) / 2]) if values else (np.nan, np.nan)
    value = float(measure(truth, predictions))
    return Score(value, float(low), float(high), float(measure(truth, constant)), more_is_better)


def _balanced(codes, probabilities):
    predicted = probabilities.argmax(axis=1)
    return np.mean([np.mean(predicted[codes == code] == code) for code in np.unique(codes)])


def _area(codes, probabilities):
    """The mean over the classes of the area under each one's curve against the others; NaN if a class is missing."""
    if len(np.unique(codes)) < probabilities.shape[1]:
        return np.nan
    return np.mean([metrics.roc_auc_score(codes == code, column) for code, column in enumerate(probabilities.T)])
