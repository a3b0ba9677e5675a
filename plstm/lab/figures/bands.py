"""Learning curves over seeds: the mean as a line, the standard deviation as a band."""

import numpy as np
from matplotlib.colors import to_rgb

from plstm.lab.figures.curves import smooth
from plstm.lab.figures.style import FAINT, panels, styled, tidy
from plstm.lab.palette import COLOURS

MARKS = ("-", "--", ":", "-.")
ROOM = 24  # letters that fit beside a picture; longer names are placed below it
LINE = 0.19  # inches


@styled
def learning_bands(groups, window=10, metric="accuracy", chance=None):
    """A curve for each group: the mean of its runs, a band of one standard deviation, thin lines for single runs.

    Args:
        groups: {label: (model, list of histories)}; a history has arrays ``step``, ``loss`` and ``accuracy``, as from
            ``plstm.lab.results.published``. The model, a key of the palette where it has one, gives the colour.
        window: number of points of a history that each point averages.
        metric: ``"accuracy"`` or ``"loss"``.
        chance: accuracy of a guess, drawn as a dotted line.

    >>> from plstm.lab import figures
    >>> history = {"step": [10, 20], "loss": [2.0, 1.0], "accuracy": [0.1, 0.5]}
    >>> figures.learning_bands({"LSTM": ("lstm", [history, history])}, chance=0.1)
    <Figure size ...>
    """
    import seaborn as sns

    beside = max(map(len, groups)) <= ROOM and len(groups) <= 10
    figure, axes = panels([3.1 if beside else 3.1 + LINE * (len(groups) + 1)])
    ax = axes[0, 0]
    # Groups with a gate share a colour, and so do groups without. Within each kind, lines and then shades differ.
    seen = {}
    for label, (model, histories) in groups.items():
        kind = "phased-lstm" if model.startswith("phased") else "lstm"
        number = seen[kind] = seen.get(kind, -1) + 1
        paleness = 1.0 - 1.0 / (1 + number // len(MARKS))
        colour = tuple((1 - paleness) * np.array(to_rgb(COLOURS[kind])) + 0.9 * paleness)
        steps = np.concatenate([np.asarray(history["step"]) for history in histories])
        values = np.concatenate([smooth(history[metric], window) for history in histories])
        for history in histories:
            ax.plot(history["step"], smooth(history[metric], window), color=colour, lw=0.6, alpha=0.35)
        sns.lineplot(
            x=steps, y=values, errorbar="sd" if len(histories) > 1 else None, color=colour, lw=1.8,
            linestyle=MARKS[number % len(MARKS)], label=label, ax=ax, legend=False,
        )  # fmt: skip
    if chance is not None:
        ax.axhline(chance, color=FAINT, ls=":", lw=1.2, label="guessing")
    ax.set(xlabel="training steps", ylabel=f"training {metric}")
    if metric == "accuracy":
        ax.set_ylim(0, 1)
    ax.margins(x=0)
    if beside:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    else:
        figure.legend(loc="outside lower left")
    tidy(ax)
    return figure
