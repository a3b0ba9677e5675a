"""Integrator: one unit that adds up its input while open and holds the sum while closed (the paper's figure 2b)."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure

STEPS = 201
SIGNALS = {"sine": "sine", "step": "step", "pulses": "pulses", "noise": "noise", "own": "drawn by you"}


def explore_integrator(**values):
    """One unit that integrates an input of your choice, with a time gate and without: watch c hold and move.

    Args:
        **values: where the controls start: signal, period, shift, ratio_on, forget, drawn (the curve of the signal
            "own", a letter for every few steps as a link has it).

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, figure 2b; the steps are ``plstm.reference.lstm_step``.

    >>> import plstm
    >>> plstm.explore_integrator(signal="pulses").values["signal"]
    'pulses'
    """
    return LiveFigure(KIND, **values)


KIND = Kind(
    "integrator",
    "Integrator",
    [
        controls.Choice("signal", "input", "sine", SIGNALS),
        controls.period(25.0),
        controls.shift(),
        controls.ratio_on(0.3),
        controls.Slider("forget", "forget gate", 0.95, 0.5, 0.999, 0.001, symbol="f"),
        controls.Text("drawn"),
    ],
    {"steps": STEPS},
)
