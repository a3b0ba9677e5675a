"""A prediction on a page, in a real browser: keyboard, themes, a phone, paper, no scripts, accessibility."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

import plstm
from plstm.lab import predict

STYLE = (Path(__file__).parents[3] / "book" / "_static" / "ask.css").read_text(encoding="utf-8")
NUMBER = predict.number("How many steps?", 68.97, "steps", "It is ln 0.5 / ln f.")
CHOICE = predict.choice("Which is ahead?", ["LSTM", "Phased LSTM"], "Phased LSTM", "By 3 points.")

CURVE = predict.openness(
    "How open?", [1, 4, 5, 8], lambda t: plstm.time_gate(t, 10.0, 3.0, 0.4), 20.0, "It opens at 3."
)


def page(*questions):
    """The questions as a page of the book has them."""
    asked = "".join(question._repr_html_() for question in questions)
    script = '<script type="module" src="ask.mjs"></script>'
    return f'<style>{STYLE}</style><div class="bd-article">{asked}</div>{script}'


def test_a_guess_is_compared_by_the_keyboard(visit):
    opened = visit(page(NUMBER, CHOICE), policy=True)
    asked = opened.page.get_by_role("form", name="How many steps?")
    line = asked.get_by_label("Your guess, in steps")
    for typed, said in [
        ("", "Type an answer first."),
        ("lots", "Expected a number, got “lots”."),
        ("100", "It is 69 steps: your guess is 31 steps too high. It is ln 0.5 / ln f."),
        ("ln(0.5) / ln(0.99)", "It is 69 steps: your guess is as good as exact. It is ln 0.5 / ln f."),
    ]:
        line.fill(typed)
        line.press("Enter")
        opened.page.wait_for_timeout(60)
        assert asked.get_by_role("status").inner_text() == said


def test_an_option_is_chosen_by_the_keyboard(visit):
    opened = visit(page(NUMBER, CHOICE))
    asked = opened.page.get_by_role("form", name="Which is ahead?")
    button, status = asked.get_by_role("button"), asked.get_by_role("status")
    for key, said in [
        (None, "Choose an answer first."),
        ("Space", "It is another answer: Phased LSTM. By 3 points."),
        ("ArrowDown", "You said so: Phased LSTM. By 3 points."),
    ]:
        if key:
            asked.get_by_role("radio").first.press(key)
        button.press("Enter")
        opened.page.wait_for_timeout(60)
        assert status.inner_text() == said


def test_an_answer_stays_hidden_until_it_is_asked_for(visit):
    opened = visit(page(NUMBER, CHOICE))
    assert opened.page.get_by_text("68.97").count() == 0
    assert opened.page.locator(".plstm-ask :is(details, ul, .plstm-on-paper):visible").count() == 0


def test_paper_shows_question_and_answer(visit):
    opened = visit(page(NUMBER, CHOICE))
    opened.page.emulate_media(media="print")
    shown = opened.page.locator(".plstm-ask:visible").all_inner_texts()
    assert ["Answer: 69 steps. It is" in shown[0], "Answer: Phased LSTM. By" in shown[1]] == [True, True]
    assert opened.page.locator(".plstm-ask :is(form, details):visible").count() == 0
    assert opened.page.locator(".plstm-ask li:visible").count() == 2


def test_without_scripts_the_answer_unfolds(visit):
    opened = visit(page(NUMBER, CHOICE), java_script_enabled=False)
    assert opened.page.locator("details:visible").count() == 2
    opened.page.get_by_text("Show the answer").last.click()
    assert opened.page.get_by_text("Phased LSTM. By 3 points.").first.is_visible()


def test_a_curve_is_put_by_the_keyboard_and_shows_afterwards(visit):
    opened = visit(page(CURVE), policy=True)
    asked = opened.page.get_by_role("form", name="How open?")
    assert "your points" in opened.drawing() and 'fill-opacity="0.25"' not in opened.drawing()
    for label, key, times in (("k at t = 1", "Home", 1), ("k at t = 5", "End", 1), ("k at t = 8", "Home", 1)):
        for _ in range(times):
            asked.get_by_label(label, exact=True).press(key)
    asked.get_by_role("button").press("Enter")
    opened.page.wait_for_timeout(60)
    assert asked.get_by_role("status").inner_text() == "Your points lie on it. It opens at 3."
    assert 'fill-opacity="0.25"' in opened.drawing(), "the curve shows"


@pytest.mark.parametrize("width", [800, 320])
def test_a_point_follows_the_pointer(visit, width):
    page_ = visit(page(CURVE), width=width).page
    box = page_.locator(".plstm-picture svg[aria-hidden]").bounding_box()
    at = box["x"] + 42 + (box["width"] - 52) * 5 / 20
    page_.mouse.move(at, box["y"] + 60)
    page_.mouse.down()
    page_.mouse.move(at, box["y"] + 8, steps=3)
    page_.mouse.up()
    assert page_.get_by_label("k at t = 5", exact=True).input_value() == "1"
    assert page_.get_by_label("k at t = 4", exact=True).input_value() == "0.5"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [800, 320])
def test_accessible_and_within_the_screen(visit, theme, width):
    opened = visit(page(NUMBER, CHOICE, CURVE), theme=theme, width=width)
    for asked in opened.page.get_by_role("form").all():
        asked.get_by_role("button").click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    result = Axe().run(opened.page, context=".plstm-ask")
    assert result.violations_count == 0, result.generate_report()
