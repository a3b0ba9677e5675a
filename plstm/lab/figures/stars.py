"""Pictures of variable stars: a light curve as it was seen and folded by its period; which class is taken for which."""

import numpy as np

from plstm.lab.figures.style import HALO, INK, SHADES, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def light_curve(times, magnitudes, errors, period, shape):
    """Magnitudes over time, and over the phase: folded by a period, with the true shape. Brighter is higher.

    Args:
        times: (T,) in days. magnitudes, errors: (T,).
        period: in days.
        shape: (phases (N,), magnitudes (N,)), the true light curve over one period.

    >>> from plstm.lab import figures
    >>> figures.light_curve([0.0, 1.3], [0.1, -0.1], [0.02, 0.03], 0.5, ([0.0, 1.0], [0.1, 0.1]))
    <Figure size ...>
    """
    figure, axes = panels([1.7, 2.0])
    above, below = axes[:, 0]
    dots = {"fmt": "o", "color": COLOURS["lstm"], "ms": 3, "lw": 0.8}
    above.errorbar(times, magnitudes, errors, **dots)
    above.set(xlabel="days since the first look", ylabel="magnitude")
    below.plot(*shape, color=COLOURS["output"], lw=1.6, label="the star")
    below.errorbar(np.mod(np.asarray(times) / period, 1.0), magnitudes, errors, label="what was seen", **dots)
    below.set(xlabel=f"phase at a period of {period:.4f} days", ylabel="magnitude", xlim=(0.0, 1.0))
    below.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    for ax in (above, below):
        ax.invert_yaxis()
    tidy(above, below)
    return figure


@styled
def confusion(shares, names):
    """Which label (row) was given which answer (column), as shares of the row; the diagonal is right.

    Args:
        shares: (C, C), rows that add up to 1.
        names: of the C labels.

    >>> from plstm.lab import figures
    >>> figures.confusion([[0.9, 0.1], [0.2, 0.8]], ["a", "b"])
    <Figure size ...>
    """
    shares = np.asarray(shares, float)
    figure, axes = panels([0.9 + 0.5 * len(names)])
    ax = axes[0, 0]
    ax.imshow(shares, cmap=SHADES, vmin=0.0, vmax=1.4, aspect="auto")
    for row, of_row in enumerate(shares):
        for column, share in enumerate(of_row):
            ax.text(column, row, f"{share:.0%}", ha="center", va="center", color=INK, path_effects=HALO)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="what was said", ylabel="what it is")
    ax.grid(False)
    tidy(ax)
    return figure
