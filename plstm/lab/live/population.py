"""Population: how well do many rhythms together cover the time axis, and how seldom does each of them update?"""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts


def explore_population(
    *,
    units: int | None = None,
    shortest: float | None = None,
    longest: float | None = None,
    ratio_on: float | None = None,
    until: float | None = None,
    draw: int | None = None,
) -> LiveFigure:
    """Many units with log-uniform periods: a raster of who is open when, the covered share of time, the update rate.

    Args:
        units: H; from 1 to 128, default 64.
        shortest: the shortest period; from 1 to 1000, default 2.
        longest: the longest period; from 1 to 1000, default 400.
        ratio_on: r_on; from 0.01 to 1, default 0.05.
        until: the time shown; from 20 to 2000, default 400.
        draw: which random draw of periods and shifts; from 1 to 50, default 1.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    >>> import plstm
    >>> plstm.explore_population(units=32).values["units"]
    32
    """
    return LiveFigure(KIND, **starts(locals()))


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
)
