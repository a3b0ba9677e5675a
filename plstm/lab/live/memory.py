"""Memory horizon: what is left of an input later, with a forget gate alone and with a time gate too."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

STEPS = 784
FLOOR = 1e-6


def explore_memory(
    *,
    forget: float | None = None,
    period: float | None = None,
    shift: float | None = None,
    ratio_on: float | None = None,
    written: int | None = None,
    t: int | None = None,
) -> LiveFigure:
    """What is left at t of an input of step t0: f^(t - t0) in an LSTM, with a time gate the product of 1 - k (1 - f).

    Args:
        forget: f, the value of the forget gate; from 0 to 1, default 0.95.
        period: tau; from 2 to 1000, default 100.
        shift: s; from -500 to 500, default 0.
        ratio_on: r_on; from 0.01 to 1, default 0.05.
        written: t0, the step of the input; from 0 to 784, default 0.
        t: the step at which the memory is read; from 0 to 784, default 784.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    Source: the cell update c = c' + k (f c' - c') of Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, section 2.2.

    >>> import plstm
    >>> plstm.explore_memory(forget=0.9).values["forget"]
    0.9
    """
    return LiveFigure(KIND, **starts(locals()))


KIND = Kind(
    "memory",
    "Memory horizon",
    [
        controls.Slider("forget", "forget gate", 0.95, 0.0, 1.0, 0.001, symbol="f"),
        controls.period(100.0, 2.0, 1000.0),
        controls.shift(0.0, -500.0, 500.0),
        controls.ratio_on(0.05),
        controls.Slider("written", "written at", 0, 0, STEPS, 1, integer=True, symbol="t₀"),
        controls.Slider("t", "looked up at", STEPS, 0, STEPS, 1, integer=True, symbol="t"),
    ],
    {"steps": STEPS, "floor": FLOOR},
    cursor="t",
)
