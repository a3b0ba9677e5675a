"""Figure 1 of the paper as data, nodes and edges, and its drawing.

A test walks the edges, computes what the symbols say, and compares with ``plstm/reference.py``. The letters are large
and the picture is nearly square, so that it can be read on a phone without being moved.
"""

from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from plstm.lab.figures.style import INK, WIDTH, letters, styled
from plstm.lab.palette import COLOURS

SIZE = 17.6  # points
ROOM = 0.42  # half the height of a node, in units of the grid
GATE = "openness"


class Node(NamedTuple):
    """One symbol. ``does``: the operation that it stands for; ``colour``: a key of the palette, or nothing for ink."""

    does: str
    x: float
    y: float
    text: str
    colour: str = ""
    wide: float = ROOM  # half its width


class Edge(NamedTuple):
    """A value on its way from one node to another, along ``path``; ``role``: what it is for a node that asks."""

    source: str
    target: str
    path: list[tuple[float, float]]
    role: str = ""


# Everything that reaches the unit, then what it computes, from below upwards, then what it answers.
NODES = {
    "x": Node("given", 0.0, -0.8, "$x_t$"),
    "h_before": Node("given", 0.0, 0.2, "$h_{t-1}$", "output", 0.65),
    "c_before": Node("given", 0.0, 2.9, "$c_{t-1}$", "cell", 0.6),
    "f": Node("sigmoid", 1.7, 1.55, r"$\sigma$"),
    "i": Node("sigmoid", 3.5, 1.55, r"$\sigma$"),
    "candidate": Node("tanh of a sum", 5.2, 1.55, "tanh", wide=0.58),
    "o": Node("sigmoid", 8.1, 1.55, r"$\sigma$"),
    "kept": Node("times", 1.7, 2.9, r"$\times$"),
    "written": Node("times", 3.5, 2.9, r"$\times$"),
    "c_proposal": Node("plus", 3.5, 4.15, "$+$"),
    "squashed": Node("tanh", 6.2, 4.15, "tanh", wide=0.58),
    "h_proposal": Node("times", 8.1, 4.15, r"$\times$"),
    "t": Node("given", 4.6, 8.7, "$t$"),
    "shift": Node("given", 5.25, 8.7, "$s$", "shift"),
    "period": Node("given", 5.9, 8.7, r"$\tau$", "period"),
    "ratio_on": Node("given", 6.75, 7.3, "$r_{on}$", "ratio_on", 0.5),
    "phase": Node("phase", 5.25, 7.3, r"$\varphi_t$", GATE, 0.85),
    "k": Node("openness", 5.9, 5.75, "$k_t$", GATE, 1.0),
    "c_blend": Node("blend", 3.5, 5.75, "blend", GATE, 0.72),
    "h_blend": Node("blend", 8.1, 5.75, "blend", GATE, 0.72),
    "c": Node("answer", 3.5, 7.3, "$c_t$", "cell"),
    "h": Node("answer", 8.1, 7.3, "$h_t$", "output"),
}


def _taps(name):
    """The two edges by which a gate, or the candidate, hears the input and the last output: along rails, then up."""
    x, low = NODES[name].x, NODES[name].y - ROOM
    return [
        Edge("x", name, [(ROOM, -0.8), (x - 0.22, -0.8), (x - 0.22, low)], "x"),
        Edge("h_before", name, [(0.65, 0.2), (x + 0.22, 0.2), (x + 0.22, low)], "h"),
    ]


