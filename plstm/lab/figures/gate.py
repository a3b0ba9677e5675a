"""Pictures of the time gate: its rhythm, the effect of each parameter, its slopes, and the drift of two rhythms."""

import numpy as np

from plstm.gate import phase, time_gate
from plstm.lab.figures.style import FAINT, letters, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def rhythm(period=10.0, shift=0.0, ratio_on=0.2, leak=0.0, until=30.0, samples=None):
    """Phase (above) and openness (below) of one unit over time; ``samples`` are marked on the openness.

    >>> from plstm.lab import figures
    >>> figures.rhythm(period=5.0, samples=[0.0, 0.5, 7.3])
    <Figure size ...>
    """
    times = np.linspace(0.0, until, 4001)
    figure, axes = panels([1.5, 1.7], sharex=True)
    top, bottom = axes[:, 0]
    values = phase(times, period, shift)
    # The line is broken at the jump from 1 to 0, where the phase has no values in between.
    top.plot(times, np.where(np.diff(values, append=1.0) < -0.5, np.nan, values), color=FAINT)
    top.axhspan(0.0, ratio_on, color=COLOURS["ratio_on"], alpha=0.18, lw=0)
    top.text(until, ratio_on, " $r_{on}$", color=letters(COLOURS["ratio_on"]), va="center", fontsize=12)
    top.set(ylabel=r"phase $\varphi$", ylim=(-0.03, 1.03), yticks=[0, 0.5, 1])
    bottom.fill_between(times, time_gate(times, period, shift, ratio_on, leak), color=COLOURS["openness"], alpha=0.15)
    bottom.plot(times, time_gate(times, period, shift, ratio_on, leak), color=COLOURS["openness"])
    if samples is not None:
        samples = np.asarray(samples, np.float64)
        k = time_gate(samples, period, shift, ratio_on, leak)
        bottom.plot(samples, k, "o", color=COLOURS["openness"], ms=5, clip_on=False, zorder=3)
    bottom.set(xlabel="time $t$", ylabel="openness $k$", ylim=(-0.03, 1.08), yticks=[0, 0.5, 1], xlim=(0, until))
    tidy(top, bottom)
    return figure


@styled
def parameters(period=10.0, shift=0.0, ratio_on=0.2, until=30.0):
    """Three rows: the gate at two other periods, two other shifts and two other open ratios.

    >>> from plstm.lab import figures
    >>> figures.parameters()
    <Figure size ...>
    """
    changes = {
        "period": (r"\tau", [period, 0.6 * period, 1.5 * period]),
        "shift": ("s", [shift, shift + 0.2 * period, shift + 0.5 * period]),
        "ratio_on": ("r_{on}", [ratio_on, 0.5 * ratio_on, min(1.0, 3 * ratio_on)]),
    }
    times = np.linspace(0.0, until, 2001)
    figure, axes = panels([1.25] * 3, 3, sharex=True, sharey=True)
    for row, (name, (symbol, values)) in zip(axes, changes.items()):
        for ax, value in zip(row, values):
            gate = {"period": period, "shift": shift, "ratio_on": ratio_on, name: value}
            k = time_gate(times, **gate)
            ax.fill_between(times, k, color=COLOURS["openness"], alpha=0.15)
            ax.plot(times, k, color=COLOURS["openness"], lw=1.5)
            ax.set_title(f"${symbol} = {value:g}$", color=letters(COLOURS[name]))
            ax.set(xlim=(0, until), ylim=(-0.03, 1.08), yticks=[0, 1])
            tidy(ax)
        row[0].set_ylabel("$k$")
    for ax in axes[-1]:
        ax.set_xlabel("time $t$")
    return figure


@styled
def slopes(times, gradients):
    """The slope of k in each parameter over time. ``gradients``: arrays like ``times`` under period, shift, ratio_on.

    >>> from plstm.lab import figures
    >>> t = np.arange(5.0)
    >>> figures.slopes(t, {"period": -t, "shift": -np.ones(5), "ratio_on": np.zeros(5)})
    <Figure size ...>
    """
    symbols = {"period": r"\tau", "shift": "s", "ratio_on": "r_{on}"}
    figure, axes = panels([1.35] * 3, sharex=True)
    for ax, (name, symbol) in zip(axes[:, 0], symbols.items()):
        ax.plot(times, gradients[name], color=COLOURS[name], lw=1.3)
        ax.set_ylabel(rf"$\partial k / \partial {symbol}$", fontsize=12)
        tidy(ax)
    axes[-1, 0].set(xlabel="time $t$", xlim=(times[0], times[-1]))
    return figure


@styled
def drift(period, other, ratio_on=0.2, until=200.0):
    """Two gates whose periods differ a little: together at first, apart later.

    >>> from plstm.lab import figures
    >>> figures.drift(10.0, 10.2)
    <Figure size ...>
    """
    times = np.linspace(0.0, until, 8001)
    figure, axes = panels([2.1], 2, sharey=True)
    for ax, (start, stop) in zip(axes[0], [(0.0, 4 * period), (until - 4 * period, until)]):
        shown = times[(times >= start) & (times <= stop)]
        ax.plot(
            shown, time_gate(shown, period, 0.0, ratio_on), color=COLOURS["openness"], label=rf"$\tau = {period:g}$"
        )
        ax.plot(
            shown, time_gate(shown, other, 0.0, ratio_on), "--", color=COLOURS["period"], label=rf"$\tau = {other:g}$"
        )
        ax.set(xlim=(start, stop), xlabel="time $t$", ylim=(-0.03, 1.08), yticks=[0, 0.5, 1])
        tidy(ax)
    figure.get_layout_engine().set(
        wspace=0.08
    )  # so that the last tick label of one panel does not touch the first of the next
    axes[0, 0].set(ylabel="openness $k$", title="the first four periods")
    axes[0, 1].set(title="the last four")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


@styled
def basins(periods, losses, target):
    """The error of a gate against its period, one line for each sequence length: ``losses`` is {length: array}.

    >>> from plstm.lab import figures
    >>> figures.basins([9.0, 10.0, 11.0], {50: [1.0, 0.0, 1.0]}, target=10.0)
    <Figure size ...>
    """
    figure, axes = panels([1.3] * len(losses), sharex=True, sharey=True)
    for ax, (length, loss) in zip(axes[:, 0], losses.items()):
        ax.plot(periods, loss, color=COLOURS["period"], lw=1.3)
        ax.axvline(target, color=FAINT, lw=1, ls=":")
        ax.set(title=f"sequence of length {length:g}", ylabel="loss", xlim=(periods[0], periods[-1]), yticks=[0])
        tidy(ax)
    axes[-1, 0].set_xlabel(r"period $\tau$ of the gate that is learning")
    return figure
