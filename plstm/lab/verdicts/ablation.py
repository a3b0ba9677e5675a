"""The ablation on MNIST: one change at a time, and the difference that it makes."""

import numpy as np

from plstm.lab.verdicts.comparison import Difference, pooled, scores

ABLATION_STEPS = 1000

TASK = {"task": "mnist", "steps": ABLATION_STEPS}
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
# The settings of each change: those of the plain Phased LSTM, with one exception.
ABLATIONS = {
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
    "Phased GRU": {"model": "phased-gru"},
}


def ablations():
    """The test accuracies, one for each seed in order, of each change of ``ABLATIONS`` and of ``"as it is"``.

    Raises:
        ValueError: changes have different seeds.
    """
    settings = {name: {**TASK, **one} for name, one in {"as it is": PLAIN, **ABLATIONS}.items()}
    seeds = {tuple(map(int, scores("mnist_ablations", one, "seed"))) for one in settings.values()}
    if len(seeds) != 1:
        raise ValueError(f"expected runs of the same seeds for every change, got {sorted(seeds)}")
    return {name: scores("mnist_ablations", one) for name, one in settings.items()}


def pairs():
    """For each change, its accuracies minus those of the plain network with the same seed."""
    found = ablations()
    return {name: found[name] - found["as it is"] for name in ABLATIONS}


def ablation_difference(name):
    """The ``Difference`` of a change of ``ABLATIONS``; its error is s_d / sqrt(n), s_d pooled over all changes."""
    found = pairs()
    return Difference(float(found[name].mean()), float(pooled(found.values()) / np.sqrt(len(found[name]))))
