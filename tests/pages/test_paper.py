"""A page on paper: its title with its number; no buttons, no folds that cannot be opened, no places for answers."""

import pytest

HANDLED = ".bd-article :is(summary, button, form, input[type=range], .plstm-ask:not(:has(.plstm-on-paper)))"
IDLE = """(handled) => [...document.querySelectorAll(handled)]
  .filter((part) => part.checkVisibility({ opacityProperty: true }) && part.getBoundingClientRect().height > 0)
  .map((part) => part.outerHTML)"""
HALF_A_SHEET = 500  # CSS pixels
BREAKS = """(height) => [...document.querySelectorAll(".bd-article table")]
  .filter((table) => table.offsetHeight > height)
  .map((table) => [table, table.closest(".cell_output") ?? table].map((node) => getComputedStyle(node).breakInside))"""


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
        found = page.evaluate(BREAKS, HALF_A_SHEET)
        assert found and all(breaks == ["auto", "auto"] for breaks in found)


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
