"""The options of each model: their defaults, and the values they can take."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """An option of a model: its default, and the values it can take."""

    default: Any
    expected: str
    accepts: Callable[[Any], bool]


def number(value):
    """Whether this is a finite number.

    >>> number(1), number(True), number(math.nan), number("1")
    (True, False, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_range(value):
    """Whether this is [low, high] with 0 < low < high."""
    return isinstance(value, list) and len(value) == 2 and all(map(number, value)) and 0 < value[0] < value[1]


def are_periods(value):
    """Whether this is a list of one or more numbers > 0, which may stand in any order.

    >>> are_periods([5.5]), are_periods([8.0, 2.0]), are_periods([]), are_periods([0.0]), are_periods(5.5)
    (True, True, False, False, False)
    """
    return isinstance(value, list) and len(value) > 0 and all(number(one) and one > 0 for one in value)


def one_of(default, names):
    """An option that is one of these names."""
    return Option(default, f"one of {', '.join(names)}", lambda value: value in names)


def one_of_or_periods(default, names):
    """An option that is one of these names, or a list of periods."""
    expected = f"one of {', '.join(names)}, or a list of periods > 0"
    return Option(default, expected, lambda value: are_periods(value) or (isinstance(value, str) and value in names))


def flag(default):
    """An option that is true or false."""
    return Option(default, "true or false", lambda value: isinstance(value, bool))


def count(default, low=1):
    """An integer option with a minimum."""
    return Option(default, f"an integer >= {low}", lambda value: type(value) is int and value >= low)


def not_negative(default):
    """An option that is a number of 0 or more."""
    return Option(default, "a number >= 0", lambda value: number(value) and value >= 0)
