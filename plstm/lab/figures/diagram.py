"""Figure 1 of the paper as a diagram drawn by code: an LSTM unit, and the same unit with a time gate."""

import matplotlib.pyplot as plt
from matplotlib.patches import Circle, FancyBboxPatch

from plstm.lab.figures.style import INK, WIDTH, letters, styled
from plstm.lab.palette import COLOURS


@styled
def cell_diagram():
    """The LSTM (above) and the Phased LSTM (below); the parts of the time gate are drawn in the gate's colour.

    >>> from plstm.lab import figures
    >>> figures.cell_diagram()
    <Figure size ...>
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(WIDTH, 5.9), height_ratios=[3.1, 4.3], layout="constrained")
    _unit(above, phased=False)
    _unit(below, phased=True)
    above.set(xlim=(-0.4, 13.6), ylim=(-2.0, 3.0))
    below.set(xlim=(-0.4, 13.6), ylim=(-4.0, 3.0))
    above.set_title("LSTM")
    below.set_title("Phased LSTM")
    for ax in (above, below):
        ax.set_aspect("equal")
        ax.axis("off")
    return figure


def _unit(ax, phased):
    cell, output, gate = COLOURS["cell"], COLOURS["output"], COLOURS["openness"]
    _text(ax, 0.0, 0.0, "$x_t$")
    _box(ax, 1.5, 0.0, r"$\tanh$")
    _node(ax, 3.0, 0.0, r"$\times$")
    _node(ax, 4.3, 0.0, "$+$")
    _node(ax, 4.3, 1.35, r"$\times$")
    _sigma(ax, 3.0, -1.35, "$i_t$", "below")
    _sigma(ax, 3.0, 1.35, "$f_t$", "left")
    _node(ax, 7.6, 0.0, "$c_t$", colour=cell, radius=0.52)
    _box(ax, 9.0, 0.0, r"$\tanh$")
    _node(ax, 10.3, 0.0, r"$\times$")
    _sigma(ax, 10.3, 1.35, "$o_t$", "left")
    for start, stop in [((0.35, 0), (0.95, 0)), ((2.05, 0), (2.7, 0)), ((3.3, 0), (4.0, 0)), ((8.12, 0), (8.45, 0))]:
        _arrow(ax, start, stop)
    _arrow(ax, (9.55, 0), (10.0, 0))
    _arrow(ax, (3.0, -0.97), (3.0, -0.3))
    _arrow(ax, (3.38, 1.35), (4.0, 1.35))
    _arrow(ax, (4.3, 1.05), (4.3, 0.3))
    _arrow(ax, (10.3, 0.97), (10.3, 0.3))
    # The cell's feedback: its content one step ago.
    ax.plot([7.6, 7.6, 4.3], [0.52, 2.35, 2.35], color=cell, lw=1.8)
    _arrow(ax, (4.3, 2.35), (4.3, 1.65), cell)
    _text(ax, 5.95, 2.7, "$c_{t-1}$", cell)
    if not phased:
        _arrow(ax, (4.6, 0), (7.08, 0))
        _arrow(ax, (10.6, 0), (12.6, 0))
        _text(ax, 13.0, 0.0, "$h_t$", output)
        return
    _node(ax, 6.1, 0.0, "$k_t$", colour=gate, radius=0.42)
    _node(ax, 11.7, 0.0, "$k_t$", colour=gate, radius=0.42)
    _arrow(ax, (4.6, 0), (5.68, 0))
    _arrow(ax, (6.52, 0), (7.08, 0))
    _text(ax, 5.1, -0.45, r"$\tilde{c}_t$")
    _arrow(ax, (10.6, 0), (11.28, 0))
    _text(ax, 10.95, -0.45, r"$\tilde{h}_t$")
    _arrow(ax, (6.1, 2.35), (6.1, 0.42), cell)
    _arrow(ax, (12.12, 0), (12.7, 0))
    _text(ax, 13.1, 0.0, "$h_t$", output)
    ax.plot([13.1, 13.1, 11.7], [0.35, 2.35, 2.35], color=output, lw=1.8)
    _arrow(ax, (11.7, 2.35), (11.7, 0.42), output)
    _text(ax, 12.4, 2.7, "$h_{t-1}$", output)
    _time_gate(ax, gate)


def _time_gate(ax, gate):
    """The clock below the cell, and the lines from its openness to both blends."""
    ax.add_patch(FancyBboxPatch((7.55, -3.05), 2.7, 1.0, boxstyle="round,pad=0.08", fc="white", ec=gate, lw=1.8))
    wave_x, wave_y = [7.65, 7.95, 8.1, 8.25, 8.85, 9.0, 9.15, 9.75, 9.9, 10.05], [0, 0, 1, 0, 0, 1, 0, 0, 1, 0]
    ax.plot([*wave_x, 10.15], [-2.9 + 0.7 * y for y in wave_y] + [-2.9], color=gate, lw=1.5)
    _arrow(ax, (8.9, -3.85), (8.9, -3.15), gate)
    _text(ax, 9.25, -3.65, "$t$")
    for x, name, symbol in [(5.3, "period", r"$\tau$"), (6.0, "shift", "$s$"), (6.8, "ratio_on", "$r_{on}$")]:
        _text(ax, x, -2.55, symbol, COLOURS[name])
    ax.plot([6.1, 11.7], [-1.6, -1.6], color=gate, lw=1.8)
    ax.plot([8.9, 8.9], [-1.97, -1.6], color=gate, lw=1.8)
    _arrow(ax, (6.1, -1.6), (6.1, -0.42), gate)
    _arrow(ax, (11.7, -1.6), (11.7, -0.42), gate)
    _text(ax, 12.0, -2.55, "time gate", gate)


def _text(ax, x, y, text, colour=INK, size=12):
    ax.text(x, y, text, color=letters(colour), fontsize=size, ha="center", va="center")


def _node(ax, x, y, text, colour=INK, radius=0.3):
    ax.add_patch(Circle((x, y), radius, fc="white", ec=colour, lw=1.8, zorder=3))
    ax.text(x, y, text, color=letters(colour), fontsize=12, ha="center", va="center", zorder=4)


def _box(ax, x, y, text):
    ax.add_patch(FancyBboxPatch((x - 0.5, y - 0.3), 1.0, 0.6, boxstyle="round,pad=0.05", fc="white", ec=INK, lw=1.4))
    _text(ax, x, y, text, size=11)


def _sigma(ax, x, y, name, side):
    """A gate driven by x_t and h_{t-1}: a sigmoid, its name beside it."""
    _node(ax, x, y, r"$\sigma$", radius=0.38)
    dx, dy = {"left": (-0.75, 0.0), "below": (0.75, 0.0)}[side]
    _text(ax, x + dx, y + dy, name)


def _arrow(ax, start, stop, colour=INK):
    ax.annotate(
        "", stop, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    )
