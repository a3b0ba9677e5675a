"""The table of results: every number is that of its run, means are those of NumPy, selections are never ambiguous."""

import json

import numpy as np
import pandas as pd
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments.config import Config
from plstm.lab.results import table
from tests.lab.results.test_store import RESULT, finished_run


def test_the_settings_are_the_fields_of_a_config():
    assert [*table.SETTINGS, "options"] == sorted(Config().as_dict(), key=[*table.SETTINGS, "options"].index)


def test_a_row_is_its_run():
    runs = table.runs("mnist_ablations")
    stored = json.loads((results.FOLDER / "mnist_ablations.json").read_text())["runs"]
    assert len(runs) == len(stored)
    for (_, row), one in zip(runs.iterrows(), stored):
        result = one["result"]
        options = {name: value for name, value in row.items() if name.startswith("options.") and value == value}
        expected = {f"options.{name}": value for name, value in result["config"]["options"].items()}
        assert {name: list(v) if isinstance(v, tuple) else v for name, v in options.items()} == expected
        assert {name: row[name] for name in table.SETTINGS} == {n: result["config"][n] for n in table.SETTINGS}
        assert row["test_accuracy"] == result["metrics"]["test"]["accuracy"]
        assert row["test_with_leak_loss"] == result["metrics"]["test_with_leak"]["loss"]
        assert (row["train_loss"], row["train_steps"]) == tuple(
            result["metrics"]["train"][n] for n in ("loss", "steps")
        )
        assert (row["parameters"], row["trainable_parameters"]) == tuple(result["parameters"].values())
        assert row["commit"] == result["provenance"]["git"]["commit"] and row["run"] == result[results.HASH]
        assert row["source"] == "mnist_ablations" and np.isnan(row["validation_accuracy"])


def test_scores_that_only_some_tasks_have():
    """Numbers become columns where a run has them; a confusion is none."""
    more = {"accuracy": 0.9, "loss": 0.3, "auroc": 0.75, "confusion": [[1, 0], [0, 1]]}
    metrics = {**RESULT["metrics"], "test": more, "test_with_leak": {**more, "auroc": 0.7}}
    runs = table.frame(
        [({**RESULT, "metrics": metrics, results.HASH: "0"}, "new"), ({**RESULT, results.HASH: "1"}, "old")]
    )
    assert list(runs["test_auroc"])[0] == 0.75 and list(runs["test_with_leak_auroc"])[0] == 0.7
    assert np.isnan(list(runs["test_auroc"])[1]) and "test_confusion" not in runs
    assert "test_auroc" not in table.frame([({**RESULT, results.HASH: "1"}, "old")])


def test_a_setting_that_a_run_does_not_tell_is_not_filled_in():
    runs = table.runs("mnist_seed")
    plain = runs["model"] == "lstm"
    assert (
        runs[plain]["options.leak"].isna().all()
        and (runs[~plain & (runs["model"] != "lstm-with-time")]["options.leak"] == 0.001).all()
    )
    old, new = (
        {**RESULT, "config": {**RESULT["config"], "options": o}, results.HASH: "0"} for o in ({}, {"bias": "chrono"})
    )
    runs = table.frame([(old, "old"), (new, "new")])
    with pytest.raises(ValueError, match="options.bias is nan or chrono; choose one"):
        table.select(runs, {"model": "lstm"})


def test_runs_and_curves_of_a_directory(tmp_path):
    made = [finished_run(tmp_path / f"run{seed}", seed=seed, clipnorm=clip) for seed, clip in ((0, None), (1, 2.0))]
    runs = table.runs(tmp_path)
    assert list(runs["source"]) == list(map(str, made)) and list(runs["seed"]) == [0, 1]
    assert list(runs["clipnorm"]) == [None, 2.0] and list(runs["commit"]) == [None, None]
    expected = [results.thin(results.read_run(one)[1]) for one in reversed(made)]
    assert table.histories(runs[::-1]) == expected
    with pytest.raises(ResultError, match="expected finished runs below .*found none"):
        (tmp_path / "empty").mkdir()
        table.runs(tmp_path / "empty")
    with pytest.raises(ResultError, match="expected published results among"):
        table.runs("nothing")


