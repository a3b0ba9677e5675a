"""Checks of the exercises in *Five per cent of the computes*."""

from plstm.lab.exercises.rule import number


@number(
    right=1 - 0.95**16,
    tolerance=2e-3,
    praise="More than half. So sequences with clocks of their own are better computed one by one.",
    hint="The unit is closed for one clock with probability .95. For all sixteen?",
    mistakes=[
        (
            0.8,
            "Sixteen times .05 counts overlaps twice. Compute the probability that all sixteen are closed.",
        ),
        (0.95**16, "That is the probability that it is closed for all."),
    ],
)
def check_any_open(probability):
    """What is the probability that a unit is open for at least one of 16 independent clocks at r_on = .05?

    >>> check_any_open(0.8)
    Not yet. Sixteen times .05 counts overlaps twice. Compute the probability that all sixteen are closed.
    """


@number(
    right=1 / (0.9 / 20 + 0.1),
    tolerance=2e-2,
    praise="Not even seven. The tenth that does not change takes most of the remaining time.",
    hint="If the event took 1 before, it takes .9 / 20 + .1 now.",
    mistakes=[
        (18.1, "Times add up, speed-ups do not. How long does each part take now?"),
        (0.145, "That is the new time. How many times does it fit into the old one?"),
    ],
)
def check_amdahl(times):
    """Nine tenths of the time become 20 times faster, one tenth stays. How many times faster is the whole?

    >>> check_amdahl(18.1)
    Not yet. Times add up, speed-ups do not. How long does each part take now?
    """


@number(
    right=0.3,
    tolerance=2e-3,
    praise="A saving ends where finding the open units, and reading scattered weights, costs what it saves.",
    hint="With the share r of the units open, a step takes 10 + 3 · 100 r microseconds. When is that 100?",
    mistakes=[
        (1 / 3, "That leaves out the 10 microseconds for finding the open units."),
        (0.9, "A multiply-add of a scattered unit takes three times as long."),
        (0.1, "That is the share of the search in the dense step. How much time is left for open units?"),
    ],
)
def check_break_even(share):
    """A dense step takes 100 us. Finding open units takes 10, and each open unit three times as long: which share pays?

    >>> check_break_even(1 / 3)
    Not yet. That leaves out the 10 microseconds for finding the open units.
    """
