"""Right and wrong answers to the exercises of the book, with the hints for the wrong ones.

Answers that a page can judge are in ``answers.json``: [check, answers, right, hint]. JavaScript is tested with them.
"""

import json
from pathlib import Path

import numpy as np

from plstm.gate import phase

ON, OFF = [[20.0, 0.0, 0.0, 0.0]], [-10.0, 10.0, 10.0, 10.0]


def counter(kernel=ON, recurrent_kernel=((0.0,) * 4,), bias=OFF):
    return kernel, recurrent_kernel, bias


def slope(t, period, shift, ratio_on, sign=-1.0, factor=True, closed=0.0):
    phi = phase(t, period, shift)
    inside = sign * np.pi / ratio_on * np.sin(2 * np.pi * phi / ratio_on) / (period if factor else 1.0)
    return np.where(phi < ratio_on, inside, closed)


def blended(step):
    return lambda x, states, k: [old + k * (new - old) for old, new in zip(states, step(x, states))]


def swapped(step):
    return lambda x, states, k: [new + k * (old - new) for old, new in zip(states, step(x, states))]


def first_only(step):
    return lambda x, states, k: [*blended(step)(x, states, k)[:1], *step(x, states)[1:]]


def halved(step):
    return lambda x, states, k: [old + k / 2 * (new - old) for old, new in zip(states, step(x, states))]


def hold(row, held, indicator=lambda seen: seen, remember=True, extra=()):
    seen = ~np.isnan(row)
    held = np.where(seen, row, held)
    return np.concatenate([held, indicator(seen), *extra]), held if remember else np.zeros(2)


def split(series, rng, share=0.2):
    names = np.unique(series)
    return np.isin(series, rng.choice(names, round(share * len(names)), replace=False))


def tell(times, values, matched=True, constant=None):
    wave = np.exp(2j * np.pi * times / np.array([[5.0], [7.0]]))
    fits = np.abs((values * wave).sum(axis=1)) if matched else (values * wave.imag).sum(axis=1)
    return constant or (5.0, 7.0)[int(np.argmax(fits))]


def outcome(days, died):
    if died and days <= 1826:
        return 1
    return 0 if days >= 1826 else None


def drawn(colour, times, first=0, end=784):
    return np.roll(np.repeat(colour > 0, np.diff(np.append(times, end))), first)


