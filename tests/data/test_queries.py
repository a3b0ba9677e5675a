"""Answers at given times: those of the events until then and one step without a value, and nobody else notices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plstm
from plstm import reference
from tests.estimators.rhythms import classifier, regressor, rhythms
from tests.support import CLOCK_TOLERANCE, numpy

RNG = np.random.default_rng(0)
TIMES, VALUES = np.cumsum(RNG.exponential(1.0, 12)), RNG.normal(size=(12, 2))
KEYS = ("kernel", "recurrent_kernel", "bias")


@pytest.fixture(scope="module")
def layer():
    found = plstm.PhasedLSTM(6, period_initializer=plstm.LogUniform(1.0, 9.0, seed=0), ratio_on_initializer=0.4)
    found.build((None, None, 4))
    return found


def answers(layer, series, times_out):
    """The layer's output for every query of every series."""
    batch = plstm.pad(plstm.hold_missing(plstm.queries(series, times_out)))
    return numpy(layer(batch.values, times=batch.times, mask=batch.mask))


@pytest.mark.parametrize(
    ("times_out", "known"), [(TIMES[4] + 0.01, 5), (TIMES[4], 5), (TIMES[0] - 1.0, 0), (TIMES[-1] + 50.0, 12)]
)
def test_a_query_is_a_step_of_the_equations(layer, times_out, known):
    """By the reference in float64: the events until then, then one step with the held values and no new one."""
    held = np.concatenate([VALUES[:known], VALUES[known - 1 : known] if known else np.zeros((1, 2))])
    x = np.concatenate([held, np.ones((known + 1, 2))], axis=1)
    x[-1, 2:] = 0.0
    gate = reference.gates(
        np.append(TIMES[:known], times_out), *map(numpy, (layer.period, layer.shift, layer.ratio_on))
    )
    weights = {name: numpy(getattr(layer.cell, name)) for name in KEYS}
    outputs, _ = reference.run("lstm", x[None], gate[None], weights)
    found = answers(layer, [(TIMES, VALUES)], [times_out])
    np.testing.assert_allclose(found[0], outputs[0, -1], atol=CLOCK_TOLERANCE)


@settings(max_examples=25)
@given(known=st.integers(0, 12), seed=st.integers(0, 9))
def test_later_events_change_nothing_earlier(layer, known, seed):
    rng = np.random.default_rng(seed)
    t = (TIMES[known - 1] if known else 0.0) + 1e-3
    later = t + 1e-6 + np.cumsum(rng.exponential(1.0, seed))
    others = np.concatenate([TIMES[:known], later]), np.concatenate([VALUES[:known], 9.0 * rng.normal(size=(seed, 2))])
    np.testing.assert_array_equal(answers(layer, [(TIMES, VALUES)], [t]), answers(layer, [others], [t]))


def test_queries_change_nothing_for_each_other_or_for_events(layer):
    when = [0.5, 3.0, 3.1, 8.0]
    together = answers(layer, [(TIMES, VALUES)] * 2, [when, when[::-1]])
    alone = np.concatenate([answers(layer, [(TIMES, VALUES)], [t]) for t in [*when, *when[::-1]]])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    asked = answers(layer, [(TIMES, VALUES)], [TIMES[3] + 0.2, TIMES[-1] + 0.2])[1]
    np.testing.assert_allclose(asked, answers(layer, [(TIMES, VALUES)], [TIMES[-1] + 0.2])[0], atol=1e-6)


def test_a_stream_answers_queries_and_stays_as_it_is(layer):
    asked, plain = plstm.EventDriven(layer), plstm.EventDriven(layer)
    held = np.zeros(2)
    for number, (t, row) in enumerate(zip(TIMES, VALUES)):
        query = np.concatenate([held, [0.0, 0.0]])
        last = TIMES[number - 1] if number else 0.0
        for between in (0.7 * last + 0.3 * t, 0.1 * last + 0.9 * t):
            right = answers(layer, [(TIMES[:number], VALUES[:number])], [between])[0]
            np.testing.assert_allclose(asked.query(query, between), right, atol=1e-5)
        features, held = np.concatenate([row, [1.0, 1.0]]), row
        np.testing.assert_array_equal(asked.step(features, t), plain.step(features, t))
    for name, array in plain.state.items():
        np.testing.assert_array_equal(asked.state[name], array)
    assert asked.stats == plain.stats


def test_what_a_stream_cannot_be_asked(layer):
    engine = plstm.EventDriven(layer, late="skip")
    engine.step(np.ones(4), 5.0)
    with pytest.raises(ValueError, match=r"expected a time >= 5.0 in this stream, got 4.0$"):
        engine.query(np.ones(4), 4.0)
    with pytest.raises(ValueError, match=r"expected x of shape \(4,\), got \(2,\)"):
        engine.query(np.ones(2), 6.0)
    with pytest.raises(ValueError, match="expected the name of an open stream"):
        engine.query(np.ones(4), 6.0, "nobody")
    with pytest.raises(ValueError, match="expected finite x"):
        engine.query(np.full(4, np.nan), 6.0)
    assert engine.stats.skipped == 0


