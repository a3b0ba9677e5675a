"""A page on paper: its title with its number; no buttons, no folds that cannot be opened, no places for answers."""

import pytest

HANDLED = ".bd-article :is(summary, button, form, input[type=range], .plstm-ask:not(:has(.plstm-on-paper)))"
IDLE = """(handled) => [...document.querySelectorAll(handled)]
  .filter((part) => part.checkVisibility({ opacityProperty: true }) && part.getBoundingClientRect().height > 0)
  .map((part) => part.outerHTML)"""
HALF_A_SHEET, THIRD = 500, 330  # CSS pixels
BREAKS = """([least, most]) => [...document.querySelectorAll(".bd-article table")]
  .filter((table) => table.offsetHeight > least && table.offsetHeight < most)
  .map((table) => [table, table.closest(".cell_output") ?? table].map((node) => getComputedStyle(node).breakInside))"""

HOLDERS = """() => [...document.querySelectorAll(".bd-article div.highlight pre")]
  .filter((code) => code.checkVisibility() && !code.closest(".cell_output"))
  .flatMap((code) => {
    const holders = [];
    for (let node = code; node && !node.matches(".cell, section, dd"); node = node.parentElement) holders.push(node);
    return holders.map(getComputedStyle).map((style) => [style.breakInside, style.overflowX, style.display]);
  })"""
# Of all that is not hidden, and of nodes without a line: what comes next.
LEADING = """() => {
  const shown = (node) => getComputedStyle(node).display !== "none";
  const next = (node) => { do node = node.nextElementSibling; while (node && !shown(node)); return node; };
  const parts = [...document.querySelectorAll(".bd-article :is(h2, h3, span.target, p)")].filter(shown);
  const leads = (node) => node.matches("h2, h3, section > span.target") ||
    (node.matches("section > p") && next(node)?.matches("div.math, div.cell:not(:has(figure))"));
  const kept = (node) => ["breakAfter", "display"].map((name) => getComputedStyle(node)[name]).join() === "avoid,block";
  return parts.filter((node) => leads(node) && !kept(node)).map((node) => node.outerHTML);
}"""


@pytest.mark.parametrize(("name", "title"), [("why_time", "1. Why time"), ("your_own_data", "13. Your own data")])
def test_nothing_on_paper_waits_for_a_hand(visit, name, title):
    with visit() as opened:
        page = opened.open(f"book/{name}.html")
        page.locator(".plstm-live .plstm-picture").first.wait_for()
        assert page.evaluate(IDLE, HANDLED) != [], "on the screen there are some"
        page.emulate_media(media="print")
        assert page.evaluate(IDLE, HANDLED) == []
        heads = [head for head in page.locator("h1").all() if head.is_visible()]
        assert [head.inner_text().rstrip("#").strip() for head in heads] == [title]
        assert not page.locator("#jb-print-toc").is_visible()
        assert opened.faults == []


def test_an_answer_stands_on_paper(visit):
    with visit() as opened:
        page = opened.open("book/why_time.html")
        page.emulate_media(media="print")
        assert page.get_by_text("Answer: LSTM, values and gaps").first.is_visible()


@pytest.mark.parametrize("name", ["your_own_data", "claims"])
def test_a_long_table_goes_on_on_the_next_sheet(visit, name):
    with visit() as opened:
        page = opened.open(f"book/{name}.html")
        page.emulate_media(media="print")
        found = page.evaluate(BREAKS, [HALF_A_SHEET, 1e5])
        assert found and all(breaks == ["auto", "auto"] for breaks in found)


@pytest.mark.parametrize("name", ["speed", "adding", "how_we_compare"])
def test_a_small_table_is_kept_whole(visit, name):
    with visit() as opened:
        page = opened.open(f"book/{name}.html")
        page.emulate_media(media="print")
        found = page.evaluate(BREAKS, [0, THIRD])
        assert found and {table for table, _ in found} == {"avoid"}


@pytest.mark.parametrize("name", ["the_cell", "adding", "api"])
def test_long_code_goes_on_on_the_next_sheet(visit, name):
    """All that holds the code may be parted, and nothing of it can scroll, which would keep it whole."""
    with visit() as opened:
        page = opened.open(f"book/{name}.html")
        page.emulate_media(media="print")
        found = page.evaluate(HOLDERS)
        assert len(found) > 3
        assert {tuple(holder) for holder in found} == {("auto", "visible", "block")}


@pytest.mark.parametrize("name", ["speed", "time_gate", "events"])
def test_what_leads_to_something_stands_above_it(visit, name):
    """A heading and its text, and a paragraph and the code or the equation below it, are on one sheet."""
    with visit() as opened:
        page = opened.open(f"book/{name}.html")
        page.emulate_media(media="print")
        assert page.evaluate(LEADING) == []


def test_colours_are_printed_and_equations_keep_their_numbers(visit):
    with visit() as opened:
        page = opened.open("book/notation.html")
        page.emulate_media(media="print")
        samples = page.locator("td span[style*='background']")
        assert samples.count() >= 8
        assert {sample.evaluate("node => getComputedStyle(node).printColorAdjust") for sample in samples.all()} == {
            "exact"
        }
        page = opened.open("book/the_cell.html")
        equations = page.locator("div.math:has(.eqno)").all()
        assert equations
        assert {equation.evaluate("node => getComputedStyle(node).breakInside") for equation in equations} == {"avoid"}
