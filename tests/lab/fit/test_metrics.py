"""Scores and their intervals: scikit-learn's numbers, and intervals that hold what they should."""

import numpy as np
import pytest
from sklearn import metrics as right

from plstm.lab.fit import metrics

RNG = np.random.default_rng(0)
CLASSES = np.array(["a", "b", "c"])
TRUTH = RNG.choice(CLASSES, 300, p=[0.6, 0.3, 0.1])
PROBABILITIES = RNG.dirichlet([1, 1, 1], 300) * 0.6 + 0.4 * (TRUTH[:, None] == CLASSES)


def test_of_classes():
    found = metrics.of_classes(TRUTH, PROBABILITIES, CLASSES)
    predicted = CLASSES[PROBABILITIES.argmax(axis=1)]
    assert found["accuracy"].value == right.accuracy_score(TRUTH, predicted)
    assert found["balanced accuracy"].value == pytest.approx(right.balanced_accuracy_score(TRUTH, predicted))
    assert found["area under the ROC curve"].value == pytest.approx(
        right.roc_auc_score(TRUTH, PROBABILITIES, multi_class="ovr")
    )
    assert found["log loss"].value == pytest.approx(right.log_loss(TRUTH, PROBABILITIES))
    assert found["accuracy"].constant == np.mean(TRUTH == "a")
    assert found["balanced accuracy"].constant == pytest.approx(1 / 3)
    assert found["area under the ROC curve"].constant == 0.5
    assert all(score.low < score.value < score.high and score.beats_constant for score in found.values())


def test_of_numbers():
    truth = RNG.normal(3, 2, 200)
    guess = truth + RNG.normal(0, 0.5, 200)
    found = metrics.of_numbers(truth, guess)
    assert found["mean absolute error"].value == pytest.approx(right.mean_absolute_error(truth, guess))
    assert found["root of the mean squared error"].value == pytest.approx(right.root_mean_squared_error(truth, guess))
    assert found["R2"].value == pytest.approx(right.r2_score(truth, guess)) and found["R2"].constant == pytest.approx(0)
    assert all(score.beats_constant for score in found.values())
    chance = metrics.of_numbers(truth, RNG.permutation(truth))
    assert not any(score.beats_constant for score in chance.values())


def test_the_interval_of_an_accuracy_is_that_of_a_share():
    """Of 300 answers, of which 80 % are right: the normal approximation is 1.96 sqrt(.8 * .2 / 300)."""
    truth = np.array(["a", "b"] * 150)
    answers = np.where(np.arange(300) % 10 < 8, truth, np.where(truth == "a", "b", "a"))
    score = metrics.of_classes(truth, (answers[:, None] == ["a", "b"]).astype(float), np.array(["a", "b"]))["accuracy"]
    half = 1.96 * np.sqrt(0.8 * 0.2 / 300)
    assert score.low == pytest.approx(0.8 - half, abs=0.01) and score.high == pytest.approx(0.8 + half, abs=0.01)
