"""One step, with its numbers: a walk through a step of the Phased LSTM and of the LSTM, forwards and back."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

PARTS = {
    "input": "1. what comes in",
    "gates": "2. the gates",
    "proposal": "3. the proposal",
    "phase": "4. the phase",
    "openness": "5. the openness",
    "state": "6. the new state",
    "back": "7. the way back",
}
CONTROLS = [
    controls.Choice("unit", "unit", "1", {"1": "unit 1", "2": "unit 2"}),
    controls.Slider("step", "step", 4, 1, 12, 1, integer=True),
    controls.Choice("part", "part", "input", PARTS),
    controls.Text("weights"),
]


def explore_step(
    *,
    unit: str | None = None,
    step: int | None = None,
    part: str | None = None,
    weights: str | None = None,
) -> LiveFigure:
    """One step of a Phased LSTM with two units, in numbers; beside it the same step of an LSTM with the same weights.

    The reader picks a unit and a step, goes through its parts, and changes the weights.

    Args:
        unit: the unit that the numbers belong to: "1", "2"; default "1".
        step: the step; from 1 to 12, default 4.
        part: the part of the step: "input", "gates", "proposal", "phase", "openness", "state", "back"; default
            "input".
        weights: changed weights, as in the figure's link.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.

    >>> import plstm
    >>> plstm.explore_step(part="gates").values["part"]
    'gates'
    """
    return LiveFigure(Kind("step", "One step, with its numbers", CONTROLS), **starts(locals()))
