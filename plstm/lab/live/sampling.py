"""Sampling of the frequency task: the same sine as samples that come regularly, finely, or at random times."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

END = 125.0
CONDITIONS = {"regular": "every 1 ms", "fine": "every 0.1 ms", "asynchronous": "at random times"}


def explore_sampling(
    *,
    condition: str | None = None,
    period: float | None = None,
    start: float | None = None,
    duration: float | None = None,
    angle: float | None = None,
    draw: int | None = None,
) -> LiveFigure:
    """A sine as the frequency task samples it (above), and as a network without a clock sees it, step by step (below).

    Args:
        condition: how the sine is sampled: "regular", "fine", "asynchronous"; default "asynchronous".
        period: of the sine, in ms; from 1 to 100, default 5.5.
        start: the time of the first sample, in ms; from 0 to 110, default 20.
        duration: of the samples, in ms; from 15 to 125, default 60.
        angle: the phase of the sine, in rad; from 0 to 6.28, default 0.
        draw: which random draw of times; from 1 to 50, default 1.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, section 3.1 and figure 3; times in milliseconds as in their
    published code: a start and a duration of at most 125 ms together, the class "yes" for periods from 5 to 6 ms.

    >>> import plstm
    >>> plstm.explore_sampling(condition="regular", duration=50.0).scene["sentence"][:11]
    '50 samples '
    """
    return LiveFigure(KIND, **starts(locals()))


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
    {"end": END, "conditions": CONDITIONS},
)
