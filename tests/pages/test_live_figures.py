"""Every live figure of the built book, on its page: keyboard, pointer, dark mode, a phone, and how soon it answers."""

import functools
import itertools
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from tests.pages.conftest import PAGES, ROOT, SITE

ARTIFACTS = ROOT / "test-artifacts" / "live-pages"
FIGURE = "figure.plstm-live"
RESPONSE = """slider => {
  const figure = slider.closest("figure");
  slider.value = slider.value === slider.max ? slider.min : slider.max;
  const start = performance.now();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  figure.getBoundingClientRect();
  return performance.now() - start;
}"""


@functools.cache
def figures_on(page_name):
    return (SITE / page_name).read_text(encoding="utf-8").count('<figure class="plstm-live"')


LIVE = [name for name in PAGES if figures_on(name)]


def state(figure):
    """The pictures and the sentence of a figure, once they no longer change: a worker may still be answering."""
    found = _now(figure)
    for _ in range(20):
        figure.page.wait_for_timeout(60 if figure.get_attribute("data-kind") == "training" else 0)
        found, before = _now(figure), found
        if found == before:
            return found
    raise AssertionError("expected a figure that comes to rest")


def _now(figure):
    pictures = [picture.inner_html() for picture in figure.locator(".plstm-picture").all()]
    return pictures, figure.locator(".plstm-sentence").inner_text()


def press(slider):
    """A few steps from the lower end, where no figure starts."""
    for key in ("Home", "ArrowRight", "ArrowRight"):
        slider.press(key)


@contextmanager
def answering(figure, what):
    """Whatever is done here, the figure must show something else afterwards."""
    before = state(figure)
    yield
    assert state(figure) != before, what


def test_the_book_has_live_figures():
    assert len(LIVE) >= 12
    assert sum(map(figures_on, LIVE)) >= 17


def first_answer(figure):
    """Milliseconds from the first move of a slider to the new picture."""
    return figure.get_by_role("slider").first.evaluate(RESPONSE)


def answers_on_another_try(visit, live_page, number):
    """Whether the first answer comes within 50 ms on one of some fresh pages: a busy machine slows a few, not all."""
    for _ in range(12):
        with visit() as opened:
            if first_answer(opened.open(live_page).locator(FIGURE).nth(number)) < 50:
                return True
    return False


@pytest.mark.parametrize("live_page", LIVE)
def test_every_control_of_every_figure_answers(visit, live_page):
    with visit() as opened:
        page = opened.open(live_page)
        figures = page.locator(FIGURE)
        assert figures.count() == figures_on(live_page)
        for number in range(figures.count()):
            figure = figures.nth(number)
            reset = figure.get_by_role("button", name="Reset")
            at_start = state(figure)
            assert first_answer(figure) < 50 or answers_on_another_try(visit, live_page, number)
            reset.click()
            for slider in figure.get_by_role("slider").all():
                name = slider.get_attribute("id")
                with answering(figure, f"{name} by keys"):
                    press(slider)
                reset.press("Enter")
                assert state(figure) == at_start, name
                box = slider.bounding_box()
                with answering(figure, f"{name} by pointer"):
                    for place in (0.2, 0.6):
                        slider.click(position={"x": box["width"] * place, "y": box["height"] / 2})
                reset.click()
                typed = slider.locator("xpath=..").get_by_role("spinbutton")
                with answering(figure, f"{name} by typing"):
                    typed.fill("1" if typed.input_value() != "1" else "2")
                    typed.blur()
                reset.click()
            # Settings that are folded away are tested with the figure itself.
            for choice in filter(Locator.is_visible, figure.locator(".plstm-choice select").all()):
                other = choice.locator("option:not(:checked)").first.get_attribute("value")
                with answering(figure, choice.get_attribute("id")):
                    choice.select_option(other)
                reset.click()
        assert opened.faults == []


@pytest.mark.parametrize("live_page", LIVE)
@pytest.mark.parametrize(("width", "colour_schemes"), [(1280, ["dark"]), (320, ["light", "dark"])])
def test_fits_and_is_accessible(visit, live_page, width, colour_schemes):
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with visit(width=width, colour_scheme=colour_schemes[0]) as opened:
        page = opened.open(live_page)
        for number, colour_scheme in itertools.product(range(figures_on(live_page)), colour_schemes):
            opened.show(colour_scheme)
            figure = page.locator(FIGURE).nth(number)
            name = f"{live_page.removesuffix('.html').replace('/', '-')}-{number}-{width}-{colour_scheme}.png"
            figure.screenshot(path=ARTIFACTS / name)
            wide = figure.evaluate(
                "f => Math.max(f.scrollWidth, ...[...f.querySelectorAll('svg')].map(s => s.clientWidth))"
            )
            assert wide <= width
            with answering(figure, name):
                press(figure.get_by_role("slider").first)
            figure.get_by_role("button", name="Reset").click()
        assert opened.faults == []
        # Axe asks for style sheets at addresses of its own, and finds none.
        result = Axe().run(page, context=FIGURE)
        assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("live_page", LIVE)
def test_a_plain_picture_and_a_sentence_where_scripts_are_off(browser, serve, live_page):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 900})
    page = context.new_page()
    page.goto(serve("/a/book/") + live_page)
    for number in range(figures_on(live_page)):
        figure = page.locator(FIGURE).nth(number)
        assert 250 < figure.get_by_role("img").bounding_box()["width"] <= 360
        words = figure.locator("figcaption").inner_text()
        assert len(words) > 40
        assert figure.get_by_role("img").get_attribute("aria-label") == words
    context.close()


def test_a_link_opens_its_figure_and_a_broken_one_does_no_harm(visit):
    with visit() as opened:
        page = opened.open("book/live_figures.html#memory.forget=0.9&memory.t=100")
        memory = page.locator("figure[data-kind=memory]")
        assert (
            memory.locator(".plstm-sentence")
            .inner_text()
            .replace("\N{NO-BREAK SPACE}", " ")
            .startswith("At t = 100 the LSTM still has")
        )
        assert -5 < memory.bounding_box()["y"] < 300, "the page opens at the figure, whatever comes above it later"
        page.evaluate("location.hash = '#memory.forget=NaN&memory.t=1e999&memory.period=%F0&population.units='")
        page.wait_for_timeout(100)
        assert memory.get_by_label("forget gate, typed").input_value() == "0.9"
        assert opened.faults == []
