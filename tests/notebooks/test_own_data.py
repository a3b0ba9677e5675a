"""The troubleshooting table of the chapter on own data: each symptom is provoked here, and each remedy tried."""

from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest

import plstm
from tests.support import numpy

CHAPTER = Path(__file__).parents[2] / "book" / "your_own_data.ipynb"
RNG = np.random.default_rng(0)
TIMES = np.cumsum(RNG.exponential(60.0, (8, 40)), axis=1)
VALUES = RNG.normal(size=(8, 40, 2)).astype("float32")
UNIX = 1.7723e9
TESTED = {}


def row(symptom):
    """Says which row of the table, by the beginning of its symptom, a test is about."""

    def note(test):
        TESTED[symptom] = test
        return test

    return note


def table():
    text = "\n".join(cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells)
    rows = text.split("| symptom | cause | remedy |\n|---|---|---|\n")[1].split("\n\n")[0]
    return [line.split("|")[1].strip() for line in rows.splitlines()]


def test_every_row_is_tested():
    symptoms = table()
    assert len(symptoms) == len(TESTED) >= 12
    for symptom in symptoms:
        assert sum(symptom.startswith(beginning) for beginning in TESTED) == 1, symptom


def layer_of(units=16, low=120.0, high=3600.0, **options):
    options = {"period_initializer": plstm.LogUniform(low, high, seed=0), "ratio_on_initializer": 0.2, **options}
    layer = plstm.PhasedLSTM(units, **options)
    layer.build((None, None, 2))
    return layer


def one_step(times, learning_rate=0.01, unit=1.0, **options):
    """The layer before and after one step of Adam on its rhythm: (periods, openness) twice."""
    keras.utils.set_random_seed(0)
    x, t = keras.Input((40, 2)), keras.Input((40,), dtype="float64")
    layer = layer_of(low=120.0 / unit, high=3600.0 / unit, shift_initializer=0.0, **options)
    model = keras.Model([x, t], keras.layers.Dense(1)(layer(x, times=t)))
    model.compile(keras.optimizers.Adam(learning_rate), "mse")
    before = numpy(layer.period), layer.openness(times)
    model.train_on_batch([VALUES, times], np.ones((8, 1), "float32"))
    return before, (numpy(layer.period), layer.openness(times))


@row("The loss is NaN")
def test_missing_values():
    gaps = VALUES.copy()
    gaps[:, ::3, 1] = np.nan
    assert np.isnan(numpy(layer_of()(gaps, times=TIMES))).any()
    held = plstm.pad(plstm.hold_missing(list(zip(TIMES, gaps))))
    layer = plstm.PhasedLSTM(4, period_initializer=600.0)
    assert np.isfinite(numpy(layer(held.values, times=held.times, mask=held.mask))).all()


@row("*expected times fine enough*")
@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX has no 64-bit times unless told")
def test_times_through_float32():
    layer = layer_of()

    def model(dtype):
        x, t = keras.Input((40, 2)), keras.Input((40,), dtype=dtype)
        return keras.Model([x, t], layer(x, times=t))

    with pytest.raises(ValueError, match="expected times fine enough"):
        model(None)([VALUES, UNIX + TIMES])
    right = numpy(layer(VALUES, times=UNIX + TIMES))
    np.testing.assert_array_equal(numpy(model("float64")([VALUES, UNIX + TIMES])), right)
    near = numpy(layer(VALUES, times=TIMES))
    np.testing.assert_allclose(numpy(model(None)([VALUES, TIMES])), near, atol=1e-3)


@row("*expected times to be numbers, got datetime64*")
def test_dates_instead_of_numbers(tmp_path):
    dates = np.datetime64("2026-03-01T00:00:00") + (1000 * TIMES).astype("timedelta64[ms]")
    with pytest.raises(ValueError, match="expected times to be numbers, got datetime64"):
        layer_of()(VALUES, times=dates)
    path = tmp_path / "dates.csv"
    path.write_text("time,x\n" + "".join(f"{date}Z,1\n" for date in dates[0]))
    [(times, _)] = plstm.read_csv(path).series
    np.testing.assert_allclose(times - times[0], TIMES[0] - TIMES[0, 0], atol=2e-3)
    batch = plstm.pad(zip(dates, VALUES), unit="s", origin=dates[0, 0])
    np.testing.assert_allclose(batch.times, TIMES - TIMES[0, 0], atol=2e-3)
    np.testing.assert_array_equal(plstm.elapsed(dates, "s", origin=dates[0, 0]), batch.times)


@row("Nothing is learned")
def test_periods_in_another_unit():
    days = TIMES / 86400
    stuck = plstm.PhasedLSTM(64)
    stuck.build((None, None, 2))
    fitting = layer_of(64, period_initializer=plstm.LogUniform.from_times(days, seed=0))
    extreme = [np.mean(np.isin(layer.update_rate(days[0]), (0, 1))) for layer in (stuck, fitting)]
    assert extreme[0] > 0.9 and extreme[1] < 0.3


@row("Some units hear nothing")
def test_short_series():
    silent = [np.mean(layer_of(64, ratio_on_initializer=r).update_rate(TIMES[0]) == 0) for r in (0.05, 0.4)]
    assert silent[0] > 0.1 and silent[1] < silent[0] / 3


