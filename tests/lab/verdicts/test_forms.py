"""The comparison of forms, with made-up runs of which the answers are known."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments import grid
from plstm.lab.results import table
from plstm.lab.verdicts import fair, fair_table, forms, forms_table, rule

NAME = "real_nafld_forms"
GRID = Path(__file__).parents[3] / "grids" / f"{NAME}.yaml"
PAIRS = list(product(("phased-lstm", "lstm"), ("nafld", "nafld-visits", "nafld-clocks")))
SHARED = "Seconds are those of machines that the runs shared"
# Ten runs about a mean of 0, a whisker apart.
APART = np.linspace(-0.001, 0.001, 10)


@pytest.fixture
def publish(monkeypatch):
    """``publish(scores)``: let the published runs be these, {(model, task): AUROCs}; ``diverged``: pairs, one a run."""

    def publish(scores, diverged=()):
        rows = [
            {
                "model": model, "task": task, "evaluate": "test", "units": 32, "trainable_parameters": 5000 + len(task),
                "test_auroc": score, "test_auprc": score / 2, "test_brier": 0.07, "test_calibration_error": 0.02,
                "wall_seconds": 10.0 + number,
            }
            for (model, task), some in scores.items()
            for number, score in enumerate(some)
        ]  # fmt: skip
        # Runs of the search, which no comparison may count.
        rows += [{**rows[0], "evaluate": "validation", "test_auroc": np.nan}] * 3
        choices = [
            {"model": model, "task": task, "chosen": {"learning_rate": 0.0025}, "tried": [{}] * 16}
            for model, task in scores
        ]
        monkeypatch.setattr(table, "runs", lambda name: pd.DataFrame(rows))
        monkeypatch.setattr(results, "choices", lambda name: choices)
        ended = [{"config": {"model": model, "task": task, "evaluate": "test"}} for model, task in diverged]
        monkeypatch.setattr(results, "diverged", lambda name: ended)
        forms.entries.cache_clear()

    yield publish
    forms.entries.cache_clear()


def means(**of):
    """Runs a whisker about these means, {model_form: mean}; .85 of those that are not named."""
    tasks = {"events": "nafld", "days": "nafld-visits", "clocks": "nafld-clocks"}
    named = {("phased-lstm" if name[0] == "p" else "lstm", tasks[name[2:]]): mean for name, mean in of.items()}
    return {pair: named.get(pair, 0.85) + APART for pair in PAIRS}


def test_the_measure_is_the_one_that_the_grid_fixed_before_its_runs():
    said = re.sub(r"\s*\n#\s*", " ", GRID.read_text(encoding="utf-8"))
    assert (
        f"Measure: {forms.MEASURE.name} on the test people. Beside it: AUPRC, Brier score, parameters, seconds" in said
    )
    assert {"AUPRC", "Brier score", "seconds of training"} <= set(forms.MEASURE.beside.values())
    assert "Holm's correction for the four comparisons" in said and len(forms.MODELS) * len(forms.OTHERS) == 4
    assert "the margin, .01 of AUROC" in said and forms.MEASURE.margin == 0.01
    assert "counts as chance, .5" in said and forms.MEASURE.diverged == 0.5
    asked = grid.read_whole(GRID)
    assert {(one.model, one.task) for one in asked.configs} == set(PAIRS) == set(product(forms.MODELS, forms.FORMS))
    assert len(asked.final.seeds) == fair.SEEDS
    # Two seeds of each of 16 settings.
    assert [sum((one.model, one.task) == pair for one in asked.configs) for pair in PAIRS] == [32] * 6


def test_a_clock_for_each_test_is_compared_with_the_other_forms_of_the_same_model(publish):
    publish(means(p_clocks=0.9, p_events=0.8, l_clocks=0.7, l_days=0.7))
    found = forms.comparisons(NAME)
    said = {pair: (round(one.difference, 6), one.verdict) for pair, one in found.items()}
    assert said == {
        ("phased-lstm", "nafld"): (0.1, rule.BETTER),
        ("phased-lstm", "nafld-visits"): (0.05, rule.BETTER),
        ("lstm", "nafld"): (-0.15, rule.WORSE),
        ("lstm", "nafld-visits"): (0.0, rule.AS_GOOD),
    }
    # Ten runs wholly apart from ten: 2 of 184,756 divisions. Three comparisons have this p: Holm multiplies all by 4.
    least = 2 / 184_756
    assert [found[pair].p for pair in list(found)[:3]] == pytest.approx([least] * 3)
    assert [found[pair].corrected for pair in list(found)[:3]] == pytest.approx([4 * least] * 3)
    assert found["lstm", "nafld-visits"].p == found["lstm", "nafld-visits"].corrected == 1.0


def test_what_it_brings_to_one_model_less_what_it_brings_to_the_other(publish):
    # Against events: (.90 - .80) - (.70 - .75) = .15; against days: (.90 - .85) - (.70 - .65) = 0.
    publish(means(p_clocks=0.9, p_events=0.8, p_days=0.85, l_clocks=0.7, l_events=0.75, l_days=0.65))
    found = forms.gains(NAME)
    assert list(found) == ["nafld", "nafld-visits"]
    assert found["nafld"].difference == pytest.approx(0.15) and found["nafld-visits"].difference == pytest.approx(0.0)
    # The error of a sum of four means, each of ten evenly spaced runs.
    error = np.sqrt(4 * APART.var() / 10)
    for gain in found.values():
        assert (gain.high - gain.low) / 2 == pytest.approx(1.96 * error, rel=0.05)
        assert (gain.high + gain.low) / 2 == pytest.approx(gain.difference, abs=error / 10)


def test_runs_that_are_all_alike_have_a_gain_without_an_interval(publish):
    publish({(model, task): np.full(10, 0.5 + (model == "lstm") / 4 * (task == "nafld")) for model, task in PAIRS})
    assert forms.gains(NAME) == {"nafld": (0.25, 0.25, 0.25), "nafld-visits": (0.0, 0.0, 0.0)}


def test_a_run_that_diverged_counts_as_chance(publish):
    publish(means() | {("lstm", "nafld"): [0.8] * 8}, diverged=[("lstm", "nafld")] * 2)
    entry = forms.entries(NAME)["lstm", "nafld"]
    assert entry.values.tolist() == [0.8] * 8 + [0.5] * 2 and entry.diverged == 2
    assert (
        forms_table.markdown(NAME)
        .splitlines()[-1]
        .startswith(
            f"In brackets the 95 % interval, over 10 runs; diverged: 2 of the LSTM, a step for each value. {SHARED}"
        )
    )
    # Scores that stand beside it are of the runs that there are.
    [row] = [line for line in forms_table.markdown(NAME).splitlines() if "| 0.7400 [" in line]
    assert row.endswith(", 0.8000] | 5,005 | 0.400 | 0.070 | 14 |")


def test_runs_of_another_number_or_form_are_refused(publish):
    publish(means() | {("lstm", "nafld-clocks"): [0.8] * 9})
    with pytest.raises(ValueError, match="expected 10 final runs of lstm on nafld-clocks in .*, got 9 results"):
        forms.entries(NAME)
    some = means()
    del some["phased-lstm", "nafld"]
    publish(some)
    told = "expected in real_nafld_forms runs of phased-lstm and lstm on each of nafld, .*, got phased-lstm on nafld-v"
    with pytest.raises(ValueError, match=told):
        forms.entries(NAME)
    publish({**means(), ("gru", "nafld"): [0.8] * 10})
    with pytest.raises(ValueError, match="gru on nafld$"):
        forms.comparisons(NAME)


def test_a_name_under_which_nothing_is_published():
    with pytest.raises(ResultError, match="expected published results among .*, got 'real_nafld_form'"):
        forms.entries("real_nafld_form")


def test_the_table_and_the_sentences_say_what_the_rule_says(publish):
    publish(means(p_clocks=0.9, p_events=0.8, l_clocks=0.7, l_days=0.7))
    lines = forms_table.markdown(NAME).splitlines()
    assert lines[0] == (
        "| model, and what it reads | settings chosen | AUROC, mean | weights | AUPRC | Brier score "
        "| seconds of training |"
    )
    first = "| Phased LSTM, a sequence for each test | learning rate 0.0025 | 0.9000 [0.8996, 0.9004] | 5,012 "
    assert lines[2] == f"{first}| 0.450 | 0.070 | 14 |"
    assert [line.split(" | ")[2][:6] for line in lines[2:8]] == [
        "0.9000",
        "0.8500",
        "0.8500",
        "0.8000",
        "0.7000",
        "0.7000",
    ]
    assert lines[-1].startswith(f"In brackets the 95 % interval, over 10 runs; diverged: none. {SHARED}")
    said = forms_table.sentences(NAME)
    first = "Phased LSTM, a sequence for each test compared with a step for each value: AUROC differs by +0.100 "
    assert said[0].startswith(first) and said[0].endswith("], p < .0001: **better**.")
    assert said[3].startswith("LSTM, a sequence for each test compared with a step for each day: ")
    assert said[3].endswith("p = 1.0000: **as good**.")
    assert re.match(r"Compared with a step for each value, a sequence .* to the LSTM: \+0.250 \[\+0.2", said[4])
    assert len(said) == 6
    assert forms_table.verdict(NAME) == (
        "Of the 4 comparisons a sequence for each test is better in 2, worse in 1, as good in 1, open in none."
    )


@pytest.mark.parametrize(
    ("of", "said"),
    [({"p_clocks": 0.8}, "brings less"), ({"l_clocks": 0.8}, "brings more"), ({}, "neither clearly more nor clearly")],
)
def test_whether_a_clock_serves_the_network_with_a_clock_more(publish, of, said):
    publish(means(**of))
    assert all(said in sentence for sentence in forms_table.sentences(NAME)[4:])


def test_a_table_has_the_scores_that_stand_beside_the_measure():
    runs = pd.DataFrame(
        {"trainable_parameters": [10], "test_mae": [5.1234], "test_coverage": [0.9], "wall_seconds": 7.6}
    )
    entry = fair.Entry({}, 16, runs, np.full(10, 3.5), 0, 32, 10)
    assert fair_table.cells(entry, fair.MEASURES["real_nafld_next"]) == {
        "settings chosen": "",
        "negative log-likelihood, mean": "3.5000 [3.5000, 3.5000]",
        "weights": "10",
        "mean error, mg/dl": "5.123",
        "in the middle .9": "0.900",
        "seconds of training": "8",
    }
