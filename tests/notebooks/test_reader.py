"""A page is read by people who have run nothing: its sentences may not say that they have."""

import re
import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
prose = runpy.run_path(str(Path(__file__).with_name("prose.py")))
# "On your own machine" tells how to run it, which is true for everybody.
CLAIMS = re.compile(
    r"\bright here\b|\bjust now\.|\bon your machine\b[:,.]|\b[Tt]hat was your\b"
    r"|\b[Yy]ou (?:have |just |both )?(?:trained|counted|measured|ran)\b(?! with| your| in)"
)


def said(path):
    """The sentences of a notebook that its web reader meets: markdown, captions and alternative texts."""
    for cell in nbformat.read(path, as_version=4).cells:
        yield prose["without_code"](cell.source) if cell.cell_type == "markdown" else ""
        shown = cell.metadata.get("mystnb", {})
        yield from (shown.get(part, {}).get(key, "") for part, key in (("figure", "caption"), ("image", "alt")))


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_sentence_says_that_the_reader_has_run_something(path):
    assert [found.group() for text in said(path) for found in CLAIMS.finditer(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "You run it yourself, right here.",
        "You have trained both.",
        "That was your machine.",
        "50 steps on your machine: x",
    ],
)
def test_such_a_sentence_is_noticed(text):
    assert CLAIMS.search(text)


def test_how_to_run_it_may_be_said():
    assert not CLAIMS.search("**On your own machine**: `make book`. The network that you trained in Keras goes on.")
