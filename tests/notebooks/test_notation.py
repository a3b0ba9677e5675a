"""Every symbol of the notation page says where it comes first: a chapter that has it, an equation of that chapter."""

import re
import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
prose = runpy.run_path(str(Path(__file__).with_name("prose.py")))
CELLS = nbformat.read(ROOT / "book" / "notation.ipynb", as_version=4).cells
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for cell in CELLS
    if cell.cell_type == "markdown"
    for line in re.findall(r"^\|.*\|$", cell.source, re.MULTILINE)
    if not re.match(r"\| (symbol|---)|\|---", line)
]
WHERE = re.compile(r"^\[[^\]]+\]\((\w+)\.ipynb\)(?:, \[\(([\w-]+)\)\]\(\1\.ipynb#\2\))?$")


def faults(symbol, where, text_of):
    """What is wrong with a row, a sentence each. ``text_of(chapter)`` answers a chapter's markdown."""
    place = WHERE.match(where)
    if place is None:
        return [f"{symbol}: expected a link to a chapter, got {where!r}"]
    chapter, label = place.groups()
    if chapter not in prose["chapters"]():
        return [f"{symbol}: {chapter} is no chapter"]
    text, found = text_of(chapter), []
    if label and f"$$ ({label})" not in text:
        found.append(f"{symbol}: {chapter} has no equation {label}")
    for name in re.findall(r"\\?[A-Za-z]+", re.sub(r"_\{?[\w-]+\}?|\\(?:tilde|operatorname)", "", symbol.strip("$"))):
        letter = rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])"
        if not any(re.search(letter, math) for math in re.findall(r"\$+[^$]+\$+|`[^`]+`|\{[^}]+\}", text)):
            found.append(f"{symbol}: nowhere in {chapter}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_symbol_comes_where_the_page_says(row):
    assert faults(row[0], row[-1], lambda chapter: "\n\n".join(prose["cells"](chapter))) == []


def test_coloured_symbols_link_to_chapters():
    [code] = [cell.source for cell in CELLS if "meanings = {" in cell.source]
    links = re.findall(r'"(\[[^"]+)"', code)
    assert links
    for link in links:
        assert faults("", link, lambda chapter: "") == []


@pytest.mark.parametrize(
    ("symbol", "where", "told"),
    [
        ("$x$", "", "expected a link"),
        ("$x$", "[a](nowhere.ipynb)", "no chapter"),
        ("$x$", "[a](why_time.ipynb), [(b)](why_time.ipynb#b)", "no equation b"),
        (r"$\theta$", "[a](why_time.ipynb)", "nowhere in why_time"),
    ],
)
def test_a_wrong_row_is_noticed(symbol, where, told):
    assert any(told in fault for fault in faults(symbol, where, lambda chapter: "$x$ and $y$"))
