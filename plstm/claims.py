"""What is claimed of the Phased LSTM, what our runs say to it, and a verdict by a rule that is the same for all.

Everything is computed from the published results. A difference counts where it is more than two standard errors.
"""

from typing import NamedTuple

import numpy as np

from plstm import aggregate, results
from plstm.bench import report

HOLDS, IN_PART, NOT_HERE, OPEN = "holds", "holds in part", "does not hold here", "open"
PAPER, REPOSITORY, OURS = "paper", "TF1 repository", "our question"
ABLATION_STEPS = 1000
SIGNIFICANT = 2.0


class Finding(NamedTuple):
    """A claim, who makes it, what we measured in a sentence, the verdict, and the chapter that shows more."""

    claim: str
    source: str
    measured: str
    verdict: str
    chapter: str


class Difference(NamedTuple):
    """Of two means: how far apart they are, and the standard error of that; NaN where no seeds tell it."""

    value: float
    error: float

    @property
    def counts(self):
        """Whether it is more than two standard errors."""
        return bool(abs(self.value) > SIGNIFICANT * self.error)

    def __str__(self):
        return f"{100 * self.value:+.1f} ± {100 * self.error:.1f} points".replace("-", "−")


def scores(name, metric="test_accuracy", **settings):
    """The values of a metric over the seeds of the published runs with these settings; options as ``options__NAME``.

    Options that are not named are the model's defaults.

    Raises:
        ResultError: nothing is published under that name. ValueError: no run with these settings.
    """
    wanted = {key.replace("__", "."): value for key, value in settings.items()}
    found = []
    for run in results.published(name):
        row = aggregate.row(run["result"])
        expected = {**_default_options(row), **wanted}
        if all(row.get(key) == value for key, value in expected.items()):
            found.append(row[metric])
    if not found:
        raise ValueError(f"expected published runs of {name} with {settings}, found none")
    return np.array(found)


def _default_options(row):
    from plstm import models

    return {f"options.{key}": value for key, value in models.complete(row["model"], {}).items()}


def difference(values, others, spread=None):
    """``Difference`` of the means of two groups of runs.

    Args:
        values, others: a number a run. spread: the standard deviation of a single run, where it is known better than
            from these groups, as from ``pooled``; by default each group tells its own.

    >>> found = difference([0.9, 0.92], [0.8, 0.82])
    >>> str(found), found.counts
    ('+10.0 ± 1.4 points', True)
    """
    groups = [np.asarray(group, np.float64) for group in (values, others)]
    variances = [_variance(group) if spread is None else spread**2 for group in groups]
    error = np.sqrt(sum(variance / len(group) for variance, group in zip(variances, groups)))
    return Difference(float(groups[0].mean() - groups[1].mean()), float(error))


def pooled(groups):
    """The standard deviation of a single run, from all groups that have more than one; NaN where none has.

    >>> float(round(pooled([[0.8, 0.84], [0.5, 0.54], [0.9]]), 4))
    0.0283
    """
    groups = [np.asarray(group, np.float64) for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in groups)
    return float(np.sqrt(sum(_variance(group) * (len(group) - 1) for group in groups) / freedom)) if freedom else np.nan


def _variance(group):
    return group.var(ddof=1) if len(group) > 1 else np.nan


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


def steps_to(name, accuracy, **settings):
    """For each seed the step at which the training accuracy, a mean of 100 steps, reaches ``accuracy``; NaN: never."""
    found = []
    for run in results.published(name):
        row = aggregate.row(run["result"])
        if all(row.get(key) == value for key, value in settings.items()):
            step, values = run["history"]["step"], run["history"]["accuracy"]
            smooth = np.convolve(values, np.ones(10) / 10, "valid")
            reached = np.flatnonzero(smooth >= accuracy)
            found.append(float(step[reached[0] + 9]) if len(reached) else np.nan)
    return np.array(found)


