"""Savings calculator: what a step needs when only open units are computed, in multiply-adds and in measured time."""

from plstm.lab.bench import report
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts


def explore_savings(
    *,
    units: int | None = None,
    features: int | None = None,
    ratio_on: float | None = None,
    rate: float | None = None,
) -> LiveFigure:
    """Multiply-adds of one step at inference, of all units and of the open ones: 4 H (D + H) and r_on times that.

    Below them the time that an event takes in ``plstm.EventDriven``, as measured (``plstm bench infer``, the published
    ``infer_cpu``) at the sizes that come nearest.

    Args:
        units: H; from 8 to 2048, default 512.
        features: D; from 1 to 1024, default 64.
        ratio_on: r_on; from 0.01 to 1, default 0.05.
        rate: steps a second; from 1 to 1e+06, default 1000.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    >>> import plstm
    >>> print(plstm.explore_savings(units=512, features=64, ratio_on=0.05).scene["formula"][0][0])
    all units: 4 H (D + H) = 4 · 512 · (64 + 512) = 1,179,648
    """
    return LiveFigure(KIND, **starts(locals()))


def times():
    """Measured microseconds of an event: rows of features, units, ratio_on, open units alone, all units."""
    found = {}
    for row in report.published("infer_cpu")["rows"]:
        if "whole_sequence" in row:
            size = row["features"], row["units"], row["ratio_on"]
            found.setdefault(size, {})[row["contender"]] = round(1e6 * row["whole_sequence"], 2)
    return [[*size, took["event-driven"], took["event-driven-dense"]] for size, took in found.items()]


KIND = Kind(
    "savings",
    "Savings calculator",
    [
        controls.Slider("units", "units", 512, 8, 2048, log=True, integer=True, symbol="H"),
        controls.Slider("features", "features", 64, 1, 1024, log=True, integer=True, symbol="D"),
        controls.ratio_on(0.05),
        controls.Slider("rate", "rate", 1000.0, 1.0, 1e6, log=True, unit="/ s"),
    ],
    {"measured": times()},
)
