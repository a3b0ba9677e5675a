"""Checks of the exercises in *A population of oscillators*."""

import numpy as np

from plstm.gate import time_gate
from plstm.lab.exercises.rule import Case, computed, number, numbers
from plstm.lab.exercises.verdict import Verdict, not_numbers


@number(
    right=44,
    tolerance=0.2,
    praise="0.9 to the power of 44 is the first to fall below 0.01.",
    hint="All of them are closed with probability 0.9 to the power of H.",
    mistakes=[
        (43.7, "The number must be whole, and 43 units are not quite enough."),
        (43, "The number must be whole, and 43 units are not quite enough."),
        (90, "That would be right for an open share of 0.05."),
        (10, "Ten units would cover all of the time if they took turns. But they open at random."),
    ],
)
def check_enough_units(units):
    """With an open share of 0.1, how many units are needed so that less than 1 % of the time has no open unit?

    >>> check_enough_units(90)
    Not yet. That would be right for an open share of 0.05.
    """


@number(
    right=20,
    tolerance=0.1,
    praise="Up to there it hears them all. A short window is not a narrow filter.",
    hint="The coefficient is the square of a sinc. At which n is n r_on / 2 a whole number for the first time?",
    mistakes=[
        (10, "That is right for the square. A triangle is a square of half the width, smeared by another one."),
        (5, "Check the factor: the argument of the sinc is n times r_on / 2."),
    ],
)
def check_silent_harmonic(number):
    """Which is the first harmonic that a triangle with an open share of 0.1 does not hear?

    >>> check_silent_harmonic(10)
    Not yet. That is right for the square. A triangle is a square of half the width, smeared by another one.
    """


@numbers(
    Case(
        (0.5, 720), (1e-3, 1), "In minutes it would be 30 to 43,200: the same population on another clock.", right=True
    ),
    Case((30, 43_200), (1e-3, 3200), "Those are minutes. The clock counts hours."),
    Case((None, 30), 1e-3, "Those are days. The clock counts hours."),
    Case(
        (0.25, None), 1e-3, "With a period of one interval all samples have the same phase. It must be twice as long."
    ),
    Case((0.5, None), 1e-3, "The slowest period is the length of a sequence."),
    hint="The fastest period is twice the interval between samples.",
)
def check_range_of_periods(low, high):
    """Which range fits a sensor that reports every 15 minutes for 30 days, on a clock that counts hours?

    >>> check_range_of_periods(0.25, 720)
    Not yet. With a period of one interval all samples have the same phase. It must be twice as long.
    """


@computed("list")
def check_quadrature(shifts):
    """Do four units of period 12 with these shifts hear a sine of period 12 at every phase, and no constant?

    The four answers y are read as (y[0] - y[2])^2 + (y[1] - y[3])^2.

    >>> check_quadrature([0, 0, 6, 6])
    Not yet. At some phases hardly anything is left. The two differences should be a quarter period apart.
    """
    if (fault := not_numbers(shifts)) is not None:
        return fault
    shifts = np.ravel(np.asarray(shifts, np.float64))
    if shifts.shape != (4,):
        return Verdict(False, f"Expected four shifts, got {shifts.size}.")
    times = np.arange(0.0, 12.0, 0.01)
    k = time_gate(times[:, None], 12.0, shifts, 0.2)
    weights = k / k.sum(axis=0)
    angles = np.linspace(0.0, 2 * np.pi, 48, endpoint=False)
    y = np.sin(2 * np.pi * times / 12.0 - angles[:, None]) @ weights
    heard = np.hypot(y[:, 0] - y[:, 2], y[:, 1] - y[:, 3])
    if heard.max() < 0.1:
        return Verdict(False, "Nothing is heard: the units that are subtracted hear the same.")
    if heard.min() < 0.1:
        return Verdict(
            False,
            "At some phases hardly anything is left. The two differences should be a quarter period apart.",
        )
    if np.ptp(heard) > 0.02 * heard.max():
        return Verdict(
            False,
            "It is heard at every phase, but not equally well. Within each pair, shifts should be half a period apart.",
        )
    return Verdict(True, "A cosine and a sine, made of four windows. The constant cancels in the differences.")
