"""Savings calculator: the multiply-adds of a step when only open units are computed."""

from plstm.live import controls
from plstm.live.figure import Kind, LiveFigure
from plstm.live.scene import mark, number, panel, percent


def explore_savings(**values):
    """Multiply-adds of one step at inference, of all units and of the open ones: 4 H (D + H) and r_on times that.

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


def scene(units, features, ratio_on, rate):
    """What the savings calculator shows at these values."""
    dense = 4 * units * (features + units)
    sparse = ratio_on * dense
    bars = mark(
        "bars",
        "ink",
        y=[float(dense), sparse],
        labels=[f"all units: {number(dense)}", f"open units alone, on average: {number(sparse)}"],
        colours=["lstm", "phased-lstm"],
    )
    panels = [panel("multiply-adds a step", [0.0, float(dense)], [0.0, 1.0], [bars], 130, [])]
    sentence = (
        f"{units} units with {features} features need {number(dense)} multiply-adds a step; the open ones alone "
        f"{number(sparse)}, which is {percent(ratio_on)}. At {number(rate)} steps a second that is "
        f"{number(sparse * rate / 1e6)} instead of {number(dense * rate / 1e6)} million a second."
    )
    h, d, r = number(units), number(features), f"{{ratio_on:{number(ratio_on)}}}"
    formula = [
        (f"all units: 4 H (D + H) = 4 · {h} · ({d} + {h}) = {number(dense)}", True),
        (f"open units: r_on · 4 H (D + H) = {r} · {number(dense)} = {number(sparse)}", True),
        (f"beside them, {h} phases a step to know who is open", True),
    ]
    return {"panels": panels, "sentence": sentence, "formula": formula}


KIND = Kind(
    "savings",
    "Savings calculator",
    [
        controls.Slider("units", "units", 512, 8, 2048, log=True, integer=True, symbol="H"),
        controls.Slider("features", "features", 64, 1, 1024, log=True, integer=True, symbol="D"),
        controls.ratio_on(0.05),
        controls.Slider("rate", "rate", 1000.0, 1.0, 1e6, log=True, unit="/ s"),
    ],
    scene,
)
