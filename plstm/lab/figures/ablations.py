"""An ablation: the effect of each change on the accuracy, run by run."""

import numpy as np

from plstm.lab.figures.style import FAINT, INK, WIDTH, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def ablation(groups):
    """Accuracies of several changes and of the unchanged network: a dot for each run, a line at each mean.

    Args:
        groups: {label: accuracies}; the first is the unchanged network, with which the others are compared.

    >>> from plstm.lab import figures
    >>> figures.ablation({"as it is": [0.84, 0.82], "square gate": [0.80, 0.81]})
    <Figure size ...>
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(WIDTH, 0.8 + 0.27 * len(groups)), layout="constrained")
    labels = list(groups)
    plain = np.asarray(groups[labels[0]], np.float64)
    if len(plain) > 1:
        low, high = plain.mean() + plain.std(ddof=1) * np.array([-1, 1])
        ax.axvspan(low, high, color=FAINT, alpha=0.25, lw=0, label="as it is, ± one std")
    ax.axvline(plain.mean(), color=FAINT, lw=1.2)
    for row, label in enumerate(labels):
        values = np.asarray(groups[label], np.float64)
        colour = COLOURS["phased-lstm"] if row else INK
        ax.plot(values, np.full(len(values), row), "o", color=colour, ms=5, alpha=0.75)
        ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color=colour, lw=2)
    shown = [label.replace("r_on", "$r_{on}$") for label in labels]
    ax.set(yticks=range(len(labels)), yticklabels=shown, xlabel="test accuracy", ylim=(len(labels) - 0.4, -0.6))
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)  # above the axes, where no run can be
    tidy(ax)
    return figure
