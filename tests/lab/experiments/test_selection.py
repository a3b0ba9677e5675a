"""The choice of settings: the best on validation data, and nothing else, goes on to the test set."""

import json
from copy import deepcopy

import numpy as np
import pytest

from plstm.errors import ConfigError, ResultError
from plstm.lab import results
from plstm.lab.experiments import grid, selection
from plstm.lab.experiments.config import Config
from plstm.lab.results import table
from tests.lab.cli.test_cli import command
from tests.lab.results.test_store import RESULT

RATES, SEEDS = (0.001, 0.01, 0.1), (0, 1)
GRID = {
    "name": "a",
    "search": [
        {
            "set": {"task": "frequency", "steps": 5, "evaluate": "validation"},
            "over": {"model": ["lstm", "phased-lstm"], "learning_rate": list(RATES), "seed": list(SEEDS)},
        }
    ],
    "final": {"best": "accuracy", "set": {"steps": 9}, "seeds": [7, 8]},
}


def written(tmp_path, **change):
    """A grid file with another ``final``, or another ``search``."""
    content = deepcopy(GRID)
    content["final"].update(change.get("final", {}))
    content["search"][0]["set"].update(change.get("search", {}))
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps(content))  # which is YAML, too
    return path


def searched(scores, best="accuracy"):
    """Pairs of config and result, as a sweep finds them, with ``scores(config)`` for accuracy; None: diverged."""
    found = []
    for config in grid.expand(GRID):
        accuracy = scores(config)
        score = None if accuracy is None else {"accuracy": accuracy, "loss": 1 - accuracy}
        found.append((config, score and {"metrics": {"validation": score}}))
    return selection.choose_settings(found, best)


def test_the_best_mean_goes_on():
    table = {0.001: (0.5, 0.9), 0.01: (0.8, 0.7), 0.1: (0.1, 0.3)}
    lstm, phased = searched(lambda c: table[c.learning_rate][c.seed] if c.model == "lstm" else c.learning_rate)
    assert [one.config.learning_rate for one in lstm.ranking] == [0.01, 0.001, 0.1]
    assert [one.mean for one in lstm.ranking] == pytest.approx([0.75, 0.7, 0.2])
    assert lstm.reason == (
        "highest mean accuracy on the validation data, 0.7500 over 2 seeds, of 3 settings; the next has 0.7000"
    )
    assert (phased.config.model, phased.config.learning_rate) == ("phased-lstm", 0.1)


def test_of_losses_the_lowest_is_best():
    lstm, _ = searched(lambda c: c.learning_rate, best="loss")
    assert lstm.config.learning_rate == 0.1 and lstm.reason.startswith("lowest mean loss on the validation data, 0.9")


def test_of_equal_settings_the_first_in_the_grid_goes_on():
    lstm, _ = searched(lambda c: 0.5)
    assert [one.config.learning_rate for one in lstm.ranking] == list(RATES)


def test_a_setting_that_diverged_once_is_the_last():
    table = {0.001: (1.0, None), 0.01: (0.1, 0.2), 0.1: (None, None)}
    lstm, _ = searched(lambda c: table[c.learning_rate][c.seed])
    assert lstm.config.learning_rate == 0.01
    assert lstm.as_dict()["tried"][-1]["scores"] in ([1.0, None], [None, None])
    with pytest.raises(ConfigError, match="expected a setting of phased-lstm for frequency that does not diverge"):
        searched(lambda c: 0.5 if c.model == "lstm" else None)


def test_the_final_runs_differ_from_the_choice_in_what_the_grid_says(tmp_path):
    asked = grid.read_whole(written(tmp_path))
    choices = searched(lambda c: c.learning_rate)
    configs = selection.final_configs(choices, asked.final)
    expected = [Config(task="frequency", model=m, steps=9, learning_rate=0.1, seed=s)
                for m in ("lstm", "phased-lstm") for s in (7, 8)]  # fmt: skip
    assert configs == expected and all(config.evaluate == "test" for config in configs)
    assert grid.read(tmp_path / "a.yaml") == asked.configs and len(asked.configs) == 12


