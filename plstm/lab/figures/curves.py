"""Learning curves: accuracy against training steps, for one or more runs of each model."""

import numpy as np

from plstm.lab.figures.style import FAINT, panels, styled, tidy
from plstm.lab.palette import COLOURS


def smooth(values, window):
    """Mean over the last ``window`` values (fewer at the start).

    >>> smooth([1.0, 3.0, 5.0], 2)
    array([1., 2., 4.])
    """
    total = np.concatenate([[0.0], np.cumsum(np.asarray(values, np.float64))])
    stop = np.arange(1, len(total))
    start = np.maximum(stop - window, 0)
    return (total[stop] - total[start]) / (stop - start)


@styled
def learning_curves(runs, window=50, chance=None, chance_is="guessing"):
    """Training accuracy against steps, one line for each run; each point is the mean of the last ``window`` steps.

    Args:
        runs: {model: list of (steps, accuracy)}; model is a key of the palette, ``"lstm"`` or ``"phased-lstm"``.
        window: number of steps that each point averages.
        chance: accuracy of a guess, drawn as a dotted line.
        chance_is: the label of that line.

    >>> from plstm.lab import figures
    >>> figures.learning_curves({"lstm": [([1, 2, 3], [0.1, 0.2, 0.3])]}, window=1, chance=0.1)
    <Figure size ...>
    """
    names = {"lstm": "LSTM", "phased-lstm": "Phased LSTM"}
    figure, axes = panels([2.9])
    ax = axes[0, 0]
    for model, curves in runs.items():
        for number, (steps, accuracy) in enumerate(curves):
            label = names.get(model, model) if number == 0 else None
            ax.plot(steps, smooth(accuracy, window), color=COLOURS[model], lw=1.6, alpha=0.85, label=label)
    if chance is not None:
        ax.axhline(chance, color=FAINT, ls=":", lw=1.2, label=chance_is)
    ax.set(xlabel="training steps", ylabel="training accuracy", ylim=(0, 1))
    ax.margins(x=0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure
