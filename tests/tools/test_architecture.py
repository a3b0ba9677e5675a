"""ARCHITECTURE.md shows the imports that there are."""

import runpy
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
tool = runpy.run_path(str(ROOT / "tools" / "architecture.py"))


def test_the_diagram_is_that_of_the_code():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert page == tool["drawn"](page), "run: python tools/architecture.py"


def test_every_path_that_the_page_names_is_there():
    words = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("`")[1::2]
    paths = [word for word in words if "/" in word and " " not in word]
    assert len(paths) > 20
    for path in paths:
        assert any((ROOT / base / path).exists() for base in ("", "plstm")), path


def test_arrows_that_a_longer_way_replaces_are_left_out():
    graph = grimp.ImportGraph()
    for name in "abc":
        graph.add_module(name)
    for importer, imported in (("a", "b"), ("b", "c"), ("a", "c")):
        graph.add_import(importer=importer, imported=imported)
    assert tool["arrows"](graph, ["a", "b", "c"]) == [("a", "b"), ("b", "c")]
