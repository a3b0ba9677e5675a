"""Checks of the exercises in *Memory and gradients*."""

import numpy as np

from plstm.lab.exercises.rule import Case, number, numbers
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function


@number(
    right=0.9,
    tolerance=1e-3,
    praise="Three quarters are not touched, and of the last quarter six tenths are kept.",
    hint="c = c' + k (f c' + ... - c'). Collect what multiplies c'.",
    mistakes=[
        (0.15, "That is the part that goes through the proposal, k f. Most of the old memory does not go there."),
        (0.6, "That would be an open gate: an LSTM."),
        (0.75, "That is the part that is not touched. A part of the rest is kept, too."),
        (0.85, "Check the brackets: 1 - k f is not 1 - k (1 - f)."),
    ],
)
def check_own_path(slope):
    """With k = 0.25 and f = 0.6, what is the slope of c for c', along the cell's own path?

    >>> check_own_path(0.15)
    Not yet. That is the part that goes through the proposal, k f. Most of the old memory does not go there.
    """


@number(
    right=8,
    tolerance=0.01,
    praise="At 30, 130, ..., 730. So there are at most eight stretches in which the memory changes.",
    hint="floor((784 - s) / tau) - floor((0 - s) / tau). The second floor is that of a negative number.",
    mistakes=[
        (7, "One is missing. The first begins at 30, the last at 730."),
        (7.84, "That is the mean over all shifts. The number of openings is a whole number."),
        (39.2, "That is r_on times the steps: the updates, not the openings."),
    ],
)
def check_begun_openings(count):
    """How many openings of a unit with tau = 100 and s = 30 begin after t = 0 and not after t = 784?

    >>> check_begun_openings(7)
    Not yet. One is missing. The first begins at 30, the last at 730.
    """


def check_kept_product(kept):
    """Is ``kept(k, f)`` what is left of a memory, after every step, for arrays k and f (T,)?

    >>> check_kept_product(lambda k, f: np.cumprod(k * f))
    Not yet. A closed step must keep everything: at k = 0 the factor is 1.
    """
    if (fault := not_function(kept)) is not None:
        return fault
    rng = np.random.default_rng(0)
    k, f = np.where(rng.uniform(size=50) < 0.2, rng.uniform(size=50), 0.0), rng.uniform(0.5, 1.0, 50)
    answer = kept(k.copy(), f.copy())
    if answer is ...:
        return UNANSWERED
    answer = np.asarray(answer, np.float64)
    right = np.cumprod(1 - k + k * f)
    if answer.shape == () and np.isclose(answer, right[-1]):
        return Verdict(False, "That is only the value at the end. Return it after every step: np.cumprod.")
    if answer.shape != right.shape:
        return Verdict(False, f"Expected one number for each step, shape (50,), got {answer.shape}.")
    if np.allclose(answer, right):
        return Verdict(True, "Forwards it is a memory, backwards it is a gradient.")
    if np.allclose(answer, np.cumprod(k * f)):
        return Verdict(False, "A closed step must keep everything: at k = 0 the factor is 1.")
    if np.allclose(answer, 1 - k + k * f):
        return Verdict(False, "Those are the factors. The answer is their product up to each step.")
    if np.allclose(answer, np.cumprod(np.where(k > 0, f, 1.0))):
        return Verdict(False, "A gate that is half open applies half of the forgetting, not all of it.")
    return Verdict(False, "Each step multiplies the memory by 1 - k + k f.")


@number(
    right=4.9,
    tolerance=0.04,
    praise="So a plain LSTM can have that memory, by forgetting very little at every step.",
    hint="Set -ln f of the LSTM equal to r_on times the rate while open, and turn f into a bias: ln(f/(1 - f)).",
    mistakes=[
        (
            4.15,
            "Close. That would be a square gate: k is 1 all the time while it is open. A triangle forgets less.",
        ),
        (0.9926, "That is the forget gate. The bias is ln(f / (1 - f))."),
        (20.0, "One divided by the open share is the ratio of the updates, not a bias."),
    ],
)
def check_equal_forget_bias(bias):
    """Which forget bias gives an LSTM the memory of a Phased LSTM with forget bias 1 and an open share of 0.05?

    >>> check_equal_forget_bias(4.15)
    Not yet. Close. That would be a square gate: k is 1 all the time while it is open. A triangle forgets less.
    """


@numbers(
    Case(
        (5e-4,),
        1e-6,
        "The unit hears the event two thousand times more weakly than at its peak, but it hears it.",
        right=True,
    ),
    Case((0,), 0, "That is right at inference. In training the closed gate leaks."),
    Case((1e-3,), 1e-6, "That is alpha. The leak grows with the phase: alpha times phi."),
    Case((2.5e-3,), 1e-6, "The phase is a fraction: the two whole periods do not count."),
    Case((0.5,), 1e-6, "That is the phase. Multiply by alpha."),
    hint="The leak is alpha times the phase, and the phase is the part of the period that has passed.",
)
def check_leaky_ear(openness):
    """How open, in training, is a unit with tau = 100, s = 0, r_on = 0.05, alpha = 0.001 for an event at t = 250?

    >>> check_leaky_ear(0)
    Not yet. That is right at inference. In training the closed gate leaks.
    """
