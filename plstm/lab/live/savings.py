"""Savings calculator: what a step needs when only open units are computed, in multiply-adds and in measured time."""

from functools import partial
from math import log

from plstm.lab.bench import report
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import counted, mark, number, panel, percent


def explore_savings(**values):
    """Multiply-adds of one step at inference, of all units and of the open ones: 4 H (D + H) and r_on times that.

    Below them the time that an event takes in ``plstm.EventDriven``, as measured (``plstm bench infer``, the published
    ``infer_cpu``) at the sizes that come nearest.

    Args:
        **values: where the controls start: units, features, ratio_on, rate (steps a second).

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    >>> import plstm
    >>> print(plstm.explore_savings(units=512, features=64, ratio_on=0.05).scene["formula"][0][0])
    all units: 4 H (D + H) = 4 · 512 · (64 + 512) = 1,179,648
    """
    return LiveFigure(KIND, **values)


def nearest(values, wanted):
    """Which of some numbers has the ratio to ``wanted`` that is nearest to 1."""
    return min(values, key=lambda value: abs(log(value / wanted)))


def times():
    """Measured microseconds of an event: rows of features, units, ratio_on, open units alone, all units."""
    found = {}
    for row in report.published("infer_cpu")["rows"]:
        if "whole_sequence" in row:
            size = row["features"], row["units"], row["ratio_on"]
            found.setdefault(size, {})[row["contender"]] = round(1e6 * row["whole_sequence"], 2)
    return [[*size, took["event-driven"], took["event-driven-dense"]] for size, took in found.items()]


def scene(measured, units, features, ratio_on, rate):
    """What the savings calculator shows at these values; ``measured``: rows as from ``times``."""
    dense = 4 * units * (features + units)
    sparse = ratio_on * dense
    bars = mark(
        "bars",
        "ink",
        y=[float(dense), sparse],
        labels=[f"all units: {number(dense)}", f"open units alone, on average: {number(sparse)}"],
        colours=["lstm", "phased-lstm"],
    )
    near = [nearest([row[i] for row in measured], wanted) for i, wanted in enumerate((features, units, ratio_on))]
    fast, slow = next(row[3:] for row in measured if row[:3] == near)
    took = mark(
        "bars",
        "ink",
        y=[slow, fast],
        labels=[f"all units: {number(slow)} µs", f"open units alone: {number(fast)} µs"],
        colours=["lstm", "phased-lstm"],
    )
    where = f"D = {near[0]}, H = {near[1]}, r_on = {number(near[2])}"
    panels = [
        panel("multiply-adds a step", [0.0, float(dense)], [0.0, 1.0], [bars], 130, []),
        panel(f"time of a step, measured at {where}", [0.0, slow], [0.0, 1.0], [took], 130, []),
    ]
    exactly = near == [features, units, ratio_on]
    sentence = (
        f"{counted(units, 'unit')} with {counted(features, 'feature')} need {number(dense)} multiply-adds a step; the "
        f"open ones alone {number(sparse)}, which is {percent(ratio_on)}. At {counted(rate, 'step')} a second that is "
        f"{number(sparse * rate / 1e6)} instead of {number(dense * rate / 1e6)} million a second. "
        f"{'Measured at' if exactly else 'The nearest measurement, at'} {where}: {number(fast)} µs instead of "
        f"{number(slow)}, {number(slow / fast)} times faster."
    )
    h, d, r = number(units), number(features), f"{{ratio_on:{number(ratio_on)}}}"
    formula = [
        (f"all units: 4 H (D + H) = 4 · {h} · ({d} + {h}) = {number(dense)}", True),
        (f"open units: r_on · 4 H (D + H) = {r} · {number(dense)} = {number(sparse)}", True),
        (f"beside them, {h} phases a step to know who is open", True),
    ]
    return {"panels": panels, "sentence": sentence, "formula": formula}


MEASURED = times()
KIND = Kind(
    "savings",
    "Savings calculator",
    [
        controls.Slider("units", "units", 512, 8, 2048, log=True, integer=True, symbol="H"),
        controls.Slider("features", "features", 64, 1, 1024, log=True, integer=True, symbol="D"),
        controls.ratio_on(0.05),
        controls.Slider("rate", "rate", 1000.0, 1.0, 1e6, log=True, unit="/ s"),
    ],
    partial(scene, MEASURED),
    {"measured": MEASURED},
)
