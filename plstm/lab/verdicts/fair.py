"""The fair comparisons: what the grids ``fair_*.yaml`` and ``real_*.yaml`` measure, and what came out by their rule.

Every model of such a grid had a search of the same size on validation data; its best setting alone was run again on
fresh seeds and met the test set once. ``plstm.lab.verdicts.rule`` compares those runs. A longer training may take the
settings that the searches of other comparisons chose.
"""

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from plstm.lab import results
from plstm.lab.experiments.config import Config
from plstm.lab.results import table
from plstm.lab.verdicts import rule

SEEDS = 10  # fresh ones, as most grids say
# Of the models whose work is known without running them: blocks of weights, and inputs that tell the time.
BLOCKS = {"lstm": 4, "gru": 3}
TOLD = {"none": 0, "absolute": 1, "gap": 1, "both": 2}
PHASED = "phased-lstm"


class Measure(NamedTuple):
    """What a fair comparison measures on the test set.

    Attributes:
        column: of ``table.runs``. log: whether the measure is its log10. diverged: the column of a run that diverged.
        margin: in the measure's unit; differences up to it mean "as good". larger_is_better: False for an error.
        steps_to: beside it the step at which a training curve, a mean of 100 steps, reaches this: (column, level).
        name: what it is called.
        beside: {column of ``table.runs``: what it is called}, scores that stand beside the measure and decide
            nothing, means over the runs that did not diverge.
        phased_of: the comparison whose runs of the Phased LSTM stand in this one too, instead of runs of its own.
        rivals_of: the comparison whose runs of the rivals stand in this one too, beside runs of the Phased LSTM alone.
        seeds: how many final runs each model has.
        chosen_in: {model: the comparison whose search chose its setting}, of a grid that has no search of its own.
    """

    column: str
    log: bool
    diverged: float
    margin: float
    larger_is_better: bool
    steps_to: tuple[str, float] | None = None
    name: str = "accuracy"
    beside: Mapping[str, str] = MappingProxyType({})
    phased_of: str | None = None
    rivals_of: str | None = None
    seeds: int = SEEDS
    chosen_in: Mapping[str, str] = MappingProxyType({})


def _accuracy(chance, steps_to=None):
    return Measure("test_accuracy", False, chance, 0.01, True, steps_to)


_SUM = Measure("test_loss", True, 1 / 6, 0.3, False, ("loss", 0.01), "squared error")
_SECONDS = {"wall_seconds": "seconds of training"}
_DEATHS = {"test_auprc": "AUPRC", "test_brier": "Brier score", "test_calibration_error": "calibration error"}
_VALUES = {"test_mae": "mean error, mg/dl", "test_coverage": "in the middle .9"}
# Of the test people's next values, if one says 50 +- 16 mg/dl of everyone.
_OF_EVERYONE = 4.26752
MEASURES = {
    "fair_adding": _SUM,
    "fair_adding_irregular": _SUM,
    "fair_mnist": _accuracy(0.1, ("accuracy", 0.8)),
    "fair_mnist_wide": _accuracy(0.1, ("accuracy", 0.8)),
    "fair_frequency": _accuracy(0.5, ("accuracy", 0.95)),
    "fair_frequency_two": _accuracy(0.5, ("accuracy", 0.85)),
    "fair_events": _accuracy(0.1, ("accuracy", 0.9)),
    "fair_camera": _accuracy(0.1),
    "fair_adding_short_irregular": _SUM._replace(beside=_SECONDS),
    "fair_permuted": _accuracy(0.1, ("accuracy", 0.8)),
    "fair_xor": _accuracy(0.5, ("accuracy", 0.99)),
    "fair_xor_events": _accuracy(0.5, ("accuracy", 0.99)),
    "real_nafld": Measure("test_auroc", False, 0.5, 0.01, True, name="AUROC", beside=_DEATHS | _SECONDS),
    "real_nafld_next": Measure(
        "test_loss", False, _OF_EVERYONE, 0.01, False, name="negative log-likelihood", beside=_VALUES | _SECONDS
    ),
    "real_stars": Measure(
        "test_balanced_accuracy",
        False,
        0.2,
        0.01,
        True,
        name="balanced accuracy",
        beside={"test_accuracy": "accuracy"} | _SECONDS,
    ),
}
# At equal multiply-adds: rivals with fewer units, beside the same runs of the Phased LSTM.
MEASURES |= {
    f"{name}_work": MEASURES[name]._replace(phased_of=name)
    for name in ("fair_adding", "fair_mnist", "fair_frequency", "fair_events")
}
# Rivals that are given clocks, beside the same runs of the Phased LSTM.
MEASURES |= {
    f"{name}_sines": MEASURES[name]._replace(phased_of=name)
    for name in ("fair_frequency", "fair_events", "fair_xor_events")
}
MEASURES["fair_frequency_clocks"] = MEASURES["fair_frequency_sines"]
# And the Phased LSTM that knows the period, too, beside those.
MEASURES["fair_frequency_known"] = MEASURES["fair_frequency"]._replace(rivals_of="fair_frequency_clocks")
# Layers made for irregular times, beside the same runs.
MEASURES["fair_frequency_peers"] = MEASURES["fair_frequency_sines"]._replace(beside=_SECONDS)
MEASURES["fair_frequency_state_space"] = MEASURES["fair_frequency_peers"]
MEASURES["fair_mnist_wide_work"] = MEASURES["fair_mnist_work"]
# Without the rate at which the rivals of that comparison diverge.
MEASURES["fair_mnist_steady"] = MEASURES["fair_mnist_wide"]._replace(phased_of="fair_mnist_wide")
# For 20 epochs, with the settings that those comparisons ended with.
MEASURES["fair_mnist_long"] = MEASURES["fair_mnist"]._replace(
    seeds=5, chosen_in={"phased-lstm": "fair_mnist", "lstm": "fair_mnist_steady", "gru": "fair_mnist_steady"}
)


