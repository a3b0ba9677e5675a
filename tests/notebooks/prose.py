"""The words of a page: its markdown without code, equations, addresses and headings."""

import re
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[2]
# In this order: what stands in code or in an equation may look like something else.
REMOVED = [
    (re.compile(r"^(`{3,}|~{3,}).*?^\1\s*?$", re.MULTILINE | re.DOTALL), ""),
    (re.compile(r"\{term\}`([^`]*)`"), r"**\1**"),
    (re.compile(r"\{[\w:-]+\}`[^`]*`"), ""),
    (re.compile(r"\[\(([\w-]+)\)\]\([^)]*#\1\)"), ""),
    (re.compile(r"(`+)[^`].*?\1", re.DOTALL), ""),
    (re.compile(r"\$\$.*?\$\$(\s*\([\w-]+\))?", re.DOTALL), ""),
    (re.compile(r"\$[^$]*\$"), ""),
    (re.compile(r"\]\([^)\s]*\)"), "]"),
    (re.compile(r"<[^>\n]+>"), ""),
]
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


def without_code(text):
    """Markdown without code, equations, roles and addresses; a term given as a role becomes bold.

    >>> without_code("Take `k = 1`, [here](there.ipynb): $k$, of [(leak)](#leak), is an {term}`openness`.")
    'Take , [here]: , of , is an **openness**.'
    """
    for what, instead in REMOVED:
        text = what.sub(instead, text)
    return text


def cells(name):
    """The markdown cells of a notebook of the book, by the name of its file."""
    notebook = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def chapters():
    """The names of the numbered chapters, in the order in which they are read."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [chapter["file"] for part in parts if part.get("numbered") for chapter in part["chapters"]]
    return [file.rpartition("/")[2] for file in files]