@pytest.mark.slow
def test_estimators_answer_at_given_times():
    pairs, labels = rhythms(missing=0.2)
    model = classifier().fit(pairs, labels)
    when = np.array([0.1, 4.0, 40.0])
    found = model.predict_proba(pairs, times_out=when)
    assert found.shape == (24, 3, 2) and model.predict(pairs, times_out=when).shape == (24, 3)
    np.testing.assert_array_equal(model.predict_proba(pairs, times_out=float(when[1]))[:, 0], found[:, 1])
    each = model.predict_proba(pairs, times_out=[when + times[0] for times, _ in pairs])
    for number in (0, 5):
        times, values = pairs[number]
        stream, row = model.stream(), 0
        for place, t in enumerate(times[0] + when):
            while row < len(times) and times[row] <= t:
                stream.step(values[row], times[row])
                row += 1
            np.testing.assert_allclose(stream.query(t), each[number, place], atol=1e-5)
    later = [(np.append(times, times[-1] + 1), np.concatenate([values, [[9.0, 9.0]]])) for times, values in pairs]
    ends = [[times[-1] + 0.5] for times, _ in pairs]
    np.testing.assert_allclose(model.predict_proba(later, ends), model.predict_proba(pairs, ends), atol=1e-6)
    with pytest.raises(ValueError, match="expected the same number of times_out for each series"):
        model.predict_proba(pairs[:2], times_out=[[1.0], [1.0, 2.0]])


def test_a_network_that_never_missed_a_value_takes_no_query_for_a_measurement():
    """It cannot know what a step without a value is: the answer after an event stands until the next one."""
    pairs, labels = rhythms()
    for model in (classifier().fit(pairs, labels), regressor().fit(pairs, np.arange(24.0))):
        ask = getattr(model, "predict_proba", model.predict)
        times, values = pairs[1]
        when = [times[0] - 1.0, times[2], times[2] + 0.01, times[-1] + 0.1, times[-1] + 500.0]
        found = ask([pairs[1]], times_out=when)[0]
        known = [([], np.zeros((0, 2))), *[(times[:k], values[:k]) for k in (3, 3, len(times), len(times))]]
        np.testing.assert_allclose(found, ask(known), atol=1e-6)
        stream = model.stream()
        np.testing.assert_allclose(stream.query(when[0]).squeeze(), found[0], atol=1e-5)
        for t, row in zip(times, values):
            answer = stream.step(row, t)
            np.testing.assert_array_equal(stream.query(t + 0.3), answer)
        with pytest.raises(ValueError, match="expected a time >= "):
            stream.query(times[-1] - 0.1)
        with pytest.raises(ValueError, match="expected the name of an open stream"):
            stream.query(times[-1], "nobody")


def test_a_network_that_was_trained_on_queries_hears_the_time_pass():
    pairs, labels = rhythms()
    model = classifier(learning_rate=0.05).fit(plstm.queries(pairs, [times[-1:] + 1.0 for times, _ in pairs]), labels)
    found = model.predict_proba(pairs[:4], times_out=[50.0, 51.0, 53.0])
    assert model.preparation_.indicators and np.abs(found[:, 1:] - found[:, :1]).max() > 1e-4


@pytest.mark.slow
def test_a_forecast_at_a_given_time_is_learned():
    """A series says its speed once; its place is asked for at a time between 1 and 9."""
    rng = np.random.default_rng(0)
    speeds, when = rng.uniform(-1, 1, 200), rng.uniform(1.0, 9.0, 200)
    asked = plstm.queries([([0.0], [speed]) for speed in speeds], when[:, None])
    model = regressor(units=16, epochs=60, learning_rate=0.02, ratio_on=0.5, periods=(5.0, 40.0), patience=20)
    model.fit(asked[:160], (speeds * when)[:160])
    assert model.score(asked[160:], (speeds * when)[160:]) > 0.9
    # The same question in the words of predict.
    known = [([0.0], [speed]) for speed in speeds[160:]]
    np.testing.assert_allclose(model.predict(known, when[160:, None])[:, 0], model.predict(asked[160:]), atol=1e-5)


@pytest.mark.parametrize(
    ("series", "times_out", "message"),
    [
        ([([0.0], [1.0])], [np.nan], "expected times_out to be finite, got nan"),
        ([([0.0], [1.0])], [[1.0], [2.0]], "expected times_out with one list for each of 1 series, got 2"),
        ([([0.0], [1.0])], [[[1.0]]], r"expected times_out of shape \(Q,\)"),
        ([([1.0, 0.0], [1.0, 1.0])], [2.0], "expected ascending times in series 0, got 0.0 after 1.0"),
        ([([0.0, 1.0], [1.0])], [2.0], r"expected times \(T,\) and values \(T, D\) in series 0, got shapes"),
        ([([0.0], [1.0])], [np.datetime64("2026-03-01")], "expected times_out to be numbers, got datetime64"),
        ([3], [1.0], "expected pairs"),
    ],
)
def test_questions_that_cannot_be_asked(series, times_out, message):
    with pytest.raises(ValueError, match=message):
        plstm.queries(series, times_out)


def test_one_time_is_asked_of_all():
    found = plstm.queries([([0.0, 2.0], [1.0, 2.0]), ([], np.zeros((0, 1)))], 1.0)
    assert [times.tolist() for times, _ in found] == [[0.0, 1.0], [1.0]]
    assert all(np.isnan(values[-1]).all() for _, values in found)
