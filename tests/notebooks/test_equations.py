"""Every labelled equation says which code computes it and which test holds the code to it, and both exist."""

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
ROWS = yaml.safe_load((ROOT / "tools" / "equations.yaml").read_text(encoding="utf-8"))
NOTEBOOKS = {path: nbformat.read(path, as_version=4).cells for path in sorted((ROOT / "book").glob("*.ipynb"))}
LABEL = re.compile(r"^\$\$ \(([\w-]+)\)", re.MULTILINE)
LABELS = {
    label: path
    for path, cells in NOTEBOOKS.items()
    for label in LABEL.findall("\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
}


def find(name):
    """What a dotted name stands for."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise AssertionError(f"expected something called {name}, found nothing")


def test_every_labelled_equation_has_a_row_and_every_row_an_equation():
    assert set(ROWS) == set(LABELS), "tools/equations.yaml"


@pytest.mark.parametrize("label", ROWS)
def test_code_and_test_exist(label):
    row = ROWS[label]
    assert set(row) in ({"here"}, {"code", "test"})
    if "here" in row:
        code = "\n".join(cell.source for cell in NOTEBOOKS[LABELS[label]] if cell.cell_type == "code")
        assert re.search(rf"\b{row['here']}\b", code), f"{row['here']} is nowhere on the page"
        return
    find(row["code"])
    file, _, function = row["test"].partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_a_wrong_name_is_noticed():
    with pytest.raises((AssertionError, AttributeError)):
        find("plstm.gate.phaze")
