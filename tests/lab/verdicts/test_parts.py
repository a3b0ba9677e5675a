"""The ablation with runs at its own baseline, with made-up runs of which the answers are known."""

import re
from pathlib import Path

import numpy as np
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments import grid
from plstm.lab.verdicts import parts, parts_table, rule

NAME = "ablations_fair"
GRID = Path(__file__).parents[3] / "grids" / f"{NAME}.yaml"
CONFIGS = [config.as_dict() for config in grid.read(GRID)]
# Accuracies of the network as it is: .9 on average; and of a change, about a mean of its own.
AS_IT_IS, CHANGE = np.linspace(0.8981, 0.9019, 20), np.linspace(-0.0004, 0.0004, 5)
SECOND = {"square gate", "gaussian gate", "truncated gradient", "no gradient through phases", "Phased GRU"}


@pytest.fixture
def publish(monkeypatch):
    """``publish(means)``: let the published runs have these means, {label or (label, rate): mean}; others .9.

    ``diverged``: (label, seed)s. ``without``: drops the runs for which it is true. ``more``: configs on top.
    """

    def publish(means=(), diverged=(), without=lambda label, config: False, more=()):
        means, runs, ended = dict(means), [], []
        for config in [*CONFIGS, *more]:
            label, rate, seed = parts._which(config) if config in CONFIGS else ("more", 0.0, 0)
            if without(label, config):
                continue
            if (label, seed) in diverged:
                ended.append({"config": config})
                continue
            mean = means.get((label, rate), means.get(label, 0.9))
            score = AS_IT_IS[seed - 100] if label == "as it is" else mean + CHANGE[seed % 5]
            metrics = {"test": {"accuracy": score}, "test_with_leak": {"accuracy": score - 0.1}}
            runs.append({"result": {"config": config, "metrics": metrics}})
        monkeypatch.setattr(results, "published", lambda name: runs)
        monkeypatch.setattr(results, "diverged", lambda name: ended)
        forget()

    yield publish
    forget()


def forget():
    parts.entries.cache_clear(), parts.comparisons.cache_clear()


def test_the_rule_is_the_one_that_the_grid_fixed_before_its_runs():
    said = re.sub(r"\s*\n#\s*", " ", GRID.read_text(encoding="utf-8"))
    assert "600 steps" in said and parts.STEPS == 600
    assert "5 seeds that no search" in said and len(parts.SEEDS) == 5
    assert "in every comparison, has 20" in said and len(parts.SEEDS_AS_IT_IS) == 20
    assert "for all 16 ablations" in said and len(parts.CHANGES) == 16
    assert "within the margin, 1 point" in said and parts.MEASURE.margin == 0.01
    assert "counts as chance, .1" in said and parts.MEASURE.diverged == 0.1
    assert set(parts.OTHER_GRADIENTS) == SECOND


def test_every_run_of_the_grid_is_of_one_network():
    found = [parts._which(config) for config in CONFIGS]
    assert len(found) == len(set(found)) == 20 + 11 * 5 + 5 * 2 * 5
    # A change differs from the plain network in one setting.
    for own in parts.CHANGES.values():
        assert sum(parts.PLAIN[name] != value for name, value in own.items()) == 1
    assert found[0] == (parts.AS_IT_IS, 0.005, 100)
    stranger = {**CONFIGS[0], "learning_rate": 0.0025}
    with pytest.raises(ValueError, match="expected runs of as it is, no leak, .*, got one with {'task': 'mnist'"):
        parts._which(stranger)


def test_a_part_matters_or_not_or_is_open(publish):
    publish({"no leak": 0.85, "r_on 0.2": 0.95, "peepholes": 0.9, "leak 0.01": 0.9095})
    found = parts.comparisons(NAME)
    assert list(found) == list(parts.CHANGES)
    assert [found[label].verdict for label in ("no leak", "r_on 0.2", "peepholes")] == [
        rule.WORSE,
        rule.BETTER,
        rule.AS_GOOD,
    ]
    assert found["no leak"].difference == pytest.approx(-0.05) and found["r_on 0.2"].difference == pytest.approx(0.05)
    # Five runs wholly apart from twenty: 2 of 53,130 divisions. Three changes have this p; Holm multiplies all by 16.
    least = 2 / 53_130
    three = [found[label] for label in ("no leak", "r_on 0.2", "leak 0.01")]
    assert [one.p for one in three] == pytest.approx([least] * 3)
    assert [one.corrected for one in three] == pytest.approx([16 * least] * 3)
    # The margin is a whole point, and the difference is significant: it counts, although it is a small one.
    assert found["leak 0.01"].verdict == rule.BETTER


