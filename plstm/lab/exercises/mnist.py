"""Checks of the exercises in *MNIST pixel by pixel*."""

import numpy as np

from plstm.lab.exercises.verdict import check_number


def check_step_of_pixel(step):
    """At which step does the network read the pixel in row 13, column 20 (both counted from 0)?

    >>> check_step_of_pixel(573)
    Not yet. That reads column after column. The rows come one after another.
    """
    return check_number(
        step,
        right=13 * 28 + 20,
        tolerance=0.5,
        praise="Thirteen whole rows, and twenty pixels of the next.",
        hint="How many pixels come before row 13 begins?",
        mistakes=[
            (20 * 28 + 13, "That reads column after column. The rows come one after another."),
            (13 * 28 + 21, "One too many: the first step is step 0."),
            (13 * 28, "There the row begins. The pixel comes 20 columns later."),
        ],
    )


def check_standard_error(error):
    """What is the standard error of a test accuracy of .8 measured on 1,000 images?

    >>> check_standard_error(0.00016)
    Not yet. That is the variance. Take its square root.
    """
    return check_number(
        error,
        right=np.sqrt(0.8 * 0.2 / 1000),
        tolerance=5e-5,
        praise="So two models within two or three per cent of each other on 1,000 images may well be equally good.",
        hint="Each image is right with probability p: a coin. The mean of n such coins has variance p (1 - p) / n.",
        mistakes=[
            (0.8 * 0.2 / 1000, "That is the variance. Take its square root."),
            (np.sqrt(0.8 * 0.2), "That is the spread of a single image. Divide by the square root of their number."),
            (np.sqrt(0.8 * 0.2 / 10000), "That is for 10,000 images."),
        ],
    )


def check_slow_units(share):
    """Which share of the units has a period of more than 28 steps, if periods are log-uniform between 1 and 400?

    >>> check_slow_units(372 / 399)
    Not yet. That would be uniform. Log-uniform spreads the logarithm evenly.
    """
    return check_number(
        share,
        right=np.log(400 / 28) / np.log(400),
        tolerance=2e-3,
        praise="So more than half of the units look at every row at least once, and the others remember across rows.",
        hint="The logarithm of the period is spread evenly between ln 1 and ln 400. Where is ln 28 on that line?",
        mistakes=[
            (372 / 399, "That would be uniform. Log-uniform spreads the logarithm evenly."),
            (np.log(28) / np.log(400), "Those are the fast ones, below 28."),
        ],
    )