@row("Periods jump, or do not change")
def test_learning_rate_beside_the_periods():
    """Adam moves a weight by about its learning rate: absolute in natural units, a share with logarithms."""
    moved = {}
    for unit in (1.0, 86400.0):
        for parametrization in ("natural", "log"):
            (before, _), (after, _) = one_step(TIMES / unit, unit=unit, parametrization=parametrization)
            moved[unit, parametrization] = np.max(np.abs(after / before - 1))
    assert moved[1.0, "natural"] < 1e-3  # of seconds: nearly nothing
    assert moved[86400.0, "natural"] > 0.5  # of days: everything
    assert 0.005 < moved[1.0, "log"] < 0.02 and 0.005 < moved[86400.0, "log"] < 0.02


@row("The loss is noisy and hardly falls")
def test_far_from_the_origin():
    def moved(times, **options):
        (_, before), (_, after) = one_step(times, **options)
        return np.abs(after - before).mean()

    assert moved(TIMES) < 0.02
    assert moved(UNIX + TIMES) > 5 * moved(TIMES)
    assert moved(UNIX + TIMES, trainable_gate=False) == 0


@row("The answer depends on the other series")
def test_padding_without_a_mask():
    layer = layer_of()
    short, long = (TIMES[0, :5], VALUES[0, :5]), (TIMES[1], VALUES[1])
    alone = numpy(layer(VALUES[:1, :5], times=TIMES[0, :5]))
    batch = plstm.pad([short, long])
    batch.times[0, 5:] += np.arange(35) * 60
    np.testing.assert_allclose(numpy(layer(batch.values, times=batch.times, mask=batch.mask))[:1], alone, atol=1e-6)
    assert np.abs(numpy(layer(batch.values, times=batch.times))[:1] - alone).max() > 1e-3


@row("Too good in validation")
def test_rows_of_one_series_on_both_sides():
    """Labels are chance; the nearest known row gives them away if it comes from the same series."""
    rng = np.random.default_rng(0)
    labels, series = rng.integers(0, 2, 200), np.repeat(np.arange(200), 10)
    values = rng.normal(size=200)[series] + rng.normal(0, 1e-4, 2000)

    def accuracy(known):
        nearest = np.abs(values[~known, None] - values[known]).argmin(axis=1)
        return np.mean(labels[series[known]][nearest] == labels[series[~known]])

    assert accuracy(rng.random(2000) < 0.8) > 0.95
    assert 0.3 < accuracy(rng.random(200)[series] < 0.8) < 0.7


@row("The loss in training differs")
def test_the_leak():
    leaky, tight = layer_of(leak=0.05), layer_of(leak=0.0)
    for layer, same in ((leaky, False), (tight, True)):
        answers = [numpy(layer(VALUES, times=TIMES, training=training)) for training in (True, False)]
        assert np.allclose(*answers, atol=1e-7) == same


@row("Gates open wider")
def test_a_price_on_open_gates():
    layer = layer_of(ratio_on_regularizer=keras.regularizers.L1(0.01))
    model = keras.Sequential([keras.Input((40, 2)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), lambda truth, answer: 0.0 * keras.ops.mean(answer))
    layer(VALUES, times=TIMES)
    assert float(layer.losses[0]) == pytest.approx(0.01 * 16 * 0.2)
    model.fit(VALUES, np.zeros((8, 1)), epochs=5, verbose=0)
    assert np.all(numpy(layer.ratio_on) < 0.16)


@row("The outputs of a stream differ")
def test_another_origin_or_scaling():
    layer = layer_of()
    right = numpy(layer(VALUES[:1], times=TIMES[0] - TIMES[0, 0]))[0]

    def streamed(scale=1.0, origin=TIMES[0, 0]):
        engine = plstm.EventDriven(layer)
        return [engine.step(scale * x, t=t - origin) for x, t in zip(VALUES[0], TIMES[0])][-1]

    np.testing.assert_allclose(streamed(), right, atol=1e-5)
    assert np.abs(streamed(scale=3.0) - right).max() > 1e-3
    assert np.abs(streamed(origin=-400.0) - right).max() > 1e-3


@row("*expected a time >=*")
def test_an_event_that_comes_late():
    engine = plstm.EventDriven(layer_of())
    engine.step(VALUES[0, 0], t=10.0)
    with pytest.raises(ValueError, match="expected a time >= 10.0 in this stream, got 5.0"):
        engine.step(VALUES[0, 1], t=5.0)
    patient = plstm.EventDriven(layer_of(), late="skip")
    patient.step(VALUES[0, 0], t=10.0)
    patient.step(VALUES[0, 1], t=5.0)
    assert patient.stats.skipped == 1


@row("*expected PhasedLSTM or PhasedGRU layers, then Dense layers*")
def test_a_layer_that_no_stream_can_run():
    x, t, seen = keras.Input((None, 2)), keras.Input((None,), dtype="float64"), keras.Input((None,), dtype="bool")
    layer, head = layer_of(), keras.layers.Dense(1)
    scaled = keras.layers.Normalization(mean=[0.0, 0.0], variance=[1.0, 1.0])(x)
    with pytest.raises(ValueError, match="expected PhasedLSTM or PhasedGRU layers, then Dense layers, got Normal"):
        plstm.EventDriven(keras.Model([x, t], head(layer(scaled, times=t))))
    outside = keras.Model([x, t, seen], keras.layers.Dense(1)(layer_of()(x, times=t, mask=seen)))
    mask = np.ones((8, 40), bool)
    found = plstm.EventDriven(outside).run(VALUES, TIMES, mask)
    np.testing.assert_allclose(found, numpy(outside([VALUES, TIMES, mask])), atol=1e-5)
