"""Three neurons: units with different periods look at one input, each in its own time (the paper's figure 2a)."""

import numpy as np

from plstm import gate, reference
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import gate_curve, held, mark, number, panel, percent, uniform

UNTIL = 100.0
COUNT = 160
UNITS = 3
SAMPLING = {"irregular": "irregular", "regular": "regular"}


def explore_neurons(**values):
    """Three units of a Phased LSTM on one input, with a period each: who is open when, and what c and h then do.

    Args:
        **values: where the controls start: period_1, period_2, period_3, ratio_on, sampling.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, figure 2a; the steps are ``plstm.reference.lstm_step``.

    >>> import plstm
    >>> plstm.explore_neurons(sampling="regular").values["period_3"]
    37.0
    """
    return LiveFigure(KIND, **values)


def _weights():
    """Fixed weights of three units that do not forget much, rounded so that both languages read the same numbers."""
    rng = np.random.default_rng(3)
    kernel = rng.uniform(0.8, 2.0, (1, 4 * UNITS))
    recurrent = rng.uniform(-0.4, 0.4, (UNITS, 4 * UNITS))
    bias = np.repeat([0.5, 2.0, 0.0, 1.0], UNITS)
    return {"kernel": kernel.round(3).tolist(), "recurrent_kernel": recurrent.round(3).tolist(), "bias": bias.tolist()}


WEIGHTS = _weights()


def scene(period_1, period_2, period_3, ratio_on, sampling):
    """What the three neurons show at these values."""
    periods = [period_1, period_2, period_3]
    times = np.arange(COUNT) * UNTIL / COUNT if sampling == "regular" else np.sort(uniform(5, COUNT)) * UNTIL
    x = np.sin(2 * np.pi * times / 40.0) + 0.4 * np.sin(2 * np.pi * times / 7.0)
    k = np.stack([gate.time_gate(times, period, 0.0, ratio_on) for period in periods], axis=1)
    h = c = np.zeros((1, UNITS))
    weights = {name: np.array(values) for name, values in WEIGHTS.items()}
    hs, cs = [], []
    for now, openness in zip(x, k):
        h, c = reference.lstm_step(np.array([[now]]), h, c, openness, **weights)
        hs.append(h[0])
        cs.append(c[0])
    hs, cs = np.array(hs), np.array(cs)
    span = [0.0, UNTIL]
    samples = [mark("line", "lstm", x=times, y=x, width=1), mark("points", "ink", x=times, y=x, size=3)]
    panels = [panel("input x at its samples", span, [-1.5, 1.5], samples, 80, [-1.0, 0.0, 1.0])]
    for unit, period in enumerate(periods):
        curve = gate_curve(period, 0.0, ratio_on, UNTIL)
        low, high = 1.05 * min(0.0, cs[:, unit].min(), hs[:, unit].min()), 1.05 * max(1.0, cs[:, unit].max())
        states = []
        for quantity, symbol, values in (("cell", "c", cs), ("output", "h", hs)):
            t, v = held(times, values[:, unit], UNTIL)
            states.append(mark("line", quantity, x=t, y=v, label=symbol))
        marks = [mark("area", "openness", x=curve["t"], y=curve["k"], label="k"), *states]
        title = f"unit {unit + 1}, τ = {number(period)}"
        panels.append(panel(title, span, [low, high], marks, 100, [0.0, 1.0], "time t" if unit == 2 else ""))
    seen = (k > 0).sum(axis=0)
    sentence = (
        f"Of {COUNT} samples, unit 1 takes in {seen[0]}, unit 2 takes in {seen[1]} and unit 3 takes in {seen[2]}; "
        f"the other {percent(1 - (k > 0).mean())} of the updates are not needed. Between openings c and h stand still."
    )
    return {"panels": panels, "sentence": sentence, "formula": []}


KIND = Kind(
    "neurons",
    "Three neurons",
    [
        controls.period(9.0, name="period_1", label="unit 1", symbol="τ₁"),
        controls.period(20.0, name="period_2", label="unit 2", symbol="τ₂"),
        controls.period(37.0, name="period_3", label="unit 3", symbol="τ₃"),
        controls.ratio_on(0.15),
        controls.Choice("sampling", "sampling", "irregular", SAMPLING),
    ],
    scene,
    {"until": UNTIL, "count": COUNT, "weights": WEIGHTS},
)
