"""Checks of the exercises in *The cell*."""

import numpy as np

from plstm.lab.exercises.rule import number
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_function


@number(
    right=4448,
    tolerance=0.5,
    praise="The LSTM's, and a period, a shift and an open share for each unit.",
    hint="Start from the LSTM's 4,352. Which weights does each unit have in addition?",
    mistakes=[
        (4352, "That is the LSTM alone. What does the time gate of a unit learn?"),
        (4355, "Every unit has a rhythm of its own."),
        (4544, "Peepholes are optional, and off here."),
        (96, "Those are the rhythms. The LSTM inside has weights too."),
    ],
)
def check_phased_weights(number):
    """How many weights has a Phased LSTM with one input feature and 32 units, without peepholes?

    >>> check_phased_weights(4355)
    Not yet. Every unit has a rhythm of its own.
    """


@number(
    right=168,
    tolerance=0.5,
    praise="Six steps in each of 28 periods: phases 1/28 to 6/28.",
    hint="How many periods fit into 784 steps, and which phases of one period lie strictly inside the open window?",
    mistakes=[
        (196, "At the first step of each period the phase is 0, and there k is still 0."),
        (6, "That is one period."),
        (7, "That is one period, and at its first step k is still 0."),
    ],
)
def check_updates(number):
    """At how many of the steps t = 0, ..., 783 is a gate with period 28, shift 0 and ratio_on .25 open (k > 0)?

    >>> check_updates(196)
    Not yet. At the first step of each period the phase is 0, and there k is still 0.
    """


def check_phased(phased):
    """Does ``phased(step)`` turn any ``step(x, states) -> states`` into ``gated(x, states, k) -> states``?

    >>> check_phased(lambda step: lambda x, states, k: step(x, states))
    Not yet. With k = 0 the states must stay exactly as they were.
    """
    if (fault := not_function(phased)) is not None:
        return fault
    rng = np.random.default_rng(0)
    for names in (1, 2, 3):
        x, states = rng.normal(size=(4, 5)), [rng.normal(size=(4, 5)) for _ in range(names)]
        proposals = [np.sin(x + sum(states) + n) for n in range(names)]
        gated = phased(lambda x, states: [np.sin(x + sum(states) + n) for n in range(len(states))])
        if gated is None or (fault := not_function(gated)) is not None:
            return UNANSWERED if gated is None else fault
        for k, expected, hint in [
            (np.zeros(5), states, "With k = 0 the states must stay exactly as they were."),
            (np.ones(5), proposals, "With k = 1 the states must be the step's own."),
            (
                np.linspace(0, 1, 5),
                [s + np.linspace(0, 1, 5) * (p - s) for s, p in zip(states, proposals)],
                "In between, each state moves the share k of the way to the step's.",
            ),
        ]:
            given = gated(x, states, k)
            if given is None or given is ...:
                return UNANSWERED
            if len(given) != names:
                return Verdict(False, f"Expected {names} states back, got {len(given)}.")
            if np.allclose(given, proposals if not k.any() else states) and not np.allclose(given, expected):
                return Verdict(False, hint if not k.any() else f"{hint} Are the two shares swapped?")
            if not np.allclose(given, expected):
                return Verdict(False, f"{hint} Look at every state, not only the first.")
    return Verdict(True, "It gates a step with one, two or three states: an LSTM, a GRU, or anything else that steps.")


@number(
    right=0.9**3,
    tolerance=1e-3,
    praise="It forgets once per opening, so three times. The LSTM forgot three hundred times.",
    hint="The memory is multiplied by f at an open step and by 1 at a closed one. Count the open steps.",
    mistakes=[
        (0.9**300, "That is the LSTM, which forgets at every step. When does this unit forget?"),
        (0.9, "That is one opening. How many are there in 300 steps?"),
    ],
)
def check_left_after(share):
    """What is left of a memory after 300 steps, with f = .9, a period of 100 and one fully open step per opening?

    >>> check_left_after(0.9 ** 300)
    Not yet. That is the LSTM, which forgets at every step. When does this unit forget?
    """
