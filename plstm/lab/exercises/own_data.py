"""Checks of the exercises in *Your own data*."""

import numpy as np

from plstm.lab.exercises.rule import number
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function


@number(
    right=2**24 / 3.6e6,
    tolerance=0.05,
    praise="From then on every second millisecond is lost, and after twice that time three of four.",
    hint="A float32 has 24 binary digits. Up to which whole number can it count?",
    mistakes=[
        (2**24, "That is the right number of milliseconds. How many hours is it?"),
        (2**24 / 1000, "Those are seconds."),
        (2**23 / 3.6e6, "There is one more binary digit: the leading one is not stored, but it counts."),
        (2**32 / 3.6e6, "32 bits are not 32 digits: eight hold the exponent, and one the sign."),
    ],
)
def check_logger(hours):
    """After how many hours can float32 milliseconds no longer distinguish one millisecond from the next?

    >>> check_logger(2**24)
    Not yet. That is the right number of milliseconds. How many hours is it?
    """


@number(
    right=0.2,
    tolerance=0.005,
    praise="On average. A unit with a long period hears all of them at once, or none: look at update_rate.",
    hint="A gate is open for the share r_on of the time, and hears that share of the samples.",
    mistakes=[
        (0.05, "That is the default: a unit would hear 2 of the 40."),
        (5, "An open share is at most 1."),
        (0.4, "The mean openness is half of r_on, but a half-open gate hears a sample, too."),
    ],
)
def check_open_share(ratio_on):
    """Which open share lets a unit hear about 8 samples of a sequence of 40?

    >>> check_open_share(0.05)
    Not yet. That is the default: a unit would hear 2 of the 40.
    """


@number(
    right=5.0,
    tolerance=0.02,
    praise="One small step of the optimiser, five whole periods: the gate opens at completely different times.",
    hint="The phase is t / tau, so its slope in tau is -t / tau^2.",
    mistakes=[
        (0.001 / 600, "It is small compared with the period, but three million periods have passed since 1970."),
        (3000, "Divide by the period once more: that is in seconds, not in periods."),
    ],
)
def check_phase_jump(periods):
    """By how many periods does a phase move at t = 1.8e9 s if a period of 600 s grows by 0.001 s?

    >>> check_phase_jump(0)
    Not yet. It is small compared with the period, but three million periods have passed since 1970.
    """


def check_hold(hold):
    """Does ``hold(row, held)`` return (features, held): the last values seen, and which of them are new?

    >>> check_hold(lambda row, held: (np.concatenate([row, ~np.isnan(row)]), row))
    Not yet. A missing value became NaN. What was the last value seen?
    """
    if (fault := not_function(hold)) is not None:
        return fault
    nan = np.nan
    rows = np.array([[nan, 1.0], [2.0, nan], [nan, nan], [nan, 3.0], [5.0, 3.0]])
    right = np.array([[0, 1, 0, 1], [2, 1, 1, 0], [2, 1, 0, 0], [2, 3, 0, 1], [5, 3, 1, 1.0]])
    held, found = np.zeros(2), []
    for row in rows:
        answer = hold(row.copy(), held)
        if answer is None or answer is ...:
            return UNANSWERED
        try:
            features, held = answer
        except (TypeError, ValueError):
            return Verdict(False, "Expected two return values: the features, and the values held from now on.")
        found.append(np.ravel(np.asarray(features, np.float64)))
    if any(features.shape != (4,) for features in found):
        return Verdict(False, f"Expected 2 values and 2 indicators for each row, got {found[0].size} numbers.")
    found = np.array(found)
    if np.isnan(found).any():
        return Verdict(False, "A missing value became NaN. What was the last value seen?")
    if np.array_equal(found[:, 2:], 1 - right[:, 2:]):
        return Verdict(False, "The indicators are swapped: 1 is for a value read just now.")
    if not np.array_equal(found[:, 2:], right[:, 2:]):
        return Verdict(False, "The indicators are 1 where this row has a value and 0 where it has none.")
    if np.array_equal(found[:, :2], np.nan_to_num(rows)):
        return Verdict(False, "A missing value became 0, not the last value seen. Do you return the held values?")
    if not np.array_equal(found, right):
        return Verdict(False, "Some values are not the last ones seen. Each sensor has a memory of its own.")
    return Verdict(True, "A stream needs this function and the scaling in addition to the model, and nothing else.")


def check_split(split):
    """Does ``split(series, rng)`` mark a fifth of the series, whole ones, for validation? One boolean for each row.

    >>> check_split(lambda series, rng: rng.random(len(series)) < 0.2)
    Not yet. Rows of one series are on both sides.
    """
    if (fault := not_function(split)) is not None:
        return fault
    names = np.array([f"series {number}" for number in range(50)])
    series = np.random.default_rng(0).permutation(np.repeat(names, np.arange(5, 55)))
    draws = []
    for seed in range(2):
        answer = split(series.copy(), np.random.default_rng(seed))
        if answer is None or answer is ...:
            return UNANSWERED
        answer = np.asarray(answer)
        if answer.shape != series.shape or answer.dtype != bool:
            return Verdict(
                False, f"Expected {len(series)} booleans, one for each row, got {answer.dtype} {answer.shape}."
            )
        draws.append(answer)
    for chosen in draws:
        if set(series[chosen]) & set(series[~chosen]):
            return Verdict(False, "Rows of one series are on both sides.")
        count = len(set(series[chosen]))
        if not 8 <= count <= 12:
            return Verdict(False, f"Expected about 10 of the 50 series for validation, got {count}.")
    if np.array_equal(*draws):
        return Verdict(False, "Two draws gave the same series. Files are often sorted by something: draw at random.")
    return Verdict(True, "Whole series, drawn at random. Now validation tells something about new series.")
