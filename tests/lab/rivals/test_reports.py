"""Reports on rivals: the protocol is kept, the test set is met once, and the file is what the schema says."""

import json

import numpy as np
import pytest

from plstm.errors import ConfigError, ResultError
from plstm.lab import results, rivals
from plstm.lab.cli import main
from plstm.lab.rivals import models, reports
from plstm.lab.rivals.summaries import telling
from plstm.lab.tasks import nafld, nafld_next, stars
from tests.lab.tasks import records

TREES = ["boosted trees", "boosted trees without times"]


@pytest.fixture
def small(monkeypatch):
    """The NAFLD tasks with made-up tables, and a search of two settings a model."""
    given = records.tables(250)
    monkeypatch.setattr(nafld, "_tables", lambda: given)
    monkeypatch.setattr(models, "TREES", {"learning_rate": [0.1], "max_leaf_nodes": [3, 4]})
    monkeypatch.setattr(models, "LINEAR", {"strength": [0.1], "features": ["first", "all"]})
    monkeypatch.setattr(models, "ROUNDS", 5)
    monkeypatch.setattr(reports, "RESAMPLES", 20)


@pytest.mark.parametrize(
    ("task", "names", "scores"),
    [
        ("nafld", ["logistic regression", *TREES], {"auroc", "auprc", "brier", "calibration_error"}),
        ("nafld-next", ["last value", "ridge", *TREES], {"mae", "coverage"}),
    ],
)
def test_a_report_keeps_the_protocol(small, tmp_path, task, names, scores):
    lines = []
    report = rivals.measure(task, say=lines.append)
    content = rivals.write(tmp_path / "report.json", report)
    assert results.read(tmp_path / "report.json", kind="rivals") == content
    assert [one["model"] for one in report["measured"]] == names and len(lines) == len(names)
    for one in report["measured"]:
        drawn = one["model"] in TREES
        losses = [np.mean(row["scores"]) for row in one["tried"]]
        assert losses == sorted(losses) and one["chosen"] == one["tried"][0]["settings"]
        assert {len(row["scores"]) for row in one["tried"]} == {2 if drawn else 1}
        assert [run["seed"] for run in one["runs"]] == (list(range(100, 110)) if drawn else [100])
        assert set(one["test"]) == {"accuracy", "loss"} | scores
        for name, found in one["test"].items():
            assert found["mean"] == pytest.approx(np.mean([run["test"][name] for run in one["runs"]]))
            assert found["low"] <= found["high"]
            assert name == "calibration_error" or found["low"] <= found["mean"] <= found["high"]
        assert ("reliability" in one) == (task == "nafld")
    assert report["data"]["train"] + report["data"]["test"] == len(_cohort(task).y)


def _cohort(task):
    return {"nafld": nafld, "nafld-next": nafld_next}[task].cohort(nafld._tables())


def test_no_model_sees_the_test_set_before_its_end(small, monkeypatch):
    """What is fitted and scored in the search are training people; the test people are answered for at the end."""
    seen = []

    class Spy(models.Trees):
        def fit(self, summary, y):
            seen.append(("fit", {row.tobytes() for row in summary.values}))
            return super().fit(summary, y)

        def answer(self, summary):
            seen.append(("answer", {row.tobytes() for row in summary.values}))
            return super().answer(summary)

    monkeypatch.setattr(models, "of", lambda task: {"spy": models.Rival(Spy, models.grid(models.TREES), True)})
    rivals.measure("nafld")
    task = nafld.load("visits")
    whole = [reports.summary(part) for part in (task.training, task.testing)]
    useful = telling(whole[0].values[~task.held])
    train, test = ({row.tobytes() for row in one.only(useful).values} for one in whole)
    search, final = seen[: 2 * 4], seen[2 * 4 :]
    assert all(rows < train for _, rows in search) and not any(rows & test for _, rows in search)
    for (_, fitted), (_, held) in zip(search[::2], search[1::2]):
        assert not fitted & held and fitted | held == train
    assert [kind for kind, _ in final] == ["fit", "answer"] * 10
    assert all(rows == (train if kind == "fit" else test) for kind, rows in final)


