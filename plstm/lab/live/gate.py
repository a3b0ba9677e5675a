"""Gate explorer: what period, shift, open share and leak do to the openness, its phase and its slopes."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

UNTIL = 100.0
SHAPES = {"triangle": "triangle (the paper)", "square": "square", "gaussian": "Gaussian"}


def explore_gate(
    *,
    period: float | None = None,
    shift: float | None = None,
    ratio_on: float | None = None,
    leak: float | None = None,
    t: float | None = None,
    shape: str | None = None,
) -> LiveFigure:
    """The time gate with its parameters on sliders: phase, openness and the slope of the openness by the period.

    Args:
        period: tau; from 2 to 100, default 20.
        shift: s; from -50 to 50, default 0.
        ratio_on: r_on, the open share of the period; from 0.01 to 1, default 0.2.
        leak: alpha, the slope of the closed gate; from 0 to 0.5, default 0.001.
        t: the time at which the figure names its values; from 0 to 100, default 23.
        shape: the form of the openness: "triangle", "square", "gaussian"; default "triangle".

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 6 and 7, figure 2a.

    >>> import plstm
    >>> plstm.explore_gate(period=10.0, t=0.5).scene["sentence"]
    'At t = 0.5 the gate is rising: phase 0.05, openness k = 0.5. It opens every 10 and stays open for 2.'
    """
    return LiveFigure(KIND, **starts(locals()))


KIND = Kind(
    "gate",
    "Gate explorer",
    [
        controls.period(20.0),
        controls.shift(),
        controls.ratio_on(0.2),
        controls.Slider("leak", "leak", 0.001, 0.0, 0.5, 0.001, symbol="α"),
        controls.Slider("t", "time", 23.0, 0.0, UNTIL, 0.5, symbol="t"),
        controls.Choice("shape", "shape", "triangle", SHAPES),
    ],
    {"until": UNTIL},
    cursor="t",
)
