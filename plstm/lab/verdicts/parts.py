"""What is each part of the Phased LSTM worth on MNIST? What ``grids/ablations_fair.yaml`` measures.

Each change is compared with the network as it is by ``plstm.lab.verdicts.rule``. A change that has runs at two learning
rates is taken at the better one, which favours the change.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from plstm.lab import results
from plstm.lab.verdicts import fair, rule

STEPS = 600
MEASURE = fair.MEASURES["fair_mnist"]
AS_IT_IS = "as it is"
# The rate of all, and a second one for the changes that change what a gradient is.
RATES = (0.005, 0.0025)
OTHER_GRADIENTS = ("square gate", "gaussian gate", "truncated gradient", "no gradient through phases", "Phased GRU")
SEEDS = range(100, 105)
# The network as it is stands in every comparison. Its runs are the more for that: with as few as the others no p could
# stay below .05 once it is corrected.
SEEDS_AS_IT_IS = range(100, 120)

SHARED = {"task": "mnist", "units": 32, "batch_size": 256, "steps": STEPS, "clipnorm": 1.0, "evaluate": "test"}
PLAIN = {
    "model": "phased-lstm",
    "options.period": [1.0, 403.4],
    "options.ratio_on": 0.05,
    "options.leak": 0.001,
    "options.gate_shape": "triangle",
    "options.gate_gradient": "exact",
    "options.trainable_gate": True,
    "options.peepholes": False,
    "options.unit_forget_bias": True,
}
ONLY_OF_AN_LSTM = ("options.peepholes", "options.unit_forget_bias")
# The settings of each change: those of the plain Phased LSTM, with one exception.
CHANGES = {
    "no leak": {**PLAIN, "options.leak": 0.0},
    "leak 0.01": {**PLAIN, "options.leak": 0.01},
    "r_on 0.02": {**PLAIN, "options.ratio_on": 0.02},
    "r_on 0.1": {**PLAIN, "options.ratio_on": 0.1},
    "r_on 0.2": {**PLAIN, "options.ratio_on": 0.2},
    "periods 1 to 20": {**PLAIN, "options.period": [1.0, 20.0]},
    "periods 20 to 403": {**PLAIN, "options.period": [20.0, 403.4]},
    "periods 1 to 2000": {**PLAIN, "options.period": [1.0, 2000.0]},
    "square gate": {**PLAIN, "options.gate_shape": "square"},
    "gaussian gate": {**PLAIN, "options.gate_shape": "gaussian"},
    "rhythms not trained": {**PLAIN, "options.trainable_gate": False},
    "truncated gradient": {**PLAIN, "options.gate_gradient": "truncated"},
    "no gradient through phases": {**PLAIN, "options.gate_gradient": "none"},
    "peepholes": {**PLAIN, "options.peepholes": True},
    "no forget bias": {**PLAIN, "options.unit_forget_bias": False},
    "Phased GRU": {
        **{name: value for name, value in PLAIN.items() if name not in ONLY_OF_AN_LSTM},
        "model": "phased-gru",
    },
}
NETWORKS = {AS_IT_IS: PLAIN, **CHANGES}


class Part(NamedTuple):
    """The runs of a change, or of the network as it is.

    Attributes:
        rate: the learning rate; of two, the one with the higher mean.
        values: test accuracies, a number a run; a run that diverged counts as chance.
        leaking: the same with gates that leak at the test as in training.
        diverged: how many runs diverged.
    """

    rate: float
    values: np.ndarray
    leaking: np.ndarray
    diverged: int


@cache
def entries(name):
    """``{label: Part}`` of a published ablation: the network as it is first, then the changes of ``CHANGES``.

    Raises:
        ResultError: nothing is published under that name.
        ValueError: a run is of no change, or the runs of a change are not all there.
    """
    found = {}
    for run in results.published(name):
        metrics = run["result"]["metrics"]
        scores = metrics["test"]["accuracy"], metrics["test_with_leak"]["accuracy"]
        found[_which(run["result"]["config"])] = (*scores, False)
    for one in results.diverged(name):
        found[_which(one["config"])] = (MEASURE.diverged, MEASURE.diverged, True)
    _check_whole(found, name)
    return {label: max(_of_rates(found, label), key=lambda part: part.values.mean()) for label in NETWORKS}


@cache
def comparisons(name):
    """Each change beside the network as it is: ``{label: rule.Comparison}``, p corrected for all changes.

    ``BETTER`` and ``WORSE`` mean that the part matters, ``AS_GOOD`` that it does not.

    Args:
        name: of a published ablation, as for ``entries``.
    """
    found = entries(name)
    pairs = {label: (found[label].values, found[AS_IT_IS].values) for label in CHANGES}
    return rule.compare_pairs(pairs, MEASURE.margin)


def rates(label):
    """The learning rates at which a network of ``NETWORKS`` was run."""
    return RATES if label in OTHER_GRADIENTS else RATES[:1]


def _of_rates(found, label):
    """A ``Part`` for each learning rate of a network."""
    for rate in rates(label):
        values, leaking, diverged = zip(*(one for key, one in found.items() if key[:2] == (label, rate)))
        yield Part(rate, np.array(values), np.array(leaking), sum(diverged))


def _which(config):
    """The label, the learning rate and the seed of a run. ValueError: it is of no network of ``NETWORKS``."""
    settings = {**config, **{f"options.{name}": value for name, value in config["options"].items()}}
    for label, own in NETWORKS.items():
        if {**SHARED, **own}.items() <= settings.items() and config["learning_rate"] in rates(label):
            return label, config["learning_rate"], config["seed"]
    raise ValueError(f"expected runs of {', '.join(NETWORKS)}, got one with {settings}")


def _check_whole(found, name):
    asked = {
        (label, rate, seed)
        for label in NETWORKS
        for rate, seed in product(rates(label), SEEDS_AS_IT_IS if label == AS_IT_IS else SEEDS)
    }
    if asked != found.keys():
        wrong = [f"{label} at {rate:g} with seed {seed}" for label, rate, seed in sorted(asked ^ found.keys())]
        missing, more = len(asked - found.keys()), len(found.keys() - asked)
        raise ValueError(
            f"expected in {name} the {len(asked)} runs of the grid, got {missing} too few and {more} too many: "
            f"{', '.join(wrong[:3])}{', ...' if len(wrong) > 3 else ''}"
        )
