"""Three neurons: units with different periods look at one input, each in its own time (the paper's figure 2a)."""

import numpy as np

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure

UNTIL = 100.0
COUNT = 160
UNITS = 3
SAMPLING = {"irregular": "irregular", "regular": "regular", "own": "put by you"}
SAMPLES = "2,5,6,10,21,24,38,39,40,62,77,78,95,"


def explore_neurons(**values):
    """Three units of a Phased LSTM on one input, with a period each: who is open when, and what c and h then do.

    Args:
        **values: where the controls start: period_1, period_2, period_3, ratio_on, sampling, samples (the times
            of the sampling "own").

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

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


KIND = Kind(
    "neurons",
    "Three neurons",
    [
        controls.period(9.0, name="period_1", label="unit 1", symbol="τ₁"),
        controls.period(20.0, name="period_2", label="unit 2", symbol="τ₂"),
        controls.period(37.0, name="period_3", label="unit 3", symbol="τ₃"),
        controls.ratio_on(0.15),
        controls.Choice("sampling", "sampling", "irregular", SAMPLING),
        controls.Text("samples", SAMPLES),
    ],
    {"until": UNTIL, "count": COUNT, "weights": WEIGHTS},
)
