"""The diagram of the cell computes what the cell computes, and is drawn as its edges say."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from plstm import reference
from plstm.lab.figures import cell_diagram
from plstm.lab.figures.diagram import EDGES, NODES, ROOM, junctions

B, D, H = 3, 2, 5
IN_WEIGHTS = ["i", "f", "candidate", "o"]  # the order of Keras


def affine(name, came, weights):
    kernel, recurrent_kernel, bias = weights[name]
    return came["x"] @ kernel + came["h"] @ recurrent_kernel + bias


def openness(came):
    """The gate as its three branches, from the phase and the open share alone."""
    part = came["phase"] / came["ratio_on"]
    return np.where(part >= 1, 0.0, np.where(part < 0.5, 2 * part, 2 - 2 * part))


# What a reader makes of each symbol: the node's name, what came along its edges (by role, else in a list), the weights.
MEANS = {
    "sigmoid": lambda name, came, weights: 1 / (1 + np.exp(-affine(name, came, weights))),
    "tanh of a sum": lambda name, came, weights: np.tanh(affine(name, came, weights)),
    "tanh": lambda name, came, weights: np.tanh(*came[""]),
    "times": lambda name, came, weights: np.multiply(*came[""]),
    "plus": lambda name, came, weights: np.add(*came[""]),
    "phase": lambda name, came, weights: ((came["t"] - came["shift"]) / came["period"]) % 1.0,
    "openness": lambda name, came, weights: openness(came),
    "blend": lambda name, came, weights: came["old"] + came["share"] * (came["new"] - came["old"]),
    "answer": lambda name, came, weights: came[""][0],
}


def walk(name, edges, given, weights):
    """The value of a node, from the values of those whose edges lead to it."""
    if NODES[name].does == "given":
        return given[name]
    came = {"": []}
    for edge in edges:
        if edge.target == name:
            value = walk(edge.source, edges, given, weights)
            if edge.role:
                assert edge.role not in came, f"two edges bring {edge.role} to {name}"
                came[edge.role] = value
            else:
                came[""].append(value)
    return MEANS[NODES[name].does](name, came, weights)


def example(seed, t):
    rng = np.random.default_rng(seed)
    given = {
        "x": rng.normal(size=(B, D)),
        "h_before": rng.normal(size=(B, H)),
        "c_before": rng.normal(size=(B, H)),
        "t": t,
        "shift": rng.uniform(0.0, 9.0, H),
        "period": rng.uniform(5.0, 20.0, H),
        "ratio_on": rng.uniform(0.3, 1.0, H),
    }
    kernel, recurrent_kernel, bias = (rng.normal(size=(n, 4 * H)) for n in (D, H, 1))
    blocks = zip(*(np.split(part, 4, axis=1) for part in (kernel, recurrent_kernel, bias)))
    k = reference.gates(np.array(t), given["period"], given["shift"], given["ratio_on"])
    expected = reference.lstm_step(
        given["x"], given["h_before"], given["c_before"], k, kernel, recurrent_kernel, bias[0]
    )
    return given, dict(zip(IN_WEIGHTS, blocks)), expected


@pytest.mark.parametrize(("seed", "t"), [(0, 0.0), (1, 3.7), (2, 41.0), (3, -12.5), (4, 1e4)])
def test_walking_the_edges_gives_the_reference(seed, t):
    given, weights, (h, c) = example(seed, t)
    assert np.abs(walk("h", EDGES, given, weights) - h).max() < 1e-12
    assert np.abs(walk("c", EDGES, given, weights) - c).max() < 1e-12


# The source of an edge, the target, and another source. The first is what the picture once had.
WRONG = [
    ("c_proposal", "squashed", "c_blend"),
    ("c_before", "c_blend", "kept"),
    ("h_proposal", "h_blend", "squashed"),
    ("shift", "phase", "period"),
    ("k", "h_blend", "o"),
]


@pytest.mark.parametrize(("source", "target", "other"), WRONG)
def test_another_edge_gives_other_numbers(source, target, other):
    edges = [edge._replace(source=other) if (edge.source, edge.target) == (source, target) else edge for edge in EDGES]
    assert edges != EDGES
    given, weights, (h, c) = example(1, 3.7)
    off = [np.abs(walk(name, edges, given, weights) - right).max() for name, right in (("h", h), ("c", c))]
    assert max(off) > 1e-3


def test_everything_given_reaches_an_answer_and_nothing_ends_nowhere():
    assert {edge.source for edge in EDGES} == {name for name, node in NODES.items() if node.does != "answer"}
    assert {edge.target for edge in EDGES} == {name for name, node in NODES.items() if node.does != "given"}


def on_border(node, point):
    dx, dy = abs(point[0] - node.x), abs(point[1] - node.y)
    level = dx == pytest.approx(node.wide) and dy < ROOM
    upright = dy == pytest.approx(ROOM) and dx < node.wide
    return level or upright


def segments(edge):
    for (x0, y0), (x1, y1) in zip(edge.path, edge.path[1:]):
        assert x0 == x1 or y0 == y1, f"{edge} slants"
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge.source}-{edge.target}")
def test_an_edge_is_drawn_between_its_nodes_and_through_no_other(edge):
    assert on_border(NODES[edge.source], edge.path[0])
    assert on_border(NODES[edge.target], edge.path[-1])
    for (x0, y0, x1, y1), (name, node) in itertools.product(segments(edge), NODES.items()):
        if name not in edge[:2]:
            apart = x1 < node.x - node.wide or x0 > node.x + node.wide or y1 < node.y - ROOM or y0 > node.y + ROOM
            assert apart, f"runs through {name}"


def test_lines_of_two_sources_cross_and_never_run_together():
    for one, other in itertools.combinations(EDGES, 2):
        if one.source == other.source:
            continue
        for (x0, y0, x1, y1), (u0, v0, u1, v1) in itertools.product(segments(one), segments(other)):
            same_column = x0 == x1 == u0 == u1 and max(y0, v0) < min(y1, v1)
            same_row = y0 == y1 == v0 == v1 and max(x0, u0) < min(x1, u1)
            assert not same_column and not same_row, (one, other)


def test_a_dot_stands_where_a_line_parts():
    assert len(junctions()) == 7  # three taps of the input, whose rail ends at the fourth, and four of the last output
    assert {y for _, y in junctions()} == {NODES["x"].y, NODES["h_before"].y}


def test_the_drawing_shows_every_node_and_can_be_read_on_a_phone():
    figure = cell_diagram()
    texts = figure.findobj(plt.Text)
    shown = [text for text in texts if text.get_text()]
    assert {node.text for node in NODES.values()} <= {text.get_text() for text in shown}
    phone = 328 / (96 * figure.get_figwidth())  # the text's width on a phone of 360 px, by that of the picture
    assert min(text.get_fontsize() for text in shown) * 96 / 72 * phone >= 11
