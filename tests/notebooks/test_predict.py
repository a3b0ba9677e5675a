"""Every chapter asks before it tells, and no answer is typed: it is computed from results or equations."""

import ast
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
PARTS = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
CHAPTERS = [chapter["file"] for part in PARTS if part.get("numbered") for chapter in part["chapters"]]
ANSWER = {"number": 1, "choice": 2}  # its place among the arguments


def questions(cells):
    """The calls of predict in the cells that a page shows without their code."""
    for cell in cells:
        if cell.cell_type == "code" and "predict." in cell.source:
            assert cell.metadata.get("tags") == ["remove-input"], f"{cell.id}: its code would tell the answer"
            for call in filter(lambda node: isinstance(node, ast.Call), ast.walk(ast.parse(cell.source))):
                if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "predict":
                    yield cell.id, call


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_before_it_tells(chapter):
    cells = nbformat.read(ROOT / f"{chapter}.ipynb", as_version=4).cells
    found = list(questions(cells))
    assert found, "no question"
    for identity, call in found:
        if call.func.attr in ANSWER:
            answer = call.args[ANSWER[call.func.attr]]
            names = {node.id for node in ast.walk(answer) if isinstance(node, ast.Name)}
            numbers = [node for node in ast.walk(answer) if isinstance(node, ast.BinOp)]
            assert names or numbers, f"{identity}: the answer was typed"
        else:
            assert call.func.attr == "openness" and isinstance(call.args[2], ast.Lambda), identity


def test_all_parts_but_the_appendices_have_chapters():
    assert len(CHAPTERS) >= 16
