"""Verdicts about learning, accuracy and cost, computed from the published runs and measurements."""

import numpy as np

from plstm.lab.bench import report
from plstm.lab.results import table
from plstm.lab.verdicts import fair, fair_table, parts, parts_table, rule
from plstm.lab.verdicts.ablation import ABLATION_STEPS, ablation_difference, ablations
from plstm.lab.verdicts.comparison import best_moment, difference, scores, steps_to
from plstm.lab.verdicts.finding import HOLDS, IN_PART, NOT_HERE, OPEN, OTHERS, OURS, PAPER, REPOSITORY, Finding

PAIR = ("phased-lstm", "lstm")
ABLATION = "ablations_fair"


def _spread(values):
    deviation = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{deviation} ({len(values)} seed{'s' if len(values) > 1 else ''})"


def _said(apart):
    return f"{apart}{'' if apart.counts else ', which may be chance'}"


def _reached(steps):
    known = steps[~np.isnan(steps)]
    return (
        f"{len(known)} of {len(steps)} runs, after {known.mean():.0f} steps"
        if len(known)
        else f"0 of {len(steps)} runs"
    )


def _after(steps):
    return f"after {steps:,.0f} steps" if np.isfinite(steps) else "not within the training"


def _compared(name):
    """What the fair comparison of that name says, or that it has not been made yet."""
    if name in fair.published():
        return " ".join(fair_table.sentences(name))
    return f"A comparison with a search of equal size (grids/{name}.yaml) has not been run to its end."


def _decided(verdict, *names):
    """The verdict over some fair comparisons. Until they are made, rivals with default settings leave a claim open."""
    if not set(names) <= set(fair.published()):
        return OPEN if verdict == HOLDS else verdict
    better = [one.verdict == rule.BETTER for name in names for one in fair.comparisons(name).values()]
    return HOLDS if all(better) else IN_PART if any(better) else NOT_HERE


def lstm_fails():
    phased, plain, told = (
        scores("mnist_seed", {"task": "mnist", "steps": 2500, "model": model})
        for model in ("phased-lstm", "lstm", "lstm-with-time")
    )
    learned = fair.entries("fair_mnist_steady")["lstm"].values.min() > 0.5
    low, high = (
        "; ".join(f"{fair_table.NAMES[model]} {_spread(entry.values)}" for model, entry in fair.entries(name).items())
        for name in ("fair_mnist", "fair_mnist_steady")
    )
    apart = phased.min() > max(plain.max(), told.max()) and plain.mean() < 0.5
    return Finding(
        "With 32 units an LSTM cannot learn MNIST pixel by pixel; a Phased LSTM can",
        REPOSITORY,
        f"Test accuracy after 2,500 steps, as the repository sets them up: Phased LSTM {_spread(phased)}, LSTM "
        f"{_spread(plain)}, LSTM told the time {_spread(told)}.",
        NOT_HERE if learned or phased.mean() <= plain.mean() else HOLDS if apart else IN_PART,
        "mnist",
        f"Each at the best setting of its search. Learning rates up to .01: {low}. {_compared('fair_mnist')} Learning "
        f"rates up to .04: {high}. {_compared('fair_mnist_steady')}",
    )


def faster_convergence():
    level = 0.5
    steps = {
        model: steps_to("mnist_seed", level, {"model": model}) for model in ("phased-lstm", "lstm", "lstm-with-time")
    }
    others = np.concatenate([steps["lstm"], steps["lstm-with-time"]])
    on_sines = {
        model: steps_to("frequency", 0.9, {"task": "frequency-regular", "model": model})
        for model in ("phased-lstm", "lstm-normalised")
    }
    # With a leak in training the network may learn through the leak; then it fails the test, which has no leak.
    summers = {"model": "phased-lstm", "options.leak": 0.0}, {"model": "lstm"}
    summing = [
        [
            steps_to("adding", 0.5, {"task": task, "learning_rate": 0.01, **one}, over=["options.period"])
            for one in summers
        ]
        for task in ("adding-short", "adding")
    ]
    sooner = {
        model: np.nanmean(steps_to("frequency", 0.8, {"task": "frequency-regular", "model": model}))
        for model in on_sines
    }
    slower = np.nanmean(on_sines["phased-lstm"]) > np.nanmean(on_sines["lstm-normalised"])
    first = np.nanmax(steps["phased-lstm"]) < np.nanmin([*others, np.inf])
    everywhere = not any(np.isnan(phased).any() for phased, _ in summing)
    over_100, over_500 = (f"{_reached(phased)}; LSTM {_reached(plain)}" for phased, plain in summing)
    ours, normalised = (np.nanmean(values) for values in on_sines.values())
    tuned, low, high, mixed = (
        {model: np.median(np.nan_to_num(fair.steps_to(name, model), nan=np.inf)) for model in PAIR}
        for name in ("fair_adding", "fair_mnist", "fair_mnist_steady", "fair_permuted")
    )
    beaten = tuned["lstm"] < tuned["phased-lstm"]
    return Finding(
        "It converges faster than an LSTM, in all experiments",
        PAPER,
        f"MNIST: half of the training digits right after {np.nanmean(steps['phased-lstm']):.0f} steps on average; "
        f"{np.sum(~np.isnan(others))} of {len(others)} runs of LSTMs with default biases got there at all. Sines "
        f"sampled every 1 ms, nine tenths right: {ours:.0f} steps, an LSTM with normalised inputs {normalised:.0f}; "
        f"eight tenths: {sooner['phased-lstm']:.0f}, {sooner['lstm-normalised']:.0f}. Adding, half of the sums "
        f"right, all ranges of periods, no leak: over 100 steps {over_100}; over 500 steps {over_500}.",
        NOT_HERE if beaten or not first else HOLDS if not slower and everywhere else IN_PART,
        "adding",
        f"Adding over 500 steps, each at the best setting of its search, training error below .01, median of "
        f"{fair.SEEDS} runs: Phased LSTM {_after(tuned['phased-lstm'])}, LSTM {_after(tuned['lstm'])}. MNIST, training "
        f"accuracy .8: Phased LSTM {_after(low['phased-lstm'])}, LSTM {_after(low['lstm'])}; at higher learning rates "
        f"{_after(high['phased-lstm'])} and {_after(high['lstm'])}; with the pixels in one random order "
        f"{_after(mixed['phased-lstm'])} and {_after(mixed['lstm'])}.",
    )


