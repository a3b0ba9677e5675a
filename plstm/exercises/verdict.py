"""What a check answers: right or not, and a sentence that says why or what to think about next."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Verdict:
    """A check's answer: true if right; shown as a sentence.

    >>> Verdict(True, "That is the whole of it.")
    Right. That is the whole of it.
    """

    right: bool
    message: str

    def __bool__(self):
        return self.right

    def __repr__(self):
        return f"{'Right.' if self.right else 'Not yet.'} {self.message}"


UNANSWERED = Verdict(False, "Put your answer in place of the dots, and run the cell again.")


def check_number(answer, right, tolerance, praise, hint, mistakes=()):
    """Verdict on a number.

    Args:
        answer: what the reader gave; ``...`` while there is nothing yet.
        right, tolerance: the answer, and how far from it still counts.
        praise, hint: what to say when it is right, and when it is wrong in no way we know.
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
