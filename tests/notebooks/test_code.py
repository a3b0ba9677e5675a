"""Code stands on a page where it teaches: what only imports, draws or makes a table is folded, the rest stays short."""

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "book").glob("*.ipynb"))
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
LONGEST = 30  # lines of one shown cell
DENSEST = 8  # shown lines for each hundred words


def shown(path):
    """The code cells of a notebook that its page shows."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [cell for cell in cells if not FOLDED & set(cell.metadata.get("tags", []))]


def teaches(source):
    """Whether a cell does more than to import names, draw a picture or make a table.

    >>> teaches("import numpy as np\\nrng = np.random.default_rng(0)")
    False
    >>> teaches("t = np.arange(9.0)\\nfigures.rhythm(10.0, 0.2, 30.0, t)"), teaches("rows = table()\\nMarkdown(rows)")
    (False, False)
    >>> teaches("k = plstm.time_gate(3.0, 10.0)\\nprint(k)"), teaches("plstm.explore_gate()")
    (True, True)
    """
    tree = ast.parse(source)
    if isinstance(tree.body[0], (ast.Import, ast.ImportFrom)) and not any(map(prints, tree.body)):
        return False
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return not any(
        (isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "figures")
        or (isinstance(call, ast.Name) and call.id == "Markdown")
        for call in called
    )


def prints(statement):
    return "print" in {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_that_does_not_teach_is_folded(path):
    assert [cell.id for cell in shown(path) if not teaches(cell.source)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_shown_code_is_short(path):
    lines = {cell.id: sum(map(bool, cell.source.splitlines())) for cell in shown(path)}
    assert {name: number for name, number in lines.items() if number > LONGEST} == {}
    text = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert 100 * sum(lines.values()) <= DENSEST * len(" ".join(text).split())
