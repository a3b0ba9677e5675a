"""The ablation on MNIST: one change at a time, and the difference that it makes."""

import numpy as np

from plstm.lab.verdicts.comparison import Difference, pooled, scores
from plstm.lab.verdicts.parts import CHANGES as ABLATIONS
from plstm.lab.verdicts.parts import PLAIN

ABLATION_STEPS = 1000
TASK = {"task": "mnist", "steps": ABLATION_STEPS}


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