def test_a_search_has_as_many_settings_as_that_of_a_network():
    for module, names in ((nafld, ("logistic regression", *TREES)), (nafld_next, ("ridge", *TREES))):
        of = models.of(module.make(records.tables(60), "visits"))
        assert all(len(of[name].settings) == 16 for name in names)
    sky = stars.make(records.catalogue(4), [stars.catalogue.Cadence("a", *records.curve(30).T[[0, 2]])], length=20)
    assert list(models.of(sky)) == ["logistic regression", "boosted trees"]


def test_trees_that_know_the_answer_find_it():
    """A sanity check of the whole way: a label that a slope tells is learned, and a shuffled one is not."""
    from plstm.lab.rivals.summaries import Summary

    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 5))
    values[rng.random(values.shape) < 0.2] = np.nan
    y = (np.nan_to_num(values[:, 2]) > 0.3).astype(int)
    summary = Summary(values, list("abcde"), [True] * 5, [False, False, True, False, False])
    from plstm.lab.tasks.objective import Outcome

    # The ablation does not see what tells: it is as lost as one with shuffled labels.
    blind = models.TimelessTrees({"learning_rate": 0.1, "max_leaf_nodes": 4}, 0).fit(summary, y).answer(summary)
    assert reports.score(Outcome(), blind, y)["auroc"] < 0.9
    for make in (models.Trees, models.Logistic):
        settings = (
            {"learning_rate": 0.1, "max_leaf_nodes": 4} if make is models.Trees else models.grid(models.LINEAR)[0]
        )
        auroc = [
            reports.score(Outcome(), make(settings, 0).fit(summary, labels).answer(summary), y)["auroc"]
            for labels in (y, rng.permutation(y))
        ]
        assert auroc[0] > 0.9 > auroc[1]


def test_the_spread_is_that_of_rows_not_shown():
    """Noise that grows: the spread follows it, and nine tenths lie in the middle nine tenths."""
    from plstm.lab.rivals.summaries import Summary
    from plstm.lab.tasks.objective import Distribution

    rng = np.random.default_rng(1)
    values = rng.normal(size=(4000, 3))
    y = 50 + 10 * values[:, 0] + np.where(values[:, 1] > 0, 9.0, 3.0) * rng.normal(size=4000)
    half = [Summary(values[rows], list("abc"), [True] * 3, [False] * 3) for rows in (slice(0, 2000), slice(2000, None))]
    model = models.TreesWithSpread({"learning_rate": 0.05, "max_leaf_nodes": 8}, 0).fit(half[0], y[:2000])
    mean, spread = model.answer(half[1]).T
    loud = values[2000:, 1] > 0
    assert spread[loud].mean() == pytest.approx(9, abs=1.5) and spread[~loud].mean() == pytest.approx(3.3, abs=1)
    score = Distribution(50.0, 16.0, 0.5, 5.0).score_read(mean, spread, y[2000:])
    assert 0.85 < score["coverage"] < 0.95 and score["mae"] < 6


def test_a_report_that_was_changed_by_hand(small, tmp_path):
    path = tmp_path / "report.json"
    rivals.write(path, rivals.measure("nafld", only=["logistic regression"]))
    content = json.loads(path.read_text())
    content["measured"][0]["test"]["auroc"]["mean"] = 0.99
    path.write_text(json.dumps(content))
    with pytest.raises(ResultError, match="unchanged since it was written"):
        results.read(path, kind="rivals")


def test_the_command(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        models, "of", lambda task: {"line": models.Rival(models.Logistic, models.grid(models.LINEAR), False)}
    )
    out = tmp_path / "report.json"
    assert main.main(["rivals", "nafld", "--out", str(out)]) == 0
    assert "nafld line, " in capsys.readouterr().out and out.exists()
    assert main.main(["rivals", "mnist"]) == 2
    assert "expected a task among nafld, nafld-next, stars, got 'mnist'" in capsys.readouterr().err
    assert main.main(["rivals", "nafld", "--out", str(tmp_path / "none" / "report.json")]) == 2
    assert "expected --out to be in an existing directory" in capsys.readouterr().err


def test_a_task_without_rivals():
    with pytest.raises(ConfigError, match="expected a task among nafld, nafld-next, stars, got 'xor'"):
        rivals.measure("xor")
