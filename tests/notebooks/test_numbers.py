"""Results in the prose of the experiments come out of cells, never out of a keyboard; figures say what they show.

What looks like a result, a percentage, an accuracy or "so many times faster", may stand in a markdown cell only if it
is declared in SOURCED, with where it comes from. Equations, code and exercises are not looked at.
"""

import re
import runpy
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
prose = runpy.run_path(str(Path(__file__).with_name("prose.py")))
EXPERIMENTS = {
    "mnist", "frequency", "adding", "events", "claims", "computes", "speed", "memory_and_gradients", "real_records",
}  # fmt: skip
RESULT = re.compile(
    r"\d[\d.,]*\s*(?:±\s*[\d.]+\s*)?(?:%|per cent\b)"  # 95.7 %
    r"|(?<![\d.,])(?:0|)\.\d{2,}\b"  # 0.957, .957
    r"|\b\d[\d.,]*\s*(?:times|x|×)\s+(?:faster|slower|as fast|longer|smaller|larger)",
)

# (chapter, what stands there): where it comes from.
SOURCED = {
    ("adding", "0.04"): "a definition: what counts as right",
    ("adding", "0.05"): "a setting: the usual open share",
    ("frequency", "100 %"): "no result: certainty",
    ("frequency", "61 %"): "read off the paper's figure",
    ("frequency", "94 %"): "read off the paper's figure",
    ("memory_and_gradients", "0.05"): "a setting: the usual open share",
    ("mnist", "0.005"): "a setting: the learning rate of the cell below",
    ("mnist", ".01"): "a setting: the highest learning rate of the search",
    ("mnist", ".02"): "a setting: a learning rate that a search chose",
    ("mnist", ".04"): "a setting, likewise",
    ("mnist", ".08"): "a setting, likewise",
}


def typed(text):
    """What looks like a result in the markdown of a chapter, its exercises left out."""
    words = prose["without_code"](text).partition("\n## Exercises")[0]
    return [match.group().strip() for match in RESULT.finditer(words)]


def test_no_result_is_typed():
    found = [
        (name, number)
        for name in prose["chapters"]()
        if name in EXPERIMENTS
        for number in typed("\n\n".join(prose["cells"](name)))
        if (name, number) not in SOURCED
    ]
    assert found == [], "let a cell say it, or name its source in SOURCED"


def test_a_typed_result_is_noticed():
    assert typed("It is right in 95.7 % of cases, 0.957, or 3 times faster.") == ["95.7 %", "0.957", "3 times faster"]
    assert typed("Take $0.95$ of `0.957`, 28 steps, 1 ms.\n\n## Exercises\n\nWhat are 80 % of 5?") == []


def test_every_figure_has_a_caption_and_says_what_it_shows():
    missing = []
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            last = cell.source.rstrip().rpartition("\n")[2] if cell.cell_type == "code" else ""
            if re.match(r"figures\.\w+\(|\)$", last) and re.search(r"^figures\.\w+\(", cell.source, re.MULTILINE):
                shown = cell.metadata.get("mystnb", {})
                caption = shown.get("figure", {}).get("caption", "")
                alternative = shown.get("image", {}).get("alt", "")
                if len(caption.split()) < 4 or len(alternative.split()) < 4:
                    missing.append(f"{path.stem}, cell {number}")
    assert missing == []
