"""One step, with its numbers: a walk through a step of the Phased LSTM and of the LSTM, forwards and back."""

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure

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


def explore_step(**values):
    """One step of a Phased LSTM with two units, in numbers; beside it the same step of an LSTM with the same weights.

    The reader picks a unit and a step, goes through its parts, and changes the weights.

    Args:
        **values: where the figure starts: unit ("1" or "2"), step, part (input, gates, proposal, phase, openness,
            state, back), weights (a text as in a link).

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a name that is no control, or a value that its control cannot take.

    >>> import plstm
    >>> plstm.explore_step(part="gates").values["part"]
    'gates'
    """
    return LiveFigure(Kind("step", "One step, with its numbers", CONTROLS), **values)