class Entry(NamedTuple):
    """A model of a fair comparison: its setting, its final runs (a DataFrame as of ``table.runs``) and their measure.

    Attributes:
        chosen: the settings that the search chose, of those that it varied.
        tried: how many settings it tried.
        values: the measure of each final run; a run that diverged has its stand-in.
        diverged: how many runs diverged.
        units: of its layer.
        weights: how many it learns.
    """

    chosen: dict
    tried: int
    runs: object
    values: np.ndarray
    diverged: int
    units: int
    weights: int

    @property
    def mean(self):
        return float(self.values.mean())

    @property
    def interval(self):
        """The 95 % bootstrap interval of the mean."""
        return rule.interval(self.values)


@cache
def entries(name):
    """``{model: Entry}`` of a fair comparison, in the order of its grid.

    Raises:
        ResultError: nothing is published under that name.
        ValueError: there is no such comparison, or the final runs of a model are not all there.
    """
    if name not in MEASURES:
        raise ValueError(f"expected a fair comparison out of {', '.join(MEASURES)}, got {name!r}")
    runs, ours, others = table.runs(name), MEASURES[name].phased_of, MEASURES[name].rivals_of
    found = {PHASED: entries(ours)[PHASED]} if ours else {}
    for choice in _choices(name):
        model = choice["model"]
        of_model = runs[runs["model"] == model]
        found[model] = entry(choice, of_model, MEASURES[name], diverged(name, model=model), f"{model} in {name}")
    if others:
        found |= {model: entry for model, entry in entries(others).items() if model != PHASED}
    return found


def _choices(name):
    """What the comparison's own search chose, or for each model that of the comparison which it names."""
    elsewhere = [
        choice
        for model, other in MEASURES[name].chosen_in.items()
        for choice in results.choices(other)
        if choice["model"] == model
    ]
    return elsewhere or results.choices(name)


def diverged(name, **settings):
    """How many of the published final runs with these settings (``model``, ``task``) diverged."""
    ended = [one["config"] for one in results.diverged(name)]
    return sum({"evaluate": "test", **settings}.items() <= config.items() for config in ended)


def entry(choice, runs, measure, diverged, where):
    """The ``Entry`` of one choice of a search.

    Args:
        choice: as of ``results.choices``. runs: those of its model, as of ``table.runs``; ``diverged`` more left none.
        measure: a ``Measure``. where: what they are of, for the error.

    Raises:
        ValueError: the final runs are not all there.
    """
    final = runs[runs["evaluate"] == "test"]
    if len(final) + diverged != measure.seeds:
        raise ValueError(
            f"expected {measure.seeds} final runs of {where}, {diverged} of them diverged, got {len(final)} results"
        )
    # Where all final runs diverged, the search tells the size.
    sizes = (final if len(final) else runs).iloc[0]
    values = _values(measure, final, diverged)
    size = int(sizes["units"]), int(sizes["trainable_parameters"])
    return Entry(choice["chosen"], len(choice["tried"]), final, values, diverged, *size)


