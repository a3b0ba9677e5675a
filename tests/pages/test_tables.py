"""Tables and code: on a phone sentences are read from top to bottom, what is wider than the screen says so."""

import pytest

NAME = "cell => getComputedStyle(cell, '::before').content"
TOO_WIDE = """() => [...document.querySelectorAll(".bd-article pre")]
  .filter((code) => code.checkVisibility() && code.scrollWidth > code.clientWidth + 1)
  .map((code) => code.textContent)"""


@pytest.mark.parametrize(
    ("name", "columns"),
    [("claims", 5), ("should_you_use_it", 4), ("your_own_data", 3), ("speed", 3), ("events", 5), ("how_we_compare", 6)],
)
def test_sentences_in_a_table_are_read_from_top_to_bottom(visit, name, columns):
    with visit(width=360) as opened:
        table = opened.open(f"book/{name}.html").locator("table.of-sentences").first
        assert table.evaluate("node => node.getBoundingClientRect().right") <= 360
        frames = opened.page.locator(".pst-scrollable-table-container:has(.of-sentences)").all()
        assert {frame.evaluate(NAME) for frame in frames} == {"none"}, "nothing has to be moved sideways"
        heads = [" ".join(head.split()) for head in table.locator("th").all_text_contents()]
        for row in table.locator("tbody tr").all()[:3]:
            cells = row.locator("td").all()
            tops = [cell.bounding_box()["y"] for cell in cells]
            assert len(tops) == columns
            assert tops == sorted(set(tops)), "cells stand one below the other"
            names = [cell.evaluate(NAME) for cell in cells]
            assert names == ["none", *(f'"{head}: "' for head in heads[1:])]
        assert opened.faults == []


def test_an_empty_cell_takes_no_line(visit):
    with visit(width=360) as opened:
        cells = opened.open("book/notation.html").locator("table.of-sentences td").all()
        empty = [cell for cell in cells if not cell.inner_html().replace("<p></p>", "").strip()]
        assert empty and not any(cell.is_visible() for cell in empty)


def test_a_description_in_the_reference_has_most_of_a_narrow_screen(visit):
    with visit(width=360) as opened:
        widths = (
            opened.open("book/api.html")
            .locator("dl.py dl.field-list li")
            .evaluate_all("items => items.slice(0, 60).map((item) => item.getBoundingClientRect().width)")
        )
        assert widths and min(widths) > 360 * 0.65


def test_on_a_wide_screen_it_is_a_table(visit):
    with visit() as opened:
        cells = opened.open("book/claims.html").locator("table.of-sentences tbody tr").first.locator("td").all()
        assert len({cell.bounding_box()["y"] for cell in cells}) == 1
        assert {cell.evaluate(NAME) for cell in cells} == {"none"}


@pytest.mark.parametrize("name", ["memory_and_gradients", "computes", "frequency"])
def test_a_table_wider_than_the_screen_says_so_and_moves(visit, name):
    with visit(width=360) as opened:
        page = opened.open(f"book/{name}.html")
        frames = page.locator(".pst-scrollable-table-container").all()
        wide = [frame for frame in frames if frame.evaluate("node => node.scrollWidth > node.clientWidth + 1")]
        assert wide
        for frame in wide:
            assert "move the table sideways" in frame.evaluate(NAME)
            assert "table wider than the screen" in frame.get_attribute("aria-label")
            frame.focus()
            frame.press("ArrowRight")
            page.wait_for_function("node => node.scrollLeft > 0", arg=frame.element_handle())
        assert all(frame.evaluate(NAME) == "none" for frame in frames if frame not in wide)
        assert opened.faults == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["intro", "adding", "events", "should_you_use_it"])
def test_no_line_of_code_is_cut_off(visit, name, width):
    with visit(width=width) as opened:
        assert opened.open(f"book/{name}.html").evaluate(TOO_WIDE) == []


def test_the_columns_of_the_index_stand_apart(visit):
    with visit() as opened:
        page = opened.open("genindex.html")
        ends = page.locator(".indextable td").evaluate_all("cells => cells.map((c) => c.clientWidth - c.scrollWidth)")
        assert ends and min(ends) >= 0
        assert page.locator(".indextable td").first.evaluate("c => getComputedStyle(c).paddingRight") == "16px"
