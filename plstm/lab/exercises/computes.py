"""Checks of the exercises in *Five per cent of the computes*."""

from plstm.lab.exercises.verdict import check_number


def check_sparse_step(multiply_adds):
    """How many multiply-adds does a step of 256 units with 10 features need on average at r_on = .05?

    >>> check_sparse_step(4 * 256 * 266)
    Not yet. That is every unit. Only a share r_on of them is open.
    """
    return check_number(
        multiply_adds,
        right=0.05 * 4 * 256 * 266,
        tolerance=1.0,
        praise="About 13 units of 256, each with its four gates.",
        hint="An open unit has four gates, and each reads 10 inputs and 256 outputs.",
        mistakes=[
            (4 * 256 * 266, "That is every unit. Only a share r_on of them is open."),
            (0.05 * 256 * 266, "Each unit has four gates."),
            (0.05 * 4 * 256 * 256, "The gates read the 10 inputs, too."),
        ],
    )


def check_any_open(probability):
    """What is the probability that a unit is open for at least one of 16 independent clocks at r_on = .05?

    >>> check_any_open(0.8)
    Not yet. Sixteen times .05 counts overlaps twice. Compute the probability that all sixteen are closed.
    """
    return check_number(
        probability,
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


def check_amdahl(times):
    """Nine tenths of the time become 20 times faster, one tenth stays. How many times faster is the whole?

    >>> check_amdahl(18.1)
    Not yet. Times add up, speed-ups do not. How long does each part take now?
    """
    return check_number(
        times,
        right=1 / (0.9 / 20 + 0.1),
        tolerance=2e-2,
        praise="Not even seven. The tenth that does not change takes most of the remaining time.",
        hint="If the event took 1 before, it takes .9 / 20 + .1 now.",
        mistakes=[
            (18.1, "Times add up, speed-ups do not. How long does each part take now?"),
            (0.145, "That is the new time. How many times does it fit into the old one?"),
        ],
    )
