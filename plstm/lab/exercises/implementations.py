"""Checks of the exercises in *Six packages, six different cells*."""

from plstm.lab.exercises.rule import number


@number(
    right=2001,
    tolerance=0.5,
    praise="It grows with every period that passes: on a long clock hardly anything of the exact gradient is left.",
    hint="Divide both by -1 / tau: what is left is t / tau in one and its fractional part in the other.",
    mistakes=[
        (1 / 2001, "That is the truncated one divided by the exact one. Divide the other way."),
        (1000.5, "That is t / tau. By what must it be divided?"),
        (2000, "The half period that is under way counts, too."),
    ],
)
def check_truncation(factor):
    """By which factor is -phi / tau smaller than -(t - s) / tau^2 in the middle of the 1,001st period?

    >>> check_truncation(1000.5)
    Not yet. That is t / tau. By what must it be divided?
    """


@number(
    right=38,
    tolerance=1e-6,
    praise="A whole period more or less is the same gate.",
    hint="t + 12 is t - (-12), and adding a period changes nothing.",
    mistakes=[
        (12, "The sign has changed: t + 12 is t - (-12)."),
        (-12, "Right, but not between 0 and 50. Add a period."),
    ],
)
def check_turned_shift(shift):
    """Which shift in [0, 50) gives with t - s what 12 gives with t + s, at a period of 50?

    >>> check_turned_shift(12)
    Not yet. The sign has changed: t + 12 is t - (-12).
    """


@number(
    right=128,
    tolerance=0.5,
    praise="Two minutes and eight seconds: such a clock has no phase for a period of 10 s.",
    hint="The number lies between 2^30 and 2^31. Its 24 digits begin there.",
    mistakes=[
        (64, "That is the largest rounding error. Neighbours are twice as far apart."),
        (256, "The number lies below 2^31, so the first of the 24 digits stands for 2^30."),
    ],
)
def check_coarseness(seconds):
    """How far apart are neighbouring 32-bit numbers near 1.7e9?

    >>> check_coarseness(64)
    Not yet. That is the largest rounding error. Neighbours are twice as far apart.
    """
