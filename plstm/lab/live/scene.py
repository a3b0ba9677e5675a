"""What a live figure shows, as plain data: panels of marks, a sentence and a formula.

A figure is a function from the values of its controls to a scene. It is written twice, in Python and in JavaScript, and
the tests hold the two scenes equal number by number; how a scene looks is the affair of ``draw.py`` and ``plot.mjs``.
"""

import numpy as np

from plstm.gate import bump

# Shapes whose slope jumps at the peak, where a point has two.
KINKED = ("triangle", "square")


def panel(title, x, y, marks, height=90, yticks=None, xlabel="", log=False):
    """One coordinate system. ``x``, ``y``: [low, high]; ``height`` in CSS pixels; ``log``: a logarithmic y axis."""
    return {
        "title": title,
        "x": list(x),
        "y": list(y),
        "marks": marks,
        "height": height,
        "yticks": list(y) if yticks is None else yticks,
        "xlabel": xlabel,
        "log": log,
    }


def mark(kind, colour, **parts):
    """One thing drawn in a panel. ``colour``: a quantity of the palette, or ``"ink"`` for the colour of the text.

    kinds: line and area (x, y; NaN leaves a gap), points (x, y), band (over: y as [low, high]),
    rows (runs: [row, x0, x1] of dark cells), bars (y: one value a row, labels), columns (x, y, width),
    cells (x, y, opacity: squares of side 1).
    ``label`` puts a mark into the panel's key; ``dash`` breaks a line.
    """
    return {"kind": kind, "colour": colour, **parts}


def number(value):
    """A number for people: three significant digits, whole and in groups from 1000 on, a true minus sign.

    >>> number(1179648), number(-0.01234), number(20.0), number(-1e-17)
    ('1,179,648', '−0.0123', '20', '0')
    """
    rounded = float(f"{value * (1 + 1e-12):{'.0f' if abs(value) >= 1000 else '.3g'}}")
    text = f"{abs(rounded):,.12f}".rstrip("0").rstrip(".")
    return f"−{text}" if rounded < 0 and text != "0" else text


def percent(share):
    """A share of 1 for people.

    >>> percent(0.05)
    '5 %'
    """
    return f"{number(100 * share)} %"


def counted(count, noun):
    """A number with its noun in the right number.

    >>> counted(1, "step"), counted(1.5, "step")
    ('1 step', '1.5 steps')
    """
    text = number(count)
    return f"{text} {noun}" if text == "1" else f"{text} {noun}s"


def ticks_about_zero(low, high):
    """Zero, and the largest of 1, 2 and 5 times a power of ten that fits, on either side where it fits.

    >>> ticks_about_zero(-0.4, 3.0)
    [0.0, 2.0]
    """
    reach = max(-low, high)
    power = 10.0 ** int(np.floor(np.log10(reach)))
    tick = max(factor for factor in (1.0, 2.0, 5.0) if factor * power <= reach) * power
    return [value for value in (-tick, 0.0, tick) if low <= value <= high]


def uniform(seed, count):
    """``count`` uniform numbers in [0, 1), the same in Python and in the browser: the generator mulberry32.

    >>> uniform(1, 2)
    array([0.62707394, 0.00273572])
    """
    whole = 0xFFFFFFFF
    state = seed & whole
    drawn = []
    for _ in range(count):
        state = (state + 0x6D2B79F5) & whole
        z = ((state ^ (state >> 15)) * (state | 1)) & whole
        z ^= (z + (((z ^ (z >> 7)) * (z | 61)) & whole)) & whole
        drawn.append((z ^ (z >> 14)) / 2**32)
    return np.array(drawn)


def bump_slope(part, shape):
    """d b / d u of ``plstm.gate.bump``; the square borrows the triangle's, as in training.

    >>> bump_slope(np.array([0.25, 0.75]), "square")
    array([ 2., -2.])
    """
    if shape == "gaussian":
        return -36.0 * (part - 0.5) * bump(part, shape)
    return np.where(part < 0.5, 2.0, -2.0)


def gate_curve(period, shift, ratio_on, until, leak=0.0, shape="triangle"):
    """The gate over [0, until] as polylines exact at every kink: a dict of t, phase, k and slope (d k / d period).

    Every period ends with a NaN, so that no line is drawn through the jump of the phase.
    """
    parts = np.concatenate([np.linspace(0.0, 0.5, 9), np.linspace(0.5, 1.0, 9)])
    rising = np.repeat([2.0, -2.0], 9)
    by_part = rising if shape in KINKED else bump_slope(parts, shape)
    phases = np.concatenate([parts * ratio_on, [ratio_on, 1.0]])
    k = np.concatenate([bump(parts, shape), [leak * ratio_on, leak]])
    slope = np.concatenate([by_part / ratio_on, [leak, leak]])
    numbers = np.arange(np.floor(-shift / period), np.ceil((until - shift) / period))[:, None]

    def with_gaps(values, gap):
        values = np.broadcast_to(values, (len(numbers), len(phases)))
        return np.concatenate([values, np.broadcast_to(gap, (len(numbers), 1))], axis=1).ravel()

    return {
        "t": with_gaps(shift + (numbers + phases) * period, shift + (numbers + 1) * period),
        "phase": with_gaps(phases, np.nan),
        "k": with_gaps(k, np.nan),
        "slope": with_gaps(-slope * (numbers + phases) / period, np.nan),
    }


def held(times, values, until):
    """Values that stay until the next time: the corners of the staircase, as (times, values)."""
    ends = np.append(times[1:], until)
    return np.stack([times, ends], axis=1).ravel(), np.repeat(values, 2)
