"""What is added to every chapter's page: reading time, addresses of exercises, colours and code of equations."""

import pytest

from plstm.lab.palette import COLOURS
from tests.pages.conftest import PAGES, SITE

LONGEST = 20_000  # CSS pixels of a page on a wide screen
MOST_CODE = 0.3  # of its height
CHAPTERS = [page for page in PAGES if "reading-time" in (SITE / page).read_text(encoding="utf-8")]
HEIGHTS = """() => {
  const high = (node) => node.getBoundingClientRect().height;
  const code = [...document.querySelectorAll(".bd-article .cell_input")].filter((node) => node.checkVisibility());
  return [high(document.querySelector(".bd-article")), code.reduce((sum, node) => sum + high(node), 0)];
}"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_not_too_long_and_not_mostly_code(visit, chapter):
    with visit() as opened:
        page, code = opened.open(chapter).evaluate(HEIGHTS)
        assert 2000 < page < LONGEST
        assert 0 < code < MOST_CODE * page


def test_a_chapter_says_how_long_it_takes(visit):
    with visit() as opened:
        text = opened.open("book/time_gate.html").locator(".reading-time").inner_text()
        words, number, *_ = text.split()
        assert words == "About"
        assert 10 <= int(number) <= 40


def test_a_link_to_a_solution_opens_it(visit):
    with visit(width=360) as opened:
        page = opened.open("book/solutions.html")
        page.locator("a[href='time_gate.html#solution-2']").click()
        page.wait_for_selector("#solution-2", state="attached")
        solution = page.locator("details:has(#solution-2)")
        assert solution.evaluate("element => element.open")
        assert "check_office_hours" in solution.inner_text()
        assert opened.faults == []


def test_an_equation_links_to_its_code(visit):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        link = page.locator(".equation-code a", has_text="plstm.gate.phase").first
        link.click()
        page.wait_for_selector("dt[id='plstm.gate.phase']")
        assert opened.faults == []


def test_quantities_wear_their_colours_in_equations(visit):
    with visit() as opened:
        page = opened.open("book/time_gate.html")
        for name in ("period", "ratio_on", "shift", "openness"):
            line = page.locator(f"div.math mjx-container .of-{name}").first
            colour = line.evaluate("node => getComputedStyle(node).borderBottomColor")
            red, green, blue = (int(COLOURS[name][i : i + 2], 16) for i in (1, 3, 5))
            assert colour == f"rgb({red}, {green}, {blue})"
        page = opened.open("book/claims.html")
        assert page.locator("#equation-error-of-a-difference mjx-container").count() == 1
        assert page.locator("#equation-error-of-a-difference .of-shift").count() == 0, "s is no shift here"
        assert opened.faults == []


def test_paper_is_white_in_every_theme(visit):
    with visit(colour_scheme="dark") as opened:
        page = opened.open("book/time_gate.html")
        page.emulate_media(media="print", color_scheme="dark")
        page.locator("html[data-theme='light']").wait_for(state="attached")
        for place in (".bd-article p", ".bd-article h1", ".bd-article .highlight span"):
            colour = page.locator(place).first.evaluate("node => getComputedStyle(node).color")
            assert max(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")) < 120, (place, colour)
        assert opened.faults == []


def test_a_term_links_to_the_glossary(visit):
    with visit() as opened:
        page = opened.open("book/population.html")
        page.locator("a", has_text="octave").first.click()
        assert "doubling" in page.locator("dt#term-octave + dd").inner_text()
        assert opened.faults == []


def test_the_index_stands_in_the_contents_and_leads_to_terms(visit):
    with visit() as opened:
        page = opened.open("book/glossary.html")
        page.locator(".bd-sidebar-primary a", has_text="Index").click()
        page.wait_for_url("**/genindex.html")
        for term in ("openness", "learning rate", "PhasedLSTM (class in plstm)"):
            assert page.get_by_role("link", name=term, exact=True).count() >= 1
        page.get_by_role("link", name="half-life", exact=True).first.click()
        page.wait_for_url("**/book/*.html#*half-life")
        assert opened.faults == []


def test_the_way_to_the_next_chapter_stays_on_a_phones_page(visit):
    with visit(width=360) as opened:
        for name in ("mnist", "adding", "api"):
            page = opened.open(f"book/{name}.html")
            for part in page.locator(".prev-next-area :is(p, i)").all():
                box = part.bounding_box()
                assert box is None or 0 <= box["x"] <= box["x"] + box["width"] <= 360, (name, part.inner_text())
        assert opened.faults == []


def test_a_formula_keeps_its_full_stop(visit):
    with visit(width=360) as opened:
        page = opened.open("book/memory_and_gradients.html")
        together = page.locator(".together")
        assert together.count() > 20
        assert together.first.evaluate("node => getComputedStyle(node).whiteSpace") == "nowrap"
        assert opened.faults == []
