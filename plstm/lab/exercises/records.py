"""Checks of the exercises in *Real records*."""

from plstm.lab.exercises.rule import number
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function

_SHARE = 541 / 6240


@number(
    right=_SHARE * (1 - _SHARE),
    tolerance=0.0005,
    praise="It is what a model must beat. A Brier score means little without the score of the share.",
    hint="Of 6,240 answers 541 are wrong by 1 - p and the others by p. What is the mean of the squares?",
    mistakes=[
        (_SHARE**2, "Those are the survivors' squares. Those who died are off by 1 - p."),
        (_SHARE, "That is the share itself, and the score of someone who says 0 of everyone."),
        (0.25, "That is the score of someone who says one half of everyone."),
        (2 * _SHARE * (1 - _SHARE), "That is the mean error without the square."),
    ],
)
def check_brier_of_the_share(score):
    """Of 6,240 people 541 died. What is the Brier score of a model that says this share of everyone?

    >>> check_brier_of_the_share(0.25)
    Not yet. That is the score of someone who says one half of everyone.
    """


@number(
    right=540,
    tolerance=1,
    praise="So it is with every score: half the width costs four times the people.",
    hint="An interval narrows with the square root of what it was counted from.",
    mistakes=[
        (270, "Twice as many deaths make it narrower by the square root of 2 alone."),
        (191, "The square root is on the other side: the deaths grow faster than the interval narrows."),
        (405, "That many come on top of those that are there."),
    ],
)
def check_deaths_for_half_the_interval(deaths):
    """135 deaths give an interval of some width. How many give half of it?

    >>> check_deaths_for_half_the_interval(270)
    Not yet. Twice as many deaths make it narrower by the square root of 2 alone.
    """


def check_outcome(outcome):
    """Does ``outcome(days, died)`` say 1 for a death within 1,826 days, 0 for who was seen alive then, else None?

    >>> check_outcome(lambda days, died: int(died))
    Not yet. 2,000 days, died: that is after the five years.
    """
    if (fault := not_function(outcome)) is not None:
        return fault
    found = [(days, died, outcome(days, died)) for days, died in _CASES]
    if any(answer is ... for *_, answer in found):
        return UNANSWERED
    for days, died, answer in found:
        right, why = _CASES[days, died]
        if answer is not None and not isinstance(answer, (bool, int)) and getattr(answer, "shape", None) != ():
            return Verdict(False, f"Expected 1, 0 or None, got {answer!r}.")
        if (answer is None) != (right is None) or (right is not None and bool(answer) != bool(right)):
            return Verdict(False, f"{days:,} days, {'died' if died else 'alive'}: {why}.")
    return Verdict(True, "Whoever is None may not be counted with either side. Leave them out, or use a method for it.")


# {(days, died): (the outcome, why)}, the usual mistakes first.
_CASES = {
    (2000, True): (0, "that is after the five years"),
    (700, False): (None, "nobody knows what came later"),
    (700, True): (1, "that is a death within the five years"),
    (2000, False): (0, "that is life after the five years"),
    (1826, True): (1, "the last day counts"),
    (1826, False): (0, "on the last day they were seen alive"),
}
