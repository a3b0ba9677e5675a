"""The Phased LSTM as a regressor with scikit-learn's interface."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.validation import _check_sample_weight

from plstm.estimators.base import PhasedEstimator
from plstm.types import Floats

LARGEST = 1e35  # the last layer's weights are in the unit of y, in float32


class PhasedLSTMRegressor(RegressorMixin, PhasedEstimator):
    """Predicts one or more numbers for each series of events, as a regressor of scikit-learn.

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
        random_state: a seed or a ``numpy.random.RandomState``; the same seed gives the same network.
        verbose: 0 for silence, 1 for a bar for each epoch, 2 for a line.

    Notes:
        X is a list of pairs (times, values); what ``plstm.read_csv`` returns; a long DataFrame with one row for each
        event; or an array. y has one answer for each series, for a DataFrame in the order in which they appear, or as a
        pandas Series indexed by their names. A missing value (NaN) is replaced by the last measured one, before the
        first by the mean, and if the training set has missing values, one more input for each feature says what was
        measured. Events at the same time stay in their order. A series without events has an answer too.

        scikit-learn's searches and cross-validation take X apart by its elements. Give them a list of pairs, such as
        ``plstm.read_csv(...).series``: the elements of a DataFrame are rows.

        ``fit`` leaves ``model_``, the Keras model, whose inputs are series as ``preparation_`` makes them;
        ``history_``, the losses of each epoch, of standardised y; ``n_features_in_``, which is D; and
        ``feature_names_in_``, if X tells the names.

    Example:
        >>> import numpy as np, plstm
        >>> rng = np.random.default_rng(0)
        >>> X = [(np.sort(rng.uniform(0, 9, 5)), rng.normal(size=(5, 2))) for _ in range(12)]
        >>> y = [times[-1] - times[0] for times, _ in X]
        >>> regressor = plstm.PhasedLSTMRegressor(units=4, epochs=2, random_state=0).fit(X, y)
        >>> regressor.predict(X[:3]).shape
        (3,)
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Args:
            X: n series.
            y: (n,) or (n, O), finite numbers.
            sample_weight: (n,), how much each series counts; None: all the same.

        Raises:
            ValueError: series or answers that are not as described; arguments out of range.
        """
        found = self._read(X)
        y = check_array(self._check_targets(y, found), ensure_2d=False, dtype="numeric", input_name="y")
        self._single = np.ndim(y) == 1
        targets = np.asarray(y, np.float64).reshape(len(y), -1)
        if np.abs(targets).max() > LARGEST:
            raise ValueError(f"expected answers up to {LARGEST:g} in size, got {np.abs(targets).max():g}; scale them")
        weights = _check_sample_weight(sample_weight, targets)
        mean, spread = targets.mean(axis=0), targets.std(axis=0)
        spread = np.where(spread <= 1e-12 * np.abs(mean), 1.0, spread)
        scaled = ((targets - mean) / spread).astype(np.float32)
        self._fit(found, scaled, weights, "mse", "linear", None)
        # The last layer then answers in the unit of y, so that the model can be used alone.
        kernel, bias = self.model_.layers[-1].get_weights()
        self.model_.layers[-1].set_weights([kernel * spread, bias * spread + mean])
        return self

    def predict(self, X: Any, times_out: Any = None) -> Floats:
        """The prediction for each series, (n,) or (n, O) as y was.

        Args:
            X: n series, in any form that ``fit`` takes.
            times_out: (Q,) or (n, Q), times at which to answer from the events until then, as ``plstm.queries`` asks;
                None: after the last event. If nothing was missing in the training set, the answer after an event stands
                until the next one; what the passing of time alone says is learned from ``plstm.queries(X, ...)``.

        Returns:
            (n,) or (n, O); with ``times_out`` (n, Q) or (n, Q, O).
        """
        found = self._answers(X, times_out)
        return found[..., 0] if self._single else found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
