"""A call of an engine with all its arguments, as NumPy, and the reference's outputs for it."""

import numpy as np

from plstm import reference
from plstm.engines import Weights

LEAK = 0.05
# What is cut off, of ``problem("lstm", 2, 4, 3, 5, dropout=True)``, and what the engine says.
MISFITS = [
    ({"times": slice(3)}, r"expected times of shape \(2, 4\) or \(1, 4\), got \(2, 3\)"),
    ({"mask": slice(3)}, r"expected mask of shape \(2, 4\), got \(2, 3\)"),
    ({"drop": slice(3)}, r"expected dropout of shape \(2, 5\), got \(2, 3\)"),
]


def problem(cell, batch, steps, features, units, peepholes=False, dropout=False):
    """Float64 arguments by name, times (B, T), and a mask."""
    rng = np.random.default_rng(0)
    blocks = 4 if cell == "lstm" else 3
    arguments = {
        "x": rng.normal(size=(batch, steps, features)),
        "kernel": rng.normal(0, features**-0.5, (features, blocks * units)),
        "recurrent_kernel": rng.normal(0, units**-0.5, (units, blocks * units)),
        "bias": rng.normal(0, 0.4, (blocks * units,) if cell == "lstm" else (2, blocks * units)),
        "peepholes": rng.normal(0, 0.4, (3, units)) if peepholes else None,
        "period": rng.uniform(3, 30, units),
        "shift": rng.uniform(-5, 5, units),
        "ratio_on": rng.uniform(0.3, 0.9, units),
        "h": rng.normal(0, 0.5, (batch, units)),
        "c": rng.normal(0, 0.5, (batch, units)),
    }
    times = np.cumsum(rng.uniform(0.2, 2.0, (batch, steps)), axis=1)
    drop = (rng.random((batch, units)) < 0.7) / 0.7 if dropout else None
    return arguments, times, rng.random((batch, steps)) < 0.7, drop


def reference_outputs(cell, arguments, times, mask, drop):
    """(B, T, H) of a triangular gate."""
    k = reference.gates(times, *(arguments[n] for n in ("period", "shift", "ratio_on")), LEAK)
    of_cell = {name: arguments[name] for name in Weights._fields}
    state = [arguments[name] for name in "hc"][: 2 if cell == "lstm" else 1]
    return reference.run(cell, arguments["x"], k, of_cell, state, mask, drop)[0]


def misfit(change):
    """The arguments of ``problem``, with a clock, a mask or a dropout that is cut."""
    arguments, *rest = problem("lstm", 2, 4, 3, 5, dropout=True)
    parts = zip(("times", "mask", "drop"), rest)
    return arguments, *(array[:, change.get(name, slice(None))] for name, array in parts)
