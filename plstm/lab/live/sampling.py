"""Sampling of the frequency task: the same sine as samples that come regularly, finely, or whenever they like."""

import numpy as np

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import counted, mark, number, panel, uniform

END = 125.0
CONDITIONS = {"regular": "every 1 ms", "fine": "every 0.1 ms", "asynchronous": "at random times"}


def explore_sampling(**values):
    """A sine as the frequency task samples it (above), and as a network without a clock sees it, step by step (below).

    Args:
        **values: where the controls start: condition, period, start, duration, angle, draw.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, section 3.1 and figure 3; times in milliseconds as in their
    published code: a start and a duration of at most 125 ms together, the class "yes" for periods from 5 to 6 ms.

    >>> import plstm
    >>> plstm.explore_sampling(condition="regular", duration=50.0).scene["sentence"][:11]
    '50 samples '
    """
    return LiveFigure(KIND, **values)


def scene(condition, period, start, duration, angle, draw):
    """What the sampler shows at these values."""
    stop = min(start + duration, END)
    if condition == "asynchronous":
        times = start + np.sort(uniform(draw, round(stop - start))) * (stop - start)
    else:
        gap = 1.0 if condition == "regular" else 0.1
        times = start + np.arange(np.floor((stop - start) / gap + 1e-9)) * gap
    smooth = np.linspace(start, stop, 1001)
    values, curve = (np.sin(2 * np.pi * t / period - angle) for t in (times, smooth))
    steps = np.arange(len(times)) + 1
    size = 4 if condition != "fine" else 2
    panels = [
        panel(
            "the signal in time",
            [0.0, END],
            [-1.2, 1.2],
            [
                mark("line", "lstm", x=smooth, y=curve, width=1, label="sine"),
                mark("points", "openness", x=times, y=values, size=size, label="samples"),
            ],
            height=120,
            yticks=[-1.0, 0.0, 1.0],
            xlabel="time t in ms",
        ),
        panel(
            "what comes in, step by step",
            [0.0, float(max(2, len(times) + 1))],
            [-1.2, 1.2],
            [
                mark("line", "openness", x=steps, y=values, width=1),
                mark("points", "openness", x=steps, y=values, size=size),
            ],
            height=120,
            yticks=[-1.0, 0.0, 1.0],
            xlabel="step",
        ),
    ]
    answer = "Yes" if 5.0 <= period <= 6.0 else "No"
    rate = number(len(times) * period / (stop - start))
    sentence = (
        f"{counted(len(times), 'sample')} of a sine with a period of {number(period)} ms, {CONDITIONS[condition]}: "
        f"{rate} in a period on average. Does the period lie between 5 and 6 ms? {answer}."
    )
    return {"panels": panels, "sentence": sentence, "formula": []}


KIND = Kind(
    "sampling",
    "Sampling of the frequency task",
    [
        controls.Choice("condition", "samples", "asynchronous", CONDITIONS),
        controls.period(5.5, 1.0, 100.0, unit="ms"),
        controls.Slider("start", "start", 20.0, 0.0, 110.0, 0.5, unit="ms"),
        controls.Slider("duration", "duration", 60.0, 15.0, 125.0, 0.5, unit="ms"),
        controls.Slider("angle", "angle", 0.0, 0.0, 6.28, 0.01, unit="rad"),
        controls.Slider("draw", "random draw", 1, 1, 50, 1, integer=True),
    ],
    scene,
    {"end": END, "conditions": CONDITIONS},
)
