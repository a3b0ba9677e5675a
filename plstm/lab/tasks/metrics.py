"""Scores of probabilities: how well they rank, how large their error is, and whether they are calibrated.

All take labels y (N,) of 0 and 1 and something larger for those that are more likely 1: (N,).
"""

import numpy as np

BINS = 10


def auroc(y, scores):
    """The area under the receiver's curve: how often one labelled 1 has the larger score than one labelled 0.

    Equal scores count half. NaN where there is but one label.

    >>> auroc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    positive = np.asarray(y, bool)
    count, total = int(positive.sum()), len(positive)
    if count in (0, total):
        return float("nan")
    _, places, repeats = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(repeats) - (repeats - 1) / 2)[places]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (total - count)))


def auprc(y, scores):
    """The area under the curve of precision over recall, in steps: average precision. NaN where no label is 1.

    >>> round(auprc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])), 4)
    0.8333
    """
    positive, scores = np.asarray(y, bool), np.asarray(scores)
    if not positive.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(positive[order])
    # Those with one score are taken together: a threshold lies between scores.
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf) != 0)
    precision, recall = right[last] / (last + 1), right[last] / right[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def brier(y, probabilities):
    """The mean squared error of probabilities.

    >>> brier(np.array([0, 1]), np.array([0.5, 1.0]))
    0.125
    """
    return float(np.mean((np.asarray(probabilities, float) - y) ** 2))


def reliability(y, probabilities, bins=BINS):
    """What was said and what came, in groups of equal size from the lowest probabilities to the highest.

    Returns:
        A list of (mean probability, share labelled 1, how many) for each group.

    >>> reliability(np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.2, 0.7]), bins=2)
    [(0.15, 0.0, 2), (0.8, 1.0, 2)]
    """
    order = np.argsort(probabilities, kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    probabilities, y = np.asarray(probabilities, float), np.asarray(y)
    return [(round(float(probabilities[g].mean()), 6), round(float(y[g].mean()), 6), len(g)) for g in groups]


def calibration_error(y, probabilities, bins=BINS):
    """The mean distance between what was said and what came, over the groups of ``reliability``.

    >>> round(calibration_error(np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.2, 0.7]), bins=2), 4)
    0.175
    """
    groups = reliability(y, probabilities, bins)
    return float(sum(count * abs(said - came) for said, came, count in groups) / sum(count for *_, count in groups))


def confusion(y, answers, classes):
    """How many of each label (row) were given each answer (column), as a list of lists.

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    [[1, 1], [0, 1]]
    """
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (np.asarray(y, int), np.asarray(answers, int)), 1)
    return counts.tolist()


def balanced_accuracy(counts):
    """The mean over the labels of the share of right answers, from ``confusion``; labels that are not there left out.

    >>> balanced_accuracy([[8, 0], [1, 1]])
    0.75
    """
    counts = np.asarray(counts)
    seen = counts.sum(axis=1) > 0
    return float(np.mean(np.diag(counts)[seen] / counts.sum(axis=1)[seen]))
