"""A fair comparison as a page prints it: a table with a row a model, and a sentence for each rival."""

import numpy as np

from plstm.lab import results
from plstm.lab.markdown import table
from plstm.lab.verdicts import fair, rule

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
    "ode-lstms-baseline": "cell of the ode-lstms repository",
}
# A rival's option ``time``, in words.
TOLD = {
    "none": "not told the time",
    "absolute": "told the times",
    "gap": "told the gaps",
    "both": "told the gaps and the times",
    "sines": "told sines",
    "all": "told sines, the gaps and the times",
}
TITLES = {
    "fair_adding": "Adding two of 500 numbers",
    "fair_adding_irregular": "Adding two of 500 numbers at irregular times",
    "fair_adding_short_irregular": "Adding two of 100 numbers at irregular times",
    "fair_mnist": "MNIST pixel by pixel, 32 units",
    "fair_mnist_wide": "MNIST pixel by pixel, 32 units, learning rates up to .08",
    "fair_mnist_steady": "MNIST pixel by pixel, 32 units, learning rates up to .04 for the rivals",
    "fair_mnist_long": "MNIST pixel by pixel, 32 units, 20 epochs",
    "fair_permuted": "MNIST with its pixels in another order",
    "fair_frequency": "Which sine, at random times?",
    "fair_frequency_two": "Two sines, at random times",
    "fair_frequency_peers": "Which sine, beside layers made for irregular times",
    "fair_frequency_state_space": "Which sine, at random times, beside a diagonal state space",
    "fair_events": "MNIST as runs of pixels",
    "fair_camera": "MNIST as events of a moving camera",
    "fair_xor": "The XOR of a word's bits, bit by bit",
    "fair_xor_events": "The XOR of a word's bits, by its changes",
    "fair_frequency_sines": "Which sine, at random times, rivals that are told sines of the time",
    "fair_frequency_clocks": "Which sine, at random times, rivals that are told sines of 4.5 to 6.5 ms",
    "fair_frequency_known": "Which sine, at random times, all three given the period",
    "fair_events_sines": "MNIST as runs of pixels, rivals that are told sines of the time",
    "fair_xor_events_sines": "The XOR of a word's bits, by its changes, rivals that are told sines of the time",
    "fair_adding_work": "Adding two of 500 numbers, at equal multiply-adds",
    "fair_mnist_work": "MNIST pixel by pixel, at equal multiply-adds",
    "fair_mnist_wide_work": "MNIST pixel by pixel, at equal multiply-adds, learning rates up to .04",
    "fair_frequency_work": "Which sine, at random times, at equal multiply-adds",
    "fair_events_work": "MNIST as runs of pixels, at equal multiply-adds",
    "real_nafld": "Who dies within five years? Patients' laboratory values",
    "real_nafld_next": "Patients' next HDL cholesterol, at a given day",
    "real_stars": "Which class of variable star?",
}


def markdown(name, counted=(), without=()):
    """The table of a fair comparison in Markdown: the best mean first.

    Args:
        name: of a published comparison, a key of ``fair.MEASURES``.
        counted: as of ``fair.multiply_adds``: if there is any of this comparison, its answer gets a column.
        without: the titles of columns to leave out, of those that stand beside the measure.

    Raises:
        ResultError: nothing is published under that name.
        ValueError: the comparison has no such column to leave out.
    """
    measure, found = with_less_beside(fair.MEASURES[name], without), fair.entries(name)
    adds = fair.multiply_adds(name, counted)
    rows, below = [], [brackets({NAMES[model]: entry for model, entry in found.items()}, measure)]
    for model in in_order(found, measure):
        rows.append({"model": NAMES[model], **cells(found[model], measure, _of_various_units(found))})
        if adds:
            rows[-1]["multiply-adds"] = _rounded(adds[model]) if model in adds else "-"
        if measure.steps_to:
            those = f", of {measure.seeds - found[model].diverged} runs" if found[model].diverged else ""
            rows[-1]["learned after steps"] = _reached(fair.steps_to(name, model)) + those
    if measure.steps_to:
        below.append(f"*Learned after*: until the {_level(measure)} is reached, median and range.")
    return f"{of_rows(rows)}\n\n{' '.join(below)}"


def with_less_beside(measure, without):
    """A ``fair.Measure`` without some of the columns that stand beside it, by their titles.

    Raises:
        ValueError: it has no such column.
    """
    if unknown := set(without) - set(measure.beside.values()):
        raise ValueError(f"expected titles out of {', '.join(measure.beside.values())}, got {', '.join(unknown)}")
    return measure._replace(beside={one: title for one, title in measure.beside.items() if title not in without})


def in_order(found, measure):
    """The names of entries, the best mean first."""
    return sorted(found, key=lambda name: found[name].mean, reverse=measure.larger_is_better)


def cells(entry, measure, units=False):
    """What a row of a table says of a ``fair.Entry``, with its units or without: {title of the column: text}."""
    low, high = (_number(measure, end) for end in entry.interval)
    return {
        "settings chosen": _settings(entry.chosen),
        **({"units": str(entry.units)} if units else {}),
        _what(measure): f"{_number(measure, entry.mean)} [{low}, {high}]",
        "weights": f"{entry.weights:,}",
        **{title: _beside(column, entry.runs[column].mean()) for column, title in measure.beside.items()},
    }


def of_rows(rows):
    """The table in Markdown of rows {title: text}, all with the same titles."""
    return table(rows[0], map(dict.values, rows), "l")


def brackets(found, measure):
    """What stands below a table, of entries by what they are called."""
    diverged = [f"{entry.diverged} of the {name}" for name, entry in found.items() if entry.diverged]
    below = f"In brackets the 95 % interval, over {measure.seeds} runs; diverged: {', '.join(diverged) or 'none'}."
    shared = " Seconds are those of machines that the runs shared: they tell the size, not the order."
    return below + (shared if "wall_seconds" in measure.beside else "")


