"""Figure 2 of the paper from the real cell: three units (2a), one that integrates an input (2b); and many units."""

import numpy as np

from plstm.lab.figures.style import FAINT, SHADES, panels, styled, tidy
from plstm.lab.palette import COLOURS


def shade(ax, times, openness, periods, labels=6, digits=4):
    """The raster of units on axes, by period, blue where open, with so many labels of so many digits; the image."""
    order = np.argsort(periods)
    ticks = np.unique(np.linspace(0, len(order) - 1, labels).round().astype(int))
    ax.set_yticks(ticks, [f"{np.asarray(periods)[order[i]]:.{digits}g}" for i in ticks])
    ax.grid(False)
    return ax.imshow(
        np.asarray(openness)[:, order].T,
        aspect="auto",
        origin="lower",
        cmap=SHADES,
        vmin=0.0,
        vmax=1.0,
        interpolation="nearest",
        extent=(times[0], times[-1], -0.5, len(order) - 0.5),
    )


@styled
def three_neurons(times, openness, cells, outputs, samples=None):
    """Openness, cell state and output of a few units over time (the paper's figure 2a).

    Args:
        times: (T,).
        openness: (T, H), k of a few units.
        cells: (T, H), their c.
        outputs: (T, H), their h.
        samples: times at which an input arrived, marked on the axis.

    >>> from plstm.lab import figures
    >>> ramp = np.ones((4, 3)) * np.arange(4.0)[:, None]
    >>> figures.three_neurons(np.arange(4.0), ramp, ramp, ramp)
    <Figure size ...>
    """
    units = openness.shape[1]
    figure, axes = panels([0.62] * (3 * units), sharex=True)
    rows = [("k", openness, "openness"), ("c", cells, "cell"), ("h", outputs, "output")]
    for row, (symbol, values, quantity) in enumerate(rows):
        for unit in range(units):
            ax = axes[row * units + unit, 0]
            ax.plot(times, values[:, unit], color=COLOURS[quantity], lw=1.5)
            if samples is not None:
                ax.vlines(samples, *ax.get_ylim(), color=FAINT, lw=0.5, alpha=0.5)
            ax.set_ylabel(f"${symbol}_{unit + 1}$", rotation=0, ha="right", va="center", fontsize=12)
            ax.set_yticks([])
            tidy(ax)
    axes[-1, 0].set(xlabel="time $t$", xlim=(times[0], times[-1]))
    return figure


@styled
def integrator(times, inputs, openness, cells, lstm_cells=None):
    """One unit that integrates an input through its gate (the paper's figure 2b): it changes only while it is open.

    Args:
        times: (T,).
        inputs: (T,).
        openness: (T,), k of the unit.
        cells: (T,), its c.
        lstm_cells: (T,), the same unit without a gate, drawn behind.

    >>> from plstm.lab import figures
    >>> t = np.arange(4.0)
    >>> figures.integrator(t, np.sin(t), t % 2, t)
    <Figure size ...>
    """
    figure, axes = panels([1.0, 1.0, 1.8], sharex=True)
    top, middle, bottom = axes[:, 0]
    top.plot(times, inputs, color="black", lw=1.4)
    top.set_ylabel("input $x$")
    middle.fill_between(times, openness, color=COLOURS["openness"], alpha=0.15)
    middle.plot(times, openness, color=COLOURS["openness"])
    middle.set(ylabel="openness $k$", yticks=[0, 1])
    if lstm_cells is not None:
        bottom.plot(times, lstm_cells, color=COLOURS["lstm"], lw=1.3, ls="--", label="LSTM")
    bottom.plot(times, cells, color=COLOURS["cell"], label="Phased LSTM")
    bottom.set(ylabel="cell $c$", xlabel="time $t$", xlim=(times[0], times[-1]))
    for ax in (top, middle, bottom):
        ax.fill_between(
            times,
            0,
            1,
            where=openness > 0,
            transform=ax.get_xaxis_transform(),
            color=COLOURS["openness"],
            alpha=0.07,
            lw=0,
        )
    bottom.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.align_ylabels()
    tidy(top, middle, bottom)
    return figure


@styled
def raster(times, openness, periods):
    """The openness of each unit over time: one row for each unit, the shortest period at the bottom; blue is open.

    Args:
        times: (T,).
        openness: (T, H).
        periods: (H,).

    >>> from plstm.lab import figures
    >>> figures.raster(np.arange(4.0), np.eye(4), np.arange(1.0, 5.0))
    <Figure size ...>
    """
    figure, axes = panels([2.9])
    ax = axes[0, 0]
    image = shade(ax, times, openness, periods)
    ax.set(xlabel="time $t$", ylabel=r"units by period $\tau$")
    figure.colorbar(image, label="openness $k$", ticks=[0, 1])
    tidy(ax)
    return figure