def test_of_two_learning_rates_the_better_one_counts(publish):
    publish({("square gate", 0.005): 0.8, ("square gate", 0.0025): 0.89, ("Phased GRU", 0.0025): 0.7})
    found = parts.entries(NAME)
    assert (found["square gate"].rate, found["Phased GRU"].rate, found["no leak"].rate) == (0.0025, 0.005, 0.005)
    np.testing.assert_allclose(np.sort(found["square gate"].values), 0.89 + CHANGE)
    np.testing.assert_allclose(np.sort(found["as it is"].values), AS_IT_IS)


def test_a_run_that_diverged_counts_as_chance(publish):
    lost = [("gaussian gate", seed) for seed in parts.SEEDS] + [("square gate", 100), ("peepholes", 101)]
    publish(diverged=lost)
    found = parts.entries(NAME)
    assert found["gaussian gate"].values.tolist() == found["gaussian gate"].leaking.tolist() == [0.1] * 5
    # Both rates of the square gate lost one.
    assert found["square gate"].diverged == 1 and sorted(found["square gate"].values)[:2] == [0.1, 0.9 + CHANGE[1]]
    assert parts_table.markdown(NAME).endswith("diverged: 1 of square gate, 5 of gaussian gate, 1 of peepholes.")
    # One run of five that is far off leaves a change open.
    verdicts = {label: one.verdict for label, one in parts.comparisons(NAME).items()}
    assert (verdicts["gaussian gate"], verdicts["peepholes"]) == (rule.WORSE, rule.UNDECIDED)


def test_runs_that_are_not_all_there_are_refused(publish):
    publish(without=lambda label, config: label == "no leak" and config["seed"] == 103)
    told = "in ablations_fair the 125 runs of the grid, got 1 too few and 0 too many: no leak at 0.005 with seed 103$"
    with pytest.raises(ValueError, match=told):
        parts.entries(NAME)
    publish(without=lambda label, config: label == "as it is")
    with pytest.raises(ValueError, match=r"20 too few and 0 too many: as it is .* 102, \.\.\.$"):
        parts.comparisons(NAME)
    publish(more=[{**CONFIGS[0], "seed": 7}])
    with pytest.raises(ValueError, match="0 too few and 1 too many: as it is at 0.005 with seed 7"):
        parts.entries(NAME)
    publish(more=[{**CONFIGS[0], "units": 64}])
    with pytest.raises(ValueError, match="expected runs of as it is, no leak, .*'units': 64"):
        parts.entries(NAME)


def test_a_name_under_which_nothing_is_published():
    with pytest.raises(ResultError, match="expected published results among .*, got 'ablations'"):
        parts.entries("ablations")


def test_the_table_and_the_sentences_say_what_the_rule_says(publish):
    publish({"no leak": 0.85, "r_on 0.2": 0.95, ("square gate", 0.005): 0.8})
    lines = parts_table.markdown(NAME).splitlines()
    assert lines[0] == (
        "| change | learning rate | test accuracy, mean | difference | corrected for all changes | the part |"
    )
    assert re.fullmatch(r"\| as it is \| 0.005 \| 0.9000 \[0.8\d+, 0.90\d+\] \| \| \| \|", lines[2])
    assert re.fullmatch(
        r"\| no leak \| 0.005 \| 0.8500 \[.*\] \| −5.0 points \[−5.1, −4.9\] \| p = .0006 \| matters: worse \|",
        lines[3],
    )
    [row] = [line for line in lines if line.startswith("| <i>r</i><sub>on</sub> 0.2 ")]
    assert row.endswith("| p = .0006 | matters: better |")
    [row] = [line for line in lines if line.startswith("| square gate | 0.0025 | 0.9000 ")]
    assert row.endswith("| p = 1.0000 | does not matter |") and len(lines) == 2 + 17 + 2
    assert lines[-1] == (
        "In brackets the 95 % interval, over 20 runs of the network as it is and 5 of each change; diverged: none."
    )
    assert parts_table.sentence(NAME, "no leak").startswith(
        "no leak: accuracy differs by −5.0 points [−5.1, −4.9], p ="
    )
    said = parts_table.verdict(NAME)
    assert said.startswith(
        "Of the 16 changes 1 is better (<i>r</i><sub>on</sub> 0.2), 1 is worse (no leak), 14 are as good (leak 0.01, "
    )
    assert "open" not in said and said.endswith("no forget bias, Phased GRU).")
    assert parts_table.leaking(NAME) == (
        "Leaking at the test as in training: as it is 0.8000 (0.9000 with closed gates), "
        "leak 0.01 0.8000 (0.9000 with closed gates)."
    )
