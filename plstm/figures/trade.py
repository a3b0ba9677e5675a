"""What accuracy costs: test accuracy against multiply-adds and against time, over how much the gates are open."""

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from plstm.figures.speed import DASHES, MARKERS
from plstm.figures.style import INK, panels, styled, tidy
from plstm.palette import COLOURS


@styled
def trade(groups):
    """Test accuracy against multiply-adds and against time, both of a sequence: a dot a run, a line through the means.

    Args:
        groups: {label: {setting: list of (accuracy, multiply-adds, seconds)}}; a setting holds the runs of all seeds.
            Each is written beside its mean.

    >>> from plstm import figures
    >>> figures.trade({"open share": {"0.05": [(0.81, 1e5, 1e-3), (0.79, 1e5, 1e-3)], "0.2": [(0.85, 4e5, 2e-3)]}})
    <Figure size ...>
    """
    figure, axes = panels([3.2], columns=2, sharey=True)
    colours = (COLOURS["ratio_on"], INK)
    for number, (label, settings) in enumerate(groups.items()):
        style = {"color": colours[number % 2], "marker": MARKERS[number % len(MARKERS)]}
        means = np.array([np.mean(runs, axis=0) for runs in settings.values()])
        for ax, column, unit in ((axes[0, 0], 1, 1.0), (axes[0, 1], 2, 1e3)):
            for runs in settings.values():
                accuracy, x = np.array(runs)[:, 0], unit * np.array(runs)[:, column]
                ax.plot(x, accuracy, ls="none", ms=4, alpha=0.45, **style)
            ax.plot(unit * means[:, column], means[:, 0], ls=DASHES[number % len(DASHES)], ms=6, label=label, **style)
        for place, (setting, mean) in enumerate(zip(settings, means)):
            # Neighbours stand at two heights, so that close ones can both be read.
            height = (7, 18)[place % 2] if number % 2 == 0 else (-14, -25)[place % 2]
            offset = {"xytext": (0, height), "textcoords": "offset points", "ha": "center"}
            axes[0, 0].annotate(setting, (mean[1], mean[0]), fontsize=9, color=colours[number % 2], **offset)
    axes[0, 0].set(xscale="log", xlabel="multiply-adds a sequence", ylabel="test accuracy")
    axes[0, 1].set(xscale="log", xlabel="ms a sequence")
    for ax in axes[0]:
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:,.9g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
    axes[0, 1].legend(loc="lower left")
    tidy(*axes[0])
    return figure
