"""Checks of the exercises in *Frequency discrimination*."""

import numpy as np

from plstm.lab.exercises.rule import number

_MISSED = np.log(1.25 / 1.2) / np.log(100) / 2


@number(
    right=1 - _MISSED,
    tolerance=3e-4,
    praise="No network can do better at one sample a millisecond, however long it learns.",
    hint="Half of the periods are log-uniform from 1 to 100 ms. Which share of them lies between 1.2 and 1.25?",
    mistakes=[
        (
            1 - 2 * _MISSED,
            "Half of the sequences always have the target's period: only the others can have 1.2 to 1.25 ms.",
        ),
        (_MISSED, "That is the share of wrong answers."),
    ],
)
def check_best_score(accuracy):
    """What is the best possible accuracy if periods of 1.2 to 1.25 ms cannot be distinguished from the target?

    >>> check_best_score(1 - np.log(1.25 / 1.2) / np.log(100))
    Not yet. Half of the sequences always have the target's period: only the others can have 1.2 to 1.25 ms.
    """


_TURN = 2 * np.pi


@number(
    right=5.5 * _TURN,
    tolerance=0.1,
    praise="All its sines are slower than their p by a factor of 2 pi, and so are the target ranges.",
    hint="A sine repeats when its argument has grown by 2 pi.",
    mistakes=[
        (5.5, "That is p itself. Between one crest and the next, t / p must grow by a whole turn."),
        (5.5 / _TURN, "Slower, not faster: a whole turn takes 2 pi times p."),
    ],
)
def check_slow_sine(period):
    """The published generator computes sin(t / p). What is the true period, in ms, of its sine with p = 5.5 ms?

    >>> check_slow_sine(5.5)
    Not yet. That is p itself. Between one crest and the next, t / p must grow by a whole turn.
    """


@number(
    right=0.25 / (1 / 4.9 - 1 / 5.1),
    tolerance=0.1,
    praise="Some sequences last only 15 ms: then two sines on either side of the edge have hardly parted.",
    hint="After t ms one has made t / 4.9 turns and the other t / 5.1. When do these differ by a quarter?",
    mistakes=[
        (0.25 / 0.2, "Compare the turns made, t / 4.9 and t / 5.1, not the periods."),
        (1 / (1 / 4.9 - 1 / 5.1), "By then they are a whole turn apart, and agree again."),
        (1 / (1 / 4.9 - 1 / 5.1) / 2, "That is half a turn."),
    ],
)
def check_parted(duration):
    """Sines of 4.9 and 5.1 ms begin together: after how many ms are they a quarter of a turn apart?

    >>> check_parted(1.25)
    Not yet. Compare the turns made, t / 4.9 and t / 5.1, not the periods.
    """
