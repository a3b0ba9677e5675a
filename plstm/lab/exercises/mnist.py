"""Checks of the exercises in *MNIST pixel by pixel*."""

import numpy as np

from plstm.lab.exercises.rule import number


@number(
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
def check_standard_error(error):
    """What is the standard error of a test accuracy of .8 measured on 1,000 images?

    >>> check_standard_error(0.00016)
    Not yet. That is the variance. Take its square root.
    """


@number(
    right=np.log(400 / 28) / np.log(400),
    tolerance=2e-3,
    praise="So more than half of the units look at every row at least once, and the others remember across rows.",
    hint="The logarithm of the period is spread evenly between ln 1 and ln 400. Where is ln 28 on that line?",
    mistakes=[
        (372 / 399, "That would be uniform. Log-uniform spreads the logarithm evenly."),
        (np.log(28) / np.log(400), "Those are the fast ones, below 28."),
    ],
)
def check_slow_units(share):
    """Which share of the units has a period of more than 28 steps, if periods are log-uniform between 1 and 400?

    >>> check_slow_units(372 / 399)
    Not yet. That would be uniform. Log-uniform spreads the logarithm evenly.
    """


@number(
    right=50 / np.sqrt(150),
    tolerance=0.02,
    praise="As accuracies of two separate samples the same numbers give 2.4. Compare models on the same images.",
    hint="Only 150 images tell the models apart. If both were equally good, each of these would be a toss of a coin.",
    mistakes=[
        (
            0.005 / np.sqrt((0.98 * 0.02 + 0.975 * 0.025) / 10_000),
            "That is for two separate samples of 10,000 images. These are the same images.",
        ),
        (50 / 150, "That is the difference as a share of the 150 images. How large is its standard error?"),
        (50 / 100, "Most of the 10,000 images say nothing: both models are right there, or neither is."),
        (50 / np.sqrt(150 / 4), "A toss that is +1 or -1 has the variance 1, not a quarter."),
    ],
)
def check_same_images(errors):
    """Of 10,000 images model A alone has 100 right and model B alone 50: how many standard errors is A ahead?

    >>> check_same_images(1 / 3)
    Not yet. That is the difference as a share of the 150 images. How large is its standard error?
    """
