"""The result of a check: right or not, and a sentence that says why or gives a hint."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False)
class Verdict:
    """The result of a check: true if the answer is right; shown as a sentence.

    >>> Verdict(True, "That is all of it.")
    Right. That is all of it.
    """

    right: bool
    message: str

    def __bool__(self):
        return self.right

    def __repr__(self):
        return f"{'Right.' if self.right else 'Not yet.'} {self.message}"


UNANSWERED = Verdict(False, "Put your answer in place of the dots, and run the cell again.")


def not_numbers(*answers):
    """Verdict on answers that are dots, or not finite numbers or arrays of these; None for finite numbers.

    >>> not_numbers(1, "two")
    Not yet. Expected numbers, got 'two'.
    """
    if any(answer is ... for answer in answers):
        return UNANSWERED
    for answer in answers:
        try:
            finite = bool(np.all(np.isfinite(np.asarray(answer, np.float64))))
        except (TypeError, ValueError):
            finite = False
        if not finite:
            return Verdict(False, f"Expected numbers, got {answer!r}.")
    return None


def not_number(*answers):
    """The same for answers that must be single numbers.

    >>> not_number([1, 2])
    Not yet. Expected a number, got [1, 2].
    """
    found = not_numbers(*answers)
    for answer in answers if found is None else ():
        if np.ndim(answer):
            return Verdict(False, f"Expected a number, got {answer!r}.")
    return found


def not_function(answer):
    """Verdict on an answer that is dots or not a function; None for a function.

    >>> not_function(3)
    Not yet. Expected a function, got 3.
    """
    if answer is ...:
        return UNANSWERED
    return None if callable(answer) else Verdict(False, f"Expected a function, got {answer!r}.")


def check_number(answer, right, tolerance, praise, hint, mistakes=()):
    """Verdict on a number.

    Args:
        answer: the reader's answer; ``...`` as long as there is none.
        right: the right answer.
        tolerance: the largest difference that still counts as right.
        praise: the message for a right answer.
        hint: the message for a wrong answer that is not among ``mistakes``.
        mistakes: pairs ``(value, hint)`` of usual wrong answers.

    >>> check_number(5, right=4, tolerance=0.1, praise="Yes.", hint="Count again.", mistakes=[(5, "One too many.")])
    Not yet. One too many.
    """
    if answer is ...:
        return UNANSWERED
    try:
        answer = float(answer)
    except (TypeError, ValueError):
        return Verdict(False, f"Expected a number, got {answer!r}.")
    if abs(answer - right) <= tolerance:
        return Verdict(True, praise)
    for value, why in mistakes:
        if abs(answer - value) <= tolerance:
            return Verdict(False, why)
    return Verdict(False, hint)