def _spread(values):
    deviation = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{deviation} ({len(values)} seed{'s' if len(values) > 1 else ''})"


def _reached(steps):
    known = steps[~np.isnan(steps)]
    return (
        f"{len(known)} of {len(steps)} runs, after {known.mean():.0f} steps"
        if len(known)
        else f"0 of {len(steps)} runs"
    )


def lstm_fails():
    setting = {"task": "mnist", "steps": 2500}
    phased, plain, told = (
        scores("mnist_seed", model=model, **setting) for model in ("phased-lstm", "lstm", "lstm-with-time")
    )
    apart = phased.min() > max(plain.max(), told.max())
    return Finding(
        "With 32 units an LSTM cannot learn MNIST pixel by pixel; a Phased LSTM can",
        REPOSITORY,
        f"Test accuracy after 2,500 steps: Phased LSTM {_spread(phased)}, LSTM {_spread(plain)}, "
        f"LSTM told the time {_spread(told)}.",
        HOLDS if apart and plain.mean() < 0.5 else IN_PART if phased.mean() > plain.mean() else NOT_HERE,
        "mnist",
    )


def faster_convergence():
    level = 0.5
    steps = {model: steps_to("mnist_seed", level, model=model) for model in ("phased-lstm", "lstm", "lstm-with-time")}
    others = np.concatenate([steps["lstm"], steps["lstm-with-time"]])
    on_sines = {
        model: steps_to("frequency", 0.9, task="frequency-regular", model=model)
        for model in ("phased-lstm", "lstm-normalised")
    }
    adding = {"task": "adding-short", "learning_rate": 0.01}
    summing = {model: steps_to("adding", 0.5, model=model, **adding) for model in ("phased-lstm", "lstm")}
    slower = np.nanmean(on_sines["phased-lstm"]) > np.nanmean(on_sines["lstm-normalised"])
    first = np.nanmax(steps["phased-lstm"]) < np.nanmin([*others, np.inf])
    everywhere = not np.isnan(summing["phased-lstm"]).any()
    ours, normalised = (np.nanmean(values) for values in on_sines.values())
    return Finding(
        "It converges faster than an LSTM, in all experiments",
        PAPER,
        f"MNIST: half of the training digits right after {np.nanmean(steps['phased-lstm']):.0f} steps on average; "
        f"{np.sum(~np.isnan(others))} of {len(others)} runs of LSTMs got there at all. Sines sampled every 1 ms, nine "
        f"tenths right: {ours:.0f} steps, an LSTM with normalised inputs {normalised:.0f}. Adding over 100 steps, half "
        f"of the sums right: {_reached(summing['phased-lstm'])}; LSTM {_reached(summing['lstm'])}.",
        HOLDS if first and not slower and everywhere else IN_PART if first else NOT_HERE,
        "mnist",
    )


def irregular_times():
    tests = {}
    for task, rivals in (("frequency", ("lstm-with-time", "lstm-normalised")), ("frequency-fine", ("lstm-with-time",))):
        phased = scores("frequency", task=task, model="phased-lstm", options__period=[2.718, 20.09])
        tests[task] = phased, max((scores("frequency", task=task, model=model) for model in rivals), key=np.mean)
    words = [
        f"{label}: {_spread(tests[task][0])} against {_spread(tests[task][1])}"
        for task, label in (("frequency", "at random times"), ("frequency-fine", "every 0.1 ms"))
    ]
    better = [apart.counts and apart.value > 0 for apart in (difference(*pair) for pair in tests.values())]
    return Finding(
        "It tells rhythms apart where samples are fine or come at any time",
        PAPER,
        f"Sines of 5 to 6 ms against all others, test accuracy beside the best LSTM that is told the time; "
        f"{'; '.join(words)}.",
        HOLDS if all(better) else IN_PART if any(better) else NOT_HERE,
        "frequency",
    )


