"""Checks of the exercises in *Speed and scale*."""

from plstm.lab.exercises.rule import number


@number(
    right=200,
    tolerance=1.5,
    praise="Two hundred rather than ten thousand: twice the square root.",
    hint="How many segments are there, and how many steps does the current one have?",
    mistakes=[
        (
            10_000,
            "That is every one of them. Only the first of each segment is kept, and those of the current segment.",
        ),
        (100, "One before each segment. But the current segment needs its own, too."),
    ],
)
def check_kept_states(states):
    """How many states are kept for 10,000 steps in segments of 100?

    >>> check_kept_states(10_000)
    Not yet. That is every one of them. Only the first of each segment is kept, and those of the current segment.
    """


@number(
    right=64 * 4 * 256 * 384,
    tolerance=1.0,
    praise="Twenty-five million in each step: here the products take most of the time, in every library.",
    hint="Four gates for each unit; each reads the features and all outputs; for every sample.",
    mistakes=[
        (4 * 256 * 384, "That is for one sample."),
        (64 * 256 * 384, "Each unit has four gates."),
        (64 * 4 * 256 * 128, "The gates read the outputs h, too."),
    ],
)
def check_products(multiply_adds):
    """How many multiply-adds are in the products of an LSTM step for 64 samples, 128 features, 256 units?

    >>> check_products(4 * 256 * 384)
    Not yet. That is for one sample.
    """


@number(
    right=4 / 3,
    tolerance=1e-2,
    praise="A third more time, for memory that hardly grows.",
    hint="Before: 1 + 2. Now: 1 + 1 + 2.",
    mistakes=[
        (2, "Only the forward pass runs twice, not the backward one."),
        (1 / 3, "That is the additional part. The factor is the new time divided by the old one."),
    ],
)
def check_recomputation(factor):
    """Forward takes 1, backward 2; with checkpoints forward runs twice. How much longer is a step?

    >>> check_recomputation(2)
    Not yet. Only the forward pass runs twice, not the backward one.
    """
