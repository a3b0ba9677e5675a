"""Checks of the exercises in *Claims under test*."""

from plstm.lab.exercises.rule import number


@number(
    right=(2 * 1.2**2 / 3) ** 0.5,
    tolerance=0.01,
    praise="So three seeds show differences from two points on, and no smaller ones.",
    hint="A mean of n runs has the variance s²/n. The variances of both means add up.",
    mistakes=[
        (1.2 / 3**0.5, "That is the error of one mean. The other one is as uncertain, and squares add up."),
        (2 * 1.2 / 3**0.5, "Errors do not add up, their squares do."),
        (2**0.5 * 1.2, "That would be right for one run in each group."),
    ],
)
def check_error_of_a_difference(error):
    """Two groups of three runs scatter by 1.2 points each. What is the standard error of the difference of their means?

    >>> check_error_of_a_difference(1.2 / 3**0.5)
    Not yet. That is the error of one mean. The other one is as uncertain, and squares add up.
    """


@number(
    right=12,
    tolerance=0.6,
    praise="Twelve runs in each group to see one point. Many differences in published tables are smaller.",
    hint="Two standard errors, 2 · sqrt(2 s² / n), must not be more than one point.",
    mistakes=[
        (6, "Both groups scatter, so there is a factor of 2 under the root."),
        (3, "With three runs in each group only differences of two points or more are visible."),
    ],
)
def check_enough_seeds(seeds):
    """How many runs in each group show a difference of one point at two standard errors, if runs scatter by 1.2 points?

    >>> check_enough_seeds(6)
    Not yet. Both groups scatter, so there is a factor of 2 under the root.
    """


@number(
    right=16 * 0.0455,
    tolerance=0.1,
    praise="Nearly one. If you try sixteen things, you will probably find something.",
    hint="A normal number is farther than two standard deviations from its mean in 4.55 % of all cases.",
    mistakes=[
        (0.0455, "That is for one of them. There are sixteen."),
        (0.05, "That is for one of them. There are sixteen."),
        (1 - (1 - 0.0455) ** 16, "That is the probability of at least one. How many on average?"),
    ],
)
def check_false_alarms(number):
    """Sixteen changes without an effect: how many of them look like a difference of more than two standard errors?

    >>> check_false_alarms(0.05)
    Not yet. That is for one of them. There are sixteen.
    """
