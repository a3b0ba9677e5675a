"""A page judges the answers to an exercise as Python does, and reads numbers and formulas. In a V8, no browser."""

import math

import numpy as np
import pytest

from plstm.lab import exercises
from plstm.lab.exercises.rule import page
from plstm.lab.live.javascript import call, map_call
from tests.lab.exercises.answers import SHARED

CODE = {
    "check_cosine_slope",
    "check_counter",
    "check_drawn",
    "check_hold",
    "check_kept_product",
    "check_outcome",
    "check_phased",
    "check_split",
    "check_tell_apart",
}
QUESTIONS = {name: page(getattr(exercises, name)) for name in exercises.__all__}


def around(answer, rng):
    """An answer of numbers, and others near it, on both sides of what a rule tolerates."""
    yield answer
    for reach in (1e-9, 1e-6, 1e-3, 0.03, 0.3, 3.0, 1000.0):
        yield [(np.asarray(each) + rng.uniform(-reach, reach, np.shape(each))).tolist() for each in answer]


def test_only_what_needs_code_is_not_asked_on_the_page():
    assert {name for name, question in QUESTIONS.items() if question is None} == CODE


def test_a_page_says_of_every_answer_what_python_says():
    rng = np.random.default_rng(0)
    cases = []
    for name, answer, *_ in SHARED:
        letters = QUESTIONS[name]["kind"] == "letters"
        cases += [(name, each) for each in ([answer] if letters else around(answer, rng))]
    said = map_call("judge", "verdict", [(QUESTIONS[name], answer) for name, answer in cases])
    for (name, answer), verdict in zip(cases, said, strict=True):
        expected = getattr(exercises, name)(*answer)
        assert (verdict["right"], verdict["message"]) == (expected.right, expected.message), (name, answer)


@pytest.mark.parametrize("letters", ["", "a", "b", "c", "bc", "bd", "abcd", "bcd"])
def test_letters_as_in_python(letters):
    expected = exercises.check_visible_changes(set(letters))
    said = call("judge", "verdict", QUESTIONS["check_visible_changes"], [list(letters)])
    assert said == {"right": expected.right, "message": expected.message}


@pytest.mark.parametrize("answer", [(24, 9, 0), (24, 9, 1.5), (-3, 9, 0.1), (24, -15, 1 / 24), (1e7, 9, 0.1)])
def test_a_gate_that_cannot_be_is_refused_in_the_same_words(answer):
    expected = exercises.check_office_hours(*answer)
    said = call("judge", "verdict", QUESTIONS["check_office_hours"], answer)
    assert said == {"right": expected.right, "message": expected.message}


def test_every_question_has_answers_of_both_kinds_in_the_shared_list():
    for right in (True, False):
        assert {name for name, _, was, _ in SHARED if was is right} == {name for name in QUESTIONS if QUESTIONS[name]}


FORMULAS = {
    "12": 12,
    " .5 ": 0.5,
    "1.": 1,
    "-3": -3,
    "−3": -3,
    "+3": 3,
    "272,384": 272384,
    "272 384": 272384,
    "10_000": 10000,
    "1e-3": 1e-3,
    "2.5E2": 250,
    "5 %": 0.05,
    "1/6": 1 / 6,
    "1 - 0.5^(1/6000)": 1 - 0.5 ** (1 / 6000),
    "2**24 / 3.6e6": 2**24 / 3.6e6,
    "2^3^2": 512,
    "-2^2": -4,
    "2^-1": 0.5,
    "8 - 3 - 2": 3,
    "8 / 4 / 2": 1,
    "2 + 3 * 4": 14,
    "2 × 3 · 4": 24,
    "(2 + 3) * 4": 20,
    "sqrt(0.8 * 0.2 / 1000)": math.sqrt(0.8 * 0.2 / 1000),
    "ln(400/28) / ln(400)": math.log(400 / 28) / math.log(400),
    "exp(1) - e": 0,
    "2 pi 5": None,
    "2 * pi * 5.5": 11 * math.pi,
}
NO_NUMBERS = [
    "",
    "  ",
    "many",
    "1 2",
    "1,5",
    "0,05",
    "1/0",
    "(1",
    "1)",
    "1 +",
    "* 2",
    "ln 2",
    "ln(",
    "alert(1)",
    "1;2",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_formula_says(text):
    value = call("calculator", "calculated", text)
    assert value == (None if FORMULAS[text] is None else pytest.approx(FORMULAS[text], rel=1e-12, abs=1e-12))


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_says_no_number_is_none(text):
    assert call("calculator", "calculated", text) is None
