"""Gate explorer: what period, shift, open share and leak do to the openness, its phase and its slopes."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure

UNTIL = 100.0
SHAPES = {"triangle": "triangle (the paper)", "square": "square", "gaussian": "Gaussian"}


def explore_gate(**values):
    """The time gate with its parameters on sliders: phase, openness and the slope of the openness by the period.

    Args:
        **values: where the controls start: period, shift, ratio_on, leak, shape, t.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 6 and 7, figure 2a.

    >>> import plstm
    >>> plstm.explore_gate(period=10.0, t=0.5).scene["sentence"]
    'At t = 0.5 the gate is rising: phase 0.05, openness k = 0.5. It opens every 10 and stays open for 2.'
    """
    return LiveFigure(KIND, **values)


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
