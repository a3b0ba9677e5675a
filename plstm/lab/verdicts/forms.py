"""How do features that are measured at different times enter a network? What ``grids/real_nafld_forms.yaml`` measures.

Two models read one task in three forms. Every pair of model and form had a search of the same size on validation data;
its best setting alone was run again on fresh seeds and met the test set once. A clock for each feature is compared with
the two other forms, within a model, by ``plstm.lab.verdicts.rule``; then what it brings to one model is compared with
what it brings to the other.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

from plstm.lab import results
from plstm.lab.results import table
from plstm.lab.verdicts import fair, rule

MODELS = (fair.PHASED, "lstm")
# The tasks, and what a form is called.
CLOCKS = "nafld-clocks"
OTHERS = {"nafld": "a step for each value", "nafld-visits": "a step for each day"}
FORMS = {**OTHERS, CLOCKS: "a sequence for each test"}
MEASURE = fair.MEASURES["real_nafld"]


class Gain(NamedTuple):
    """How much more a clock for each feature brings to the Phased LSTM than to the LSTM, and its 95 % interval."""

    difference: float
    low: float
    high: float


@cache
def entries(name):
    """``{(model, task): fair.Entry}`` of a published comparison of forms, in the order of its grid.

    Raises:
        ResultError: nothing is published under that name.
        ValueError: it has other models and forms, or the final runs of one are not all there.
    """
    runs, found = table.runs(name), {}
    for choice in results.choices(name):
        model, task = choice["model"], choice["task"]
        own = runs[(runs["model"] == model) & (runs["task"] == task)]
        diverged = fair.diverged(name, model=model, task=task)
        found[model, task] = fair.entry(choice, own, MEASURE, diverged, f"{model} on {task} in {name}")
    if found.keys() != set(product(MODELS, FORMS)):
        asked = f"{' and '.join(MODELS)} on each of {', '.join(FORMS)}"
        got = ", ".join(f"{model} on {task}" for model, task in found) or "none"
        raise ValueError(f"expected in {name} runs of {asked}, got {got}")
    return found


def comparisons(name):
    """A clock for each feature beside each other form: ``{(model, task): rule.Comparison}``, p corrected for all four.

    Args:
        name: of a published comparison, as for ``entries``.
    """
    found = entries(name)
    pairs = {
        (model, task): (found[model, CLOCKS].values, found[model, task].values) for model in MODELS for task in OTHERS
    }
    return rule.compare_pairs(pairs, MEASURE.margin, MEASURE.larger_is_better)


def gains(name):
    """The difference that it makes to the Phased LSTM less the one that it makes to the LSTM: ``{task: Gain}``.

    Args:
        name: of a published comparison, as for ``entries``.
    """
    found = entries(name)
    of_form = {task: [found[model, form].values for model in MODELS for form in (CLOCKS, task)] for task in OTHERS}
    return {task: Gain(float(rule.contrast(*groups)), *rule.interval(*groups)) for task, groups in of_form.items()}
