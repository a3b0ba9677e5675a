"""Links in the prose that put a figure into a state: the figure stands on that page, and can be in that state."""

import contextlib
import json
import re
from pathlib import Path

import nbformat
import pytest

import plstm

BOOK = Path(__file__).parents[2] / "book"
LINK = re.compile(r"\[[^][]+\]\(#([\w-]+\.\w+=[^()\s]*)\)")
CALL = re.compile(r"^plstm\.(explore_\w+)\(", re.MULTILINE)
FIGURES = {make().kind.name: make for make in (getattr(plstm, name) for name in plstm.__all__ if "explore_" in name)}
STATES = []
for path in sorted(BOOK.glob("*.ipynb")):
    cells = nbformat.read(path, as_version=4).cells
    shown = [name for cell in cells if cell.cell_type == "code" for name in CALL.findall(cell.source)]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    STATES += [pytest.param(link, shown, id=f"{path.stem}-{link}") for link in LINK.findall(text)]


def test_the_prose_moves_figures_in_many_places():
    assert len(STATES) >= 20
    assert len({param.id.partition("-")[0] for param in STATES}) >= 10


@pytest.mark.parametrize(("link", "shown"), STATES)
def test_a_figure_of_the_page_can_be_in_the_state(link, shown):
    for part in link.split("&"):
        kind, name, value = re.fullmatch(r"([\w-]+)\.(\w+)=(.*)", part).groups()
        kind, _, number = kind.partition("-")
        assert shown.count(FIGURES[kind].__name__) >= int(number or 1), f"no such figure on the page: {kind}"
        with contextlib.suppress(ValueError):
            value = json.loads(value)
        figure = FIGURES[kind]()
        choice = isinstance(getattr(figure, name), str)
        figure.set(**{name: str(value) if choice else value})
