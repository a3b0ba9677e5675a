"""The EPUB: every equation of the book becomes MathML, and a book that would not open on a device is refused."""

import re
import runpy
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
tool = runpy.run_path(str(ROOT / "tools" / "epub.py"))
pages = runpy.run_path(str(ROOT / "book" / "_ext" / "epub_pages.py"))
colours = runpy.run_path(str(ROOT / "book" / "_ext" / "colours.py"))
FORMULA = re.compile(r"\$\$(.*?)\$\$|(?<![\\$])\$([^$]+)\$", re.DOTALL)
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_becomes_mathml(path):
    for cell in nbformat.read(path, as_version=4).cells:
        text = re.sub(r"^```.*?^```|`[^`\n]*`", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        for block, inline in FORMULA.findall(text) if cell.cell_type == "markdown" else []:
            tex = (block or inline).strip()
            for written in {tex, colours["coloured"](tex)} if block else {tex}:
                root = ElementTree.fromstring(pages["mathml"](written, bool(block)))
                assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
                assert "class" not in "".join(root.itertext()), tex


def test_a_formula_says_the_same():
    text = "".join(ElementTree.fromstring(pages["mathml"](r"c_t = \class{of-openness}{k}_t, \dots")).itertext())
    assert re.sub(r"\s", "", text) == "ct=kt,…"
    table = ElementTree.fromstring(pages["mathml"](r"\begin{array}{l|c} a & b \\ \hline c & d \end{array}", True))
    assert len([part for part in table.iter() if part.tag.endswith("mtd")]) == 4


def book(path, pages, mimetype="application/epub+zip"):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", mimetype)
        for name, text in pages.items():
            file.writestr(name, text)
    return path


def test_a_good_book_has_no_faults(tmp_path):
    good = {
        "a/one.xhtml": PAGE.format(
            '<img src="../p.svg" alt=""/><a href="one.xhtml#x">x</a><a href="https://a.org">y</a>'
        ),
        "p.svg": "<svg/>",
    }
    assert tool["faults"](book(tmp_path / "a.epub", good)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<p>open", "expected XML"),
        ('<img src="none.png" alt="">', "expected XML"),
        ('<img src="none.png" alt=""/>', "expected none.png in the book"),
        ('<a href="none.html#x">x</a>', "expected none.html#x in the book"),
        ("<script>1</script>", "expected no script, got <script"),
        ('<p onclick="f()">x</p>', "expected no script, got onclick="),
        ('<a href="javascript:f()">x</a>', "expected no script, got javascript:"),
    ],
)
def test_a_fault_is_named(tmp_path, body, message):
    [fault] = tool["faults"](book(tmp_path / "a.epub", {"one.xhtml": PAGE.format(body)}))
    assert fault.startswith("one.xhtml: ") and message in fault


def test_another_kind_of_file_is_no_book(tmp_path):
    assert "mimetype" in tool["faults"](book(tmp_path / "a.epub", {}, mimetype="application/zip"))[0]
