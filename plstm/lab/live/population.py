"""Population: how well do many rhythms together cover the time axis, and how seldom does each of them update?"""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure


def explore_population(**values):
    """Many units with log-uniform periods: a raster of who is open when, the covered share of time, the update rate.

    Args:
        **values: where the controls start: units, shortest, longest, ratio_on, until, draw.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    >>> import plstm
    >>> plstm.explore_population(units=32).values["units"]
    32
    """
    return LiveFigure(KIND, **values)


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
