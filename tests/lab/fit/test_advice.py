"""Every piece of advice is given for what it rests on, and not without it."""

import numpy as np

from plstm.data.series import TimeSeries
from plstm.lab.fit import advice
from plstm.lab.fit.metrics import Score

GOOD, BAD = Score(0.9, 0.8, 0.95, 0.5, True), Score(0.52, 0.4, 0.6, 0.5, True)
SETTINGS = {"epochs": 10, "units": 32, "class_weight": None}


def table(count=300, steps=20, change=lambda times, values: None):
    rng, series = np.random.default_rng(0), []
    for _ in range(count):
        times, values = np.arange(float(steps)), rng.normal(size=(steps, 2))
        change(times, values)
        series.append((times, values))
    return TimeSeries(series, list(range(count)), np.zeros(count), ["a", "b"])


def fill(value):
    def change(times, values):
        values[:, 1] = value

    return change


def stretch(times, values):
    times[-1] = 1e6


def test_of_data():
    assert advice.of_data(table()) == []
    assert advice.of_data(table(change=fill(np.nan))) == [
        "The column 'b' is empty in every row. Leave it out with --values."
    ]
    assert advice.of_data(table(change=fill(3.0))) == [
        "The column 'b' is 3 wherever it is filled. Leave it out with --values."
    ]
    assert [line.split(".")[0] for line in advice.of_data(table(steps=1))] == [
        "300 of 300 series have one event: from them no time can be learned",
        "The median series has 1 events",
    ]
    assert advice.of_data(table(count=50))[0].startswith("There are 50 series.")
    assert advice.of_data(table(change=stretch))[0].startswith(
        "The longest gap, 999982, is 999982 times the median one, 1."
    )


def history(epochs, last=0.5, validation=0.6):
    return {"loss": [1.0] * (epochs - 1) + [last], "val_loss": [validation] * epochs}


def told(histories, score=GOOD, shares=(0.5, 0.5), **settings):
    return advice.of_training({**SETTINGS, **settings}, histories, {"accuracy": score}, shares)


def test_of_training():
    calm = [history(5), history(6)]
    assert told(calm) == ["Try other seeds and twice the units, and compare the intervals."]
    assert told(calm, BAD)[0].startswith("The result cannot be told from that of a constant answer.")
    assert told(calm, shares=(0.9, 0.1)) == ["The rarest class has 10% of the series. Try --balanced."]
    assert told(calm, shares=(0.9, 0.1), class_weight="balanced") == told(calm)
    assert told([history(10), history(10)]) == ["Most trainings used all 10 epochs. Try more with --epochs."]
    assert told([history(5, last=0.1)] * 2)[0].startswith("The training loss ends far below the validation loss")
    assert told([{"loss": [0.5]}]) == told(calm)
