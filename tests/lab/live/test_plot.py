"""Marks stand where their numbers say, in their colours: as SVG on a page."""

import pytest

from plstm.lab.palette import COLOURS

WIDTH, HEIGHT = 400, 100


def mark(kind, colour, **parts):
    return {"kind": kind, "colour": colour, **parts}


def panel(title, x, y, marks, height, yticks=None, xlabel="", log=False):
    ends = {"x": x, "y": y, "yticks": y if yticks is None else yticks, "height": height}
    return {"title": title, "marks": marks, "xlabel": xlabel, "log": log, **ends}


SHAPES = """async ([panels, width, colours]) => {
  const { drawPanels } = await import("./plot.mjs");
  const target = document.createElement("div");
  target.style.width = `${width}px`;
  document.body.replaceChildren(target);
  drawPanels(target, panels, colours);
  const shapes = [...target.querySelectorAll(".plstm-marks path")].map((path) => {
    const { x, y, width, height } = path.getBBox();
    const [fill, stroke] = [path.getAttribute("fill"), path.getAttribute("stroke")];
    const colour = fill && fill !== "none" ? fill : stroke;
    return { box: [x, x + width, y, y + height], colour, data: path.getAttribute("d") };
  });
  const place = (text) => ["x", "y"].map((name) => Number(text.getAttribute(name)));
  const texts = [...target.querySelectorAll("text")].map((text) => [text.textContent, ...place(text)]);
  const key = (node) => [node.textContent, node.firstChild.style.backgroundColor];
  const keys = [...target.querySelectorAll(".plstm-key")].map(key);
  return { shapes, texts, keys };
}"""
# A mark, and the box that it must fill: x from, x to, y from, y to, in the panel's numbers.
MARKS = {
    "line": (mark("line", "cell", x=[2, 6], y=[1, 3]), (2, 6, 1, 3)),
    "area": (mark("area", "openness", x=[2, 6], y=[1, 3]), (2, 6, 0, 3)),
    "band": (mark("band", "ratio_on", over=[1, 2]), (0, 10, 1, 2)),
    "rows": (mark("rows", "openness", runs=[[1, 2, 6]]), (2, 6, 1, 1.86)),
    "cells": (mark("cells", "output", x=[3], y=[1], opacity=[1.0]), (3, 4, 1, 2)),
    "columns": (mark("columns", "phased-lstm", x=[5], y=[3], width=1), (4.5, 5.5, 0, 3)),
}


def one(item, **options):
    return panel("a title", [0, 10], [0, 4], [item], HEIGHT, **options)


def on_page(x0, x1, y0, y1):
    """The same box in pixels of a page's panel."""
    x = [42 + v / 10 * (WIDTH - 52) for v in (x0, x1)]
    y = [8 + (1 - v / 4) * HEIGHT for v in (y1, y0)]
    return [*x, *y]


@pytest.mark.parametrize("kind", MARKS)
def test_a_mark_stands_in_its_place_on_a_page(modules, kind):
    item, box = MARKS[kind]
    shape = modules.evaluate(SHAPES, [[one(item)], WIDTH, COLOURS])["shapes"][0]
    assert shape["box"] == pytest.approx(on_page(*box), abs=0.11)
    assert shape["colour"] == COLOURS[item["colour"]]


def test_points_are_round_and_whole(modules):
    item = mark("points", "period", x=[0, 5], y=[4, 2], size=8)
    shape = modules.evaluate(SHAPES, [[one(item)], WIDTH, COLOURS])["shapes"][0]
    x, _, _, y = on_page(0, 5, 2, 4)
    assert shape["box"] == pytest.approx([x - 4, 42 + 0.5 * (WIDTH - 52) + 4, 8 - 4, y + 4], abs=0.11)


def test_bars_are_as_long_as_their_numbers(modules):
    item = mark("bars", "ink", y=[10.0, 2.5], colours=["lstm", "phased-lstm"], labels=["all", "open"])
    answer = modules.evaluate(SHAPES, [[one(item, yticks=[])], WIDTH, COLOURS])
    assert [shape["colour"] for shape in answer["shapes"]] == [COLOURS["lstm"], COLOURS["phased-lstm"]]
    lengths = [shape["box"][1] - shape["box"][0] for shape in answer["shapes"]]
    assert lengths == pytest.approx([WIDTH - 52, (WIDTH - 52) / 4], abs=0.11)
    assert [text for text, *_ in answer["texts"]] == ["all", "open"]


def test_a_line_breaks_at_what_is_not_a_number(modules):
    item = mark("line", "cell", x=[1, 2, 3, 4, 5], y=[1, 1, None, 2, 2])
    (shape,) = modules.evaluate(SHAPES, [[one(item)], WIDTH, COLOURS])["shapes"]
    assert shape["data"].count("M") == 2


def test_axes_are_named_at_their_places(modules):
    """Round numbers along x, the last one whole; powers of ten along a logarithmic y; a key for what has a label."""
    item = mark("line", "shift", x=[0, 10], y=[1e-3, 1e-3], label="r_on kept")
    logarithmic = panel("share", [0, 10], [1e-6, 1], [item], HEIGHT, [1, 1e-3, 1e-6], "time t", log=True)
    answer = modules.evaluate(SHAPES, [[logarithmic], WIDTH, COLOURS])
    assert answer["texts"] == [
        ["1", 36, 8],
        ["10⁻³", 36, 58],
        ["10⁻⁶", 36, 108],
        ["0", 42, 123],
        ["5", 216, 123],
        ["10", 390, 123],
        ["time t", 216, 140],
    ]
    assert answer["shapes"][0]["box"] == pytest.approx([42, 390, 58, 58], abs=0.11)
    assert answer["keys"] == [["ron kept", "rgb(204, 121, 167)"]]
    wide = modules.evaluate(SHAPES, [[{**logarithmic, "x": [0, 2000]}], WIDTH, COLOURS])["texts"]
    assert ["2000", WIDTH, 123] in wide, "at the right edge a number ends with the picture"
