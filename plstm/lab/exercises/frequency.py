"""Checks of the exercises in *Frequency discrimination*."""

import numpy as np

from plstm.lab.exercises.verdict import check_number


def check_samples_a_period(samples):
    """How many steps does one period of 5.5 ms take when it is sampled every 0.1 ms?

    >>> check_samples_a_period(5.5)
    Not yet. That is in milliseconds. There are ten samples in each.
    """
    return check_number(
        samples,
        right=55,
        tolerance=0.5,
        praise="A network that counts steps has to remember ten times as far for the same sine.",
        hint="How many samples are there in a millisecond?",
        mistakes=[
            (5.5, "That is in milliseconds. There are ten samples in each."),
            (0.55, "A tenth of a millisecond between samples means more of them, not fewer."),
        ],
    )


def check_aliases(period):
    """Which period below 2 ms looks, sampled every 1 ms, exactly like one of 5.5 ms?

    >>> check_aliases(0.1818)
    Not yet. That is the frequency of the long one. The other is 1 minus it, and a period is 1 / frequency.
    """
    return check_number(
        period,
        right=1 / (1 - 1 / 5.5),
        tolerance=2e-3,
        praise="One cycle per sample more or less makes no difference. So these sines look like the target.",
        hint="Frequencies f and 1 - f (in cycles a sample) give the same samples, up to the phase.",
        mistakes=[
            (
                0.1818,
                "That is the frequency of the long one. The other is 1 minus it, and a period is 1 / frequency.",
            ),
            (0.8182, "That is its frequency. The period is one over it."),
        ],
    )


def check_best_score(accuracy):
    """What is the best possible accuracy if periods of 1.2 to 1.25 ms cannot be distinguished from the target?

    >>> check_best_score(1 - np.log(1.25 / 1.2) / np.log(100))
    Not yet. Half of the sequences always have the target's period: only the others can have 1.2 to 1.25 ms.
    """
    missed = np.log(1.25 / 1.2) / np.log(100) / 2
    return check_number(
        accuracy,
        right=1 - missed,
        tolerance=3e-4,
        praise="No network can do better at one sample a millisecond, however long it learns.",
        hint="Half of the periods are log-uniform from 1 to 100 ms. Which share of them lies between 1.2 and 1.25?",
        mistakes=[
            (
                1 - 2 * missed,
                "Half of the sequences always have the target's period: only the others can have 1.2 to 1.25 ms.",
            ),
            (missed, "That is the share of wrong answers."),
        ],
    )


def check_slow_sine(period):
    """The published generator computes sin(t / p). What is the true period, in ms, of its sine with p = 5.5 ms?

    >>> check_slow_sine(5.5)
    Not yet. That is p itself. Between one crest and the next, t / p must grow by a whole turn.
    """
    turn = 2 * np.pi
    return check_number(
        period,
        right=5.5 * turn,
        tolerance=0.1,
        praise="All its sines are slower than their p by a factor of 2 pi, and so are the target ranges.",
        hint="A sine repeats when its argument has grown by 2 pi.",
        mistakes=[
            (5.5, "That is p itself. Between one crest and the next, t / p must grow by a whole turn."),
            (5.5 / turn, "Slower, not faster: a whole turn takes 2 pi times p."),
        ],
    )
