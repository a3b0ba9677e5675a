"""Every page, in a real browser: no error, no request that leaves the site, nothing too wide, nothing axe minds."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import VIEWS

ARTIFACTS = Path(__file__).parents[2] / "test-artifacts" / "pages"
# What axe is wrong about: the rule, and what it does not see. A formula has words for a screen reader (MathML), but axe
# finds no text in it: https://github.com/dequelabs/axe-core/issues/3285
ALLOWED = {"empty-table-header": ".math"}
BROKEN_PICTURES = "[...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src)"


@pytest.mark.parametrize("width", VIEWS)
def test_opens_without_a_fault(look, page_name, width):
    opened = look(width)
    first = VIEWS[width][1]
    for colour_scheme in (first, "dark" if first == "light" else "light"):
        page = opened.show(colour_scheme)
        target = ARTIFACTS / f"{page_name.removesuffix('.html').replace('/', '-')}-{width}-{colour_scheme}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, full_page=True)
    assert opened.faults == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width, "the page scrolls sideways"
    assert page.locator(".math:not(:has(mjx-container))").count() == 0, "an equation was left as source text"
    assert page.locator("mjx-merror").count() == 0, "MathJax does not understand an equation"
    assert page.evaluate(BROKEN_PICTURES) == []
    # The whole page, the theme included, in the second theme. Axe asks for style sheets, and finds none.
    found = [
        (violation["id"], node["html"])
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if not (
            violation["id"] in ALLOWED and page.locator(node["target"][0]).locator(ALLOWED[violation["id"]]).count()
        )
    ]
    opened.faults.clear()
    assert found == []


def test_search_finds_a_chapter(visit):
    with visit() as opened:
        page = opened.open("search.html?q=openness")
        page.wait_for_selector("#search-results li a", timeout=10_000)
        assert opened.faults == []


def test_a_fault_is_noticed(visit):
    """The net itself: an error, a broken script and a request to another host are all caught."""
    with visit() as opened:
        page = opened.open("index.html")
        page.evaluate("console.error('told')")
        page.evaluate("setTimeout(() => { throw new Error('thrown'); })")
        page.evaluate("location = 'http://example.com/a.png'")
        page.wait_for_timeout(100)
        faults = "\n".join(opened.faults)
        assert all(word in faults for word in ("told", "thrown", "left the site: http://example.com/a.png"))
