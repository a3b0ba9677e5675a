"""The printed book: what a page shows comes out on paper, whole."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = """<!doctype html><title>One page</title><h1>A chapter</h1><details><summary>Solution</summary>42</details>
<img loading="lazy" alt="a dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">
<h2>A section</h2><p style="break-before: page">the end</p>"""


# MathJax that comes late and takes its time, as it does on a busy machine; {} is what it makes of an equation.
LATE = """<p><span class="math">x^2</span></p><script>
setTimeout(() => { window.MathJax = {startup: {promise: new Promise((done) => setTimeout(() => {
  document.querySelector(".math").innerHTML = "{}"; done(); }, 300))}}; }, 700);
</script>"""


@pytest.fixture
def printed(browser, tmp_path, monkeypatch):
    """``printed(html)``: the content of the PDF that a page becomes."""
    monkeypatch.chdir(tmp_path)
    pdf = runpy.run_path(str(ROOT / "tools" / "pdf.py"))

    def print_page(html):
        page = tmp_path / pdf["PAGE"] / "book.html"
        page.parent.mkdir(parents=True)
        page.write_text(html)
        pdf["print_page"](browser, page)
        assert [path.name for path in (tmp_path / pdf["PDF"]).parent.iterdir()] == [pdf["PDF"].name]
        return (tmp_path / pdf["PDF"]).read_bytes()

    return print_page


def test_a_page_is_printed_with_its_outline(printed):
    content = printed(HTML)
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert b"/Count 2" in content and b"/Outlines" in content


def test_a_chapter_begins_a_sheet(printed):
    chapter = "<span id='document-book/a'></span><section><h3>A</h3></section>"
    assert b"/Count 4" in printed(HTML + 2 * chapter)


def test_solutions_are_printed_and_the_code_of_tables_is_not(printed):
    folded = "<div class='{}'><details><p style='break-before: page'>code</p></details></div>"
    assert b"/Count 3" in printed(HTML + folded.format("tag_hide-cell") + folded.format("tag_hide-input"))


def test_printing_waits_for_equations(printed):
    assert printed(HTML + LATE.replace("{}", "<mjx-container>x</mjx-container>")).startswith(b"%PDF-")


def test_an_equation_that_is_not_set_is_an_error(printed):
    with pytest.raises(SystemExit, match="expected every equation to be set, got 1 that are not"):
        printed(HTML + LATE.replace("{}", "x^2"))
