"""Speed: the gain from skipping closed units, and time and memory against the length of a sequence."""

import numpy as np

from plstm.lab.figures.style import FAINT, panels, styled, tidy
from plstm.lab.palette import COLOURS

DASHES = ("-", "--", ":", "-.", (0, (1, 3)))
MARKERS = "osD^v"


@styled
def speedup(measured):
    """The speed relative to computing every unit, against 1 / r_on; the diagonal is ideal.

    Args:
        measured: {label: (ratio_on, times faster)}, two arrays each.

    >>> from plstm.lab import figures
    >>> figures.speedup({"512 units": ([0.05, 0.5], [13.0, 1.8])})
    <Figure size ...>
    """
    figure, axes = panels([3.4])
    ax = axes[0, 0]
    most = 1.0
    for number, (label, (ratio_on, times)) in enumerate(measured.items()):
        inverse = 1.0 / np.asarray(ratio_on)
        most = max(most, inverse.max())
        style = {"ls": DASHES[number % len(DASHES)], "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(inverse, times, color=COLOURS["phased-lstm"], ms=5, label=label, alpha=0.9, **style)
    ax.plot([1, most], [1, most], color=FAINT, lw=1.2, label="ideal: $1 / r_{on}$")
    ax.set(xscale="log", yscale="log", xlabel="$1 / r_{on}$", ylabel="times faster")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure


@styled
def against_length(rows):
    """Time and peak memory of a training step against T, both axes logarithmic.

    Args:
        rows: {label: (model, T, seconds, bytes)}; the model, ``"lstm"`` or ``"phased-lstm"``, gives the colour.

    >>> from plstm.lab import figures
    >>> figures.against_length({"LSTM": ("lstm", [500, 1000], [0.1, 0.2], [2e8, 4e8])})
    <Figure size ...>
    """
    figure, axes = panels([2.4, 2.4])
    seen = {}
    for label, (model, steps, seconds, memory) in rows.items():
        number = seen[model] = seen.get(model, -1) + 1
        style = {"color": COLOURS[model], "ls": DASHES[number], "marker": MARKERS[number], "ms": 4, "label": label}
        axes[0, 0].plot(steps, seconds, **style)
        axes[1, 0].plot(steps, np.asarray(memory) / 2**20, **style)
    axes[0, 0].set(xscale="log", yscale="log", ylabel="seconds a step")
    axes[1, 0].set(xscale="log", yscale="log", ylabel="peak memory, MiB", xlabel="length of the sequence $T$")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    for ax in axes[:, 0]:
        tidy(ax)
    return figure
