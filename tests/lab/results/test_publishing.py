"""Publishing: runs and whole sweeps, all or none of them, and only what is finished."""

import copy
import json

import numpy as np
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from tests.lab.results.test_store import RESULT, finished_run

CHOICE = {
    "grid": "a_grid",
    "choices": [
        {
            "task": "mnist",
            "model": "lstm",
            "chosen": {"learning_rate": 0.01},
            "reason": "highest mean accuracy",
            "tried": [
                {"settings": {"learning_rate": 0.01}, "scores": [0.5, 0.25]},
                {"settings": {"learning_rate": 0.1}, "scores": [0.125, None]},
            ],
        }
    ],
}


def unfinished_run(folder):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(RESULT["config"]))
    return folder


def diverged_run(folder, seed, step):
    """A run that ended at a step, and what its file says."""
    folder.mkdir(parents=True)
    config = {**RESULT["config"], "seed": seed}
    (folder / "config.json").write_text(json.dumps(config))
    ended = {"format": 1, "config": config, "step": step, "loss": "nan", "provenance": RESULT["provenance"]}
    return results.write(folder / "diverged.json", ended, "diverged")


def sweep_of(folder, seeds):
    folder.mkdir()
    return [finished_run(folder / f"run{seed}", seed=seed) for seed in seeds]


def seeds(name, folder):
    return [run["result"]["config"]["seed"] for run in results.published(name, folder)]


def test_published_runs_come_back_thinned(tmp_path):
    runs = [finished_run(tmp_path / f"run{seed}", seed=seed) for seed in (1, 0)]
    folder = tmp_path / "published"
    folder.mkdir()
    for run in runs:
        results.publish([run], "some_runs", folder)
    assert results.names(folder) == ["some_runs"]
    found = results.published("some_runs", folder)
    assert [run["result"]["config"]["seed"] for run in found] == [0, 1]
    assert found[0]["result"] == results.read(tmp_path / "run0" / "result.json")
    np.testing.assert_array_equal(found[0]["history"]["step"], [10, 20])
    np.testing.assert_allclose(found[0]["history"]["accuracy"], [5.5 / 20, 15.5 / 20], rtol=1e-12)
    np.testing.assert_allclose(found[0]["history"]["loss"], [2 - 5.5 / 20, 2 - 15.5 / 20], rtol=1e-12)


def test_runs_that_diverged_are_published_as_such(tmp_path):
    """Once each; one that finished in a later attempt is a run as any other."""
    folder = tmp_path / "published"
    folder.mkdir()
    (tmp_path / "sweep").mkdir()
    finished_run(tmp_path / "sweep" / "good", seed=0)
    ended = [diverged_run(tmp_path / "sweep" / f"bad{seed}", seed, 10 + seed) for seed in (1, 2)]
    for _ in range(2):
        done = results.publish([tmp_path / "sweep"], "some_runs", folder)
        assert (len(done.diverged), done.unfinished) == (2, []) and results.diverged("some_runs", folder) == ended
    assert seeds("some_runs", folder) == [0]
    results.publish([finished_run(tmp_path / "again", seed=2)], "some_runs", folder)
    assert results.diverged("some_runs", folder) == ended[:1] and seeds("some_runs", folder) == [0, 2]
    # The other way round: no config stands in both lists.
    ended.append(diverged_run(tmp_path / "once_more" / "bad0", 0, 7))
    finished_run(tmp_path / "once_more" / "good", seed=5)
    results.publish([tmp_path / "once_more"], "some_runs", folder)
    assert results.diverged("some_runs", folder) == [ended[0], ended[2]] and seeds("some_runs", folder) == [2, 5]
    diverged_run(tmp_path / "once_more" / "twin", 5, 9)
    with pytest.raises(ResultError, match="expected runs with different configs"):
        results.publish([tmp_path / "once_more"], "some_runs", folder)
    path = folder / "some_runs.json"
    path.write_text(path.read_text().replace('"step":11', '"step":12'))
    with pytest.raises(ResultError, match="unchanged since it was written"):
        results.diverged("some_runs", folder)


def test_a_sweep_and_a_run_are_published_at_once(tmp_path):
    sweep, alone = sweep_of(tmp_path / "sweep", [2, 0]), finished_run(tmp_path / "alone", seed=1)
    waiting = unfinished_run(tmp_path / "sweep" / "deeper" / "run3")
    done = results.publish([tmp_path / "sweep", alone], "some_runs", tmp_path)
    assert done.path == tmp_path / "some_runs.json" and seeds("some_runs", tmp_path) == [0, 1, 2]
    assert (sorted(done.new), done.replaced, done.unfinished) == (sorted([*sweep, alone]), [], [waiting])
    again = results.publish([sweep[0], finished_run(tmp_path / "new", seed=7)], "some_runs", tmp_path)
    assert (again.new, again.replaced, again.unfinished) == ([tmp_path / "new"], [sweep[0]], [])
    assert seeds("some_runs", tmp_path) == [0, 1, 2, 7]


def test_publishing_a_run_again_replaces_it(tmp_path):
    first, second = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    results.write(second / "result.json", {**RESULT, "parameters": {"total": 7, "trainable": 7}})
    for run in (first, second):
        path = results.publish([run], "some_runs", tmp_path).path
    assert [run["result"]["parameters"]["total"] for run in results.published("some_runs", tmp_path)] == [7]
    path.write_text(path.read_text().replace('"total":7', '"total":8'))
    with pytest.raises(ResultError, match="does not match its content_sha256"):
        results.published("some_runs", tmp_path)


