"""Links in the prose that put a figure into a state: pointer, keyboard, what is in sight, and what is said."""

import pytest

from tests.lab.live.support import make, markup

SPACE = '<p style="height: 120rem">far away</p>'


def linked(fragment, *figures, space=SPACE):
    """A page whose first words are a link, far above its figures."""
    return f'<p><a class="figure-state" href="#{fragment}">see it</a></p>{space}' + "".join(map(markup, figures))


def typed(page, label):
    return page.get_by_label(f"{label}, typed").first.input_value()


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_link_moves_its_figure_into_the_state_and_into_sight(visit, by, motion):
    page = visit(linked("gate.leak=0.1&gate.t=40", make("explore_gate", period=10.0)), reduced_motion=motion).page
    page.get_by_label("open share, typed").fill("0.7")
    page.get_by_label("open share, typed").blur()
    page.evaluate("scrollTo(0, 0)")
    link = page.get_by_role("link", name="see it")
    if by == "pointer":
        link.click()
    else:
        link.press("Enter")
    assert (typed(page, "leak"), typed(page, "time"), typed(page, "period")) == ("0.1", "40", "10")
    assert typed(page, "open share") == "0.2", "what the link does not name is as it was at first"
    page.wait_for_timeout(50 if motion == "reduce" else 1000)
    top = page.locator("figure").bounding_box()["y"]
    assert -900 < top < 900, "in sight"
    assert page.locator(".plstm-told").inner_text() == "Gate explorer: leak 0.1, time 40."
    assert page.locator(".plstm-told").get_attribute("aria-live") == "polite"
    assert page.evaluate("document.activeElement.textContent") == "see it", "reading goes on where it was"
    assert page.url.endswith("#gate.leak=0.1&gate.t=40")


def test_a_link_works_again_and_the_way_back_leads_to_the_sentence(visit):
    page = visit(linked("gate.leak=0.1", make("explore_gate"))).page
    page.get_by_role("link").click()
    page.get_by_role("button", name="Reset").click()
    assert typed(page, "leak") == "0.001"
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("link").click()
    assert typed(page, "leak") == "0.1"
    page.go_back()
    page.go_back()
    assert "#" not in page.url


def test_one_link_may_be_about_the_second_figure_or_about_two(visit):
    fragment = "gate-2.period=30&memory.forget=0.9"
    figures = [make("explore_gate"), make("explore_gate"), make("explore_memory")]
    page = visit(linked(fragment, *figures, space="")).page
    page.get_by_role("link").click()
    periods = [field.input_value() for field in page.get_by_label("period, typed").all()]
    assert periods == ["20", "30", "100"]
    assert typed(page, "forget gate") == "0.9"
    assert page.locator(".plstm-told").inner_text() == "Gate explorer: period 30. Memory horizon: forget gate 0.9."


@pytest.mark.parametrize("fragment", ["nobody.leak=0.1", "gate.leak=NaN", "gate.__proto__=1", "gate.spec=1", "top"])
def test_a_link_about_nothing_does_no_harm(visit, fragment):
    opened = visit(linked(fragment, make("explore_gate"), space=""))
    before = opened.sentence()
    opened.page.get_by_role("link").click()
    assert opened.sentence() == before


def test_another_tab_is_left_to_the_browser(visit):
    opened = visit(linked("gate.leak=0.1", make("explore_gate"), space=""))
    opened.page.get_by_role("link").click(modifiers=["Control"])
    assert typed(opened.page, "leak") == "0.001"