def irregular_times():
    rivals, rhythm = ("lstm-with-time", "lstm-normalised"), {"options.period": [2.718, 20.09]}
    tasks = {"at random times": "frequency", "every 0.1 ms": "frequency-fine"}
    words, verdict = _against_the_best("frequency", tasks.values(), rivals, rhythm)
    lost = max(best_moment("frequency", {"task": "frequency-fine", "model": model}).max() for model in rivals)
    return Finding(
        "It tells rhythms apart where samples are frequent or come at random times",
        PAPER,
        "Sines of 5 to 6 ms against all others, test accuracy beside the best LSTM that is told the time; "
        f"{'; '.join(f'{label}: {one}' for label, one in zip(tasks, words))}. These are final accuracies: with samples "
        f"every 0.1 ms, one of the LSTMs reached {lost:.1%} over a hundred steps of training, and lost it again.",
        # Samples every 0.1 ms had no rivals with a search.
        IN_PART if (decided := _decided(verdict, "fair_frequency", "fair_frequency_two")) == HOLDS else decided,
        "frequency",
        f"Random times: {_compared('fair_frequency')} Rivals given clocks of 4.5 to 6.5 ms: "
        f"{_compared('fair_frequency_clocks')} {_compared('fair_frequency_state_space')} Two sines: "
        f"{_compared('fair_frequency_two')} "
        "Samples every 0.1 ms: tuned rivals were not run.",
    )


def event_driven():
    tasks, rivals = ("events-runs", "events-saccades"), ("lstm", "lstm-with-time")
    (runs, camera), verdict = _against_the_best("events", tasks, rivals, {"options.ratio_on": 0.05})
    wide = scores("events", {"task": "events-saccades", "model": "phased-lstm", "options.ratio_on": 0.5})
    return Finding(
        "It is made for events at irregular times",
        PAPER,
        f"Digits as events, test accuracy beside the best LSTM. Runs of pixels, where only the time matters: {runs}. "
        f"A moving camera, where each event has its place: {camera}; with gates half open {_spread(wide)}.",
        _decided(verdict, "fair_events", "fair_camera"),
        "events",
        f"Runs of pixels: {_compared('fair_events')} Moving camera: {_compared('fair_camera')}",
    )


def _against_the_best(name, tasks, rivals, options):
    """For each task the Phased LSTM's test accuracy and the best rival's, in words; and the verdict over all tasks."""
    words, better = [], []
    for task in tasks:
        phased = scores(name, {"task": task, "model": "phased-lstm", **options})
        best = max((scores(name, {"task": task, "model": model}) for model in rivals), key=np.mean)
        apart = difference(phased, best)
        words.append(f"{_spread(phased)} against {_spread(best)}")
        better.append(apart.counts and apart.value > 0)
    return words, HOLDS if all(better) else IN_PART if any(better) else NOT_HERE


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
        f"Closed units can be skipped exactly. But training opens the gates: from 5 % they go to {share:.1%} of "
        f"the multiply-adds on MNIST (test accuracy {usual:.3f} after {plain[0]['config']['steps']:,} steps, "
        f"{len(plain)} seeds). The best setting that stays below 5 % reaches {best:.3f}.",
        HOLDS if share < 0.06 else IN_PART,
        "computes",
    )


def _option(row):
    return row["config"]["options"]["ratio_on"], row["config"]["options"]["ratio_on_cost"]


