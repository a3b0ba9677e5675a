"""Claims and verdicts: the statistics are right, the runs are those that a claim means, every claim has a verdict."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plstm.lab import results, verdicts
from plstm.lab.results import table
from plstm.lab.verdicts import ablation, comparison, inside, learning, rule

ROOT = Path(__file__).parents[3]


def test_a_difference_has_the_standard_error_of_two_means():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.8, 0.02, (20_000, 3)), rng.normal(0.8, 0.04, (20_000, 5))
    measured = np.std(drawn[0].mean(axis=1) - drawn[1].mean(axis=1))
    exact = np.sqrt(0.02**2 / 3 + 0.04**2 / 5)
    assert measured == pytest.approx(exact, rel=0.03)
    errors = [verdicts.difference(a, b).error ** 2 for a, b in zip(*(group[:4000] for group in drawn))]
    assert np.sqrt(np.mean(errors)) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize(("value", "counts"), [(0.021, True), (0.019, False), (-0.021, True)])
def test_more_than_two_standard_errors_count(value, counts):
    assert verdicts.Difference(value, 0.01).counts is counts


def test_a_single_run_tells_nothing_of_its_scatter():
    assert not verdicts.difference([0.9], [0.8, 0.82]).counts


def test_the_pooled_spread_is_that_of_a_run():
    rng = np.random.default_rng(0)
    groups = [rng.normal(mean, 0.03, size) for mean in rng.uniform(size=2000) for size in (1, 2, 4)]
    assert verdicts.pooled(groups) == pytest.approx(0.03, rel=0.02)
    assert np.isnan(verdicts.pooled([[0.5], [0.6]]))


def stored(name):
    return json.loads((results.FOLDER / f"{name}.json").read_text())["runs"]


def test_scores_are_those_of_the_runs_with_these_settings():
    expected = [
        run["result"]["metrics"]["test"]["accuracy"]
        for run in stored("mnist_seed")
        if run["result"]["config"]["model"] == "lstm"
    ]
    assert list(verdicts.scores("mnist_seed", {"model": "lstm"})) == expected
    runs = [run["result"] for run in stored("adding")]
    wanted = {"leak": 0.0, "period": [54.6, 403.4]}
    expected = [
        run["metrics"]["train"]["loss"]
        for run in runs
        if run["config"]["task"] == "adding" and wanted.items() <= run["config"]["options"].items()
    ]
    settings = {"task": "adding", "options.leak": 0.0, "options.period": [54.6, 403.4]}
    assert len(expected) == 3 and list(verdicts.scores("adding", settings, "train_loss")) == expected
    with pytest.raises(ValueError, match="expected runs of mnist_seed with {'units': 7}, found none"):
        verdicts.scores("mnist_seed", {"units": 7})


def test_scores_of_runs_that_differ_in_a_setting_that_nobody_named_are_refused():
    """In place of those with today's default."""
    with pytest.raises(ValueError, match="options.ratio_on is 0.05 or 0.2 or 0.5; choose one"):
        verdicts.scores("events", {"task": "events-saccades", "model": "phased-lstm"})
    with pytest.raises(ValueError, match="steps is .*; choose one"):
        verdicts.scores("mnist_ablations", ablation.PLAIN | {"options.gate_shape": "square"})
    with pytest.raises(ValueError, match="options.period is .*; choose one"):
        verdicts.steps_to("adding", 0.5, {"task": "adding", "model": "phased-lstm", "options.leak": 0.0})
    runs = verdicts.steps_to("adding", 0.5, {"task": "adding", "options.leak": 0.0}, over=["options.period"])
    assert len(runs) == 12


def curves(monkeypatch, *histories):
    """Let the published runs be these: a seed each."""
    runs = pd.DataFrame({"model": "lstm", "seed": range(len(histories)), "source": "any"})
    monkeypatch.setattr(comparison, "_runs", lambda name: runs)
    monkeypatch.setattr(comparison, "_histories", lambda name: histories)


