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


def test_the_page_says_where_every_room_is():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = page.partition("## Where to look")[2].partition("\n## ")[0]
    folders = [path for base in ("plstm", "plstm/lab") for path in (ROOT / base).iterdir() if path.name != "lab"]
    rooms = [path for path in folders if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert len(rooms) > 25
    left_out = {"__init__.py", "__main__.py"}
    found = [path.relative_to(ROOT).as_posix() for path in rooms if path.name not in left_out]
    assert [room for room in found if f"`{room}" not in table] == []


def test_arrows_that_a_longer_way_replaces_are_left_out():
    graph = grimp.ImportGraph()
    for name in "abc":
        graph.add_module(name)
    for importer, imported in (("a", "b"), ("b", "c"), ("a", "c")):
        graph.add_import(importer=importer, imported=imported)
    assert tool["arrows"](graph, ["a", "b", "c"]) == [("a", "b"), ("b", "c")]
