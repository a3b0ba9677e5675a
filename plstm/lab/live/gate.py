"""Gate explorer: what period, shift, open share and leak do to the openness, its phase and its slopes."""

import numpy as np

from plstm import gate
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import bump_slope, gate_curve, mark, number, panel, ticks_about_zero

UNTIL = 100.0
SHAPES = {"triangle": "triangle (the paper)", "square": "square", "gaussian": "Gaussian"}


def explore_gate(**values):
    """The time gate with its parameters on sliders: phase, openness and the slope of the openness by the period.

    Args:
        **values: where the controls start: period, shift, ratio_on, leak, shape, t.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, equations 6 and 7, figure 2a.

    >>> import plstm
    >>> plstm.explore_gate(period=10.0, t=0.5).scene["sentence"]
    'At t = 0.5 the gate is rising: phase 0.05, openness k = 0.5. It opens every 10 and stays open for 2.'
    """
    return LiveFigure(KIND, **values)


def slopes(t, period, shift, ratio_on, leak=0.0, shape="triangle"):
    """Slopes of the openness at t by period, shift and ratio_on; the square borrows the triangle's, as in training.

    >>> slopes(1.5, period=10.0, shift=0.0, ratio_on=0.2)["shift"]
    1.0
    """
    phase = float(gate.phase(np.float64(t), period, shift))
    part = phase / ratio_on
    is_open = phase < ratio_on
    by_part = float(bump_slope(part, shape))
    by_phase = by_part / ratio_on if is_open else leak
    return {
        "period": -by_phase * (t - shift) / period**2,
        "shift": -by_phase / period,
        "ratio_on": -by_part * phase / ratio_on**2 if is_open else 0.0,
    }


def scene(period, shift, ratio_on, leak, shape, t):
    """What the gate explorer shows at these values."""
    k = float(gate.time_gate(t, period, shift, ratio_on, leak, shape))
    phase = float(gate.phase(np.float64(t), period, shift))
    slope = slopes(t, period, shift, ratio_on, leak, shape)
    curve = gate_curve(period, shift, ratio_on, UNTIL, leak, shape)
    reach = max(np.nanmax(np.abs(curve["slope"])), abs(slope["period"]), 1e-9)
    here = mark("line", "ink", x=[t, t], width=1)
    x = [0.0, UNTIL]
    panels = [
        panel(
            "phase φ",
            x,
            [0.0, 1.0],
            [
                mark("band", "ratio_on", over=[0.0, ratio_on], label="open"),
                mark("line", "lstm", x=curve["t"], y=curve["phase"]),
                {**here, "y": [0.0, 1.0]},
                mark("points", "ink", x=[t], y=[phase], size=7),
            ],
        ),
        panel(
            "openness k",
            x,
            [0.0, 1.05],
            [
                mark("area", "openness", x=curve["t"], y=curve["k"]),
                {**here, "y": [0.0, 1.05]},
                mark("points", "openness", x=[t], y=[k], size=7),
            ],
            height=120,
            yticks=[0.0, 1.0],
        ),
        panel(
            "slope ∂k/∂τ" + (", borrowed from the triangle" if shape == "square" else ""),
            x,
            [-1.1 * reach, 1.1 * reach],
            [
                mark("line", "period", x=curve["t"], y=curve["slope"]),
                {**here, "y": [-1.1 * reach, 1.1 * reach]},
                mark("points", "period", x=[t], y=[slope["period"]], size=7),
            ],
            yticks=ticks_about_zero(-reach, reach),
            xlabel="time t",
        ),
    ]
    branch = 2 if phase >= ratio_on else int(phase >= ratio_on / 2)
    return {
        "panels": panels,
        "sentence": _sentence(period, ratio_on, t, k, phase, branch, shape),
        "formula": _formula(locals()),
    }


def _sentence(period, ratio_on, t, k, phase, branch, shape):
    state = (["open", "open", "closed"] if shape == "square" else ["rising", "falling", "closed"])[branch]
    rhythm = f"It opens every {number(period)} and stays open for {number(ratio_on * period)}."
    return f"At t = {number(t)} the gate is {state}: phase {number(phase)}, openness k = {number(k)}. {rhythm}"


def _formula(v):
    """The lines of the formula with the current numbers, and whether each is the branch that holds now."""
    tau, s, r, a = (number(v[name]) for name in ("period", "shift", "ratio_on", "leak"))
    t, phase, k, slope = number(v["t"]), number(v["phase"]), number(v["k"]), v["slope"]
    tau, s, r, k = f"{{period:{tau}}}", f"{{shift:{s}}}", f"{{ratio_on:{r}}}", f"{{openness:{k}}}"
    lines = [(f"φ = frac((t − s) / τ) = frac(({t} − {s}) / {tau}) = {phase}", True)]
    closed = ("α φ", f"{a} · {phase}", "otherwise, closed")
    if v["shape"] == "triangle":
        rising = ("2 φ / r_on", f"2 · {phase} / {r}", "φ < r_on / 2, rising")
        falling = ("2 − 2 φ / r_on", f"2 − 2 · {phase} / {r}", "r_on / 2 ≤ φ < r_on, falling")
        branches, chosen = [rising, falling, closed], v["branch"]
    else:
        gaussian = ("exp(−18 (φ / r_on − ½)²)", f"exp(−18 ({phase} / {r} − ½)²)", "φ < r_on, open")
        square = ("1", "1", "φ < r_on, open")
        branches, chosen = [{"square": square, "gaussian": gaussian}[v["shape"]], closed], int(v["branch"] == 2)
    for i, (symbols, numbers, condition) in enumerate(branches):
        steps = [symbols, numbers, k] if i == chosen else [symbols]
        lines.append((f"k = {' = '.join(steps[-1:] if symbols == '1' else steps)}   ({condition})", i == chosen))
    by = "   ".join(
        f"∂k/∂{symbol} = {{{name}:{number(slope[name])}}}"
        for name, symbol in (("period", "τ"), ("shift", "s"), ("ratio_on", "r_on"))
    )
    return [*lines, (by, True)]


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
    scene,
    {"until": UNTIL},
    cursor="t",
)