def configs(name):
    """``{model: Config}``: the settings of a model's final runs, which differ in nothing but the seed."""
    found = [Config(**run["result"]["config"]) for run in results.published(name)]
    return {config.model: config for config in found if config.evaluate == "test"}


def comparisons(name):
    """The Phased LSTM beside each rival of a fair comparison: ``{rival: rule.Comparison}``.

    Where some of the runs are those of another comparison, p is corrected for the rivals of both.
    """
    measure = MEASURES[name]
    pairs = _pairs(name)
    family = dict(pairs)
    for other in filter(None, (measure.phased_of, measure.rivals_of)):
        family |= {f"{model} of {other}": pair for model, pair in _pairs(other).items()}
    compared = rule.compare_pairs(family, measure.margin, measure.larger_is_better)
    return {model: compared[model] for model in pairs}


def _pairs(name):
    """{rival: the measures of the Phased LSTM's runs and of its own}."""
    found = entries(name)
    return {model: (found[PHASED].values, entry.values) for model, entry in found.items() if model != PHASED}


def steps_to(name, model, level=None):
    """Of each final run the step at which its training curve reaches a level; NaN where it never does.

    Args:
        name: of a published comparison.
        model: of its models.
        level: None for the one that the comparison names.

    Raises:
        ValueError: the comparison names no level.
    """
    measure = MEASURES[name]
    if measure.steps_to is None:
        raise ValueError(f"expected a comparison with a level to reach, got {name}")
    column, named = measure.steps_to
    level, found = named if level is None else level, []
    for history in table.histories(entries(name)[model].runs):
        smooth = np.convolve(history[column], np.full(10, 0.1), "valid")
        reached = np.flatnonzero(smooth >= level if measure.larger_is_better else smooth < level)
        found.append(float(history["step"][9:][reached[0]]) if len(reached) else math.nan)
    return np.array(found)


def multiply_adds(name, counted):
    """Multiply-adds of a test sequence at inference, event by event: ``{model: mean}``.

    Those of the Phased LSTM are counted; an LSTM and a GRU compute all units at every step. Other models are left out,
    and so is one that is told sines, which cost something themselves; and all where the final runs of the Phased LSTM
    are not among those counted.

    Args:
        name: of a published comparison.
        counted: the rows of a report of ``plstm bench trade``.
    """
    of_run = {row["result"]: row for row in counted}
    ours = entries(name)[PHASED]
    rows = [of_run[run] for run in ours.runs["run"] if run in of_run]
    if not rows:
        return {}
    found = {PHASED: float(np.mean([row["multiply_adds"] for row in rows]))}
    steps = np.mean([row["dense_updates"] for row in rows]) / ours.units
    inputs = rows[0]["dense_multiply_adds"] / rows[0]["dense_updates"] / BLOCKS["lstm"] - ours.units
    for model, config in configs(name).items():
        time = config.options.get("time")
        if model in BLOCKS and isinstance(time, str) and time in TOLD:
            told = inputs + TOLD[time]
            found[model] = float(steps * BLOCKS[model] * config.units * (told + config.units))
    return found


def at_equal_time(name, seconds):
    """How far each model had come in training when the model with the least training time had made all its steps.

    Args:
        name: of a published comparison.
        seconds: {model: seconds of a training step}, measured in turns on one machine.

    Returns:
        {model: (step, values)}: the step that it had reached, and of each final run the training accuracy, or for an
        error the training loss, as a mean of the 100 steps before.
    """
    measure, found = MEASURES[name], entries(name)
    steps = {model: int(entry.runs["steps"].iloc[0]) for model, entry in found.items()}
    budget = min(steps[model] * seconds[model] for model in found)
    column, reached = "accuracy" if measure.larger_is_better else "loss", {}
    for model, entry in found.items():
        step = min(int(budget / seconds[model] + 1e-9), steps[model])
        curves = table.histories(entry.runs)
        values = [one[column][(one["step"] > step - 100) & (one["step"] <= step)].mean() for one in curves]
        reached[model] = step, np.array(values)
    return reached


def published():
    """The names of the fair comparisons whose runs are published."""
    return [name for name in MEASURES if name in results.names()]


def _values(measure, runs, diverged):
    values = np.concatenate([runs[measure.column].to_numpy(np.float64), np.full(diverged, measure.diverged)])
    return np.log10(values) if measure.log else values
