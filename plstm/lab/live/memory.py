"""Memory horizon: what is left of an input later, with a forget gate alone and with a time gate too."""

import numpy as np

from plstm import gate
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import counted, gate_curve, mark, number, panel, percent

STEPS = 784
FLOOR = 1e-6


def explore_memory(**values):
    """What is left at t of an input of step t0: f^(t - t0) in an LSTM, with a time gate the product of 1 - k (1 - f).

    Args:
        **values: where the controls start: forget, period, shift, ratio_on, written (t0), t.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: the cell update c = c' + k (f c' - c') of Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, section 2.2.

    >>> import plstm
    >>> plstm.explore_memory(forget=0.9).values["forget"]
    0.9
    """
    return LiveFigure(KIND, **values)


def scene(forget, period, shift, ratio_on, written, t):
    """What the memory horizon shows at these values."""
    t = max(t, written)
    times = np.arange(STEPS + 1)
    k = gate.time_gate(times, period, shift, ratio_on)
    k[: written + 1] = 0.0  # what a step writes, the steps after it forget
    phased = np.cumprod(1.0 - k * (1.0 - forget))
    plain = forget ** np.maximum(times - written, 0).astype(float)
    curve = gate_curve(period, shift, ratio_on, STEPS)
    span = [0.0, float(STEPS)]
    shares = [("LSTM", "lstm", plain, True), ("Phased LSTM", "phased-lstm", phased, False)]
    lines = [
        mark("line", colour, x=times, y=_seen(values, times, written), dash=dash, label=name)
        for name, colour, values, dash in shares
    ]
    here = [
        mark("points", colour, x=[t], y=[values[t]], size=7) for _, colour, values, _ in shares if values[t] >= FLOOR
    ]
    cursor = mark("line", "ink", x=[t, t], width=1)
    openness = [mark("area", "openness", x=curve["t"], y=curve["k"]), {**cursor, "y": [0.0, 1.05]}]
    panels = [
        panel("openness k", span, [0.0, 1.05], openness, 60, [0.0, 1.0]),
        panel(
            f"share left of what was written at t₀ = {written}",
            span,
            [FLOOR, 1.0],
            [*lines, {**cursor, "y": [FLOOR, 1.0]}, *here],
            190,
            [1.0, 0.01, 1e-4, FLOOR],
            "step t",
            True,
        ),
    ]
    sentence = (
        f"At t = {t} the LSTM still has {_left(plain[t])} of what was written at t₀ = {written}, "
        f"the Phased LSTM {_left(phased[t])}. "
        f"The LSTM {_half(plain, written)}; the Phased LSTM {_half(phased, written)}."
    )
    return {"panels": panels, "sentence": sentence, "formula": _formula(forget, k[written + 1 : t + 1])}


def _seen(values, times, written):
    """The values from the writing on, as long as the axis reaches that far down."""
    return np.where((times >= written) & (values >= FLOOR), values, np.nan)


def _left(share):
    return percent(share) if share >= FLOOR else "less than a millionth"


def _half(values, written):
    if values[-1] > 0.5:
        return f"has not lost half by t = {STEPS}"
    return f"has lost half after {counted(int(np.argmax(values <= 0.5)) - written, 'step')}"


def _formula(forget, k):
    still = int((k < 1e-9).sum())  # at the end of a window rounding leaves less than that
    return [
        (f"LSTM: c = f · c′ = {number(forget)} · c′ in every step", True),
        (f"Phased LSTM: c = (1 − k (1 − f)) · c′, which is 1 · c′ in {still} of {counted(len(k), 'step')}", True),
    ]


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
    scene,
    {"steps": STEPS, "floor": FLOOR},
    cursor="t",
)
