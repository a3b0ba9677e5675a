"""Committed notebooks hold code and words, never outputs, counts or widget state; the contents name them all."""

import runpy
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
normal_form = runpy.run_path(str(ROOT / "tools" / "strip_notebooks.py"))["normal_form"]


def contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_in_normal_form(path):
    text = path.read_text(encoding="utf-8")
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert text == normal_form(text), f"repair with: .venv/bin/python tools/strip_notebooks.py {path.relative_to(ROOT)}"


def test_every_chapter_is_in_the_contents():
    chapters = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "book").glob("*.*")
        if path.suffix in {".md", ".ipynb"}
    }
    assert chapters == set(contents())


def test_normal_form_removes_what_a_run_leaves():
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1 + 1", metadata={"collapsed": True, "tags": ["a"]})]
    )
    notebook.cells[0].execution_count = 3
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    notebook.metadata = {"kernelspec": {"name": "mine", "display_name": "Mine"}, "widgets": {"state": {}}}
    clean = nbformat.reads(normal_form(nbformat.writes(notebook)), as_version=4)
    assert clean.cells[0].outputs == []
    assert clean.cells[0].execution_count is None
    assert clean.cells[0].metadata == {"tags": ["a"]}
    assert clean.metadata.kernelspec.name == "python3"
    assert "widgets" not in clean.metadata


def test_strip_notebooks_writes_only_what_differs(tmp_path):
    path = tmp_path / "a.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=1)])
    nbformat.write(notebook, path)
    command = [sys.executable, str(ROOT / "tools" / "strip_notebooks.py"), str(path)]
    assert subprocess.run(command).returncode == 1
    assert subprocess.run(command).returncode == 0
