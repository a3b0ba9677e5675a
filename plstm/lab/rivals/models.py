"""The models: linear ones and boosted trees of scikit-learn, the settings that a search tries, and what answers first.

Every search has 16 settings, as many as a network of the comparisons has. A model is made by ``make(settings, seed)``
and has ``fit(summary, y)`` and ``answer(summary)``: what the task's objective scores, logits (N, classes), or mean and
spread (N, 2).
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

TREES = {"learning_rate": [0.03, 0.06, 0.12, 0.25], "max_leaf_nodes": [4, 8, 16, 31]}
STRENGTHS = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0, 10.0]
LINEAR = {"strength": STRENGTHS, "features": ["first", "all"]}
ROUNDS = 100
FOLDS = 3
LEAST = 1e-6  # a probability is no smaller
# The spread of a normal distribution beside its mean absolute deviation.
SPREAD = np.sqrt(np.pi / 2)


class Rival(NamedTuple):
    """How a model is made, what a search tries (one dict a setting), and whether its seed changes anything."""

    make: Callable
    settings: list[dict]
    drawn: bool


def grid(over):
    """All combinations of some settings.

    >>> grid({"a": [1, 2], "b": [3]})
    [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
    """
    return [dict(zip(over, values)) for values in itertools.product(*over.values())]


def of(task):
    """{name: ``Rival``} for a task, by its objective. Without times nothing is left of a light curve: no ablation."""
    if task.objective.name == "distribution":
        return {
            "last value": Rival(LastValue, [{}], False),
            "ridge": Rival(Ridge, grid(LINEAR), False),
            "boosted trees": Rival(TreesWithSpread, grid(TREES), True),
            "boosted trees without times": Rival(TimelessTreesWithSpread, grid(TREES), True),
        }
    found = {
        "logistic regression": Rival(Logistic, grid(LINEAR), False),
        "boosted trees": Rival(Trees, grid(TREES), True),
    }
    if task.objective.outputs == 2:
        found["boosted trees without times"] = Rival(TimelessTrees, grid(TREES), True)
    return found


class Linear:
    """What the linear models share: the features chosen, standardised, with medians and a sign where one is missing."""

    def __init__(self, settings, seed):
        self.settings = settings

    def _pipeline(self, model):
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler(), model)

    def _chosen(self, summary):
        columns = np.array(summary.first) if self.settings["features"] == "first" else slice(None)
        return summary.values[:, columns]


class Logistic(Linear):
    """Logistic regression; ``strength`` is 1 / C beside the number of rows, the weight of the squares' sum."""

    def fit(self, summary, y):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=1 / (self.settings["strength"] * len(y)), max_iter=2000)
        self.model = self._pipeline(model).fit(self._chosen(summary), y)
        return self

    def answer(self, summary):
        return _logits(self.model.predict_proba(self._chosen(summary)))


class Trees:
    """Boosted trees: histograms, as of LightGBM; a missing value goes where it serves best."""

    def __init__(self, settings, seed):
        self.settings, self.seed = settings, seed

    def fit(self, summary, y):
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.model = HistGradientBoostingClassifier(**self.settings, **_of_trees(self.seed))
        self.model.fit(self._rows(summary), y)
        return self

    def answer(self, summary):
        return _logits(self.model.predict_proba(self._rows(summary)))

    def _rows(self, summary):
        return summary.values


class Timeless:
    """An ablation: without all that depends on times. What is lost is what the times were worth."""

    def _rows(self, summary):
        return summary.values[:, ~np.array(summary.timed)]


class TimelessTrees(Timeless, Trees):
    """Boosted trees that see which values there were, not when."""


class WithSpread:
    """A regression whose spread is another: of the errors that the first makes on rows that it was not shown."""

    def fit(self, summary, y):
        from sklearn.model_selection import KFold, cross_val_predict

        rows, folds = self._rows(summary), KFold(FOLDS, shuffle=True, random_state=0)
        away = np.abs(y - cross_val_predict(self._model(), rows, y, cv=folds))
        self.mean, self.away = self._model().fit(rows, y), self._model().fit(rows, away)
        return self

    def answer(self, summary):
        rows = self._rows(summary)
        return np.stack([self.mean.predict(rows), np.maximum(SPREAD * self.away.predict(rows), 0.5)], axis=1)


class Ridge(WithSpread, Linear):
    """Linear regression with a penalty; ``strength`` is its weight beside the number of rows."""

    def _model(self):
        from sklearn.linear_model import Ridge as Regression

        return self._pipeline(Regression(alpha=self.settings["strength"] * self.rows))

    def _rows(self, summary):
        return self._chosen(summary)

    def fit(self, summary, y):
        self.rows = len(y)
        return super().fit(summary, y)


class TreesWithSpread(WithSpread):
    """Boosted trees for a mean and for a spread."""

    def __init__(self, settings, seed):
        self.settings, self.seed = settings, seed

    def _model(self):
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(**self.settings, **_of_trees(self.seed))

    def _rows(self, summary):
        return summary.values


class TimelessTreesWithSpread(Timeless, TreesWithSpread):
    """The same for a mean and a spread."""


class LastValue:
    """The last value of the test that is asked for, HDL, is the next; one spread for all: no rival, but a measure."""

    def __init__(self, settings, seed):
        pass

    def _last(self, summary):
        from plstm.lab.tasks.nafld_tables import TESTS

        usual, scale = TESTS["hdl"][:2]
        return usual + scale * summary.values[:, summary.names.index("hdl last")]

    def fit(self, summary, y):
        self.spread = float(np.sqrt(np.mean((y - self._last(summary)) ** 2)))
        return self

    def answer(self, summary):
        last = self._last(summary)
        return np.stack([last, np.full_like(last, self.spread)], axis=1)


def _of_trees(seed):
    # Half of the features at each split: so a seed draws something, and trees differ.
    return {"max_iter": ROUNDS, "early_stopping": False, "max_features": 0.5, "random_state": seed}


def _logits(probabilities):
    return np.log(np.clip(probabilities, LEAST, 1))
