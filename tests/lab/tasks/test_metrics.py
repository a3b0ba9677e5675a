"""Scores of probabilities beside scikit-learn's, and the objectives that are made of them beside SciPy and Keras."""

import numpy as np
import pytest
import scipy.stats
from sklearn import metrics as theirs

from plstm.lab.tasks import metrics
from plstm.lab.tasks.objective import Balanced, Distribution, Outcome


def drawn(seed, count=200, digits=None):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, count)
    p = np.clip(rng.beta(2, 3, count) + 0.2 * y, 0, 1)
    return y, p if digits is None else p.round(digits)


@pytest.mark.parametrize("digits", [None, 2, 1, 0])
@pytest.mark.parametrize("seed", range(5))
def test_ranks_as_scikit_learn_sees_them(seed, digits):
    """With ties, down to two values."""
    y, p = drawn(seed, digits=digits)
    assert metrics.auroc(y, p) == pytest.approx(theirs.roc_auc_score(y, p), abs=1e-12)
    assert metrics.auprc(y, p) == pytest.approx(theirs.average_precision_score(y, p), abs=1e-12)
    assert metrics.brier(y, p) == pytest.approx(theirs.brier_score_loss(y, p), abs=1e-12)


def test_one_label_alone_has_no_rank():
    assert np.isnan(metrics.auroc(np.zeros(3), np.arange(3))) and np.isnan(metrics.auroc(np.ones(3), np.arange(3)))
    assert np.isnan(metrics.auprc(np.zeros(3), np.arange(3))) and metrics.auprc(np.ones(3), np.arange(3)) == 1.0


def test_calibration_of_what_is_true_and_of_what_is_not():
    rng = np.random.default_rng(3)
    p = rng.random(200_000)
    y = rng.random(len(p)) < p
    # Ten groups of 20,000 differ from the truth by .0028 at one standard deviation.
    assert metrics.calibration_error(y, p) < 0.008
    assert metrics.calibration_error(y, p / 2) == pytest.approx(0.25, abs=0.01)
    groups = metrics.reliability(y, p)
    assert len(groups) == 10 and sum(count for *_, count in groups) == len(p)
    np.testing.assert_allclose([said for said, *_ in groups], np.arange(0.05, 1, 0.1), atol=0.005)
    assert len(metrics.reliability(y[:3], p[:3])) == 3


@pytest.mark.parametrize("classes", [2, 5])
def test_mix_ups_as_scikit_learn_counts_them(classes):
    rng = np.random.default_rng(classes)
    y, answers = rng.integers(0, classes, 300), rng.integers(0, classes, 300)
    counts = metrics.confusion(y, answers, classes)
    assert np.array_equal(counts, theirs.confusion_matrix(y, answers))
    assert metrics.balanced_accuracy(counts) == pytest.approx(theirs.balanced_accuracy_score(y, answers))


def test_an_outcome_is_scored_as_a_probability():
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(500, 2)), rng.integers(0, 2, 500)
    p = scipy.special.softmax(logits, axis=1)[:, 1]
    score = Outcome().score(logits, y)
    assert set(score) == {"accuracy", "loss", "auroc", "auprc", "brier", "calibration_error"}
    assert score["loss"] == pytest.approx(theirs.log_loss(y, p)) and score["brier"] == pytest.approx(
        np.mean((p - y) ** 2)
    )
    assert score["auroc"] == pytest.approx(theirs.roc_auc_score(y, p))
    far = Outcome().score(np.array([[0.0, 1e4], [1e4, 0.0]]), np.array([1, 0]))
    assert far["brier"] == 0 and far["auroc"] == 1


def test_the_classes_of_stars_are_scored_alike():
    rng = np.random.default_rng(1)
    logits, y = rng.normal(size=(400, 4)), rng.choice(4, 400, p=[0.7, 0.1, 0.1, 0.1])
    score = Balanced(4).score(logits, y)
    assert score["balanced_accuracy"] == pytest.approx(theirs.balanced_accuracy_score(y, logits.argmax(axis=1)))
    assert np.array_equal(score["confusion"], theirs.confusion_matrix(y, logits.argmax(axis=1)))


def test_a_distribution_is_a_normal_one():
    rng = np.random.default_rng(2)
    asked, answers = Distribution(50.0, 16.0, 0.5, 5.0), rng.normal(size=(300, 2))
    y = rng.normal(50, 16, 300)
    spread = 0.5 + 16 * np.log(1 + np.exp(answers[:, 1]))
    normal = scipy.stats.norm(50 + 16 * answers[:, 0], spread)
    score = asked.score(answers, y)
    assert score["loss"] == pytest.approx(-normal.logpdf(y).mean()) and score["mae"] == pytest.approx(
        np.abs(y - normal.mean()).mean()
    )
    assert score["coverage"] == np.mean((y > normal.ppf(0.05)) & (y < normal.ppf(0.95)))
    assert score["accuracy"] == np.mean(np.abs(y - normal.mean()) <= 5)
    from keras import ops

    found = ops.convert_to_numpy(asked.loss()(ops.cast(y, "float32"), ops.cast(answers, "float32")))
    np.testing.assert_allclose(found, -normal.logpdf(y), rtol=1e-4)
    metric = asked.accuracy()
    metric.update_state(y.astype("float32"), answers.astype("float32"))
    assert float(metric.result()) == pytest.approx(score["accuracy"])
