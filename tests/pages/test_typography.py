"""Lines of text: none ends inside a p-value, an interval, a product of sizes or between a number and its unit."""

import re

import pytest
from bs4 import BeautifulSoup

from tests.pages.conftest import PAGES

PARTED = re.compile(
    r"\b[A-Za-z] [=<] −?\.?\d\S*"  # p < .0001, b = 1
    r"|\[[+−\d.]+(?:e−\d+)?, [+−\d.]+(?:e−\d+)?\]"  # [−0.5, +0.6]
    r"|\d(?:e-\d| %| [µm]s\b| [GM]iB\b)"  # 9.6e-05, 95 %, 20 ms
    r"|\d [×→] \d"  # 256 × 784
)
TEXT = [page for page in PAGES if page.startswith("book/")]


def parted(html):
    """What a line may end in, in the text of a page. Code, formulas, pictures and live figures are not text."""
    article = BeautifulSoup(html, "html.parser").find("article")
    for node in article.select("pre, code, script, style, svg, .math, .plstm-live"):
        node.replace_with("")
    return PARTED.findall(article.get_text())


@pytest.mark.parametrize("page", TEXT)
def test_no_line_ends_inside_a_number(site, page):
    assert parted((site / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", ["p < .0001", "[−0.5, +0.6]", "95 %", "9.6e-05", "256 × 784", "20 ms"])
def test_a_space_inside_a_number_is_noticed(text):
    assert parted(f"<article><p>so {text}: and</p></article>")
    assert not parted(f"<article><p>so <code>{text}</code></p></article>")


@pytest.mark.parametrize("page", ["book/api.html"])
def test_a_dash_is_a_dash(site, page):
    article = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser").find("article")
    for node in article.select("pre, code"):
        node.replace_with("")
    text = article.get_text()
    assert " -- " not in text
    assert text.count(" – ") > 100