def test_steps_to_an_accuracy(monkeypatch):
    step = np.arange(10, 210, 10)
    rising = {"step": step, "loss": step, "accuracy": np.where(step > 100, 1.0, 0.0)}
    curves(monkeypatch, rising, {"step": step, "loss": step, "accuracy": np.zeros(20)})
    # Half of the last hundred steps were right for the first time at step 150.
    np.testing.assert_array_equal(verdicts.steps_to("any", 0.5, {}), [150.0, np.nan])
    np.testing.assert_array_equal(verdicts.steps_to("any", 0.5, {"seed": 1}), [np.nan])


def test_the_best_moment_may_be_long_gone(monkeypatch):
    accuracy = np.concatenate([np.zeros(5), np.full(8, 0.5), np.zeros(7)])  # eight of ten points at the best moment
    curves(monkeypatch, {"step": np.arange(20), "accuracy": accuracy})
    np.testing.assert_allclose(comparison.best_moment("any", {}), [0.4])


def test_every_change_of_the_ablation_has_runs():
    found = verdicts.ablations()
    assert list(found) == ["as it is", *verdicts.ABLATIONS]
    assert len(found["as it is"]) >= 3


def test_pairs_of_the_same_seed_have_the_standard_error_of_their_mean(monkeypatch):
    """A seed that is lucky in every row does not count as scatter; what is left of it does."""
    rng, measured, errors = np.random.default_rng(0), [], []
    for _ in range(2000):
        luck = rng.normal(0.8, 0.1, 3)
        rows = {name: luck + rng.normal(0.0, 0.01, 3) for name in ("as it is", *verdicts.ABLATIONS)}
        monkeypatch.setattr(ablation, "ablations", lambda rows=rows: rows)
        found = verdicts.ablation_difference("square gate")
        measured.append(found.value)
        errors.append(found.error**2)
    assert np.std(measured) == pytest.approx(0.01 * np.sqrt(2 / 3), rel=0.05)
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.std(measured), rel=0.05)


def test_runs_of_other_seeds_are_no_pairs(monkeypatch):
    monkeypatch.setitem(verdicts.ABLATIONS, "a batch of another size", {**ablation.PLAIN, "batch_size": 7})
    with pytest.raises(ValueError, match="found none"):
        verdicts.ablations()
    seeds = iter([(0, 1, 2), (0, 1)] * len(verdicts.ABLATIONS))
    monkeypatch.setattr(ablation, "scores", lambda *a, **k: next(seeds))
    with pytest.raises(ValueError, match=r"same seeds for every change, got \[\(0, 1\), \(0, 1, 2\)\]"):
        verdicts.ablations()


def test_every_claim_has_a_verdict_and_a_chapter():
    found = verdicts.findings()
    assert len({one.claim for one in found}) == len(found)
    for one in found:
        assert one.verdict in {verdicts.HOLDS, verdicts.IN_PART, verdicts.NOT_HERE, verdicts.OPEN}
        assert (ROOT / "book" / f"{one.chapter}.ipynb").exists(), one.chapter
        assert "nan" not in one.measured + one.fair


def changed(monkeypatch, **edits):
    """Let reports say something else: each edit is a function that changes one measured run."""
    from plstm.lab import analysis

    true = analysis.published

    def published(name):
        report = json.loads(json.dumps(true(name)))
        for run in report["measured"]:
            for edit in edits.values():
                edit(run)
        return report

    monkeypatch.setattr(analysis, "published", published)


def test_the_shortcut_stands_or_falls_with_what_gradients_keep(monkeypatch):
    def gradients(run):
        return run["weights"]["initial"]["gradients"]["inference"]

    assert inside.shortcut().verdict == verdicts.IN_PART
    changed(monkeypatch, each_unit_opens=lambda run: gradients(run).update(no_open_unit=0.0))
    assert inside.shortcut().verdict == verdicts.HOLDS
    changed(monkeypatch, all_the_same=lambda run: gradients(run)["state"].append([0.1, 0.1, 0.1]))
    assert inside.shortcut().verdict == verdicts.NOT_HERE


