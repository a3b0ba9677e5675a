"""Inside trained networks: what is left after a lag, half-lives of memories, moved periods, frequency responses."""

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS

DASHES = ("-", "--", ":", "-.")


@styled
def against_lag(groups, ylabel, floor=1e-6):
    """What is left after a lag, on two logarithmic axes: one panel for each group, a line and a band for each run.

    Args:
        groups: {title: {label: list of (lag, low, middle, high)}}; a label that begins with "Phased" has a gate. The
            second label of either kind is dashed, the third dotted.
        floor: smaller values are drawn here, at the lower edge. Lag 0 is left out.

    >>> from plstm.lab import figures
    >>> run = ([0, 1, 2], [1, 0.6, 0.4], [1, 0.7, 0.5], [1, 0.8, 0.6])
    >>> figures.against_lag({"at the start": {"LSTM": [run]}}, "share left")
    <Figure size ...>
    """
    figure, axes = panels([2.7], len(groups), sharey=True)
    for ax, (title, curves) in zip(axes[0], groups.items()):
        seen = {}
        for label, runs in curves.items():
            model = "phased-lstm" if label.startswith("Phased") else "lstm"
            number = seen[model] = seen.get(model, -1) + 1
            for place, (lag, low, middle, high) in enumerate(runs):
                lag, low, middle, high = (np.asarray(values, float)[1:] for values in (lag, low, middle, high))
                low, middle, high = (np.maximum(values, floor) for values in (low, middle, high))
                ax.fill_between(lag, low, high, color=COLOURS[model], alpha=0.13, lw=0)
                style = {"color": COLOURS[model], "ls": DASHES[number], "lw": 1.5}
                ax.plot(lag, middle, label=label if place == 0 else None, **style)
        ax.set(title=title, xscale="log", yscale="log", xlabel="lag, steps")
        tidy(ax)
    axes[0, 0].set_ylabel(ylabel)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


@styled
def half_lives(period, lives, rate, until):
    """The half-life of each unit's memory against its period; a dashed line for the mean rate of decay.

    Args:
        period: (H,).
        lives: (H,), in steps; infinite if more than half was left at the end.
        rate: rate of decay per step; half is gone after ln 2 / rate steps.
        until: number of steps observed.

    >>> from plstm.lab import figures
    >>> figures.half_lives([2.0, 200.0], [90.0, np.inf], rate=0.0075, until=500)
    <Figure size ...>
    """
    figure, axes = panels([2.8])
    ax = axes[0, 0]
    period, lives = np.asarray(period, float), np.asarray(lives, float)
    ended = np.isfinite(lives)
    ax.axhline(np.log(2) / rate, color=INK, ls="--", lw=1.3, label="at the mean rate")
    ax.plot(period[ended], lives[ended], "o", color=COLOURS["cell"], ms=5, label="half-life")
    if np.any(~ended):
        beyond = np.full(np.sum(~ended), until)
        ax.plot(period[~ended], beyond, "^", color=COLOURS["cell"], ms=6, mfc="none", label="longer")
    top = until if np.any(~ended) else lives.max()
    ax.set(xscale="log", xlabel=r"period $\tau$", ylabel="steps", ylim=(0, 1.1 * top))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure


@styled
def periods_moved(runs, target):
    """Periods before and after training: a dot for each unit, one panel for each group; no change is the diagonal.

    Args:
        runs: {title: (before, after)}, arrays of periods.
        target: ``(low, high)``, shaded.

    >>> from plstm.lab import figures
    >>> figures.periods_moved({"seed 0": ([3.0, 10.0], [3.2, 9.8])}, target=(5.0, 6.0))
    <Figure size ...>
    """
    figure, axes = panels([3.3], len(runs), sharex=True, sharey=True)
    for ax, (title, (before, after)) in zip(axes[0], runs.items()):
        ends = [min(np.min(before), np.min(after)), max(np.max(before), np.max(after))]
        ax.axhspan(*target, color=COLOURS["ratio_on"], alpha=0.2, lw=0, label="the target")
        ax.plot(ends, ends, color=FAINT, lw=1.2)
        ax.plot(before, after, "o", color=COLOURS["period"], ms=3.5, alpha=0.7, label="a unit")
        ax.set(title=title, xscale="log", yscale="log", xlabel=r"$\tau$ at the start")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(ScalarFormatter())
            axis.set_minor_locator(NullLocator())
        tidy(ax)
    axes[0, 0].set_ylabel(r"$\tau$ after training")
    axes[0, 0].legend(loc="upper left")
    return figure


@styled
def frequency_response(frequencies, curves, target):
    """The response of a population to each frequency.

    Args:
        frequencies: (F,).
        curves: {label: (F,)}, two at most, the first drawn faintly.
        target: ``(low, high)``, shaded.

    >>> from plstm.lab import figures
    >>> figures.frequency_response([0.1, 0.2], {"at the start": [0.2, 0.3], "trained": [0.2, 0.4]}, target=(0.15, 0.2))
    <Figure size ...>
    """
    figure, axes = panels([2.6])
    ax = axes[0, 0]
    ax.axvspan(*target, color=COLOURS["ratio_on"], alpha=0.2, lw=0, label="the target")
    for (label, loudness), colour in zip(curves.items(), (FAINT, COLOURS["period"])):
        ax.plot(frequencies, loudness, color=colour, lw=1.5, label=label)
    ax.set(xlabel="frequency, cycles per millisecond", ylabel="loudness", ylim=(0, None))
    ax.margins(x=0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure
