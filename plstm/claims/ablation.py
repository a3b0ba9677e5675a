"""The ablation on MNIST: one change at a time, and what difference it makes."""

from plstm.claims.comparison import difference, pooled, scores

ABLATION_STEPS = 1000

# What is changed in one run of the ablation on MNIST: its settings, beside those of the plain Phased LSTM.
ABLATIONS = {
    "no leak": {"options__leak": 0.0},
    "leak .01": {"options__leak": 0.01},
    "r_on .02": {"options__ratio_on": 0.02},
    "r_on .1": {"options__ratio_on": 0.1},
    "r_on .2": {"options__ratio_on": 0.2},
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
    """For each change of ``ABLATIONS``, and for ``"as it is"``, the test accuracies of its runs."""
    plain = {"task": "mnist", "model": "phased-lstm", "steps": ABLATION_STEPS}
    changed = {name: scores("mnist_ablations", **{**plain, **change}) for name, change in ABLATIONS.items()}
    return {"as it is": scores("mnist_ablations", **plain), **changed}


def ablation_difference(name):
    """``Difference`` that a change of ``ABLATIONS`` makes, with the spread of a run pooled over all changes."""
    found = ablations()
    return difference(found[name], found["as it is"], pooled(found.values()))
