"""The rule of the fair comparisons against statistics with known answers."""

from itertools import combinations

import numpy as np
import pytest

from plstm.lab.verdicts import rule


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Percentile intervals of ten runs are a little short: 90 to 95 of 100 cover the true mean."""
    rng = np.random.default_rng(0)
    inside = [low <= 0.8 <= high for low, high in (rule.interval(rng.normal(0.8, 0.05, 10)) for _ in range(300))]
    assert 0.86 < np.mean(inside) < 0.97


def test_the_interval_of_a_difference_has_the_width_of_two_means():
    rng = np.random.default_rng(1)
    one, two = rng.normal(0.8, 0.02, 40), rng.normal(0.7, 0.04, 40)
    low, high = rule.interval(one, two)
    error = np.sqrt(one.var() / 40 + two.var() / 40)
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.05)
    assert (low + high) / 2 == pytest.approx(one.mean() - two.mean(), abs=error / 10)


def test_the_same_runs_have_the_same_interval():
    values = np.random.default_rng(2).normal(size=10)
    assert rule.interval(values) == rule.interval(values)


def test_runs_that_are_all_alike_have_an_interval_of_no_width():
    assert rule.interval([0.5, 0.5, 0.5]) == (0.5, 0.5)
    assert rule.interval([0.75, 0.75], [0.5, 0.5]) == (0.25, 0.25)


def test_a_single_run_has_no_interval():
    assert np.isnan(rule.interval([0.5])).all() and np.isnan(rule.interval([0.5], [0.4, 0.3])).all()


def test_p_counts_all_divisions():
    rng = np.random.default_rng(3)
    one, two = rng.normal(0.3, 1, 5), rng.normal(0, 1, 4)
    both, apart = np.concatenate([one, two]), one.mean() - two.mean()
    divisions = [(list(first), [i for i in range(9) if i not in first]) for first in combinations(range(9), 5)]
    differences = np.array([both[first].mean() - both[rest].mean() for first, rest in divisions])
    # The groups are of unlike size, so the two tails are not mirror images: the smaller is doubled.
    tails = np.mean(differences >= apart - 1e-12), np.mean(differences <= apart + 1e-12)
    assert rule.p_value(one, two) == pytest.approx(min(1, 2 * min(tails)))


def test_ten_runs_wholly_apart_have_the_least_p_there_is():
    assert rule.p_value(np.arange(10.0) + 100, np.arange(10.0)) == pytest.approx(2 / 184_756)


def test_holm_corrects_in_steps():
    assert rule.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert rule.holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert rule.holm([0.02]) == [0.02]


APART = np.linspace(-0.001, 0.001, 10)


@pytest.mark.parametrize(
    ("shift", "spread", "margin", "larger_is_better", "verdict"),
    [
        (0.1, 1, 0.01, True, rule.BETTER),
        (0.1, 1, 0.01, False, rule.WORSE),
        (-0.1, 1, 0.01, True, rule.WORSE),
        (-0.1, 1, 0.01, False, rule.BETTER),
        (0.0, 1, 0.01, True, rule.AS_GOOD),
        (0.0, 100, 0.01, True, rule.UNDECIDED),
        # A difference that is sure is said, even where it is small.
        (0.004, 1, 0.01, True, rule.BETTER),
    ],
)
def test_verdicts(shift, spread, margin, larger_is_better, verdict):
    found = rule.compare(0.5 + shift + spread * APART, {"lstm": 0.5 + spread * APART}, margin, larger_is_better)
    assert found["lstm"].verdict == verdict
    assert found["lstm"].low <= found["lstm"].difference <= found["lstm"].high
    assert found["lstm"].difference == pytest.approx(shift, abs=1e-12)


def test_a_difference_that_does_not_survive_the_correction_is_open():
    rng = np.random.default_rng(18)
    values, rival = rng.normal(0.25, 0.3, 10), rng.normal(0, 0.3, 10)
    alone = rule.compare(values, {"a": rival}, 0.001)["a"]
    assert 0.02 < alone.p < 0.05, "the example is of a p that is small enough alone"
    with_others = rule.compare(values, {"a": rival, **{str(i): rival for i in range(4)}}, 0.001)["a"]
    assert with_others.corrected == pytest.approx(5 * alone.p) and with_others.verdict == rule.UNDECIDED


def test_divisions_that_part_the_runs_as_far_count_whatever_the_last_bit_says():
    ours = np.array([9554, 9565, 9569, 9580, 9590, 9598, 9599, 9611, 9653, 9653])
    theirs = np.array([9431, 9496, 9529, 9591, 9609, 9631, 9647, 9660, 9693, 9695])
    # Whole numbers have no last bit.
    assert rule.p_value(ours / 1e4, theirs / 1e4) == pytest.approx(rule.p_value(1.0 * ours, 1.0 * theirs), abs=1e-9)
