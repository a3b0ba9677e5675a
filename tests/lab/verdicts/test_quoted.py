"""The row that tables of XOR quote beside our runs, with made-up runs of which the answers are known."""

from pathlib import Path

import numpy as np
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments import grid
from plstm.lab.tasks import xor
from plstm.lab.verdicts import fair, fair_table, finding, quoted

NAME = "xor_published"
CONFIGS = [config.as_dict() for config in grid.read(Path(__file__).parents[3] / "grids" / f"{NAME}.yaml")]


@pytest.fixture
def publish(monkeypatch):
    """``publish(means)``: let the published runs have these means, {(model, task): mean}; others .7."""

    def publish(means=(), configs=CONFIGS, diverged=()):
        scores = [
            dict(means).get((config["model"], config["task"]), 0.7) + 0.001 * (config["seed"] - 2) for config in configs
        ]
        runs = [
            {"result": {"config": config, "metrics": {"test": {"accuracy": score}}}}
            for config, score in zip(configs, scores)
        ]
        monkeypatch.setattr(results, "published", lambda name: runs)
        monkeypatch.setattr(results, "diverged", lambda name: [{"config": config} for config in diverged])
        quoted.entries.cache_clear()

    yield publish
    quoted.entries.cache_clear()


def test_the_grid_asks_for_the_models_and_tasks_of_the_table():
    assert {(config["model"], config["task"]) for config in CONFIGS} == {
        (model, task) for model in quoted.MODELS for task in quoted.TASKS
    }
    assert len(CONFIGS) == len(quoted.MODELS) * len(quoted.TASKS) * quoted.SEEDS
    assert quoted.CALLED.keys() == quoted.TASKS.keys() and set(quoted.MODELS) <= fair_table.NAMES.keys()
    # As the header of the grid quotes them.
    said = (Path(__file__).parents[3] / "grids" / f"{NAME}.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
    assert "50.99 % bit by bit, 80.29 % by changes" in said and list(quoted.TASKS.values()) == [0.5099, 0.8029]
    assert "(15 epochs)" in said and "(200)" in said and (quoted.EPOCHS, quoted.QUOTED_EPOCHS) == (15, 200)
    [steps] = {config["steps"] * config["batch_size"] for config in CONFIGS}
    assert round(steps / xor.WORDS[0]) == quoted.EPOCHS


def test_the_table_has_the_row_and_the_means_of_our_runs(publish):
    publish({("ode-lstms-baseline", "xor"): 0.5099, ("phased-lstm", "xor-events"): 0.61})
    lines = quoted.markdown(NAME).splitlines()
    assert lines[:3] == [
        "| model | epochs | bit by bit | by its changes |",
        "|---|---|---|---|",
        "| the row that is quoted | 200 | 50.99 % | 80.29 % |",
    ]
    assert (
        lines[3].startswith("| cell of the ode-lstms repository | 15 | 50.99 % [50.8") and "| 70.00 % [69.8" in lines[3]
    )
    assert lines[4].startswith("| Phased LSTM | 15 | 70.00 % [") and " | 61.00 % [60.8" in lines[4]
    assert lines[-1] == "In brackets the 95 % interval, over 5 runs."
    np.testing.assert_allclose(
        np.sort(quoted.entries(NAME)["phased-lstm", "xor-events"]), [0.608, 0.609, 0.61, 0.611, 0.612]
    )


def test_whether_the_cell_of_the_repository_gives_the_row(publish):
    publish({("ode-lstms-baseline", "xor"): 0.51, ("ode-lstms-baseline", "xor-events"): 0.7529})
    assert quoted.sentences(NAME) == [
        "Bit by bit, the cell of the repository gives the 50.99 % of the row after 15 epochs.",
        "By its changes, the cell of the repository has 75.29 % after 15 epochs; the row says 80.29 % after 200.",
    ]
    publish({("ode-lstms-baseline", "xor"): 0.6, ("ode-lstms-baseline", "xor-events"): 0.8029})
    above, gives = quoted.sentences(NAME)
    assert "has 60.00 % after 15 epochs; the row says 50.99 %" in above and "gives the 80.29 %" in gives


def test_a_run_that_diverged_counts_as_chance(publish):
    publish(configs=CONFIGS[1:], diverged=CONFIGS[:1])
    first = CONFIGS[0]["model"], CONFIGS[0]["task"]
    assert sorted(quoted.entries(NAME)[first])[0] == 0.5 and len(quoted.entries(NAME)[first]) == 5


def test_runs_of_another_number_or_model_are_refused(publish):
    publish(configs=CONFIGS[1:])
    told = "expected 5 runs of ode-lstms-baseline, phased-lstm on xor and xor-events in xor_published, got 4 of"
    with pytest.raises(ValueError, match=told):
        quoted.entries(NAME)
    publish(configs=[*CONFIGS, *({**config, "model": "gru"} for config in CONFIGS[:5])])
    with pytest.raises(ValueError, match=", gru on xor$"):
        quoted.markdown(NAME)
    with pytest.raises(ValueError, match="got 1 of gru on xor"):
        publish(configs=[*CONFIGS, {**CONFIGS[0], "model": "gru"}])
        quoted.sentences(NAME)


@pytest.mark.parametrize(
    ("by_changes", "verdict"),
    [([0.81, 0.9], finding.NOT_HERE), ([0.81, 0.80], finding.OPEN), ([0.5, 0.5], finding.OPEN)],
)
def test_the_row_does_not_hold_if_every_run_set_up_with_care_beats_it(monkeypatch, publish, by_changes, verdict):
    publish()

    def entry(values, told=None):
        chosen = {} if told is None else {"options.time": told}
        return fair.Entry(chosen, 16, None, np.array(values), 0, 64, 1)

    given = {
        "fair_xor": {"lstm": entry([0.6], "none"), "phased-lstm": entry([0.52, 0.98])},
        "fair_xor_events": {"phased-lstm": entry(by_changes), "gru": entry([0.7, 0.9], "gap")},
        "fair_xor_events_sines": {"lstm": entry([0.92], "sines")},
    }
    monkeypatch.setattr(fair, "entries", given.get)
    found = quoted.bit_stream_xor()
    assert found.verdict == verdict and "50.99 % bit by bit and 80.29 % by its changes" in found.claim
    assert found.fair.startswith("Bit by bit: Phased LSTM 75.00 %, LSTM not told the time 60.00 %. By its changes: ")
    assert f"Phased LSTM {100 * np.mean(by_changes):.2f} %, GRU told the gaps 80.00 %." in found.fair
    assert found.fair.endswith("rivals given clocks: LSTM told sines 92.00 %.")


def test_a_name_under_which_nothing_is_published():
    with pytest.raises(ResultError, match="expected published results among .*, got 'xor'"):
        quoted.entries("xor")
