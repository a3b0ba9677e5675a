"""The objective of a task, classification or regression: size of the output, loss, and which answers are right."""

import math
from dataclasses import dataclass

import numpy as np

from plstm.lab.tasks import metrics


@dataclass(frozen=True)
class Classification:
    """One of ``classes`` labels. Output: a logit for each; loss: cross-entropy; right: the largest is the label's."""

    classes: int
    name = "logits"

    @property
    def outputs(self):
        return self.classes

    def loss(self):
        """The loss for Keras."""
        import keras

        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def accuracy(self):
        """The share of right answers as a Keras metric."""
        import keras

        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")

    def score(self, answers, y):
        """Accuracy and mean loss of answers (N, classes) for labels (N,), in float64.

        >>> Classification(2).score(np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 1]))
        {'accuracy': 0.5, 'loss': 0.490...}
        """
        top = answers.max(axis=1)
        loss = np.log(np.sum(np.exp(answers - top[:, None]), axis=1)) + top - answers[np.arange(len(y)), y]
        return _mean(answers.argmax(axis=1) == y, loss)


@dataclass(frozen=True)
class Balanced(Classification):
    """As ``Classification``; beside it the mean over the labels of the share of right answers, and all mix-ups."""

    def score(self, answers, y):
        """Accuracy, mean loss, balanced accuracy and the confusion (rows: labels), as in ``metrics``.

        >>> score = Balanced(2).score(np.log([[0.25, 0.75], [0.4, 0.6], [0.9, 0.1]]), np.array([1, 1, 1]))
        >>> score["confusion"], round(score["balanced_accuracy"], 4)
        ([[0, 0], [1, 2]], 0.6667)
        """
        counts = metrics.confusion(y, answers.argmax(axis=1), self.classes)
        balanced = metrics.balanced_accuracy(counts)
        return {**super().score(answers, y), "balanced_accuracy": balanced, "confusion": counts}


@dataclass(frozen=True)
class Outcome(Classification):
    """Whether something rare happens, label 1: a probability, which is scored as one. Output and loss as above."""

    classes: int = 2

    def score(self, answers, y):
        """Accuracy and mean loss; and AUROC, AUPRC, Brier score and calibration error, as in ``metrics``.

        >>> score = Outcome().score(np.log([[0.9, 0.1], [0.5, 0.5]]), np.array([0, 1]))
        >>> score["auroc"], round(score["brier"], 4)
        (1.0, 0.13)
        """
        probabilities = 1 / (1 + np.exp(np.clip(answers[:, 0] - answers[:, 1], -700, 700)))
        return {**super().score(answers, y), **probability_scores(y, probabilities)}


def probability_scores(y, probabilities):
    """AUROC, AUPRC, Brier score and calibration error of the probabilities of label 1."""
    return {
        "auroc": metrics.auroc(y, probabilities),
        "auprc": metrics.auprc(y, probabilities),
        "brier": metrics.brier(y, probabilities),
        "calibration_error": metrics.calibration_error(y, probabilities),
    }


@dataclass(frozen=True)
class Regression:
    """A number. Output: that number; loss: squared error; right: an error of at most ``tolerance``."""

    tolerance: float
    name = "amount"
    outputs = 1

    def loss(self):
        """The loss for Keras."""
        import keras

        return keras.losses.MeanSquaredError()

    def accuracy(self):
        """The share of right answers as a Keras metric."""
        import keras
        from keras import ops

        def right(y, answers):
            distance = ops.abs(ops.reshape(answers, (-1,)) - ops.cast(ops.reshape(y, (-1,)), answers.dtype))
            return ops.cast(distance <= self.tolerance, answers.dtype)

        return keras.metrics.MeanMetricWrapper(right, name="accuracy")

    def score(self, answers, y):
        """Accuracy and mean loss of answers (N, 1) for targets (N,), in float64.

        >>> Regression(0.1).score(np.array([[0.0], [1.0]]), np.array([0.0, 0.5]))
        {'accuracy': 0.5, 'loss': 0.125}
        """
        error = answers[:, 0] - y
        return _mean(np.abs(error) <= self.tolerance, error**2)


@dataclass(frozen=True)
class Distribution:
    """A number and how uncertain it is: a normal distribution. Loss: negative log-likelihood.

    Output: two numbers a, b; the mean is centre + scale a, the spread floor + scale softplus(b).

    Attributes:
        centre: a usual value.
        scale: how far values usually are from it.
        floor: the least spread, half the step in which values are written down.
        tolerance: the largest error of the mean that counts as right.
        reach: how many spreads to either side hold nine tenths of a normal distribution.
    """

    centre: float
    scale: float
    floor: float
    tolerance: float
    reach: float = 1.6448536
    name = "distribution"
    outputs = 2

    def loss(self):
        """The loss for Keras."""
        from keras import ops

        def negative_log_likelihood(y, answers):
            mean = self.centre + self.scale * answers[..., 0]
            spread = self.floor + self.scale * ops.softplus(answers[..., 1])
            y = ops.cast(ops.reshape(y, (-1,)), answers.dtype)
            return ops.log(spread) + 0.5 * math.log(2 * math.pi) + 0.5 * ops.square((y - mean) / spread)

        return negative_log_likelihood

    def accuracy(self):
        """The share of right answers as a Keras metric."""
        import keras
        from keras import ops

        def right(y, answers):
            mean = self.centre + self.scale * answers[..., 0]
            distance = ops.abs(mean - ops.cast(ops.reshape(y, (-1,)), answers.dtype))
            return ops.cast(distance <= self.tolerance, answers.dtype)

        return keras.metrics.MeanMetricWrapper(right, name="accuracy")

    def read(self, answers):
        """Mean and spread (N,) of answers (N, 2), in the unit of the values.

        >>> Distribution(50.0, 16.0, 0.5, 10.0).read(np.array([[0.5, -1000.0]]))
        (array([58.]), array([0.5]))
        """
        answers = np.asarray(answers, np.float64)
        return self.centre + self.scale * answers[:, 0], self.floor + self.scale * np.logaddexp(0, answers[:, 1])

    def score(self, answers, y):
        """Accuracy and mean loss; ``mae``, the mean absolute error; and ``coverage``, by the middle nine tenths.

        >>> Distribution(0.0, 1.0, 1.0, 0.5).score(np.array([[1.0, -1000.0]]), np.array([1.0]))
        {'accuracy': 1.0, 'loss': 0.918..., 'mae': 0.0, 'coverage': 1.0}
        """
        return self.score_read(*self.read(answers), y)

    def score_read(self, mean, spread, y):
        """The same from mean and spread (N,)."""
        error = np.abs(mean - y)
        loss = np.log(spread) + 0.5 * math.log(2 * math.pi) + 0.5 * (error / spread) ** 2
        more = {"mae": float(error.mean()), "coverage": float(np.mean(error <= self.reach * spread))}
        return {**_mean(error <= self.tolerance, loss), **more}


def _mean(right, loss):
    return {"accuracy": float(np.mean(right)), "loss": float(np.mean(loss))}