def test_curves_of_published_runs_come_in_the_order_of_the_rows():
    runs = table.runs("mnist_log")[::-1]
    stored = {run["result"]["config"]["seed"]: run["history"] for run in results.published("mnist_log")}
    for seed, history in zip(runs["seed"], table.histories(runs)):
        np.testing.assert_array_equal(history["loss"], stored[seed]["loss"])


RUNS = pd.DataFrame(
    {
        "model": ["phased-lstm"] * 4 + ["lstm"] * 2,
        "seed": [0, 1, 0, 1, 0, 1],
        "clipnorm": pd.Series([None, None, 1.0, 1.0, None, None], dtype=object),
        "options.period": [(1.0, 2.0)] * 2 + [(3.0, 4.0)] * 2 + [np.nan] * 2,
        "options.peepholes": [False, False, True, False, np.nan, np.nan],
        "test_accuracy": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        "source": "some_runs",
    }
)


@pytest.mark.parametrize(
    ("wanted", "over", "found"),
    [
        ({"model": "lstm"}, (), [0.5, 0.6]),
        ({"model": "phased-lstm", "options.period": [1.0, 2.0]}, (), [0.1, 0.2]),
        ({"model": "phased-lstm", "clipnorm": None}, (), [0.1, 0.2]),
        ({"clipnorm": 1.0, "options.peepholes": False}, (), [0.4]),
        ({"model": "phased-lstm", "seed": 1}, ("options.period", "clipnorm"), [0.2, 0.4]),
    ],
)
def test_a_selection_has_the_settings_that_it_names(wanted, over, found):
    assert list(table.select(RUNS, wanted, over)["test_accuracy"]) == found


@pytest.mark.parametrize(
    ("wanted", "over", "message"),
    [
        ({}, (), "model is phased-lstm or lstm; choose one"),
        ({"model": "phased-lstm"}, (), "clipnorm is None or 1.0; choose one"),
        ({"model": "phased-lstm"}, ("clipnorm",), r"options.period is \(1.0, 2.0\) or \(3.0, 4.0\); choose one"),
        ({"model": "phased-lstm", "clipnorm": 1.0}, (), "options.peepholes is True or False; choose one"),
        ({"clipnorm": None}, ("model",), r"options.period is \(1.0, 2.0\) or nan; choose one"),
        ({"options.peepholes": True, "options.period": None}, (), "found none"),
        ({"model": "gru"}, (), "expected runs of some_runs with {'model': 'gru'}, found none"),
        ({"units": 4}, (), "expected settings among model, seed, .*, got units"),
        ({"test_accuracy": 0.1}, (), "expected settings among model, seed, .*, got test_accuracy"),
        ({}, ("options.leak",), "expected settings among model, seed, .*, got options.leak"),
    ],
)
def test_an_ambiguous_or_empty_selection_is_refused_by_name(wanted, over, message):
    with pytest.raises(ValueError, match=message):
        table.select(RUNS, wanted, over)


def test_means_over_the_seeds_are_those_of_numpy():
    found = table.over_seeds(RUNS)
    assert list(found["n"]) == [2, 1, 1, 2]
    np.testing.assert_allclose(found["test_accuracy_mean"], [0.15, 0.3, 0.4, 0.55])
    np.testing.assert_allclose(
        found["test_accuracy_std"], [np.std([0, 0.1], ddof=1), np.nan, np.nan, np.std([0, 0.1], ddof=1)]
    )


def test_what_differs_are_settings_that_runs_have():
    assert table.differing(RUNS) == ["model", "clipnorm", "options.period", "options.peepholes"]
    assert table.differing(RUNS[RUNS["clipnorm"].isna()]) == ["model"]