def test_the_choice_is_written_with_what_was_tried(tmp_path):
    selection.write(tmp_path / "choice.json", "a", searched(lambda c: c.learning_rate))
    content = json.loads((tmp_path / "choice.json").read_text())
    lstm = content["choices"][0]
    assert (content["grid"], lstm["task"], lstm["model"]) == ("a", "frequency", "lstm")
    assert lstm["chosen"] == {"learning_rate": 0.1} == lstm["tried"][0]["settings"]
    assert [one["scores"] for one in lstm["tried"]] == [[0.1, 0.1], [0.01, 0.01], [0.001, 0.001]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"final": {"best": "speed"}}, "expected best to be accuracy or loss, got 'speed'"),
        ({"final": {"seeds": [5, 1]}}, r"seeds that the search has not used, got \[5, 1\]"),
        ({"final": {"seeds": []}}, "a list of seeds"),
        ({"final": {"seeds": 7}}, "a list of seeds"),
        ({"final": {"seeds": [-7]}}, "seed to be an integer >= 0, got -7"),
        ({"final": {"set": {"steps": 0}}}, "steps to be an integer >= 1, got 0"),
        ({"final": {"set": {"model": "gru"}}}, "expected final to leave model as in the search"),
        ({"final": {"set": {"options.leak": 0}}}, "expected final to leave options.leak as in the search"),
        ({"final": {"set": []}}, "expected final with best, set"),
        ({"final": {"more": 1}}, "expected final with best, set"),
        ({"search": {"evaluate": "test"}}, "expected a search with evaluate: validation, got test of lstm"),
    ],
)
def test_what_is_no_grid_with_two_stages(tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        grid.read_whole(written(tmp_path, **change))


@pytest.mark.parametrize(
    "text", ["{name: a, search: []}", "{name: a, runs: [], final: {}}", "{name: a, search: 5, final: {}}"]
)
def test_half_a_grid(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ConfigError, match="expected a (grid with name and runs|list of runs)"):
        grid.read(tmp_path / "a.yaml")


def test_a_sweep_makes_both_stages_and_skips_what_is_finished(tmp_path, capsys):
    """The worst rate diverges, which costs that setting the choice and stops nothing."""
    content = deepcopy(GRID)
    content["search"][0]["set"].update(units=3, batch_size=8)
    content["search"][0]["over"] = {"model": ["lstm"], "learning_rate": [0.01, 1e38], "seed": [0]}
    (tmp_path / "a.yaml").write_text(json.dumps(content).replace("1e+38", "1.0e+38"))  # as YAML writes a number
    assert command("sweep", tmp_path / "a.yaml", "--out", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert "frequency lstm: learning_rate 0.01: highest mean accuracy" in out and "3 of 4 runs finished" in out
    assert "diverged: the loss was" in err
    chosen = json.loads((tmp_path / "out" / "choice.json").read_text())["choices"][0]
    assert chosen["tried"][1] == {"settings": {"learning_rate": 1e38}, "scores": [None]}
    runs = table.runs(tmp_path / "out")
    final = runs[runs["evaluate"] == "test"][["seed", "steps", "learning_rate"]]
    assert sorted(final.itertuples(index=False, name=None)) == [(7, 9, 0.01), (8, 9, 0.01)]
    [search] = runs[runs["evaluate"] == "validation"].to_dict("records")
    assert search["validation_accuracy"] == chosen["tried"][0]["scores"][0] and np.isnan(search["test_accuracy"])
    done = results.publish([tmp_path / "out"], "both_stages", tmp_path)
    assert len(done.new) == 3 and done.unfinished == []
    ended = [one["config"] for one in results.diverged("both_stages", tmp_path)]
    assert ended == [config.as_dict() for config in grid.read(tmp_path / "a.yaml") if config.learning_rate > 1]
    assert results.choices("both_stages", tmp_path) == [{"grid": "a", **chosen}]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("result.json")}
    assert command("sweep", tmp_path / "a.yaml", "--out", tmp_path / "out") == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("result.json")} == before
    capsys.readouterr()
    assert command("results", tmp_path / "out") == 0
    assert "validation_accuracy" in capsys.readouterr().out


def test_a_result_is_of_the_test_or_of_the_validation(tmp_path):
    for metrics in (
        {},
        {"test": {"accuracy": 1, "loss": 0}},
        {"validation": {"accuracy": 1, "loss": 0}, **RESULT["metrics"]},
    ):
        result = {**RESULT, "metrics": {"train": RESULT["metrics"]["train"], **metrics}}
        with pytest.raises(ResultError):
            results.write(tmp_path / "result.json", result)
    metrics = {"train": RESULT["metrics"]["train"], "validation": {"accuracy": 1, "loss": 0}}
    results.write(tmp_path / "result.json", {**RESULT, "metrics": metrics})