def size(name):
    """What all runs of a fair comparison have in common: steps, batches, units; and the file that asks for them."""
    found = fair.entries(name)
    one = found[fair.PHASED].runs.iloc[0]
    units = "units as in the table" if _of_various_units(found) else f"{one['units']} units"
    return f"{one['steps']:,} steps with batches of {one['batch_size']}; {units}; `grids/{name}.yaml`."


def _of_various_units(found):
    return len({entry.units for entry in found.values()}) > 1


def sentences(name):
    """What the rule says to a fair comparison: a list of sentences, one for each rival."""
    measure, found, said = fair.MEASURES[name], fair.entries(name), []
    for rival, one in fair.comparisons(name).items():
        ended = found[rival].diverged
        lost = f", {ended} of whose {measure.seeds} runs diverged and count as guesses" if ended else ""
        said.append(f"Compared with the {NAMES[rival]}{lost}: the Phased LSTM's {apart(measure, one)}")
    return said


def verdict(name):
    """What the rule says of all rivals of a fair comparison, in one sentence."""
    rivals, said = {}, []
    for rival, one in fair.comparisons(name).items():
        rivals.setdefault(one.verdict, []).append(f"the {NAMES[rival]}")
    for one, words in {rule.BETTER: "better than", rule.AS_GOOD: "as good as", rule.WORSE: "worse than"}.items():
        if one in rivals:
            said.append(f"{words} {_and(rivals[one])}")
    if rule.UNDECIDED in rivals:
        said.append(
            f"neither better nor worse nor as good, by these runs, compared with {_and(rivals[rule.UNDECIDED])}"
        )
    return f"The Phased LSTM is {_and(said)}."


def higher_rates(asked, *names):
    """Markdown: models that chose the highest learning rate of a search, and what twice and four times that rate does.

    Args:
        asked: the runs of ``grids/rates.yaml``, ``table.runs("rates")``.
        names: of comparisons that it asks about. The accuracies are those on the validation data
            after the steps of the search, means over its two seeds.
    """
    rows, heads = [], ["comparison", "model", "learning rate chosen", "its accuracy", "twice the rate", "four times"]
    for name in names:
        for choice in results.choices(name):
            rate = choice["chosen"]["learning_rate"]
            same = asked[(asked["task"] == choice["task"]) & (asked["model"] == choice["model"])]
            if same.empty:
                continue
            of_rate = same.groupby("learning_rate")["validation_accuracy"].mean()
            means = np.mean(choice["tried"][0]["scores"]), of_rate[2 * rate], of_rate[4 * rate]
            rows.append([TITLES[name], NAMES[choice["model"]], f"{rate:g}", *(f"{mean:.3f}" for mean in means)])
    return table(heads, rows, "llr")


def apart(measure, one):
    """What a ``rule.Comparison`` says, from the name of the measure on."""
    if measure.log:
        size = f"error is {10**one.difference:.2g} times as large [{10**one.low:.2g}, {10**one.high:.2g}]"
    else:
        size = f"{measure.name} differs by {differing(measure, one.low, one.difference, one.high)}"
    return f"{size}, {corrected(one)}: **{one.verdict}**."


def corrected(one):
    """The corrected p of a ``rule.Comparison`` in words."""
    return "p < .0001" if one.corrected < 1e-4 else f"p = {one.corrected:.4f}".replace("0.", ".")


def differing(measure, low, middle, high):
    """A difference and its interval, in points for an accuracy."""
    points = measure.name.endswith("accuracy")
    low, middle, high = (_signed(100 * x, 1) if points else _signed(x, 3) for x in (low, middle, high))
    return f"{middle}{' points' if points else ''} [{low}, {high}]"


def _and(words):
    """Words in a row.

    >>> _and(["a"]), _and(["a", "b"]), _and(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


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


def _rounded(count):
    """A count with three digits that count: 1234567 as 1,230,000."""
    return f"{float(f'{count:.3g}'):,.0f}"


def _beside(column, value):
    return f"{value:.0f}" if column == "wall_seconds" else f"{value:.3f}"


def _level(measure):
    column, level = measure.steps_to
    return f"{'training error' if column == 'loss' else 'training accuracy'} {level:g}"


def _reached(steps):
    known = steps[~np.isnan(steps)]
    if not len(known):
        return "never"
    some = f"{np.median(known):,.0f} ({known.min():,.0f} to {known.max():,.0f})"
    return some if len(known) == len(steps) else f"{some}; {len(known)} of {len(steps)} runs"


def told(time):
    """What the option ``time`` of a rival tells it, in words.

    >>> told("both"), told([4.5, 5.5])
    ('told the gaps and the times', 'told sines of periods 4.5 and 5.5, the gaps and the times')
    """
    if isinstance(time, list):
        *first, last = (f"{period:g}" for period in time)
        which = f"periods {', '.join(first)} and {last}" if first else f"period {last}"
        return f"told sines of {which}, the gaps and the times"
    return TOLD[time]


def _settings(chosen):
    said = []
    for name, value in chosen.items():
        label = name.removeprefix("options.").replace("_", " ")
        if name == "clipnorm":
            said.append("not clipped" if value is None else f"clipped at norm {value:g}")
        elif label == "time":
            said.append(told(value))
        elif isinstance(value, bool):
            said.append(label if value else f"no {label}")
        elif isinstance(value, list):
            said.append(f"{label.removesuffix('s')}s {value[0]:g} to {value[1]:g}")
        else:
            said.append(f"{label} {value:g}" if isinstance(value, float) else f"{label} {value}")
    return ", ".join(said)