def fewer_computes():
    rows = report.published("trade_cpu")["rows"]
    plain = [row for row in rows if _option(row) == (0.05, 0.0)]
    share = np.mean([row["multiply_adds"] / row["dense_multiply_adds"] for row in plain])
    cheap = {}
    for row in rows:
        if row["multiply_adds"] <= 0.05 * row["dense_multiply_adds"]:
            cheap.setdefault(_option(row), []).append(row["test_accuracy"])
    usual, best = np.mean([row["test_accuracy"] for row in plain]), max(map(np.mean, cheap.values()))
    return Finding(
        "It needs about 5 % of the computes at run time",
        f"{PAPER}, {REPOSITORY}",
        f"Closed units can be skipped exactly. But training opens the gates: begun at 5 %, they end at {share:.1%} of "
        f"the multiply-adds on MNIST (test accuracy {usual:.3f} after {plain[0]['config']['steps']:,} steps). "
        f"The best setting that stays below 5 % reaches {best:.3f}.",
        HOLDS if share < 0.06 else IN_PART,
        "computes",
    )


def _option(row):
    return row["config"]["options"]["ratio_on"], row["config"]["options"].get("ratio_on_cost", 0.0)


def leak_in_training():
    found = ablation_difference("no leak")
    adding = {"task": "adding-short", "model": "phased-lstm", "learning_rate": 0.01, "options__period": [54.6, 403.4]}
    leaking, tight = (np.mean(scores("adding", **adding, options__leak=leak)) for leak in (1e-3, 0.0))
    return Finding(
        "The leak of .001 in training is needed for gradients to pass",
        PAPER,
        f"MNIST, {ABLATION_STEPS:,} steps, without it: {found}. Adding over 100 steps, periods of 55 to 403: "
        f"networks that learned with the leak use it as a memory, and are right in {leaking:.0%} once it is gone; "
        f"those that learned without it in {tight:.0%}.",
        HOLDS if found.counts and found.value < 0 else NOT_HERE,
        "claims",
    )


def square_wave():
    return _works_too("A square wave should do as well", "square gate", PAPER)


def gru():
    return _works_too("It extends to GRUs", "Phased GRU", PAPER)


def _works_too(claim, name, source):
    apart = ablation_difference(name)
    worse = apart.counts and apart.value < 0
    return Finding(
        claim,
        source,
        f"MNIST, {ABLATION_STEPS:,} steps: test accuracy {_spread(ablations()[name])}; beside the Phased LSTM {apart}.",
        IN_PART if worse else HOLDS,
        "claims",
    )


def learned_rhythms():
    frozen = ablation_difference("rhythms not trained")
    return Finding(
        "Learning the rhythms helps",
        OURS,
        f"With rhythms that stay as they were drawn, MNIST, {ABLATION_STEPS:,} steps: {frozen}.",
        HOLDS if frozen.counts and frozen.value < 0 else NOT_HERE,
        "memory_and_gradients",
    )


def seconds_a_step():
    shapes = report.published("train_cpu")["shapes"]
    [shape] = [one for one in shapes if (one["batch"], one["steps"], one["units"]) == (256, 784, 32)]
    ours, lstm = (shape["train"][name]["median"] for name in ("plstm-native", "keras-lstm"))
    machine = report.published("train_cpu")["hardware"]
    return Finding(
        "A forward and backward pass takes 0.8 s on a Titan X",
        REPOSITORY,
        f"We have no such card. On {machine['cores']} cores of a CPU ours takes {ours:.2f} s, Keras' LSTM {lstm:.2f}.",
        OPEN,
        "speed",
    )


def findings():
    """All ``Finding``s, in the order of the chapter's table."""
    return [
        lstm_fails(),
        faster_convergence(),
        irregular_times(),
        fewer_computes(),
        leak_in_training(),
        square_wave(),
        gru(),
        learned_rhythms(),
        seconds_a_step(),
    ]
