"""The first page's ways through the book: every page is there, and the minutes follow from what a page holds."""

import runpy
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
tool = runpy.run_path(str(ROOT / "book" / "_ext" / "reading.py"))
READERS = yaml.safe_load((ROOT / "book" / "_ext" / "paths.yaml").read_text(encoding="utf-8"))
markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader["for"])
def test_every_page_of_a_way_is_in_the_contents(reader):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    assert [name for name in reader["pages"] if f"book/{name}" not in files] == []
    for name in reader["pages"]:
        title, time = tool["page"](ROOT, name)
        assert title and 2 <= time <= 60


def test_there_is_a_way_for_who_learns_decides_and_uses():
    assert len(READERS) == 3


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([markdown("word " * 1800)], 10),
        ([markdown("$$\n" + "x " * 1800 + "\n$$ [a](" + "b" * 900 + ")")], 1),
        ([code("x = 1\n" * 45)], 3),
        ([code("x = 1\n" * 45, metadata={"tags": ["hide-cell"]})], 1),
        ([code("plstm.explore_gate()", metadata={"tags": ["remove-input"]})] * 8, 4),
        ([code("f()", metadata={"mystnb": {"figure": {}}, "tags": ["hide-input"]})] * 8, 4),
        ([markdown("a " * 360 + "\n## Exercises\n" + "b " * 900), markdown("c " * 900)], 2),
    ],
)
def test_minutes(cells, expected):
    assert tool["minutes"](cells) == expected
