"""Population: how well do many rhythms together cover the time axis, and how seldom does each of them update?"""

import numpy as np

from plstm import gate
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import counted, mark, number, panel, percent, uniform

COLUMNS = 400


def explore_population(**values):
    """Many units with log-uniform periods: a raster of who is open when, the covered share of time, the update rate.

    Args:
        **values: where the controls start: units, shortest, longest, ratio_on, until, draw.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with sliders of its own on a page without a kernel.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    >>> import plstm
    >>> plstm.explore_population(units=32).values["units"]
    32
    """
    return LiveFigure(KIND, **values)


def scene(units, shortest, longest, ratio_on, until, draw):
    """What the population shows at these values."""
    drawn = uniform(draw, 2 * units)
    low, high = min(shortest, longest), max(shortest, longest)
    periods = np.sort(low * (high / low) ** drawn[:units])
    shifts = drawn[units:] * periods
    edges = np.arange(COLUMNS + 1) * until / COLUMNS
    times = (edges[:-1] + edges[1:]) / 2
    is_open = gate.phase(times[:, None], periods, shifts) < ratio_on
    together = is_open.sum(axis=1)
    covered = (together > 0).mean()
    span = [0.0, until]
    ticks = sorted({0, units // 2, units - 1})
    share = together / units
    top = max(0.1, float(share.max()) * 1.1)
    panels = [
        panel(
            f"units by period, from {number(periods[0])} below to {number(periods[-1])} above",
            span,
            [0.0, float(units)],
            [mark("rows", "openness", runs=_runs(is_open, edges), label="open")],
            height=220,
            yticks=[float(t + 1) for t in ticks],
        ),
        panel(
            "share of the units that is open",
            span,
            [0.0, top],
            [
                mark("area", "openness", x=times, y=share),
                mark("line", "ratio_on", x=span, y=[ratio_on, ratio_on], dash=True, label="r_on"),
            ],
            height=80,
            yticks=[0.0, ratio_on],
            xlabel="time t",
        ),
    ]
    sentence = (
        f"{counted(units, 'unit')} with an open share of {percent(ratio_on)} {'covers' if units == 1 else 'cover'} "
        f"{percent(covered)} of the time: then at least one is open. On average a unit is open "
        f"{percent(is_open.mean())} of the time, and the number of units open at once is {number(together.mean())}."
    )
    return {"panels": panels, "sentence": sentence, "formula": []}


def _runs(is_open, edges):
    """[row, from, to] for every stretch of columns in which a unit is open."""
    runs = []
    for row, column in enumerate(is_open.T):
        steps = np.diff(np.concatenate([[0], column.astype(int), [0]]))
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        runs.extend([row, edges[start], edges[end]] for start, end in zip(starts, ends))
    return runs


KIND = Kind(
    "population",
    "Population of oscillators",
    [
        controls.Slider("units", "units", 64, 1, 128, 1, integer=True, symbol="H"),
        controls.period(2.0, 1.0, 1000.0, "shortest", "shortest"),
        controls.period(400.0, 1.0, 1000.0, "longest", "longest"),
        controls.ratio_on(0.05),
        controls.Slider("until", "time shown", 400.0, 20.0, 2000.0, log=True),
        controls.Slider("draw", "random draw", 1, 1, 50, 1, integer=True),
    ],
    scene,
    {"columns": COLUMNS},
)
