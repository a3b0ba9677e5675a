"""What the classifier and the regressor share: reading, preparing, training, answering, saving."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any, Literal, Self

import keras
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from plstm import dates
from plstm.data.queries import queries
from plstm.errors import ConfigError
from plstm.estimators import network, saving
from plstm.estimators.forms import Columns, Sequences, read
from plstm.estimators.network import Batches, Head, Rhythm
from plstm.estimators.preparation import Preparation
from plstm.estimators.stream import Stream
from plstm.types import Array, Cell, Floats, Late, Unit

LEAST = 10  # series; fewer are not divided for early stopping
POSITIVE = ("units", "layers", "epochs", "batch_size", "patience")
FLAGS = ("early_stopping", "channels_first", "time_channel")


class PhasedEstimator(BaseEstimator):
    """Base class of the two estimators, which explain the arguments."""

    cell: Cell
    origin: float | Literal["first"]
    unit: Unit

    # What ``fit`` leaves.
    model_: keras.Model
    history_: dict[str, list[float]]
    preparation_: Preparation
    n_features_in_: int
    feature_names_in_: Array

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
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.units, self.layers, self.cell, self.periods, self.ratio_on = units, layers, cell, periods, ratio_on
        self.dropout, self.epochs, self.batch_size, self.learning_rate = dropout, epochs, batch_size, learning_rate
        self.early_stopping, self.validation_fraction, self.patience = early_stopping, validation_fraction, patience
        self.origin, self.series, self.time, self.unit = origin, series, time, unit
        self.channels_first, self.time_channel = channels_first, time_channel
        self.random_state, self.verbose = random_state, verbose

    def _fit(self, found: Sequences, targets: Array, weights: Floats, loss: str, head: Head, classes: Any) -> None:
        """Train a new model on read series; ``classes`` (n,) are what the validation split keeps in proportion."""
        if len(targets) != len(found.pairs):
            got = f"one answer for each of {len(found.pairs)} series, got {len(targets)} of them"
            raise ValueError(f"expected {got}: inconsistent numbers of samples")
        for row in np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[:1]:
            raise ValueError(f"expected weights >= 0, got {weights[row]} for series {row}")
        if not weights.any():
            raise ValueError("expected a weight > 0, got 0 for every series")
        random = check_random_state(self.random_state)
        rows = np.arange(len(found.pairs))
        held_out = self._held_out(rows, classes, random)
        rows = np.setdiff1d(rows, held_out)
        training = [found.pairs[row] for row in rows]
        self.n_features_in_ = max((values.shape[1] for _, values in training), default=0)
        if not self.n_features_in_ or not any(len(times) for times, _ in training):
            raise ValueError("expected at least one event in the training set, got none: 0 feature(s)")
        if found.features is not None:
            self.feature_names_in_ = np.array(found.features, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.preparation_ = Preparation.of(training, self.origin)
        prepared = self.preparation_(found.pairs)
        seeds = _seeds(random)
        rhythm = Rhythm.of([prepared[row] for row in rows], self.periods, self.ratio_on)
        outputs = len(np.unique(targets)) if head == "softmax" else targets.shape[1]
        self.model_ = network.build(
            self.preparation_.features, outputs, head, self.units, self.layers, self.cell, rhythm, self.dropout, seeds
        )

        def batches(rows: Array, seed: int | None) -> Batches:
            return Batches([prepared[row] for row in rows], targets[rows], weights[rows], self.batch_size, seed)

        self.history_ = network.train(
            self.model_,
            batches(rows, next(seeds)),
            batches(held_out, None) if len(held_out) else None,
            loss,
            self.learning_rate,
            self.epochs,
            self.patience,
            self.verbose,
        )

    def _held_out(self, rows: Array, classes: Array | None, random: Any) -> Array:
        """The rows of the validation set: none without early stopping, and where there are too few series."""
        count = round(self.validation_fraction * len(rows))
        if not self.early_stopping or len(rows) < LEAST or count < 1:
            return rows[:0]
        if classes is not None:
            sizes = np.unique(classes, return_counts=True)[1]
            if sizes.min() < 2 or count < len(sizes):
                classes = None
        return train_test_split(rows, test_size=count, stratify=classes, random_state=random)[1]

    def _answers(self, X: Any, times_out: Any) -> Floats:
        """The model's output for each series, (n, O); with ``times_out`` for each query of each series, (n, Q, O)."""
        check_is_fitted(self)
        pairs = self._read_again(X).pairs
        if times_out is None:
            return network.answers(self.model_, self.preparation_(pairs))
        asked = queries(pairs, times_out)
        if not asked:
            raise ValueError("expected at least one time in times_out, got none")
        if not self.preparation_.indicators:
            # The network has never seen a step without a value, and would take a query for one more measurement.
            asked = [(times[:-1], values[:-1]) for times, values in asked]
        if np.iterable(times_out) and len({np.size(times) for times in times_out}) > 1:
            raise ValueError(
                "expected the same number of times_out for each series, got different numbers; ask in several calls"
            )
        found = network.answers(self.model_, self.preparation_(asked))
        return found.reshape(len(pairs), -1, found.shape[1])

    def _read(self, X: Any) -> Sequences:
        self._check_arguments()
        return read(X, self._columns())

    def _read_again(self, X: Any) -> Sequences:
        """X at prediction. ValueError if its features are others than those of the training set."""
        found = read(X, self._columns())
        known = getattr(self, "feature_names_in_", None)
        if known is not None and found.features is not None and list(known) != found.features:
            raise ValueError(f"expected the features {', '.join(map(str, known))}, got {', '.join(found.features)}")
        count = next((values.shape[1] for times, values in found.pairs if len(times)), self.n_features_in_)
        if count != self.n_features_in_:
            name = type(self).__name__
            raise ValueError(f"X has {count} features, but {name} is expecting {self.n_features_in_} features as input")
        empty = np.zeros((0, self.n_features_in_))
        return found._replace(pairs=[(t, values if len(t) else empty) for t, values in found.pairs])

    def _columns(self) -> Columns:
        return Columns(self.series, self.time, self.unit, self.channels_first, self.time_channel)

    def _check_arguments(self) -> None:
        """ConfigError for arguments out of range; scikit-learn wants this in ``fit``, not where they are set."""
        for name in POSITIVE:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ConfigError(f"expected {name} to be an integer >= 1, got {value!r}")
        if self.cell not in ("lstm", "gru"):
            raise ConfigError(f"expected cell to be 'lstm' or 'gru', got {self.cell!r}")
        if self.periods is not None and not _is_range(self.periods):
            raise ConfigError(f"expected periods to be (low, high), 0 < low <= high, got {self.periods!r}")
        if self.ratio_on is not None and not (_is_number(self.ratio_on) and 0 < self.ratio_on <= 1):
            raise ConfigError(f"expected 0 < ratio_on <= 1, or None, got {self.ratio_on!r}")
        if not (_is_number(self.dropout) and 0 <= self.dropout < 1):
            raise ConfigError(f"expected 0 <= dropout < 1, got {self.dropout!r}")
        if not (_is_number(self.learning_rate) and self.learning_rate > 0):
            raise ConfigError(f"expected learning_rate > 0, got {self.learning_rate!r}")
        if not (_is_number(self.validation_fraction) and 0 < self.validation_fraction < 1):
            raise ConfigError(f"expected 0 < validation_fraction < 1, got {self.validation_fraction!r}")
        if not _is_number(self.origin) and not (isinstance(self.origin, str) and self.origin == "first"):
            raise ConfigError(f"expected origin to be 'first' or a number, got {self.origin!r}")
        for name in FLAGS:
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise ConfigError(f"expected {name} to be True or False, got {getattr(self, name)!r}")
        if not isinstance(self.verbose, (int, np.integer)) or self.verbose not in (0, 1, 2):
            raise ConfigError(f"expected verbose to be 0, 1 or 2, got {self.verbose!r}")
        dates.check_unit(self.unit)

    def stream(self, late: Late = "error") -> Stream:
        """The trained network for events that come one at a time, on ``plstm.EventDriven``: see ``Stream``.

        Args:
            late: what to do with an event earlier than the last one of its stream: ``"error"`` or ``"skip"``.
        """
        check_is_fitted(self)
        return Stream(self.model_, self.preparation_, late)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to one file, whole or not at all; ``plstm.load_estimator`` reads it.

        The file holds numbers, text and a Keras model. Unlike a pickle it cannot run code where it is read.

        Args:
            path: the file, usually with the ending ``.plstm``.
        """
        check_is_fitted(self)
        saving.save(self, path)

    @property
    def n_iter_(self) -> int:
        """The number of epochs of the training."""
        return len(self.history_["loss"])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _check_targets(self, y: Any, found: Sequences) -> Any:
        """y, brought to the order of the series if it is a pandas Series with their names as its index.

        ValueError if an answer is missing, or if that index has only some of the names.
        """
        if y is None:
            raise ValueError(f"requires y to be passed, but the target y is None: {type(self).__name__} needs answers")
        names: list[Any] = found.names or []
        if isinstance(y, pd.Series) and y.index.is_unique:
            if set(y.index) == set(names):
                y = y.loc[names]
            elif not isinstance(y.index, pd.RangeIndex) and not set(y.index).isdisjoint(names):
                [other, *_] = [*(name for name in names if name not in y.index), *y.index.difference(names)]
                raise ValueError(
                    f"expected y to have an answer for each name of a series and no other, got it indexed by some of "
                    f"them, and {other!r} on one side alone; y.to_numpy() takes answers in the order of the series"
                )
        given = np.asarray(y, dtype=object)
        missing = np.asarray(pd.isna(given)).reshape(len(given), -1).any(axis=1) if given.ndim else np.zeros(0, bool)
        for row in np.flatnonzero(missing)[:1]:
            called = f" ({names[row]!r})" if row < len(names) else ""
            raise ValueError(f"expected an answer for each series, got none for series {row}{called}")
        return y

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Defined by the two estimators."""
        raise NotImplementedError


def _is_number(value: Any) -> bool:
    """Whether this is one finite real number; True and False are none."""
    real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return real and math.isfinite(value)


def _is_range(value: Any) -> bool:
    pair = isinstance(value, (tuple, list, np.ndarray)) and len(value) == 2 and all(map(_is_number, value))
    return pair and 0 < value[0] <= value[1]


def _seeds(random: Any) -> Iterator[int]:
    while True:
        yield int(random.randint(2**31 - 1))
