"""Integrator: one unit that adds up its input while open and holds the sum while closed (the paper's figure 2b)."""

import numpy as np

from plstm import gate, reference
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import gate_curve, mark, number, panel, ticks_about_zero, uniform

STEPS = 201
SIGNALS = {"sine": "sine", "step": "step", "pulses": "pulses", "noise": "noise"}


def explore_integrator(**values):
    """One unit that integrates an input of your choice, with a time gate and without: watch c hold and move.

    Args:
        **values: where the controls start: signal, period, shift, ratio_on, forget.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, figure 2b; the steps are ``plstm.reference.lstm_step``.

    >>> import plstm
    >>> plstm.explore_integrator(signal="pulses").values["signal"]
    'pulses'
    """
    return LiveFigure(KIND, **values)


def signal_values(name, times):
    """The input signal of this name at integer times 0, 1, 2, ..."""
    if name == "sine":
        return np.sin(2 * np.pi * times / 80.0)
    if name == "step":
        return np.where(times >= 60, 0.5, 0.0)
    if name == "pulses":
        return np.where(times % 50 < 8, 1.0, 0.0)
    return 2.0 * uniform(7, len(times)) - 1.0


def scene(signal, period, shift, ratio_on, forget):
    """What the integrator shows at these values."""
    times = np.arange(STEPS)
    x = signal_values(signal, times)
    k = gate.time_gate(times, period, shift, ratio_on)
    # Input and output gates held open, the forget gate held at its value; only the candidate listens to x.
    weights = {
        "kernel": np.array([[0.0, 0.0, 0.5, 0.0]]),
        "recurrent_kernel": np.zeros((1, 4)),
        "bias": np.array([20.0, np.log(forget / (1.0 - forget)), 0.0, 20.0]),
    }
    phased, plain = (_cells(x, openness, weights) for openness in (k, np.ones(STEPS)))
    curve = gate_curve(period, shift, ratio_on, STEPS - 1)
    span = [0.0, STEPS - 1.0]
    low, high = min(phased.min(), plain.min(), 0.0), max(phased.max(), plain.max(), 0.1)
    room = 0.06 * (high - low)
    cells = [
        mark("line", "lstm", x=times, y=plain, dash=True, label="LSTM"),
        mark("line", "cell", x=times, y=phased, label="Phased LSTM"),
    ]
    panels = [
        panel("input x", span, [-1.1, 1.1], [mark("line", "ink", x=times, y=x, width=1.4)], 70, [-1.0, 0.0, 1.0]),
        panel("openness k", span, [0.0, 1.05], [mark("area", "openness", x=curve["t"], y=curve["k"])], 60, [0.0, 1.0]),
        panel("cell state c", span, [low - room, high + room], cells, 150, ticks_about_zero(low, high), "step t"),
    ]
    updates = int((k > 0).sum())
    sentence = (
        f"The gated unit moves in {updates} of {STEPS} steps and ends at c = {number(phased[-1])}; "
        f"the LSTM moves in every step and ends at c = {number(plain[-1])}."
    )
    return {"panels": panels, "sentence": sentence, "formula": []}


def _cells(x, openness, weights):
    h = c = np.zeros((1, 1))
    cells = []
    for now, k in zip(x, openness):
        h, c = reference.lstm_step(np.array([[now]]), h, c, k, **weights)
        cells.append(c[0, 0])
    return np.array(cells)


KIND = Kind(
    "integrator",
    "Integrator",
    [
        controls.Choice("signal", "input", "sine", SIGNALS),
        controls.period(25.0),
        controls.shift(),
        controls.ratio_on(0.3),
        controls.Slider("forget", "forget gate", 0.95, 0.5, 0.999, 0.001, symbol="f"),
    ],
    scene,
    {"steps": STEPS},
)
