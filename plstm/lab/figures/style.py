"""The style of all static figures of the book: one width, one theme, the palette's colours, a white background.

The background is opaque on purpose: a notebook shows the same picture in a light and in a dark window. The pages show
it with other colours in the dark (``dark.py``).
"""

from functools import wraps

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.patheffects import withStroke

from plstm.lab.palette import COLOURS

WIDTH = 6.8
INK = "#222222"
FAINT = "#9A9A9A"
SHADES = LinearSegmentedColormap.from_list("shades", ["white", COLOURS["openness"]])  # how much, from none on
HALO = [withStroke(linewidth=3, foreground="white")]  # path effect of letters among marks
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


def letters(colour):
    """The lightest shade of a colour, with the same hue, that has a contrast of 5 to 1 with a white background.

    The palette is for lines and marks; most of its colours are too light for letters.

    >>> letters("#E69F00"), letters("#222222")
    ('#946700', '#222222')
    """
    rgb = np.array(to_rgb(colour))
    for share in np.linspace(1.0, 0.0, 201):
        shade = share * rgb
        if contrast(np.ones(3), shade) >= 5.0:
            break
    return to_hex(shade)


def contrast(one, other):
    """That of WCAG between two colours (RGB from 0 to 1): (L1 + 0.05) / (L2 + 0.05) of their luminances L1 > L2.

    >>> round(contrast((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    21
    """
    linear = [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in map(np.asarray, (one, other))]
    dark, light = sorted(c @ [0.2126, 0.7152, 0.0722] for c in linear)
    return (light + 0.05) / (dark + 0.05)


def styled(draw):
    """A decorator that gives a drawing function the book's style and closes its figure.

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
    """Remove the frame lines that show no data."""
    for ax in axes:
        sns.despine(ax=ax)
        ax.tick_params(length=0)
