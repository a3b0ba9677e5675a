"""The controls of a live figure: what each value may be. Python checks it, and the page shows it."""

import math
from dataclasses import asdict, dataclass

from plstm.lab.palette import SYMBOLS


@dataclass(frozen=True)
class Slider:
    """A number between two ends. ``log``: equal ratios are equally far apart; ``integer``: whole numbers only."""

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float = 0.0
    log: bool = False
    unit: str = ""
    integer: bool = False
    quantity: str = ""
    symbol: str = ""

    def check(self, value):
        """``value`` as a number of this slider, or a ValueError."""
        ok = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not ok or not self.low <= value <= self.high or self.integer and value != int(value):
            kind = "a whole number" if self.integer else "a number"
            raise ValueError(f"expected {self.name} to be {kind} from {self.low:g} to {self.high:g}, got {value!r}")
        return int(value) if self.integer else float(value)

    def spec(self):
        """What the page needs to know, as JSON data."""
        return {**asdict(self), "kind": "slider", "symbol": self.symbol or SYMBOLS.get(self.quantity, "")}


@dataclass(frozen=True)
class Choice:
    """One of a few named options: ``options`` maps the value to the words shown."""

    name: str
    label: str
    default: str
    options: dict

    def check(self, value):
        """``value`` if it is one of the options, or a ValueError."""
        if value not in self.options:
            raise ValueError(f"expected {self.name} to be one of {', '.join(map(str, self.options))}, got {value!r}")
        return value

    def spec(self):
        """What the page needs to know, as JSON data."""
        return {**asdict(self), "kind": "choice"}


@dataclass(frozen=True)
class Text:
    """A value that the figure shows in a way of its own, such as a drawing, kept as text."""

    name: str
    default: str = ""

    def check(self, value):
        """``value`` if it is text, or a ValueError."""
        if not isinstance(value, str):
            raise ValueError(f"expected {self.name} to be text, got {value!r}")
        return value

    def spec(self):
        """What the page needs to know, as JSON data."""
        return {**asdict(self), "kind": "text"}


def period(default, low=2.0, high=100.0, name="period", label="period", unit="", symbol=""):
    """A slider for a period, logarithmic as periods are drawn."""
    return Slider(name, label, default, low, high, log=True, unit=unit, quantity="period", symbol=symbol)


def ratio_on(default, low=0.01):
    """A slider for the open share of the period."""
    return Slider("ratio_on", "open share", default, low, 1.0, log=True, quantity="ratio_on")


def shift(default=0.0, low=-50.0, high=50.0):
    """A slider for the shift."""
    return Slider("shift", "shift", default, low, high, 0.5, quantity="shift")