EDGES = [
    *(edge for name in ("f", "i", "candidate", "o") for edge in _taps(name)),
    Edge("c_before", "kept", [(0.6, 2.9), (1.28, 2.9)]),
    Edge("f", "kept", [(1.7, 1.97), (1.7, 2.48)]),
    Edge("i", "written", [(3.5, 1.97), (3.5, 2.48)]),
    Edge("candidate", "written", [(5.2, 1.97), (5.2, 2.9), (3.92, 2.9)]),
    Edge("kept", "c_proposal", [(1.7, 3.32), (1.7, 4.15), (3.08, 4.15)]),
    Edge("written", "c_proposal", [(3.5, 3.32), (3.5, 3.73)]),
    Edge("c_proposal", "squashed", [(3.92, 4.15), (5.62, 4.15)]),
    Edge("squashed", "h_proposal", [(6.78, 4.15), (7.68, 4.15)]),
    Edge("o", "h_proposal", [(8.1, 1.97), (8.1, 3.73)]),
    Edge("t", "phase", [(4.6, 8.28), (4.6, 7.72)], "t"),
    Edge("shift", "phase", [(5.25, 8.28), (5.25, 7.72)], "shift"),
    Edge("period", "phase", [(5.9, 8.28), (5.9, 7.72)], "period"),
    Edge("phase", "k", [(5.25, 6.88), (5.25, 6.17)], "phase"),
    Edge("ratio_on", "k", [(6.75, 6.88), (6.75, 6.17)], "ratio_on"),
    Edge("c_before", "c_blend", [(0.0, 3.32), (0.0, 5.75), (2.78, 5.75)], "old"),
    Edge("c_proposal", "c_blend", [(3.5, 4.57), (3.5, 5.33)], "new"),
    Edge("k", "c_blend", [(4.9, 5.75), (4.22, 5.75)], "share"),
    Edge("h_before", "h_blend", [(0.65, 0.2), (9.4, 0.2), (9.4, 5.75), (8.82, 5.75)], "old"),
    Edge("h_proposal", "h_blend", [(8.1, 4.57), (8.1, 5.33)], "new"),
    Edge("k", "h_blend", [(6.9, 5.75), (7.38, 5.75)], "share"),
    Edge("c_blend", "c", [(3.5, 6.17), (3.5, 6.88)]),
    Edge("h_blend", "h", [(8.1, 6.17), (8.1, 6.88)]),
]
# The names that equations give to what a node computes, beside it.
NAMES = [
    (1.05, 1.55, "$f_t$"),
    (2.85, 1.55, "$i_t$"),
    (8.75, 1.55, "$o_t$"),
    (3.0, 4.9, r"$\tilde{c}_t$"),
    (7.6, 4.9, r"$\tilde{h}_t$"),
]


@styled
def cell_diagram():
    """The Phased LSTM's cell; what the time gate adds to an LSTM is drawn in the gate's colour.

    >>> from plstm.lab import figures
    >>> figures.cell_diagram()
    <Figure size ...>
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 7.7), layout="constrained")
    for edge in EDGES:
        _draw_edge(ax, edge)
    for x, y in junctions():
        ax.plot(x, y, "o", color=INK, ms=5, zorder=2)
    for node in NODES.values():
        _draw_node(ax, node)
    for x, y, name in NAMES:
        ax.text(x, y, name, fontsize=SIZE, ha="center", va="center")
    blend = {"color": letters(COLOURS[GATE]), "fontsize": SIZE, "va": "center"}
    ax.text(-0.55, 8.7, "the gate, in blue:", **blend)
    ax.text(-0.55, -1.6, r"$\varphi_t$: phase,  $k_t$: openness", **blend)
    ax.text(-0.55, -2.25, "blend: old + $k_t$ (proposal − old)", **blend)
    ax.set(xlim=(-0.75, 9.6), ylim=(-2.6, 9.1), aspect="equal")
    ax.axis("off")
    return figure


def junctions():
    """Where a line parts: the corners of edges that lie within another edge from the same node."""
    corners = {(edge.source, point) for edge in EDGES for point in edge.path[1:-1]}
    return sorted(
        point
        for source, point in corners
        if any(_within(point, edge.path) for edge in EDGES if edge.source == source and point not in edge.path)
    )


def _within(point, path):
    """Whether a point lies on a path of level and upright lines."""
    x, y = point
    return any(
        min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1)
        for (x0, y0), (x1, y1) in zip(path, path[1:])
    )


def _draw_edge(ax, edge):
    """A line with an arrow; it wears the colour of what it brings."""
    source, target = NODES[edge.source], NODES[edge.target]
    colour = COLOURS.get(target.colour if target.does == "answer" else source.colour, INK)
    ax.plot(*zip(*edge.path), color=colour, lw=1.8, solid_joinstyle="round", zorder=1)
    arrow = {"arrowstyle": "-|>,head_width=0.35,head_length=0.7", "color": colour, "lw": 0, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", edge.path[-1], edge.path[-2], arrowprops=arrow)


def _draw_node(ax, node):
    colour = COLOURS.get(node.colour, INK)
    if node.does not in ("given", "answer"):
        corner, size = (node.x - node.wide, node.y - ROOM), (2 * node.wide, 2 * ROOM)
        style = "round,pad=0,rounding_size=0.4"
        ax.add_patch(FancyBboxPatch(corner, *size, boxstyle=style, fc="white", ec=colour, lw=1.8, zorder=3))
    ax.text(node.x, node.y, node.text, color=letters(colour), fontsize=SIZE, ha="center", va="center", zorder=4)
