"""The rule of an exercise whose answer is a number or a few: the answers that are known, and what to say of each.

A rule is data, so that a page judges an answer without Python by the same rule: ``page`` has it as JSON, and
``plstm/lab/live/judge.mjs`` reads it. Where a rule computes something, that module computes it as well.
"""

import functools
import inspect
from dataclasses import dataclass

import numpy as np

from plstm.lab.exercises.verdict import Verdict, not_number, not_numbers


@dataclass(frozen=True)
class Case:
    """A known answer: its numbers, ``None`` for any, how far an answer may be from them, and what to say of it."""

    values: tuple
    tolerance: float | tuple
    message: str
    right: bool = False

    def fits(self, given):
        """Whether these numbers are this answer."""
        limits = np.broadcast_to(self.tolerance, len(self.values))
        return len(given) == len(self.values) and all(
            value is None or abs(number - value) <= limit for number, value, limit in zip(given, self.values, limits)
        )


@dataclass(frozen=True)
class Rule:
    """The first case that fits says what is to be said, ``hint`` where none does. ``listed``: a list, in any order."""

    cases: tuple
    hint: str
    listed: bool = False

    def verdict(self, *answers):
        """Verdict on an exercise's answers."""
        if (fault := (not_numbers if self.listed else not_number)(*answers)) is not None:
            return fault
        given = sorted(np.ravel(np.asarray(answers, np.float64)).tolist())
        given = given if self.listed else [float(answer) for answer in answers]
        for case in self.cases:
            if case.fits(given):
                return Verdict(case.right, case.message)
        return Verdict(False, self.hint)

    def data(self):
        """The rule as JSON data."""
        cases = [
            {
                "values": [None if value is None else float(value) for value in case.values],
                "tolerances": np.broadcast_to(case.tolerance, len(case.values)).astype(float).tolist(),
                "message": case.message,
                "right": case.right,
            }
            for case in self.cases
        ]
        return {"cases": cases, "hint": self.hint}


def numbers(*cases, hint, listed=False):
    """Make a check of a function that has only a name, arguments and words: it answers by these cases.

    >>> @numbers(Case((2, 3), 0.1, "In order.", right=True), Case((3, None), 0.1, "Swap them?"), hint="Count again.")
    ... def check_two(first, second):
    ...     '''Two, then three?'''
    >>> check_two(3, 2)
    Not yet. Swap them?
    """
    rule = Rule(cases, hint, listed)

    def make(function):
        @functools.wraps(function)
        def check(*args, **kwargs):
            return rule.verdict(*inspect.signature(function).bind(*args, **kwargs).args)

        check.rule = rule
        return check

    return make


def number(right, tolerance, praise, hint, mistakes=()):
    """The same for a single number.

    Args:
        right: the right answer.
        tolerance: the largest difference that still counts as right.
        praise: the message for a right answer.
        hint: the message for a wrong answer that is not among ``mistakes``.
        mistakes: pairs ``(value, hint)`` of usual wrong answers.

    >>> @number(right=4, tolerance=0.1, praise="Yes.", hint="Count again.", mistakes=[(5, "One too many.")])
    ... def check_four(count):
    ...     '''How many?'''
    >>> check_four(5)
    Not yet. One too many.
    """
    return numbers(
        Case((right,), tolerance, praise, right=True),
        *(Case((value,), tolerance, why) for value, why in mistakes),
        hint=hint,
    )


def computed(field="number"):
    """Mark a check that ``judge.mjs`` has, too. ``field``: what the reader enters, "number", "list" or "letters"."""

    def mark(check):
        check.field = field
        return check

    return mark


def page(check):
    """What a page needs to ask for an answer and to judge it, as JSON data; None where the answer is code.

    >>> from plstm.lab import exercises
    >>> page(exercises.check_openings)["fields"], page(exercises.check_tell_apart)
    (['number'], None)
    """
    rule, field = getattr(check, "rule", None), getattr(check, "field", None)
    if rule is None and field is None:
        return None
    field = field or ("list" if rule.listed else "number")
    shared = {"check": check.__name__, "kind": field, "fields": list(inspect.signature(check).parameters)}
    return {**shared, **(rule.data() if rule else {})}
