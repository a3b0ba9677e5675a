"""Checks of the exercises in *Why time*."""

import numpy as np

from plstm.lab.exercises.rule import computed, number
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function, not_numbers


@computed("list")
def check_twin_times(times):
    """At which times does a sine of period 8 have the values that one of period 5 has at 1, 2.5 and 4?

    >>> check_twin_times([1, 2.5, 4])
    Not yet. At the same times the slower sine is not as far in its period.
    """
    if (fault := not_numbers(times)) is not None:
        return fault
    times = np.ravel(np.asarray(times, np.float64))
    if times.shape != (3,):
        return Verdict(False, f"Expected three times, got {times.size}.")
    first = np.array([1.0, 2.5, 4.0])
    if np.allclose(times, first):
        return Verdict(False, "At the same times the slower sine is not as far in its period.")
    if np.allclose(times, first * 5 / 8, atol=1e-2):
        return Verdict(False, "A longer period needs more time for the same part of it, not less.")
    if np.any(np.diff(times) <= 0):
        return Verdict(False, "The readings come in order: the times must ascend.")
    if not np.allclose(np.sin(2 * np.pi * times / 8), np.sin(2 * np.pi * first / 5), atol=1e-2):
        return Verdict(False, "Each reading belongs to a part of the period: t / 5 there, t / 8 here.")
    return Verdict(True, "Same readings, same order, other times. Without the times the two are one series.")


_KEPT = 0.5 ** (1 / 6000)


@number(
    right=1 - _KEPT,
    tolerance=5e-7,
    praise="About one part in nine thousand, at every single step, whatever the input is.",
    hint="Each step keeps f, so 6,000 steps keep f to the power of 6,000.",
    mistakes=[
        (_KEPT, "That is the share that each step keeps."),
        (
            0.5 / 6000,
            "That would be right if the losses added up. They multiply: each takes its share of the rest.",
        ),
    ],
)
def check_loss_a_step(share):
    """Which share of a memory may each step lose so that half of it is left after 6,000 steps?

    >>> check_loss_a_step(0.5 ** (1 / 6000))
    Not yet. That is the share that each step keeps.
    """


@number(
    right=15,
    tolerance=0.5,
    praise="And 15 at ten samples a second, too. A rhythm in seconds does not change with the sensor.",
    hint="Ten minutes, and one opening in each period.",
    mistakes=[
        (3000, "That is how many samples it hears. How many times does it wake up?"),
        (60_000, "That is how many samples come. An LSTM updates at all of them."),
        (1500, "That would be a period of 40 samples. It is one of 40 seconds."),
        (0.25, "Mind the units: ten minutes are 600 seconds."),
    ],
)
def check_openings(number):
    """How many times in 10 minutes does a unit open that has a period of 40 s, at 100 samples a second?

    >>> check_openings(3000)
    Not yet. That is how many samples it hears. How many times does it wake up?
    """


def check_tell_apart(tell):
    """Does ``tell(times, values)`` return 5 or 7, the period of an irregularly sampled sine, without any training?

    >>> check_tell_apart(lambda times, values: 5)
    Not yet. Two series with the same values at other times get the same answer. Does it look at the times?
    """
    if (fault := not_function(tell)) is not None:
        return fault
    rng = np.random.default_rng(7)
    right, twins = [], []
    for draw in range(200):
        period = (5.0, 7.0)[draw % 2]
        times = np.cumsum(rng.exponential(rng.uniform(0.3, 0.9), 60))
        values = np.sin(2 * np.pi * (times / period + rng.uniform()))
        answer = tell(times, values)
        if answer is None or answer is ...:
            return UNANSWERED
        right.append(np.isclose(float(answer), period))
        # On a clock that runs 7/5 as fast a period of 5 becomes one of 7, and the values do not change.
        twins.append(draw % 2 == 0 and float(tell(times * 7 / 5, values)) == float(answer))
    if np.sum(twins) > 90:
        return Verdict(
            False, "Two series with the same values at other times get the same answer. Does it look at the times?"
        )
    if np.mean(right) < 0.1:
        return Verdict(False, "It is nearly always wrong: are the two answers swapped?")
    if np.mean(right) < 0.95:
        return Verdict(False, f"It is right for {np.mean(right):.0%} of 200 series. A sine has an unknown phase, too.")
    return Verdict(
        True, f"Right for {np.mean(right):.0%} of 200 series, and nothing was learned. The times are enough."
    )
