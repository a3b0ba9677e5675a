"""Checks of the exercises in *The LSTM in thirty lines*."""

import numpy as np

from plstm import reference
from plstm.lab.exercises.rule import Case, computed, number, numbers
from plstm.lab.exercises.verdict import UNANSWERED, Verdict, not_numbers


@number(
    right=4352,
    tolerance=0.5,
    praise="Four sums, each with a weight from every input, from every unit, and a bias.",
    hint="Each of the four sums has, for each unit, a weight from every input, from every unit, and one bias.",
    mistakes=[
        (1088, "That is one of the four sums. The proposal and each of the three gates have their own weights."),
        (4224, "The biases are missing: four for each unit."),
        (4480, "That is with two biases for each sum, as in PyTorch. Keras has one."),
        (3264, "Three gates, and the proposal makes four sums."),
    ],
)
def check_lstm_weights(number):
    """How many weights does an LSTM with one input feature and 32 units have?

    >>> check_lstm_weights(1088)
    Not yet. That is one of the four sums. The proposal and each of the three gates have their own weights.
    """


_KEEP = 0.5 ** (1 / 784)
_BIAS = np.log(_KEEP / (1 - _KEEP))


@numbers(
    Case((_BIAS,), 0.02, "The sigmoid must be pushed that far up before 784 steps leave half.", right=True),
    Case((-_BIAS,), 0.02, "The sign: with this bias the gate erases."),
    Case((_KEEP,), 5e-4, "That is the gate f. The question asks for the bias: where does the sigmoid take this value?"),
    hint="First find the f whose 784th power is one half.",
)
def check_forget_bias(bias):
    """With which bias of the forget gate does half of a memory survive 784 steps?

    >>> check_forget_bias(1.0)
    Not yet. First find the f whose 784th power is one half.
    """


def check_counter(kernel, recurrent_kernel, bias):
    """Does a one-unit LSTM with these weights count the ones of a sequence in its cell state?

    >>> check_counter(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    Not yet. After a sequence with 20 ones your cell holds 0.00. Does it write at a one?
    """
    if (fault := not_numbers(kernel, recurrent_kernel, bias)) is not None:
        return fault
    arrays = {"kernel": kernel, "recurrent_kernel": recurrent_kernel, "bias": bias}
    arrays = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    shapes = {"kernel": (1, 4), "recurrent_kernel": (1, 4), "bias": (4,)}
    for name, shape in shapes.items():
        if np.shape(arrays[name]) != shape:
            return Verdict(False, f"Expected {name} of shape {shape}, got {np.shape(arrays[name])}.")
    ones = np.random.default_rng(0).integers(0, 2, 50)
    ones[-20:] = 0
    _, state = reference.run("lstm", ones[None, :, None], np.ones((50, 1)), arrays)
    count, held = ones.sum(), state[1][0, 0]
    if abs(held - count) <= 0.05 * count:
        return Verdict(True, f"After a sequence with {count} ones the cell holds {held:.2f}.")
    if abs(held) < 0.5:
        last = "Does it write at a one?" if not np.any(kernel) else "Does it keep its content when zeros follow?"
    elif held > count:
        last = "Does it write nothing at a zero?"
    else:
        last = "Does it keep everything, and does it write a number close to 1?"
    return Verdict(False, f"After a sequence with {count} ones your cell holds {held:.2f}. {last}")


@computed("letters")
def check_visible_changes(letters):
    """Which changes of a series of readings can an LSTM see?

    >>> check_visible_changes({"a", "b", "c"})
    Not yet. About (a): write down the list of values before and after. Is there any difference?
    """
    if letters is ... or (isinstance(letters, (set, list, tuple)) and ... in letters):
        return UNANSWERED
    if not isinstance(letters, (set, list, tuple, str)):
        return Verdict(False, f"Expected a set of letters, got {letters!r}.")
    given = {str(letter).strip(" ()").lower() for letter in letters}
    for letter in "abcd":
        if (letter in given) != (letter in "bc"):
            return Verdict(
                False, f"About ({letter}): write down the list of values before and after. Is there any difference?"
            )
    return Verdict(True, "The network gets a list of values. It cannot see a change that leaves the list the same.")
