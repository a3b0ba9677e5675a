"""The Phased LSTM as a classifier with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from plstm.estimators.base import PhasedEstimator
from plstm.types import Array, Cell, Floats, Unit


class PhasedLSTMClassifier(ClassifierMixin, PhasedEstimator):
    """Predicts one of several classes for each series of events, as a classifier of scikit-learn.

    Args:
        units: H, the number of units of each layer.
        layers: the number of phased layers.
        cell: ``"lstm"`` or ``"gru"``.
        periods: the range (low, high) of the first periods, in the unit of the times; None: from twice the median
            interval to the median length of the training series, as ``plstm.LogUniform.from_times`` finds it.
        ratio_on: the open share of the units at first; None: so that a unit hears about 8 events of a typical series.
        dropout: the share of the last layer's outputs that is dropped in training.
        epochs: passes over the training series, at most.
        batch_size: series in one step of training.
        learning_rate: of Adam. Periods are trained as logarithms, so that it fits any unit of time.
        early_stopping: whether a part of the series is held out to stop the training and to choose the best epoch.
            With fewer than 10 series none are.
        validation_fraction: that part.
        patience: epochs without a better loss on that part before the training stops.
        origin: the time from which the clock counts: ``"first"``, the first event of each series, or a number.
        series: of a DataFrame, the column that names the series.
        time: of a DataFrame, the column of times. All other columns are values, so leave the label out.
        unit: the unit to which dates and durations are converted.
        channels_first: whether arrays are (n, D, T), as in aeon and pyrregular, instead of (n, T, D).
        time_channel: whether the last channel of an array holds the times, as pyrregular's ``concatenate_time`` makes
            it; steps where it is NaN are left out. Otherwise the times of an array are 0, 1, 2, ...
        class_weight: how much the series of each class count: ``{class: weight}``, ``"balanced"``, or None for all the
            same.
        random_state: a seed or a ``numpy.random.RandomState``; the same seed gives the same network.
        verbose: 0 for silence, 1 for a bar for each epoch, 2 for a line.

    Notes:
        X is a list of pairs (times, values); what ``plstm.read_csv`` returns; a long DataFrame with one row for each
        event; or an array. y has one label for each series, for a DataFrame in the order in which they appear, or as a
        pandas Series indexed by their names. A missing value (NaN) is replaced by the last measured one, before the
        first by the mean, and if the training set has missing values, one more input for each feature says what was
        measured. Events at the same time stay in their order. A series without events has an answer too.

        scikit-learn's searches and cross-validation take X apart by its elements. Give them a list of pairs, such as
        ``plstm.read_csv(...).series``: the elements of a DataFrame are rows.

        ``fit`` leaves ``model_``, the Keras model, whose inputs are series as ``preparation_`` makes them;
        ``history_``, the losses of each epoch; ``classes_``, the labels in the order of the columns of
        ``predict_proba``; ``n_features_in_``, which is D; and ``feature_names_in_``, if X tells the names.

    Example:
        >>> import numpy as np, plstm
        >>> rng = np.random.default_rng(0)
        >>> X = [(np.sort(rng.uniform(0, 9, 5)), rng.normal(size=(5, 2))) for _ in range(12)]
        >>> y = ["ill", "well"] * 6
        >>> classifier = plstm.PhasedLSTMClassifier(units=4, epochs=2, random_state=0).fit(X, y)
        >>> classifier.classes_.tolist(), classifier.predict_proba(X[:3]).shape
        (['ill', 'well'], (3, 2))
        >>> stream = classifier.stream()
        >>> answers = [stream.step(values, t) for t, values in zip(*X[0])]
        >>> bool(np.allclose(answers[-1], classifier.predict_proba(X[:1])[0], atol=1e-5))
        True
    """

    def __init__(
        self,
        units: int = 32,
        layers: int = 1,
        cell: Cell = "lstm",
        periods: tuple[float, float] | None = None,
        ratio_on: float | None = None,
        dropout: float = 0.0,
        epochs: int = 50,
        batch_size: int = 32,
        learning_rate: float = 0.005,
        early_stopping: bool = True,
        validation_fraction: float = 0.2,
        patience: int = 10,
        origin: float | Literal["first"] = "first",
        series: str = "series",
        time: str = "time",
        unit: Unit = "s",
        channels_first: bool = False,
        time_channel: bool = False,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        super().__init__(
            units, layers, cell, periods, ratio_on, dropout, epochs, batch_size, learning_rate, early_stopping,
            validation_fraction, patience, origin, series, time, unit, channels_first, time_channel, random_state,
            verbose,
        )  # fmt: skip
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Args:
            X: n series.
            y: (n,), the label of each.
            sample_weight: (n,), how much each series counts, beside ``class_weight``; None: all the same.

        Raises:
            ValueError: series or labels that are not as described; fewer than two classes; arguments out of range.
        """
        found = self._read(X)
        y = column_or_1d(self._check_targets(y, found), warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"expected labels of at least two classes, got one class, {self.classes_.tolist()[0]!r}")
        weights = _check_sample_weight(sample_weight, codes) * compute_sample_weight(self.class_weight, y)
        self._fit(found, codes.astype(np.int32), weights, "sparse_categorical_crossentropy", "softmax", codes)
        return self

    def predict_proba(self, X: Any, times_out: Any = None) -> Floats:
        """The probability of each class, (n, classes); a class that the training set lacks has no column.

        Args:
            X: n series, in any form that ``fit`` takes.
            times_out: (Q,) or (n, Q), times at which to answer from the events until then, as ``plstm.queries`` asks;
                None: after the last event. If nothing was missing in the training set, the answer after an event stands
                until the next one; what the passing of time alone says is learned from ``plstm.queries(X, ...)``.

        Returns:
            (n, classes), or (n, Q, classes) with ``times_out``.
        """
        found = self._answers(X, times_out)
        return found / found.sum(axis=-1, keepdims=True)

    def predict(self, X: Any, times_out: Any = None) -> Array:
        """The most probable class of each series, (n,), or (n, Q) with ``times_out``.

        Args:
            X: n series, in any form that ``fit`` takes.
            times_out: as for ``predict_proba``.
        """
        found = self.predict_proba(X, times_out).argmax(axis=-1)
        return self.classes_[found]
