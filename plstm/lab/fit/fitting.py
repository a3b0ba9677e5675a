"""From a table to a ``Fit``: cross-validated predictions, scores, and a model trained on all series."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold
from tqdm import tqdm

import plstm
from plstm.errors import DataError
from plstm.lab.fit import advice, metrics

MANY = 20  # different numbers; labels with more are predicted as numbers, not as classes


class Fit(NamedTuple):
    """What the report tells: the table, the estimator trained on all of it, and what cross-validation found."""

    table: Any
    estimator: Any
    scores: dict
    histories: list
    advice: list

    @property
    def classes(self):
        """The labels of a classifier, None for a regressor."""
        return getattr(self.estimator, "classes_", None)


def are_numbers(labels):
    """Whether labels are predicted as numbers: fractions, or more whole numbers than classes usually are."""
    if labels.dtype.kind not in "iuf":
        return False
    fractions = labels.dtype.kind == "f" and np.any(labels != np.floor(labels))
    return bool(fractions or len(np.unique(labels)) > MANY)


def fit(table, numbers, folds, arguments):
    """Cross-validate, then train on all series.

    Args:
        table: a ``TimeSeries`` with labels.
        numbers: whether to predict numbers instead of classes.
        folds: the number of parts; every part is predicted by a network trained on the others.
        arguments: of the estimator.

    Raises:
        DataError: fewer series than folds, one class, a class with fewer series than folds.
    """
    labels = table.labels
    splits = _splits(labels, numbers, folds, arguments["random_state"])
    if numbers:
        arguments = {name: value for name, value in arguments.items() if name != "class_weight"}
        estimator, columns = plstm.PhasedLSTMRegressor(**arguments), 1
    else:
        estimator, columns = plstm.PhasedLSTMClassifier(**arguments), len(np.unique(labels))
    predictions, histories = np.zeros((len(labels), columns)), []
    for training, others in tqdm(splits, "fold", disable=None):
        one = clone(estimator).fit([table.series[row] for row in training], labels[training])
        unseen = [table.series[row] for row in others]
        predictions[others] = one.predict(unseen)[:, None] if numbers else one.predict_proba(unseen)
        histories.append(one.history_)
    if numbers:
        scores, shares = metrics.of_numbers(labels.astype(float), predictions[:, 0]), None
    else:
        classes, counts = np.unique(labels, return_counts=True)
        scores, shares = metrics.of_classes(labels, predictions, classes), counts / len(labels)
    settings = {"class_weight": None, **arguments}
    told = [*advice.of_data(table), *advice.of_training(settings, histories, scores, shares)]
    return Fit(table, estimator.fit(table, labels), scores, histories, told)


def _splits(labels, numbers, folds, seed):
    if len(labels) < max(folds, 4):
        raise DataError(f"expected at least {max(folds, 4)} series for {folds} folds, got {len(labels)}")
    if numbers:
        return list(KFold(folds, shuffle=True, random_state=seed).split(labels))
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise DataError(f"expected labels of at least two classes, got {str(classes[0])!r} alone")
    if counts.min() < folds:
        rare = classes[counts.argmin()]
        raise DataError(
            f"expected at least {folds} series of every class, one for each fold, got {counts.min()} of "
            f"{str(rare)!r}; --folds {max(int(counts.min()), 2)} asks for fewer, --numbers predicts numbers"
        )
    return list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(labels, labels))
