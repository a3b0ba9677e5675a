"""The cost of accuracy: test accuracy against multiply-adds and against time, for several open shares."""

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from plstm.lab.figures.speed import DASHES, MARKERS
from plstm.lab.figures.style import HALO, INK, letters, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def trade(groups):
    """Test accuracy against the multiply-adds and the time of a sequence: a dot for each run, a line through the means.

    Args:
        groups: {label: {setting: list of (accuracy, multiply-adds, seconds)}}, two at most; a setting holds the runs of
            all seeds. The settings of the first group are in a row above all runs, those of the second in a row below,
            each joined by a thin line to its mean.

    >>> from plstm.lab import figures
    >>> figures.trade({"open share": {"0.05": [(0.81, 1e5, 1e-3), (0.79, 1e5, 1e-3)], "0.2": [(0.85, 4e5, 2e-3)]}})
    <Figure size ...>
    """
    figure, axes = panels([4.2], columns=2, sharey=True)
    for number, (label, settings) in enumerate(groups.items()):
        style = {"color": (COLOURS["ratio_on"], INK)[number], "marker": MARKERS[number]}
        means = np.array([np.mean(runs, axis=0) for runs in settings.values()])
        for ax, column, unit in ((axes[0, 0], 1, 1.0), (axes[0, 1], 2, 1e3)):
            for runs in settings.values():
                accuracy, x = np.array(runs)[:, 0], unit * np.array(runs)[:, column]
                ax.plot(x, accuracy, ls="none", ms=4, alpha=0.45, **style)
            ax.plot(unit * means[:, column], means[:, 0], ls=DASHES[number], ms=6, label=label, **style)
        _name_settings(axes[0, 0], label, dict(zip(settings, means)), style["color"], above=number == 0)
    low, high = axes[0, 0].get_ylim()
    axes[0, 0].set_ylim(low - 0.25 * (high - low), high + 0.25 * (high - low))  # room for the two rows of settings
    axes[0, 0].set(xscale="log", xlabel="multiply-adds a sequence", ylabel="test accuracy")
    axes[0, 1].set(xscale="log", xlabel="ms a sequence")
    for ax in axes[0]:
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:,.9g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
    axes[0, 1].legend(loc="lower left")
    tidy(*axes[0])
    return figure


def _name_settings(ax, label, means, colour, above):
    """Write a group's settings in a row at the edge of the picture, with a thin line from each to its mean.

    Among the runs they would be unreadable. Neighbours are at different heights, because they may be close.
    """
    head, heights = (0.985, (0.92, 0.87)) if above else (0.015, (0.08, 0.13))
    thread = {"arrowstyle": "-", "color": colour, "lw": 0.7, "shrinkA": 0, "shrinkB": 3}
    style = {"fontsize": 9, "color": letters(colour), "path_effects": HALO, "va": "top" if above else "bottom"}
    ax.text(0.02, head, f"{label}:", transform=ax.transAxes, **style)
    for place, (setting, mean) in enumerate(means.items()):
        ax.annotate(
            setting, (mean[1], mean[0]), (mean[1], heights[place % 2]), textcoords=("data", "axes fraction"),
            ha="center", arrowprops=thread, **style,
        )  # fmt: skip
