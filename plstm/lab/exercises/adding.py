"""Checks of the exercises in *The adding task*."""

from plstm.lab.exercises.rule import Case, number, numbers


@number(
    right=1 / 6,
    tolerance=2e-3,
    praise="The best constant is the mean, now 1, and its error is the variance, which a shift does not change.",
    hint="The best constant is the mean. What is left is the variance of the sum of two uniform numbers.",
    mistakes=[
        (1 / 12, "That is the variance of one value. Two are added, and their variances add up."),
        (7 / 6, "That is the error of the answer 0. The mean of the sum is 1 here, a better constant."),
        (1 / 3, "That would be one number uniform over (0, 2). The sum of two is near its mean more often."),
    ],
)
def check_constant_answer(error):
    """If the values come from (0, 1), what is the mean squared error of the best constant answer?

    >>> check_constant_answer(1 / 12)
    Not yet. That is the variance of one value. Two are added, and their variances add up.
    """


@number(
    right=1 - 0.96**2,
    tolerance=5e-4,
    praise="The triangle between -0.04 and 0.04. Any accuracy has to be read against it.",
    hint="The density of the sum is the triangle 1 - |y| over (-1, 1). Which area lies between -0.04 and 0.04?",
    mistakes=[
        (0.08, "Nearly. The density of the sum is 1 at 0 and falls on both sides: it is a triangle."),
        (0.0392, "That is one side. The sum may also be a little below 0."),
        (0.04, "That is the tolerance. As a share it is about half of the right answer."),
    ],
)
def check_by_chance(share):
    """How often is the answer 0 within 0.04 of the sum of two values from (-0.5, 0.5)?

    >>> check_by_chance(0.08)
    Not yet. Nearly. The density of the sum is 1 at 0 and falls on both sides: it is a triangle.
    """


@numbers(
    Case(
        (10, 10),
        0.1,
        "The same. A longer period does not update less, it updates in fewer and longer spells.",
        right=True,
    ),
    Case((20, None), 0.1, "That is the number of steps at which it is open. On its slopes the mean of k is one half."),
    Case((10, 2), 0.1, "It opens a fifth as often, and each time for five times as many steps."),
    Case((10, None), 0.1, "The first is right. In the second, count how often it opens and for how long."),
    hint="The mean openness is half of the open share. How much is that over 400 steps?",
)
def check_exposure(short, long):
    """Open share 0.05, triangle gate, 400 steps: what is the sum of k for a unit of period 20, and for one of 100?

    >>> check_exposure(10, 2)
    Not yet. It opens a fifth as often, and each time for five times as many steps.
    """


@number(
    right=0.019 / 1.019,
    tolerance=5e-4,
    praise="Two per cent, and it comes at every step, from nearly all units: small, but even.",
    hint="A closed unit has k = alpha * phase. Add up the 38 of them, and the two that are open.",
    mistakes=[
        (0.0005, "That is one closed unit. There are 38 of them."),
        (0.038 / 1.038, "Nearly: the phase is 0.5, and k is alpha times that."),
    ],
)
def check_leak_share(share):
    """2 of 40 units are open, at k = 0.5; the others leak, alpha = 0.001, at a phase of 0.5. What is their share?

    Of the sum of k over all units.

    >>> check_leak_share(0.0005)
    Not yet. That is one closed unit. There are 38 of them.
    """
