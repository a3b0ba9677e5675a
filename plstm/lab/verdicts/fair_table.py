"""A fair comparison as a page prints it: a table with a row a model, and a sentence for each rival."""

import numpy as np

from plstm.lab import results
from plstm.lab.verdicts import fair

NAMES = {
    "phased-lstm": "Phased LSTM",
    "phased-gru": "Phased GRU",
    "lstm": "LSTM",
    "gru": "GRU",
    "gru-d": "GRU-D",
    "cfc": "CfC",
    "ode-lstm": "ODE-LSTM",
    "ssm": "diagonal state space",
    "mtand": "attention over times",
    "ode-lstms-baseline": "the cell of the ode-lstms repository",
}
TITLES = {
    "fair_adding": "Adding two of 500 numbers",
    "fair_adding_irregular": "Adding two of 500 numbers at irregular times",
    "fair_adding_short_irregular": "Adding two of 100 numbers at irregular times",
    "fair_mnist": "MNIST pixel by pixel, 32 units",
    "fair_mnist_wide": "MNIST pixel by pixel, 32 units, learning rates up to .08",
    "fair_permuted": "MNIST with its pixels in another order",
    "fair_frequency": "Which sine, at random times?",
    "fair_frequency_two": "Two sines, at random times",
    "fair_frequency_peers": "Which sine, beside layers made for irregular times",
    "fair_frequency_peers_parallel": "Which sine, beside layers that read all samples at once",
    "fair_events": "MNIST as runs of pixels",
    "fair_events_peers": "Runs of pixels, beside layers made for irregular times",
    "fair_events_peers_parallel": "Runs of pixels, beside layers that read all events at once",
    "fair_camera": "MNIST as events of a moving camera",
    "fair_xor": "The XOR of a word's bits, bit by bit",
    "fair_xor_events": "The XOR of a word's bits, by its changes",
    "fair_adding_work": "Adding two of 500 numbers, at equal multiply-adds",
    "fair_mnist_work": "MNIST pixel by pixel, at equal multiply-adds",
    "fair_frequency_work": "Which sine, at random times, at equal multiply-adds",
    "fair_events_work": "MNIST as runs of pixels, at equal multiply-adds",
    "real_nafld": "Who dies within five years? Patients' laboratory values",
    "real_nafld_next": "Patients' next HDL cholesterol, at a given day",
    "real_stars": "Which class of variable star?",
}


def markdown(name):
    """The table of a fair comparison in Markdown: the best mean first.

    Args:
        name: of a published comparison, a key of ``fair.MEASURES``.

    Raises:
        ResultError: nothing is published under that name.
    """
    measure, found = fair.MEASURES[name], fair.entries(name)
    level = " | learned after steps" if measure.steps_to else ""
    units = " | units" if measure.phased_of else ""
    rows = [
        f"| model | settings chosen{units} | {_what(measure)} | weights{level} |",
        "|---|---|---|---|" + ("---|" if units else "") + ("---|" if level else ""),
    ]
    order = sorted(found, key=lambda model: found[model].mean, reverse=measure.larger_is_better)
    for model in order:
        entry = found[model]
        low, high = (_number(measure, end) for end in entry.interval)
        cells = [
            NAMES[model],
            _settings(entry.chosen),
            *([str(entry.runs["units"].iloc[0])] if units else []),
            f"{_number(measure, entry.mean)} [{low}, {high}]",
            f"{int(entry.runs['trainable_parameters'].iloc[0]):,}",
        ]
        if level:
            cells.append(_reached(fair.steps_to(name, model)))
        rows.append("| " + " | ".join(cells) + " |")
    diverged = [f"{entry.diverged} of the {NAMES[model]}" for model, entry in found.items() if entry.diverged]
    below = [f"In brackets the 95 % interval, over {fair.SEEDS} runs; diverged: {', '.join(diverged) or 'none'}."]
    if measure.steps_to:
        below.append(f"*Learned after*: until the {_level(measure)} is reached, median and range.")
    return "\n".join([*rows, "", " ".join(below)])


