"""Exercises on their pages: judged without a kernel, by the keyboard; those that need code lead to Colab."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import PAGES, ROOT

CHAPTERS = [name for name in PAGES if (ROOT / name).with_suffix(".ipynb").exists()]


def form(page, words):
    """The form of the exercise with these words in its title."""
    return page.get_by_role("form", name=words)


def said(form):
    """What stands below a form, once it does."""
    form.locator(".plstm-ask-said:not(:empty)").wait_for()
    return form.get_by_role("status").inner_text()


def test_a_number_is_judged_where_it_is_asked(visit):
    with visit() as opened:
        page = opened.open("book/mnist.html")
        asked = form(page, "How sure are we")
        answer = asked.get_by_label("Your answer")
        for typed, words in [
            ("", "Type an answer first."),
            ("many", "Expected a number, got “many”."),
            ("0.8 * 0.2 / 1000", "Not yet. That is the variance. Take its square root."),
            ("sqrt(0.8 * 0.2 / 1000)", "Right. So two models within"),
        ]:
            answer.fill(typed)
            answer.press("Enter")
            page.wait_for_timeout(60)
            assert said(asked).startswith(words)
        assert asked.get_attribute("data-mark") == "right"
        assert opened.faults == []


def test_a_list_several_fields_and_letters(visit):
    with visit(width=320) as opened:
        page = opened.open("book/time_gate.html")
        peaks = form(page, "Read the rhythm")
        peaks.get_by_label("Your answer").fill("44, 24, 4")
        peaks.get_by_role("button").click()
        assert said(peaks).startswith("Right. ")
        hours = form(page, "Office hours")
        for label, typed in (("period", "24"), ("shift", "9"), ("ratio on", "1/24")):
            hours.get_by_label(label).fill(typed)
        hours.get_by_role("button").press("Enter")
        assert said(hours).startswith("Right. One hour a day")
        page = opened.open("book/lstm_in_thirty_lines.html")
        letters = form(page, "What can it see")
        for letter in "abc":
            letters.get_by_label(f"({letter})").press("Space")
        letters.get_by_role("button").press("Enter")
        assert said(letters).startswith("Not yet. About (a)")
        assert opened.faults == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_exercise_is_answered_on_the_page_or_leads_to_its_cell(site, chapter):
    text = (site / chapter).read_text(encoding="utf-8")
    source = (ROOT / chapter).with_suffix(".ipynb")
    cells = {
        cell.id: cell.source
        for cell in nbformat.read(source, as_version=4).cells
        if "exercises.check_" in cell.source and "solution" not in cell.metadata.get("tags", [])
    }
    asked = set(re.findall(r"&quot;check&quot;: &quot;(check_\w+)&quot;", text))
    led = re.findall(r'class="plstm-needs-code">.*?href="([^"]*)"', text)
    assert len(asked) + len(led) == len(cells)
    for address in led:
        assert f"/blob/main/{source.relative_to(ROOT).as_posix()}#scrollTo=" in address
        assert "exercises.check_" in cells.pop(address.partition("#scrollTo=")[2])
    assert {re.search(r"exercises\.(\w+)", source)[1] for source in cells.values()} == asked
    assert "Put your answer in place of the dots" not in text


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_forms_are_accessible(visit, colour_scheme):
    with visit(colour_scheme=colour_scheme) as opened:
        page = opened.open("book/lstm_in_thirty_lines.html")
        form(page, "Count the weights").get_by_label("Your answer").fill("1088")
        form(page, "Count the weights").get_by_role("button").click()
        assert said(form(page, "Count the weights")).startswith("Not yet. ")
        assert opened.faults == []
        result = Axe().run(page, context=".plstm-ask")
        assert result.violations_count == 0, result.generate_report()


def test_without_scripts_the_solution_is_there_and_no_empty_form(browser, serve):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve("/a/book/") + "book/mnist.html")
    assert page.locator(".plstm-ask form").count() == 0
    assert page.locator("details:has(#solution-1) summary").is_visible()
    context.close()
