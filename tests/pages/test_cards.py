"""Cards of terms and equations: on hover and on focus, closed by Escape, never in the way of a finger."""

import pytest
from axe_playwright_python.sync_playwright import Axe

TERM = "a[href$='#term-leak']"
EQUATION = "a.reference[href='#equation-openness']"


def card(page):
    return page.locator("#plstm-card")


def test_a_term_shows_its_card_under_the_mouse_and_loses_it_again(visit):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        link = page.locator(TERM).first
        link.hover()
        card(page).wait_for(state="visible")
        assert card(page).inner_text().startswith("leak")
        assert link.get_attribute("aria-describedby") == "plstm-card"
        card(page).hover()
        page.wait_for_timeout(500)
        assert card(page).is_visible(), "it can be read with the mouse on it"
        page.mouse.move(2, 2)
        card(page).wait_for(state="hidden")
        assert link.get_attribute("aria-describedby") is None
        assert opened.faults == []


def test_an_equation_is_set_on_its_card(visit):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        page.locator(EQUATION).first.hover()
        card(page).locator("mjx-container").wait_for(state="visible")
        page = opened.open("book/the_cell.html")
        elsewhere = page.locator("a.reference[href='time_gate.html#equation-openness']").first
        elsewhere.hover()
        card(page).locator("mjx-container").wait_for(state="visible")
        assert opened.faults == []


@pytest.mark.parametrize("place", [TERM, EQUATION])
def test_the_keyboard_opens_and_escape_closes(visit, place):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        # The focus comes by a key, as a reader's does.
        page.locator(place).first.evaluate(
            """link => {
                const before = document.createElement("button");
                link.before(before);
                before.focus();
            }"""
        )
        page.keyboard.press("Tab")
        card(page).wait_for(state="visible")
        page.keyboard.press("Escape")
        assert not card(page).is_visible()
        assert page.evaluate("document.activeElement.tagName") == "A"
        assert opened.faults == []


def test_a_finger_follows_the_link(browser, serve):
    context = browser.new_context(has_touch=True, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(serve("/a/book/") + "book/time_gate.html")
    page.locator(TERM).first.tap()
    page.wait_for_url("**/glossary.html#term-leak")
    context.close()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_a_card_is_on_the_screen_and_accessible(visit, width, colour_scheme):
    with visit(width=width, colour_scheme=colour_scheme) as opened:
        page = opened.open("book/time_gate.html")
        for place in (TERM, EQUATION):
            page.mouse.move(1, 1)
            page.locator(place).first.hover()
            card(page).wait_for(state="visible")
            page.wait_for_timeout(400)
            box = card(page).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
            assert box["y"] >= 0 and box["y"] + box["height"] <= 900
        assert opened.faults == []
        result = Axe().run(page, context="#plstm-card")
        assert result.violations_count == 0, result.generate_report()
