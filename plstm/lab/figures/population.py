"""Pictures of a population of gates: update rates, number of units open at once, coverage, octaves."""

import numpy as np

from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def update_rates(rates, ratio_on):
    """The share of times at which each unit is open, against its period; a dashed line at the expected share.

    Args:
        rates: {label: (periods (H,), shares (H,))}, one panel each.
        ratio_on: the open share of all units.

    >>> from plstm.lab import figures
    >>> figures.update_rates({"counted": ([2.0, 20.0], [0.05, 0.04])}, ratio_on=0.05)
    <Figure size ...>
    """
    figure, axes = panels([2.5], len(rates), sharey=True)
    for ax, (label, (periods, counted)) in zip(axes[0], rates.items()):
        ax.axhline(ratio_on, color=COLOURS["ratio_on"], ls="--", lw=1.3, label="$r_{on}$")
        ax.plot(periods, counted, "o", color=COLOURS["openness"], ms=4, alpha=0.7, clip_on=False, zorder=3)
        ax.set(title=label, xscale="log", xlabel=r"period $\tau$")
        tidy(ax)
    axes[0, 0].set_ylabel("share of updates")
    axes[0, 0].set_ylim(0.0, None)
    axes[0, 0].legend(loc="best")
    return figure


@styled
def open_at_once(counted, predicted):
    """The share of times at which 0, 1, 2, ... units are open: bars as counted, dots as predicted.

    >>> from plstm.lab import figures
    >>> figures.open_at_once([0.5, 0.3, 0.2], [0.45, 0.35, 0.2])
    <Figure size ...>
    """
    figure, axes = panels([2.5])
    ax = axes[0, 0]
    units = np.arange(len(counted))
    ax.bar(units, counted, color=COLOURS["openness"], alpha=0.35, label="counted")
    ax.plot(units, predicted, "o", color=INK, ms=5, label="binomial", clip_on=False, zorder=3)
    ax.set(xlabel="units open at once", ylabel="share of the time", xticks=units)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper right")
    tidy(ax)
    return figure


@styled
def covered(units, counted, predicted):
    """The share of time at which at least one unit is open, against the number of units.

    Args:
        units: (N,) sizes.
        counted: (draws, N) covered shares, one row for each population.
        predicted: (N,).

    >>> from plstm.lab import figures
    >>> figures.covered([1, 2], [[0.05, 0.09], [0.04, 0.11]], [0.05, 0.0975])
    <Figure size ...>
    """
    figure, axes = panels([2.6])
    ax = axes[0, 0]
    low, high = np.min(counted, axis=0), np.max(counted, axis=0)
    ax.fill_between(units, low, high, color=COLOURS["openness"], alpha=0.25, lw=0, label=f"{len(counted)} populations")
    ax.plot(units, predicted, color=INK, ls="--", lw=1.4, label="$1 - (1 - r_{on})^H$")
    ax.set(xlabel="units $H$", ylabel="share of time covered", ylim=(0.0, 1.02), xlim=(0, units[-1]))
    ax.legend(loc="lower right")
    tidy(ax)
    return figure


@styled
def octaves(edges, shares):
    """The share of units in each octave of periods, one group of bars for each octave.

    Args:
        edges: (N + 1,), each twice the one before.
        shares: {label: (N,)}, at most three.

    >>> from plstm.lab import figures
    >>> figures.octaves([1, 2, 4], {"log-uniform": [0.5, 0.5], "uniform": [0.33, 0.67]})
    <Figure size ...>
    """
    figure, axes = panels([2.5])
    ax = axes[0, 0]
    places = np.arange(len(edges) - 1)
    width = 0.8 / len(shares)
    for number, ((label, values), colour) in enumerate(zip(shares.items(), [COLOURS["period"], FAINT, INK])):
        ax.bar(places + width * (number - (len(shares) - 1) / 2), values, width, color=colour, label=label)
    ax.set(xlabel=r"period $\tau$", ylabel="share of the units")
    ax.set_xticks(places, [f"{low:g}–{high:g}" for low, high in zip(edges[:-1], edges[1:])])
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper left")
    tidy(ax)
    return figure
