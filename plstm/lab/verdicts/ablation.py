"""The ablation on MNIST: one change at a time, and what difference it makes."""

import numpy as np

from plstm.lab.verdicts.comparison import Difference, pooled, scores

ABLATION_STEPS = 1000

# What is changed in one run of the ablation on MNIST: its settings, beside those of the plain Phased LSTM.
ABLATIONS = {
    "no leak": {"options__leak": 0.0},
    "leak 0.01": {"options__leak": 0.01},
    "r_on 0.02": {"options__ratio_on": 0.02},
    "r_on 0.1": {"options__ratio_on": 0.1},
    "r_on 0.2": {"options__ratio_on": 0.2},
    "periods 1 to 20": {"options__period": [1.0, 20.0]},
    "periods 20 to 403": {"options__period": [20.0, 403.4]},
    "periods 1 to 2000": {"options__period": [1.0, 2000.0]},
    "square gate": {"options__gate_shape": "square"},
    "gaussian gate": {"options__gate_shape": "gaussian"},
    "rhythms not trained": {"options__trainable_gate": False},
    "truncated gradient": {"options__gate_gradient": "truncated"},
    "no gradient through phases": {"options__gate_gradient": "none"},
    "peepholes": {"options__peepholes": True},
    "no forget bias": {"options__unit_forget_bias": False},
    "Phased GRU": {"model": "phased-gru"},
}


def ablations():
    """For each change of ``ABLATIONS``, and for ``"as it is"``, the test accuracies, one a seed, in their order.

    Raises:
        ValueError: not the same seeds.
    """
    plain = {"task": "mnist", "model": "phased-lstm", "steps": ABLATION_STEPS}
    settings = {"as it is": plain, **{name: {**plain, **change} for name, change in ABLATIONS.items()}}
    seeds = {tuple(map(int, scores("mnist_ablations", "seed", **one))) for one in settings.values()}
    if len(seeds) != 1:
        raise ValueError(f"expected runs of the same seeds for every change, got {sorted(seeds)}")
    return {name: scores("mnist_ablations", **one) for name, one in settings.items()}


def pairs():
    """For each change, its accuracies less those of the plain network with the same seed."""
    found = ablations()
    return {name: found[name] - found["as it is"] for name in ABLATIONS}


def ablation_difference(name):
    """``Difference`` that a change of ``ABLATIONS`` makes: s_d / sqrt(n) from n pairs, s_d pooled over all changes."""
    found = pairs()
    return Difference(float(found[name].mean()), float(pooled(found.values()) / np.sqrt(len(found[name]))))
