"""Checks of the exercises in *Deriving the time gate*."""

import numpy as np

from plstm.gate import phase, time_gate
from plstm.lab.exercises.rule import Case, computed, number, numbers
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function, not_number


@numbers(
    Case((4, 24, 44), 1e-3, "Each is the shift, plus half of the open window, plus whole periods.", right=True),
    Case((3, 23, 43), 1e-3, "There the gate begins to open. It is fully open in the middle of its window."),
    Case((5, 25, 45), 1e-3, "There the gate closes. It is fully open in the middle of its window."),
    Case((1, 21, 41), 1e-3, "The shift is missing: this rhythm starts at t = 3."),
    Case((4,), 1e-3, "That is the first. There are more before 50."),
    Case((4, 24), 1e-3, "There is one more before 50."),
    hint="Where does the window start, how long is it (in time, not in phase), and where is its middle?",
    listed=True,
)
def check_peaks(times):
    """When between 0 and 50 is a gate with period 20, shift 3 and ratio_on .1 fully open?

    >>> check_peaks([3, 23, 43])
    Not yet. There the gate begins to open. It is fully open in the middle of its window.
    """


@computed()
def check_office_hours(period, shift, ratio_on):
    """Is a gate open from 9 to 10 every day, and closed otherwise? Hours, t = 0 at midnight.

    >>> check_office_hours(24, 9, 0.05)
    Not yet. It stays open for 1.2 hours. Which part of a day is an hour?
    """
    if (fault := not_number(period, shift, ratio_on)) is not None:
        return fault
    try:
        time_gate(0.0, period, shift, ratio_on)
    except ValueError as error:
        return Verdict(False, f"No gate can do that: {error}.")
    if abs(period - 24) > 1e-6:
        return Verdict(
            False, f"It comes back every {period:g} hours. How many hours are there from one morning to the next?"
        )
    if abs((shift - 9 + 12) % 24 - 12) > 1e-6:
        return Verdict(False, f"It begins to open at {shift % 24:g} o'clock. The shift is where the window starts.")
    if abs(ratio_on - 1 / 24) > 1e-4:
        return Verdict(False, f"It stays open for {24 * ratio_on:.1f} hours. Which part of a day is an hour?")
    return Verdict(True, "One hour a day, at nine, for ever, without counting samples.")


def check_cosine_slope(slope):
    """Is ``slope(t, period, shift, ratio_on)`` the derivative d k/d s of the gate k = sin(pi phi / r_on)^2?

    >>> check_cosine_slope(lambda t, period, shift, ratio_on: 0.0 * t)
    Not yet. Inside the open window it should not be zero. Chain rule: d k/d phi, times d phi/d s.
    """
    if (fault := not_function(slope)) is not None:
        return fault
    rng = np.random.default_rng(0)
    t = rng.uniform(0.0, 100.0, 400)
    period, shift, ratio_on = 7.0, 2.0, 0.4

    def gate(s):
        phi = phase(t, period, s)
        return np.where(phi < ratio_on, np.sin(np.pi * phi / ratio_on) ** 2, 0.0)

    given = slope(t, period, shift, ratio_on)
    if given is None or given is ...:
        return UNANSWERED
    if np.shape(given) != t.shape:
        return Verdict(False, f"Expected one slope for each time, shape {t.shape}, got {np.shape(given)}.")
    right = (gate(shift + 1e-5) - gate(shift - 1e-5)) / 2e-5
    is_open = phase(t, period, shift) < ratio_on
    if np.allclose(given, right, atol=1e-3):
        return Verdict(True, "It agrees with finite differences at 400 random times, open and closed.")
    if np.allclose(given, -right, atol=1e-3):
        return Verdict(False, "The sign is wrong: a later start means an earlier phase.")
    if np.allclose(given, -period * right, atol=1e-3) or np.allclose(given, period * right, atol=1e-3):
        return Verdict(False, "One factor is missing: how does the phase itself change with the shift?")
    if np.allclose(given[is_open], right[is_open], atol=1e-3):
        return Verdict(False, "Right while the gate is open. And when it is closed?")
    if not np.any(given[is_open]):
        return Verdict(False, "Inside the open window it should not be zero. Chain rule: d k/d phi, times d phi/d s.")
    return Verdict(False, "It disagrees with finite differences. Chain rule: d k/d phi, times d phi/d s.")


_CLOSED = np.arange(5, 100) / 100


@number(
    right=np.prod(1 - 1e-3 * _CLOSED),
    tolerance=5e-4,
    praise="And that is one period; the losses multiply, period after period.",
    hint="At each closed step the memory is multiplied by 1 - leak * phase, and the phase climbs from .05 to 1.",
    mistakes=[
        (0.999**95, "That would be a constant leak. It is leak * phase."),
        (1 - np.prod(1 - 1e-3 * _CLOSED), "That is what is lost. How much is left?"),
    ],
)
def check_leak_loss(share):
    """How much of a memory is left after the closed steps of one period, with leak .001, period 100, ratio_on .05?

    >>> check_leak_loss(1.0)
    Not yet. At each closed step the memory is multiplied by 1 - leak * phase, and the phase climbs from .05 to 1.
    """


@computed()
def check_awake(shift):
    """Does a gate with period 10 and ratio_on .05 and this shift open fully at some whole number t?

    >>> check_awake(0.0)
    Not yet. Over t = 0, 1, 2, ... its largest openness is 0.00. Where is the peak of the window, and which t meets it?
    """
    if (fault := not_number(shift)) is not None:
        return fault
    best = time_gate(np.arange(1000.0), 10.0, shift, 0.05).max()
    if best > 1 - 1e-6:
        return Verdict(True, "A whole number now falls on the middle of the window, in every period.")
    return Verdict(
        False,
        f"Over t = 0, 1, 2, ... its largest openness is {best:.2f}. "
        "Where is the peak of the window, and which t meets it?",
    )
