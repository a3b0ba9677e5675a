"""Every check accepts right answers, rejects wrong ones with the fitting hint, and every solution passes its own."""

import inspect
from pathlib import Path

import nbformat
import numpy as np
import pytest

import plstm
from plstm.gate import phase
from plstm.lab import exercises
from plstm.lab.exercises.rule import Case, number, numbers
from plstm.lab.exercises.verdict import UNANSWERED, Verdict
from tests.lab.exercises.answers import RIGHT, WRONG

BOOK = Path(__file__).parents[3] / "book"


@pytest.mark.parametrize("name, answer", RIGHT)
def test_right_answers_pass(name, answer):
    verdict = getattr(exercises, name)(*answer)
    assert verdict, verdict
    assert repr(verdict).startswith("Right. ")


@pytest.mark.parametrize("name, answer, hint", WRONG)
def test_wrong_answers_fail_with_the_hint_that_fits(name, answer, hint):
    verdict = getattr(exercises, name)(*answer)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    with pytest.raises(AssertionError, match=hint):
        raise AssertionError(verdict.message)


@pytest.mark.parametrize("name", exercises.__all__)
def test_every_check_waits_for_an_answer(name):
    check = getattr(exercises, name)
    assert check(*[...] * len(inspect.signature(check).parameters)) is UNANSWERED


NO_ANSWERS = [None, "abc", float("nan"), float("inf"), [], 1j, {}, lambda *arguments: None]


@pytest.mark.parametrize("name", exercises.__all__)
@pytest.mark.parametrize("answer", NO_ANSWERS, ids=lambda answer: getattr(answer, "__name__", repr(answer)))
def test_what_is_no_answer_gets_a_verdict_and_no_traceback(name, answer):
    check = getattr(exercises, name)
    verdict = check(*[answer] * len(inspect.signature(check).parameters))
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")


def test_functions_that_still_answer_dots_are_unanswered():
    assert exercises.check_cosine_slope(lambda t, period, shift, ratio_on: ...) is UNANSWERED
    assert exercises.check_phased(lambda step: lambda x, states, k: ...) is UNANSWERED
    assert exercises.check_phased(lambda step: ...) is UNANSWERED
    assert exercises.check_kept_product(lambda k, f: ...) is UNANSWERED
    assert exercises.check_visible_changes({...}) is UNANSWERED
    assert exercises.check_tell_apart(lambda times, values: ...) is UNANSWERED
    assert exercises.check_drawn(lambda colour, times: ...) is UNANSWERED
    assert exercises.check_outcome(lambda days, died: ...) is UNANSWERED


def test_every_check_is_tested_both_ways():
    assert {name for name, _ in RIGHT} == set(exercises.__all__)
    assert {name for name, *_ in WRONG} == set(exercises.__all__)


def test_a_verdict_is_its_answer():
    assert Verdict(True, "a")
    assert not Verdict(False, "a")


def test_a_number_keeps_its_tolerance():
    @number(right=4, tolerance=0.1, praise="", hint="")
    def check(count):
        """How many?"""

    assert check(4.09)
    assert check(count=4)
    assert not check(4.11)
    assert not check(float("nan"))
    with pytest.raises(TypeError, match="missing a required argument"):
        check()


def test_each_number_of_a_case_has_its_tolerance_and_the_first_case_counts():
    @numbers(Case((1, 100), (0.1, 10), "a", True), Case((1, None), 0.1, "b"), Case((1, 50), 0.1, "c"), hint="d")
    def check(one, hundred):
        """One and a hundred?"""

    answers = [(1.05, 109), (1.05, 111), (1, 50), (1.2, 100)]
    assert [check(*answer).message for answer in answers] == ["a", "b", "b", "d"]
    assert repr(check(1, [2, 3])) == "Not yet. Expected a number, got [2, 3]."


def test_a_list_may_stand_in_any_order():
    @numbers(Case((1, 2), 0, "both", True), Case((1,), 0, "one"), hint="none", listed=True)
    def check(values):
        """One and two?"""

    assert [check(values).message for values in ([2, 1], np.array([1, 2]), [1], [], [1, 2, 3])] == [
        "both", "both", "one", "none", "none",
    ]  # fmt: skip


def solutions():
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if "solution" in cell.metadata.get("tags", []):
                yield pytest.param(cell.source, id=cell.id)


@pytest.mark.parametrize("source", list(solutions()))
def test_every_solution_passes_its_own_check(source):
    assert "assert exercises.check_" in source
    exec(source, {"np": np, "plstm": plstm, "exercises": exercises, "phase": phase})


def test_the_book_asks_every_exercise_and_solves_it():
    text = "\n".join(path.read_text() for path in sorted(BOOK.glob("*.ipynb")))
    solved = "\n".join(param.values[0] for param in solutions())
    for name in exercises.__all__:
        assert text.count(f"exercises.{name}(") == 2
        assert solved.count(f"exercises.{name}(") == 1