def _part(label):
    """What the rule says of one change to a network that is set up with care, and the same as a sentence."""
    one = parts.comparisons(ABLATION)[label]
    said = parts_table.sentence(ABLATION, label)
    return one.verdict, f"MNIST, {parts.STEPS:,} steps, a higher learning rate, clipped gradients. {said}"


def leak_in_training():
    found = ablation_difference("no leak")
    verdict, said = _part("no leak")
    adding = {"model": "phased-lstm", "learning_rate": 0.01, "options.period": [54.6, 403.4]}
    right = [
        [np.mean(scores("adding", {"task": task, **adding, "options.leak": leak})) for leak in (1e-3, 0.0)]
        for task in ("adding-short", "adding")
    ]
    (leaking, tight), (leaking_500, tight_500) = right
    return Finding(
        "The leak of 0.001 in training is needed for gradients to pass",
        PAPER,
        f"MNIST, {ABLATION_STEPS:,} steps, without it: {_said(found)}. Adding over 100 steps, periods of 55 to 403: "
        f"networks that learned with the leak use it as a memory, and are right in {leaking:.0%} once it is gone; "
        f"those that learned without it in {tight:.0%}. Over 500 steps {leaking_500:.0%} and {tight_500:.0%}.",
        HOLDS if verdict == rule.WORSE else NOT_HERE,
        "claims",
        said,
    )


def square_wave():
    return _works_too("A square wave should perform well, too", "square gate", PAPER)


def gru():
    return _works_too("It extends to GRUs", "Phased GRU", PAPER)


def _works_too(claim, name, source):
    apart = ablation_difference(name)
    accuracy = ablations()[name]
    verdict, said = _part(name)
    return Finding(
        claim,
        source,
        f"MNIST, {ABLATION_STEPS:,} steps: test accuracy {_spread(accuracy)}, {accuracy.min():.3f} at least; "
        f"beside the Phased LSTM {_said(apart)}.",
        IN_PART if verdict == rule.WORSE else HOLDS if accuracy.min() > 0.5 else OPEN,
        "claims",
        said,
    )


def learned_rhythms():
    frozen = ablation_difference("rhythms not trained")
    verdict, said = _part("rhythms not trained")
    return Finding(
        "Learning the rhythms helps",
        OURS,
        f"With rhythms that are not trained, MNIST, {ABLATION_STEPS:,} steps: {_said(frozen)}.",
        {rule.WORSE: HOLDS, rule.UNDECIDED: OPEN}.get(verdict, NOT_HERE),
        "memory_and_gradients",
        said,
    )


def loss_of_nan():
    """Training stops with an error at a loss of NaN, so no published run has had one."""
    phased, plain = ({"model": model} for model in ("phased-lstm", "lstm"))
    run = table.select(table.runs("permuted"), phased).iloc[0]
    epochs = run["steps"] // (run["train_samples"] // run["batch_size"])
    small = fair.entries("fair_permuted")["phased-lstm"]
    return Finding(
        "In training its loss becomes NaN",
        OTHERS,
        f"Permuted MNIST with {run['units']} units: a log of PhasedLSTM-Keras, run by the authors of the LMU, has a "
        f"test accuracy of 0.8961, and NaN in its fourth epoch. Ours ran for {epochs} and would have ended with an "
        f"error at the first loss of NaN. It reaches {_spread(scores('permuted', phased))}; an "
        f"LSTM {_spread(scores('permuted', plain))}. With {small.units} units, {small.runs['steps'].iloc[0]:,} steps "
        f"and a learning rate of {small.chosen['learning_rate']:g}, {small.diverged or 'none'} of {fair.SEEDS} runs "
        "diverged.",
        NOT_HERE if epochs > 4 and not small.diverged else OPEN,
        "implementations",
    )


def seconds_a_step():
    shapes = report.published("train_cpu")["shapes"]
    [shape] = [one for one in shapes if (one["batch"], one["steps"], one["units"]) == (256, 784, 32)]
    ours, lstm = (shape["train"][name]["median"] for name in ("plstm-native", "keras-lstm"))
    machine = report.published("train_cpu")["hardware"]
    on_gpu = report.published("gpu_h200")
    [fused] = [
        row for row in on_gpu["rows"]
        if (row["contender"], row["batch"], row["steps"], row["units"], row["precision"])
        == ("layer", 256, 784, 32, "tf32")
    ]  # fmt: skip
    return Finding(
        "A forward and backward pass takes 0.8 s on a Titan X",
        REPOSITORY,
        f"We have no such card. On {machine['cores']} cores of a CPU ours takes {ours:.2f} s, Keras' LSTM {lstm:.2f}; "
        f"on an {on_gpu['gpu']['name']}, in TF32, ours takes {fused['median']:.4f} s. None of these has an optimiser.",
        OPEN,
        "speed",
    )
