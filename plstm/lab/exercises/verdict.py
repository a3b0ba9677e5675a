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


def _finite(answer):
    try:
        return bool(np.all(np.isfinite(np.asarray(answer, np.float64))))
    except (TypeError, ValueError):
        return False


def not_numbers(*answers):
    """Verdict on answers that are dots, or not finite numbers or arrays of these; None for finite numbers.

    >>> not_numbers(1, "two")
    Not yet. Expected numbers, got 'two'.
    """
    if any(answer is ... for answer in answers):
        return UNANSWERED
    wrong = [answer for answer in answers if not _finite(answer)]
    return Verdict(False, f"Expected numbers, got {wrong[0]!r}.") if wrong else None


def not_number(*answers):
    """The same for answers that must be single numbers.

    >>> not_number([1, 2])
    Not yet. Expected a number, got [1, 2].
    """
    if any(answer is ... for answer in answers):
        return UNANSWERED
    wrong = [answer for answer in answers if not _finite(answer) or np.ndim(answer)]
    return Verdict(False, f"Expected a number, got {wrong[0]!r}.") if wrong else None


def not_function(answer):
    """Verdict on an answer that is dots or not a function; None for a function.

    >>> not_function(3)
    Not yet. Expected a function, got 3.
    """
    if answer is ...:
        return UNANSWERED
    return None if callable(answer) else Verdict(False, f"Expected a function, got {answer!r}.")
