"""Traces of a unit over time: stacked panels on one clock, and fading memories."""

import numpy as np

from plstm.lab.figures.style import FAINT, panels, styled, tidy


@styled
def traces(times, rows, xlabel="time $t$", marker=None, height=1.1):
    """Stacked panels on one time axis.

    Args:
        times: (T,), shared by all rows.
        rows: {label: curves}; curves is ``(values, colour)`` or a list of ``(values, colour, name)``.
        xlabel: the label of the time axis.
        marker: matplotlib marker for every point, or None for lines only.
        height: height of a row in inches.

    >>> from plstm.lab import figures
    >>> figures.traces(range(3), {"input": ([0, 1, 0], "black")})
    <Figure size ...>
    """
    figure, axes = panels([height] * len(rows), sharex=True)
    for ax, (label, curves) in zip(axes[:, 0], rows.items()):
        for curve in curves if isinstance(curves, list) else [curves]:
            values, colour, *name = curve
            ax.plot(times, values, color=colour, marker=marker, ms=4, label=name[0] if name else None)
            if name:
                ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        ax.set_ylabel(label)
        low, high = ax.get_ylim()
        ax.set_ylim(min(low, -0.05), max(high, 0.05))
        tidy(ax)
    figure.align_ylabels()
    axes[-1, 0].set(xlabel=xlabel, xlim=(np.min(times), np.max(times)))
    return figure


@styled
def fading(curves, xlabel, ylabel, logarithmic=False):
    """The part of a memory that is left: one line for each of ``curves``, {name: (x, y, colour)}.

    >>> from plstm.lab import figures
    >>> figures.fading({"f = .9": ([0, 1, 2], [1, 0.9, 0.81], "black")}, "steps", "share left")
    <Figure size ...>
    """
    figure, axes = panels([2.7])
    ax = axes[0, 0]
    for name, (x, y, colour) in curves.items():
        ax.plot(x, y, color=colour, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if logarithmic:
        ax.set_yscale("log")
    else:
        ax.set_ylim(0.0, None)
    ax.margins(x=0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure


@styled
def clocks(series, xlabel="time", ylabel=""):
    """Samples on their clocks, one row for each of ``series``, {name: (times, values, colour)}; equal time axes.

    >>> from plstm.lab import figures
    >>> figures.clocks({"slow": ([0, 5, 9], [1, 2, 1], "black")})
    <Figure size ...>
    """
    figure, axes = panels([1.4] * len(series), sharex=True, sharey=True)
    for ax, (name, (times, values, colour)) in zip(axes[:, 0], series.items()):
        ax.vlines(times, 0.0, values, color=colour, lw=1.2)
        ax.plot(times, values, "o", color=colour, ms=5)
        ax.axhline(0.0, color=FAINT, lw=0.8)
        ax.set(title=name, ylabel=ylabel)
        ax.margins(y=0.15)
        tidy(ax)
    axes[-1, 0].set_xlabel(xlabel)
    return figure
