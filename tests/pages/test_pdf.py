"""The printed book: what a page shows comes out on paper, whole."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
HTML = """<!doctype html><title>One page</title><h1>A chapter</h1><details><summary>Solution</summary>42</details>
<img loading="lazy" alt="a dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">
<h2>A section</h2><p style="break-before: page">the end</p>"""


def test_a_page_is_printed_with_its_outline(browser, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pdf = runpy.run_path(str(ROOT / "tools" / "pdf.py"))
    page = tmp_path / pdf["PAGE"] / "book.html"
    page.parent.mkdir(parents=True)
    page.write_text(HTML)
    pdf["print_page"](browser, page)
    content = (tmp_path / pdf["PDF"]).read_bytes()
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert b"/Count 2" in content and b"/Outlines" in content
    assert [path.name for path in (tmp_path / pdf["PDF"]).parent.iterdir()] == [pdf["PDF"].name]
