"""What the time gate's docstring says was measured: its numbers are those of the published runs."""

import re

import numpy as np
import pytest

import plstm
from plstm.lab import results


def short(value):
    return f"{value:.3f}".lstrip("0")


def accuracy(gradient, parametrization, task):
    """Mean test accuracy over the seeds of the runs on long clocks."""
    found = []
    for run in results.published("long_clock"):
        config = run["result"]["config"]
        options = config["options"]
        if (config["task"], options["gate_gradient"], options["parametrization"]) == (task, gradient, parametrization):
            found.append(run["result"]["metrics"]["test"]["accuracy"])
    assert len(found) == 3
    return np.mean(found)


@pytest.mark.parametrize(
    "task, begin", [("frequency", "0"), ("frequency-late", "1,000"), ("frequency-very-late", "1,000,000")]
)
def test_the_table_of_gradients_on_long_clocks(task, begin):
    numbers = [short(accuracy(gradient, "natural", task)) for gradient in ("exact", "truncated", "none")]
    assert re.search(rf"^ *{begin} +{' +'.join(map(re.escape, numbers))}$", plstm.TimeGate.__doc__, re.MULTILINE)


def test_what_is_concluded_from_it():
    late = ("frequency-late", "frequency-very-late")
    assert accuracy("exact", "natural", "frequency") > max(accuracy("exact", "natural", task) for task in late) + 0.05
    for task in late:
        difference = accuracy("exact", "natural", task) - accuracy("truncated", "natural", task)
        assert abs(difference) < 0.02, "the growing term alone would have to explain what is lost"


def test_natural_units_and_logarithms_on_mnist():
    numbers = []
    for name in ("mnist_seed", "mnist_log"):
        for run in results.published(name):
            config, history = run["result"]["config"], run["history"]
            if config["model"] == "phased-lstm" and config["seed"] in (0, 1):
                numbers.append(short(history["accuracy"][(history["step"] > 900) & (history["step"] <= 1000)].mean()))
    words = " ".join(plstm.TimeGate.__doc__.split())
    assert "{} and {} in natural units, {} and {} with logarithms".format(*numbers) in words
