"""How every static figure of the book looks: one width, one theme, the palette's colours, a white ground.

The ground is opaque on purpose: the same picture must read on a light page, on a dark page and on paper.
"""

from functools import wraps

import matplotlib.pyplot as plt
import seaborn as sns

WIDTH = 6.8
INK = "#222222"
FAINT = "#9A9A9A"
_SETTINGS = {
    "figure.dpi": 144,
    "figure.facecolor": "white",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.labelsize": 10,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "grid.color": "#E6E6E6",
    "lines.linewidth": 1.8,
    "mathtext.fontset": "cm",
}


def styled(draw):
    """Give a drawing function the book's look, and hand its figure back closed.

    A closed figure is shown once, as the value of the cell, and not a second time by pyplot at the end of the cell.
    """

    @wraps(draw)
    def wrapper(*args, **kwargs):
        with sns.axes_style("whitegrid"), plt.rc_context(_SETTINGS):
            figure = draw(*args, **kwargs)
        plt.close(figure)
        return figure

    return wrapper


def panels(heights, columns=1, **options):
    """A figure of the book's width with one row for each height in inches; returns the figure and its axes."""
    return plt.subplots(
        len(heights),
        columns,
        figsize=(WIDTH, sum(heights)),
        height_ratios=heights,
        layout="constrained",
        squeeze=False,
        **options,
    )


def tidy(*axes):
    """Take away the frame lines that carry no data."""
    for ax in axes:
        sns.despine(ax=ax)
        ax.tick_params(length=0)