def size(name):
    """What all runs of a fair comparison have in common: steps, batches, units; and the file that asks for them."""
    one = fair.entries(name)[fair.PHASED].runs.iloc[0]
    units = "units as in the table" if fair.MEASURES[name].phased_of else f"{one['units']} units"
    return f"{one['steps']:,} steps with batches of {one['batch_size']}; {units}; `grids/{name}.yaml`."


def sentences(name):
    """What the rule says to a fair comparison: a list of sentences, one for each rival."""
    measure, found = fair.MEASURES[name], fair.comparisons(name)
    return [f"Compared with the {NAMES[rival]}: {_apart(measure, one)}" for rival, one in found.items()]


def higher_rates(asked, *names):
    """Markdown: models that chose the highest learning rate of a search, and what twice and four times that rate does.

    Args:
        asked: the runs of ``grids/rates.yaml``, ``table.runs("rates")``.
        names: of comparisons that it asks about. The accuracies are those on the validation data
            after the steps of the search, means over its two seeds.
    """
    rows = [
        "| comparison | model | learning rate chosen | its accuracy | twice the rate | four times |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for name in names:
        for choice in results.choices(name):
            rate = choice["chosen"]["learning_rate"]
            same = asked[(asked["task"] == choice["task"]) & (asked["model"] == choice["model"])]
            if same.empty:
                continue
            of_rate = same.groupby("learning_rate")["validation_accuracy"].mean()
            means = np.mean(choice["tried"][0]["scores"]), of_rate[2 * rate], of_rate[4 * rate]
            cells = [TITLES[name], NAMES[choice["model"]], f"{rate:g}", *(f"{mean:.3f}" for mean in means)]
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _apart(measure, one):
    p = "p < .0001" if one.corrected < 1e-4 else f"p = {one.corrected:.4f}".replace("0.", ".")
    if measure.log:
        size = (
            f"the Phased LSTM's error is {10**one.difference:.2g} times as large "
            f"[{10**one.low:.2g}, {10**one.high:.2g}]"
        )
    else:
        points = measure.name.endswith("accuracy")
        ends = (one.low, one.difference, one.high)
        low, middle, high = (_signed(100 * x, 1) if points else _signed(x, 3) for x in ends)
        size = f"the Phased LSTM's {measure.name} differs by {middle}{' points' if points else ''} [{low}, {high}]"
    return f"{size}, {p}: **{one.verdict}**."


def _signed(value, digits):
    """A difference with its sign; one that rounds to zero has none.

    >>> _signed(-0.04, 1), _signed(0.04, 1), _signed(-1.26, 1), _signed(0.5, 3)
    ('0.0', '0.0', '−1.3', '+0.500')
    """
    shown = f"{value:+.{digits}f}"
    return shown[1:] if not float(shown) else shown.replace("-", "−")


def _what(measure):
    if measure.log:
        return f"{measure.name}, geometric mean"
    return f"{'test ' if measure.name == 'accuracy' else ''}{measure.name}, mean"


def _number(measure, value):
    """A measure in its own unit: the geometric mean for one that is compared by its logarithm."""
    return f"{10**value:.2g}" if measure.log else f"{value:.4f}"


def _level(measure):
    column, level = measure.steps_to
    return f"{'training error' if column == 'loss' else 'training accuracy'} {level:g}"


def _reached(steps):
    known = steps[~np.isnan(steps)]
    some = f"{np.median(known):,.0f} ({known.min():,.0f} to {known.max():,.0f})" if len(known) else "never"
    return some if len(known) == len(steps) else f"{some}; {len(known)} of {len(steps)} runs"


def _settings(chosen):
    said = []
    for name, value in chosen.items():
        label = name.removeprefix("options.").replace("_", " ")
        if name == "clipnorm":
            said.append("not clipped" if value is None else f"clipped at norm {value:g}")
        elif isinstance(value, list):
            said.append(f"{label}s {value[0]:g} to {value[1]:g}")
        else:
            said.append(f"{label} {value:g}" if isinstance(value, float) else f"{label} {value}")
    return ", ".join(said)
