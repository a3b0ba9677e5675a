"""Frequency discrimination: the inputs of the network, and its accuracy."""

import numpy as np

from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS

# The mark of each model; their order is the order from left to right.
MARKS = {"Phased LSTM": "o", "LSTM": "^", "LSTM, normalised": "s", "LSTM, told the time": "D"}


@styled
def sampled_sines(conditions):
    """One sine for each condition, as samples over time.

    Args:
        conditions: {label: (times, values)}, arrays of one sequence each, in ms.

    >>> from plstm.lab import figures
    >>> figures.sampled_sines({"every 1 ms": ([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])})
    <Figure size ...>
    """
    figure, axes = panels([1.3] * len(conditions))
    for ax, (label, (times, values)) in zip(axes[:, 0], conditions.items()):
        ax.plot(times, values, ".", color=COLOURS["output"], ms=3)
        ax.set_title(f"{label}: {len(times)} samples")
        ax.set(ylim=(-1.15, 1.15), yticks=[-1, 0, 1], xlim=(0, 126))
        tidy(ax)
    axes[-1, 0].set_xlabel("time, ms")
    return figure


@styled
def scores(found, published=None):
    """Test accuracies: a dot for each run, side by side for each condition; a cross at the published mean of others.

    Args:
        found: {condition: {model: accuracies}}; the models are those of ``MARKS``, so each has one mark everywhere.
        published: {condition: {model: accuracy}} of others, or None.

    Raises:
        ValueError: a model without a mark.

    >>> from plstm.lab import figures
    >>> figures.scores({"fine": {"Phased LSTM": [0.98, 0.97], "LSTM": [0.5]}}, {"fine": {"LSTM": 0.52}})
    <Figure size ...>
    """
    named = {model for of_condition in found.values() for model in of_condition}
    if not named <= set(MARKS):
        raise ValueError(f"expected models among {', '.join(MARKS)}, got {', '.join(sorted(named - set(MARKS)))}")
    figure, axes = panels([3.2])
    ax = axes[0, 0]
    models = [model for model in MARKS if model in named]
    theirs = []
    for number, model in enumerate(models):
        colour = COLOURS["phased-lstm" if model.startswith("Phased") else "lstm"]
        style = {"color": colour, "marker": MARKS[model], "ls": "none", "ms": 6, "alpha": 0.8}
        for place, (condition, of_condition) in enumerate(found.items()):
            x = place + 0.22 * (number - (len(models) - 1) / 2)
            values = np.asarray(of_condition.get(model, []))
            ax.plot(np.full(len(values), x), values, label=model if place == 0 else None, **style)
            if model in (published or {}).get(condition, {}):
                theirs.append((x, published[condition][model]))
    if theirs:
        ax.plot(*zip(*theirs), "x", color=INK, ms=7, label="published mean")
    ax.axhline(0.5, color=FAINT, ls=":", lw=1.2, label="guessing")
    ax.set(ylabel="test accuracy", ylim=(0.4, 1.02), xticks=range(len(found)), xticklabels=list(found))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure
