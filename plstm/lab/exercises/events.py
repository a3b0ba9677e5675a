"""Checks of the exercises in *Events*."""

import math

import numpy as np

from plstm.lab.exercises.rule import Case, number, numbers
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function

# Test lines of 784 black and white pixels: ink in the middle, up to the end, and from the start.
_DRAWINGS = [((100, 130), (131, 140)), ((700, 784),), ((0, 5), (300, 301))]


def check_drawn(function):
    """Does ``function(colour, times)`` draw all 784 pixels, True for ink, from the events of the scan?

    >>> check_drawn(lambda colour, times: np.repeat(colour > 0, np.diff(np.append(times, 784))))
    Right. Nothing of the black and white digit was lost: the times are the picture.
    """
    if (fault := not_function(function)) is not None:
        return fault
    for strokes in _DRAWINGS:
        ink = np.zeros(784, bool)
        for begin, end in strokes:
            ink[begin:end] = True
        times = np.flatnonzero(np.diff(ink, prepend=~ink[:1]))
        drawn = function(np.where(ink[times], 1, -1), times)
        if drawn is ...:
            return UNANSWERED
        drawn = np.ravel(drawn)
        if drawn.shape != ink.shape:
            return Verdict(False, f"Expected 784 pixels, got {drawn.size}. The last run goes on to the end.")
        drawn = drawn.astype(bool)
        if np.array_equal(drawn, ~ink):
            return Verdict(False, "Ink and paper are swapped.")
        if np.array_equal(drawn, np.roll(ink, 1)) or np.array_equal(drawn, np.roll(ink, -1)):
            return Verdict(False, "One pixel off: the time is the index of the first pixel of the run.")
        if not np.array_equal(drawn, ink):
            return Verdict(False, "A colour holds from its own time up to the time of the next event.")
    return Verdict(True, "Nothing of the black and white digit was lost: the times are the picture.")


@number(
    right=28 * 28 - 27,
    tolerance=0.5,
    praise="Hardly a pixel is saved. Events are cheap where little changes, and only there.",
    hint="Within a row every pixel begins a run. What happens between two rows?",
    mistakes=[
        (784, "Where one row ends and the next begins, the colour does not change."),
        (28 * 28 - 28, "The first row has no row before it."),
        (56, "Two in each row? Within a row the colour changes at every pixel."),
    ],
)
def check_chessboard(count):
    """How many events do the runs of a 28 by 28 chessboard make, whose squares are single pixels?

    >>> check_chessboard(784)
    Not yet. Where one row ends and the next begins, the colour does not change.
    """


@number(
    right=math.floor(math.log(11) / 0.3),
    tolerance=2e-3,
    praise="Each event says that the light is 1.35 times what it was at the last one.",
    hint="How often does 0.3 fit into the change of the logarithm?",
    mistakes=[
        (8, "The eighth threshold is not quite reached, and a smaller change sends no event."),
        (math.log(11) / 0.3, "A pixel sends whole events."),
        (3, "That is the change of the light itself. The pixel looks at its logarithm."),
    ],
)
def check_thresholds(count):
    """How many events does a pixel send whose light rises from .1 to 1.1, at a threshold of .3 in its logarithm?

    >>> check_thresholds(8)
    Not yet. The eighth threshold is not quite reached, and a smaller change sends no event.
    """


@numbers(
    Case(
        (1000, 300_000),
        (0.001, 0.1),
        "A period has the unit of the times. Nothing else in the layer depends on it.",
        right=True,
    ),
    Case((1, 300), 1e-6, "Those are milliseconds. Most periods would be shorter than the time between two events."),
    Case((0.001, 0.3), 1e-6, "A microsecond is shorter, so there are more of them."),
    hint="A millisecond is 1,000 microseconds.",
)
def check_microseconds(low, high):
    """What is the range of periods from 1 to 300 milliseconds, in microseconds?

    >>> check_microseconds(1.0, 300.0)
    Not yet. Those are milliseconds. Most periods would be shorter than the time between two events.
    """
