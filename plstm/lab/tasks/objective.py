"""The objective of a task, classification or regression: size of the output, loss, and which answers are right."""

from dataclasses import dataclass

import numpy as np


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


def _mean(right, loss):
    return {"accuracy": float(np.mean(right)), "loss": float(np.mean(loss))}