def test_a_dropout_would_draw_other_units(monkeypatch):
    def draw(run):
        meetings = run["weights"]["trained"].get("meetings")
        if meetings:
            meetings["rhythm"]["again"] = 0.5

    assert inside.persistent_dropout().verdict == verdicts.NOT_HERE
    changed(monkeypatch, drawn=draw)
    assert inside.persistent_dropout().verdict == verdicts.HOLDS


def test_a_learned_transform_would_move_its_periods_to_the_target(monkeypatch):
    def move(run):
        if run["rhythm"] is not None:
            run["rhythm"]["trained"]["period"] = [5.5] * len(run["rhythm"]["trained"]["period"])

    assert inside.fourier_transform().verdict == verdicts.IN_PART
    changed(monkeypatch, moved=move)
    found = inside.fourier_transform()
    assert found.verdict == verdicts.HOLDS and "100.0% ended there" in found.measured


def test_a_run_that_ends_before_the_epoch_in_question_settles_nothing(monkeypatch):
    runs = table.runs("permuted")
    assert learning.loss_of_nan().verdict == verdicts.NOT_HERE
    runs["steps"] //= 2
    monkeypatch.setattr(table, "runs", lambda name: runs)
    assert learning.loss_of_nan().verdict == verdicts.OPEN


@pytest.mark.parametrize(
    ("phased", "verdict"),
    [((0.9, 0.9), verdicts.HOLDS), ((0.9, 0.71), verdicts.IN_PART), ((0.5, 0.5), verdicts.NOT_HERE)],
)
def test_the_best_rival_must_be_left_behind_in_every_task(monkeypatch, phased, verdict):
    means = {
        "phased-lstm": dict(zip("ab", phased)),
        "lstm": {"a": 0.2, "b": 0.7},
        "lstm-with-time": {"a": 0.7, "b": 0.2},
    }
    runs = np.array([-0.02, 0.0, 0.02])
    monkeypatch.setattr(learning, "scores", lambda name, one: means[one["model"]][one["task"]] + runs)
    words, found = learning._against_the_best("any", "ab", ("lstm", "lstm-with-time"), {})
    assert found == verdict
    assert [one.split(" against ")[1][:5] for one in words] == ["0.700", "0.700"]


def test_a_tuned_lstm_that_learns_sooner_undoes_the_claim_of_speed(monkeypatch):
    found = learning.faster_convergence()
    assert found.verdict == verdicts.NOT_HERE and "LSTM after" in found.fair
    monkeypatch.setattr(learning.fair, "steps_to", lambda name, model: np.array([{"lstm": np.nan}.get(model, 100.0)]))
    found = learning.faster_convergence()
    assert found.verdict == verdicts.IN_PART and "LSTM not within the training" in found.fair


def test_a_comparison_that_was_not_made_is_said(monkeypatch):
    monkeypatch.setattr(learning.fair, "published", list)
    assert "grids/fair_mnist.yaml) has not been run to its end" in learning.lstm_fails().fair


def test_beating_rivals_with_default_settings_leaves_a_claim_open(monkeypatch):
    names = ("fair_frequency", "fair_camera")
    monkeypatch.setattr(learning.fair, "published", list)
    assert learning._decided(verdicts.HOLDS, *names) == verdicts.OPEN
    assert learning._decided(verdicts.IN_PART, *names) == verdicts.IN_PART
    monkeypatch.setattr(learning.fair, "published", lambda: list(names))
    said = {"fair_frequency": ["better", "better"], "fair_camera": ["better", "open"]}
    monkeypatch.setattr(
        learning.fair,
        "comparisons",
        lambda name: {str(i): rule.Comparison(0, 0, 0, 0, 0, one) for i, one in enumerate(said[name])},
    )
    assert learning._decided(verdicts.HOLDS, "fair_frequency") == verdicts.HOLDS
    assert learning._decided(verdicts.HOLDS, *names) == verdicts.IN_PART
    said.update(fair_frequency=["as good", "worse"], fair_camera=["open", "open"])
    assert learning._decided(verdicts.HOLDS, *names) == verdicts.NOT_HERE