@pytest.mark.parametrize("setting", [{"options": {}}, {"options": {"unit_forget_bias": False}}, {"clipnorm": 1.0}])
def test_a_run_that_differs_in_one_setting_is_another_run(tmp_path, setting):
    results.publish([finished_run(tmp_path / "a")], "some_runs", tmp_path)
    done = results.publish([finished_run(tmp_path / "b", **setting)], "some_runs", tmp_path)
    assert done.replaced == [] and len(results.published("some_runs", tmp_path)) == 2


@pytest.mark.parametrize("file", ["result.json", "history.csv", "choice.json"])
def test_a_damaged_file_publishes_nothing(tmp_path, file):
    runs = sweep_of(tmp_path / "sweep", [0, 1, 2])
    path = results.publish([runs[0]], "some_runs", tmp_path).path
    (tmp_path / "sweep" / "choice.json").write_text(json.dumps(CHOICE))
    before = path.read_bytes()
    damaged = tmp_path / "sweep" / file if file == "choice.json" else runs[2] / file
    damaged.write_text(damaged.read_text()[:-30])
    with pytest.raises(ResultError) as caught:
        results.publish([tmp_path / "sweep"], "some_runs", tmp_path)
    assert str(damaged) in str(caught.value) and path.read_bytes() == before


def test_a_run_that_is_refused_publishes_nothing(tmp_path):
    runs, checked = sweep_of(tmp_path / "sweep", [0, 1]), []

    def refuse_seed_1(directory, config):
        checked.append(directory)
        if config["seed"] == 1:
            raise ResultError("not this one")

    with pytest.raises(ResultError, match="not this one"):
        results.publish([tmp_path / "sweep"], "some_runs", tmp_path, check=refuse_seed_1)
    assert checked == runs and results.names(tmp_path) == []


def test_two_runs_of_one_config_are_named(tmp_path):
    runs = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    with pytest.raises(ResultError, match=f"got the same in {runs[0]} and {runs[1]}; leave one of them out"):
        results.publish(runs, "some_runs", tmp_path)
    results.publish([runs[0], runs[0], tmp_path / "b" / ".." / "a"], "some_runs", tmp_path)
    assert seeds("some_runs", tmp_path) == [0]


def test_a_search_is_published_with_its_choice(tmp_path):
    sweep, sweep_of_search = sweep_of(tmp_path / "sweep", [100]), tmp_path / "sweep" / "search"
    search = finished_run(sweep_of_search, evaluate="validation", steps=200)
    metrics = {"train": RESULT["metrics"]["train"], "validation": {"accuracy": 0.5, "loss": 1.0}}
    config = {**RESULT["config"], "evaluate": "validation", "steps": 200}
    results.write(search / "result.json", {**RESULT, "config": config, "metrics": metrics})
    (tmp_path / "sweep" / "choice.json").write_text(json.dumps(CHOICE))
    results.publish([tmp_path / "sweep"], "some_runs", tmp_path)
    final, searched = results.published("some_runs", tmp_path)
    assert final["result"] == results.read(sweep[0] / "result.json")
    assert list(searched["history"]["step"]) == [100, 200] and list(final["history"]["step"]) == [10, 20]
    assert results.choices("some_runs", tmp_path) == [{"grid": "a_grid", **CHOICE["choices"][0]}]


def test_a_new_choice_takes_the_place_of_the_old_one(tmp_path):
    sweep_of(tmp_path / "sweep", [0])
    for name, reason in (("a_grid", "one"), ("another", "two"), ("a_grid", "three")):
        choice = copy.deepcopy(CHOICE)
        choice["grid"], choice["choices"][0]["reason"] = name, reason
        (tmp_path / "sweep" / "choice.json").write_text(json.dumps(choice))
        results.publish([tmp_path / "sweep"], "some_runs", tmp_path)
    found = [(one["grid"], one["reason"]) for one in results.choices("some_runs", tmp_path)]
    assert found == [("a_grid", "three"), ("another", "two")]
    results.publish([finished_run(tmp_path / "single", seed=5)], "single", tmp_path)
    assert results.choices("single", tmp_path) == []


def test_only_whole_runs_under_plain_names_are_published(tmp_path):
    run = finished_run(tmp_path / "run")
    for name in ("../elsewhere", "Some", "", "schema", "manifest"):
        with pytest.raises(ResultError, match="expected a name"):
            results.publish([run], name, tmp_path)
    history = run / "history.csv"
    history.write_text("".join(history.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(ResultError, match="expected 20 steps in .*history.csv, got 19"):
        results.publish([run], "some_runs", tmp_path)
    (tmp_path / "empty").mkdir()
    for place in ("empty", "nowhere"):
        with pytest.raises(ResultError, match=f"expected a run or a folder of runs at .*{place}, found none"):
            results.publish([run, tmp_path / place], "some_runs", tmp_path)
    waiting = unfinished_run(tmp_path / "waiting")
    with pytest.raises(ResultError, match="expected a finished run, with result.json, in .*found 1 that are not"):
        results.publish([waiting], "some_runs", tmp_path)
    assert results.names(tmp_path) == []
    with pytest.raises(ResultError, match=r"among \(none yet\), got 'some_runs'"):
        results.published("some_runs", tmp_path)
