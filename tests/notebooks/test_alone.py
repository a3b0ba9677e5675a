"""A notebook that is opened alone, as Colab does: one set-up cell for all, and nothing that the repository would lend.

`make test-colab` does it for real; this says in a second which notebook will not pass.
"""

import ast
import re
import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
ADDRESS = runpy.run_path(str(ROOT / "tools" / "address.py"))["address"]()
SETUP = f"""import importlib.util
import sys

if "google.colab" in sys.modules and importlib.util.find_spec("plstm") is None:
    %pip install --quiet --no-deps git+{ADDRESS}"""

# The files of the repository, and whatever leads out of the folder that a notebook lies in.
OURS = re.compile(
    r"^(\.\./|/\w|~|(book|plstm|tests|tools|benchmarks|grids|runs|_build|_static)/)|\.(ipynb|bib|mjs|css)$"
)
MAGIC = re.compile(r"^\s*[%!]", re.MULTILINE)
LOCAL_PICTURE = re.compile(
    r"!\[[^\]]*\]\((?!https:|data:|attachment:)|^```\{(figure|image|include|literalinclude)\}", re.M
)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def faults(code):
    """What in a cell would need the repository, or a shell."""
    if magics := MAGIC.findall(code):
        return magics
    tree = ast.parse(code)
    found = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__file__"]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return found + [text for text in texts if OURS.search(text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_begins_with_the_set_up_cell(path):
    first = cells(path, "code")[0]
    assert first.source == SETUP
    assert first.metadata == {"tags": ["remove-cell"]}


# The page of provenance lists the book's own pages and grids; elsewhere it finds none, and says so.
ALONE = [path for path in NOTEBOOKS if path.stem != "provenance"]


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.stem)
def test_reads_nothing_of_the_repository(path):
    assert {cell.id: faults(cell.source) for cell in cells(path, "code")[1:] if faults(cell.source)} == {}
    for cell in cells(path, "markdown"):
        assert not LOCAL_PICTURE.search(cell.source), f"{cell.id}: a picture that Colab would not have"


@pytest.mark.parametrize(
    "code",
    ["%pip install x", "!ls", 'open("book/a.csv")', 'open("../a.csv")', "__file__", '"plstm/lab/a.json"'],
)
def test_a_fault_is_noticed(code):
    assert faults("a = 1\n" + code)