SHARED = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))
RIGHT = [
    *((name, answer) for name, answer, right, _ in SHARED if right),
    ("check_kept_product", (lambda k, f: np.cumprod(1 - k * (1 - f)),)),
    ("check_lstm_weights", (np.int64(4352),)),
    ("check_counter", counter()),
    ("check_visible_changes", ({"(c)", "B"},)),
    ("check_cosine_slope", (slope,)),
    ("check_phased", (blended,)),
    ("check_twin_times", (np.array([9.6, 12.0, 14.4]),)),
    ("check_tell_apart", (tell,)),
    ("check_quadrature", (np.array([10.0, 7.0, 4.0, 1.0]),)),
    ("check_drawn", (drawn,)),
    ("check_drawn", (lambda colour, times: drawn(colour, times).reshape(28, 28).astype(int),)),
    ("check_hold", (hold,)),
    ("check_split", (split,)),
    ("check_outcome", (outcome,)),
    (
        "check_outcome",
        (lambda days, died: np.bool_(died) if days <= 1826 and died else False if days >= 1826 else None,),
    ),
]
WRONG = [
    *((name, answer, hint) for name, answer, right, hint in SHARED if not right),
    ("check_kept_product", (lambda k, f: np.cumprod(k * f),), "closed step must keep"),
    ("check_kept_product", (lambda k, f: np.prod(1 - k + k * f),), "np.cumprod"),
    ("check_kept_product", (lambda k, f: np.ones(3),), "shape"),
    ("check_kept_product", (lambda k, f: 1 - k + k * f,), "Those are the factors"),
    ("check_kept_product", (lambda k, f: np.cumprod(np.where(k > 0, f, 1.0)),), "half open"),
    ("check_kept_product", (lambda k, f: np.cumprod(f),), "Each step multiplies"),
    ("check_hold", (lambda row, held: row,), "Expected two return values|2 values and 2 indicators"),
    ("check_hold", (lambda row, held: hold(row, held, extra=([1.0],)),), "got 5 numbers"),
    ("check_hold", (lambda row, held: hold(row, held, np.logical_not),), "swapped"),
    ("check_hold", (lambda row, held: hold(row, held, np.ones_like),), "where this row has a value"),
    ("check_hold", (lambda row, held: hold(row, held, remember=False),), "became 0"),
    ("check_hold", (lambda row, held: hold(row, held + 1),), "Some values are not the last"),
    ("check_hold", (lambda row, held: 3,), "Expected two return values"),
    ("check_split", (lambda series, rng: series[:3] == "a",), r"one for each row, got bool \(3,\)"),
    ("check_split", (lambda series, rng: split(series, rng, 0.5),), "got 25"),
    ("check_split", (lambda series, rng: split(series, np.random.default_rng(3)),), "Two draws"),
    ("check_outcome", (lambda days, died: int(died),), "2,000 days, died: that is after"),
    ("check_outcome", (lambda days, died: int(died and days <= 1826),), "700 days, alive: nobody knows"),
    ("check_outcome", (lambda days, died: None if days < 1826 else outcome(days, died),), "700 days, died: that is a"),
    ("check_outcome", (lambda days, died: None if died and days > 1826 else outcome(days, died),), "2,000 days, died"),
    ("check_outcome", (lambda days, died: outcome(days + 1, died),), "1,826 days, died: the last day counts"),
    ("check_outcome", (lambda days, died: "alive",), "Expected 1, 0 or None, got 'alive'"),
    ("check_lstm_weights", ("many",), "Expected a number, got 'many'"),
    ("check_counter", counter(kernel=[[0.0] * 4]), "Does it write at a one?"),
    ("check_counter", counter(bias=[10.0] * 4), "write nothing at a zero"),
    ("check_counter", counter(bias=[-10.0, -10.0, 10.0, 10.0]), "keep its content"),
    ("check_counter", counter(bias=[-10.0, 10.0, 0.5, 10.0]), "close to 1"),
    ("check_counter", counter(kernel=[20.0, 0.0, 0.0, 0.0]), r"Expected kernel of shape \(1, 4\), got \(4,\)"),
    ("check_cosine_slope", (lambda *args: slope(*args, sign=1.0),), "sign"),
    ("check_cosine_slope", (lambda *args: slope(*args, factor=False),), "factor is missing"),
    ("check_cosine_slope", (lambda *args: slope(*args, closed=0.1),), "when it is closed"),
    ("check_cosine_slope", (lambda *args: 2 * slope(*args),), "disagrees"),
    ("check_cosine_slope", (lambda t, *args: 0.0 * t,), "should not be zero"),
    ("check_cosine_slope", (lambda *args: 1.0,), r"shape \(400,\), got \(\)"),
    ("check_phased", (lambda step: lambda x, states, k: step(x, states),), "With k = 0"),
    ("check_phased", (lambda step: lambda x, states, k: states,), "With k = 1"),
    ("check_phased", (swapped,), "With k = 0"),
    ("check_phased", (first_only,), "every state"),
    ("check_phased", (halved,), "With k = 1"),
    ("check_phased", (lambda step: lambda x, states, k: [],), "Expected 1 states back, got 0"),
    ("check_tell_apart", (lambda times, values: tell(times, values, constant=5.0),), "look at the times"),
    ("check_tell_apart", (lambda times, values: 12.0 - tell(times, values),), "swapped"),
    ("check_tell_apart", (lambda times, values: tell(times, values, matched=False),), "unknown phase"),
    ("check_drawn", (lambda colour, times: ~drawn(colour, times),), "swapped"),
    ("check_drawn", (lambda colour, times: drawn(colour, times, first=1),), "One pixel off"),
    ("check_drawn", (lambda colour, times: drawn(colour, times, end=times[-1]),), "Expected 784 pixels, got"),
    ("check_drawn", (lambda colour, times: np.zeros(784),), "from its own time"),
]
