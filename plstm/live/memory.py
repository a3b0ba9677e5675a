"""Memory horizon: what is left of an input later, with a forget gate alone and with a time gate too."""

import numpy as np

from plstm import gate
from plstm.live import controls
from plstm.live.figure import Kind, LiveFigure
from plstm.live.scene import gate_curve, mark, number, panel, percent

STEPS = 784
FLOOR = 1e-6


def explore_memory(**values):
    """What is left of an input after t steps: f^t in an LSTM, the product of 1 - k (1 - f) with a time gate.

    Args:
        **values: where the controls start: forget, period, shift, ratio_on.

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


def scene(forget, period, shift, ratio_on):
    """What the memory horizon shows at these values."""
    times = np.arange(STEPS + 1)
    k = gate.time_gate(times, period, shift, ratio_on)
    k[0] = 0.0  # what step 0 writes, the steps after it forget
    phased = np.cumprod(1.0 - k * (1.0 - forget))
    plain = forget ** times.astype(float)
    curve = gate_curve(period, shift, ratio_on, STEPS)
    span = [0.0, float(STEPS)]
    left = [
        mark("line", "lstm", x=times, y=np.maximum(plain, FLOOR), dash=True, label="LSTM"),
        mark("line", "phased-lstm", x=times, y=np.maximum(phased, FLOOR), label="Phased LSTM"),
    ]
    panels = [
        panel("openness k", span, [0.0, 1.05], [mark("area", "openness", x=curve["t"], y=curve["k"])], 60, [0.0, 1.0]),
        panel(
            "share left of what was written at t = 0",
            span,
            [FLOOR, 1.0],
            left,
            190,
            [1.0, 0.01, 1e-4, FLOOR],
            "step t",
            True,
        ),
    ]
    halves = [int(np.argmax(values <= 0.5)) if values[-1] <= 0.5 else None for values in (plain, phased)]
    words = [f"after {half} steps" if half is not None else f"not within {STEPS} steps" for half in halves]
    sentence = (
        f"Half is lost in the LSTM {words[0]}, in the Phased LSTM {words[1]}. "
        f"After {STEPS} steps {_left(plain[-1])} and {_left(phased[-1])} are left."
    )
    return {"panels": panels, "sentence": sentence, "formula": _formula(forget, k)}


def _left(share):
    return percent(share) if share >= FLOOR else "less than a millionth"


def _formula(forget, k):
    f = number(forget)
    return [
        (f"LSTM: c = f · c′ = {f} · c′ in every step", True),
        (f"Phased LSTM: c = (1 − k (1 − f)) · c′, which is 1 · c′ in {int((k[1:] == 0).sum())} of {STEPS} steps", True),
    ]


KIND = Kind(
    "memory",
    "Memory horizon",
    [
        controls.Slider("forget", "forget gate", 0.95, 0.0, 1.0, 0.001, symbol="f"),
        controls.period(100.0, 2.0, 1000.0),
        controls.shift(0.0, -500.0, 500.0),
        controls.ratio_on(0.05),
    ],
    scene,
    {"steps": STEPS, "floor": FLOOR},
)
