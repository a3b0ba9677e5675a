"""A memory that is kept: what an LSTM and one unit of a Phased LSTM have left of an event, while time runs."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

STEPS = 500
PERIOD, SHIFT, RATIO_ON = 100.0, -60.0, 0.05


def explore_keeping(*, forget: float | None = None, t: int | None = None) -> LiveFigure:
    """What is left of an event: f^t in an LSTM, the product of 1 - k (1 - f) in a unit whose gate opens now and then.

    Args:
        forget: f, the value of both forget gates; from 0.9 to 1, default 0.975.
        t: steps since the event; from 0 to 500, default 500.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    Source: the cell update c = c' + k (f c' - c') of Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, section 2.2.

    >>> import plstm
    >>> plstm.explore_keeping(t=100).scene["sentence"]
    'After 100 steps the LSTM has 7.95 % of it left, the Phased LSTM 94.1 %: its gate was closed in 96 of them.'
    """
    return LiveFigure(KIND, **starts(locals()))


KIND = Kind(
    "keeping",
    "A memory that is kept",
    [
        controls.Slider("forget", "forget gate", 0.975, 0.9, 1.0, 0.001, symbol="f"),
        controls.Slider("t", "time", STEPS, 0, STEPS, 1, integer=True, symbol="t"),
    ],
    {"steps": STEPS, "period": PERIOD, "shift": SHIFT, "ratio_on": RATIO_ON},
    cursor="t",
)
