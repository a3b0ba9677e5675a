"""Bad input: each is refused with what was expected and what came."""

# ruff: noqa: E501  a table reads best with one row a line

import keras
import numpy as np
import pytest

import plstm

X = np.zeros((4, 6, 2), "float32")
T = np.arange(6.0)


def layer(**kwargs):
    return plstm.PhasedLSTM(3, **kwargs)


CALLS = {
    "units 0": (lambda: plstm.PhasedLSTM(0), ValueError, "expected units >= 1, got 0"),
    "units negative": (lambda: plstm.PhasedGRU(-2), ValueError, "got -2"),
    "units text": (lambda: plstm.PhasedLSTM("8"), TypeError, "expected units to be an integer, got '8'"),
    "units fraction": (lambda: plstm.TimeGate(2.5), TypeError, "expected units to be an integer, got 2.5"),
    "period 0": (lambda: layer(period_initializer=0.0)(X), ValueError, "expected period > 0, got 0"),
    "period negative": (lambda: layer(period_initializer=[1, -1, 2])(X), ValueError, "expected period > 0, got -1"),
    "ratio 0": (lambda: layer(ratio_on_initializer=0.0)(X), ValueError, "expected 0 < ratio_on <= 1, got 0"),
    "ratio 1.5": (lambda: layer(ratio_on_initializer=1.5)(X), ValueError, "expected 0 < ratio_on <= 1, got 1.5"),
    "array too long": (lambda: layer(period_initializer=[1, 2])(X), ValueError, "expected 3 initial values.* got 2"),
    "array not finite": (lambda: layer(shift_initializer=[0, np.nan, 1]), ValueError, "to be finite, got nan"),
    "no initializer": (lambda: layer(period_initializer=None), ValueError, "expected an initializer.* got None"),
    "range": (lambda: plstm.LogUniform(5, 2), ValueError, "expected numbers, 0 < low <= high < infinity, got low=5, high=2"),
    "range of text": (lambda: plstm.LogUniform("a", 2), ValueError, "expected numbers, 0 < low .* got low='a', high=2"),
    "leak": (lambda: layer(leak=-1.0), ValueError, "expected leak to be a number >= 0 or a schedule, got -1.0"),
    "leak text": (lambda: layer(leak="a"), ValueError, "expected leak to be a number >= 0 or a schedule, got 'a'"),
    "leak none": (lambda: plstm.TimeGate(3, leak=None), ValueError, "a number >= 0 or a schedule, got None"),
    "leaks": (lambda: plstm.PhasedGRU(3, leak=np.array([0.1, 0.2])), ValueError, r"or a schedule, got array\(\[0.1, 0.2"),
    "leak infinite": (lambda: layer(leak=np.inf), ValueError, "a number >= 0 or a schedule, got inf"),
    "frozen all": (
        lambda: layer(frozen=True), ValueError, "expected frozen to be names out of period, shift, ratio_on, got True; trainable_gate=False .*freezes all"
    ),
    "frozen none": (lambda: plstm.TimeGate(3, frozen=None), ValueError, "names out of period.* got None"),
    "frozen number": (lambda: plstm.PhasedGRU(3, frozen=1), ValueError, "names out of period.* got 1"),
    "frozen name": (lambda: layer(frozen="tau"), ValueError, "each name in frozen to be one of period, shift, ratio_on, got 'tau'"),
    "frozen numbers": (lambda: layer(frozen=[0, 1]), ValueError, "each name in frozen to be one of period.* got 0"),
    "autocast": (lambda: layer(autocast=True), ValueError, "expected autocast=False, because autocast would round the times, got True"),
    "autocast none": (lambda: plstm.PhasedGRU(3, autocast=None), ValueError, "expected autocast=False, .*got None"),
    "origin": (lambda: layer(origin=np.inf), ValueError, "expected origin to be finite, got inf"),
    "shape": (lambda: layer(gate_shape="sine"), ValueError, "expected a gate shape among triangle.* got 'sine'"),
    "gradient": (lambda: layer(gate_gradient="half"), ValueError, "expected gate gradient to be one of exact.* got 'half'"),
    "parametrization": (lambda: layer(parametrization="exp"), ValueError, "to be one of natural, log, got 'exp'"),
    "engine": (lambda: layer(engine="gpu"), ValueError, "expected engine to be one of auto.* got 'gpu'"),
    "GRU form": (lambda: plstm.PhasedGRU(3, reset_after=False), ValueError, "expected reset_after=True, got False"),
    "rank of x": (lambda: layer()(X[0]), ValueError, "expected ndim=3, found ndim=2"),
    "batch of times": (lambda: layer()(X, times=np.zeros((3, 6))), ValueError, r"shape \(4, 6\) or \(6,\), got \(3, 6\)"),
    "steps of times": (lambda: layer()(X, times=T[:5]), ValueError, r"expected times of shape \(4, 6\) or \(6,\), got \(5,\)"),
    "rank of times": (lambda: layer()(X, times=0.0), ValueError, r"or \(6,\), got \(\)"),
    "symbolic times": (
        lambda: layer()(keras.Input((6, 2)), times=keras.Input((7,))), ValueError, r"\(batch, 6\) or \(6,\), got \(None, 7\)"
    ),
    "times NaN": (lambda: layer()(X, times=[0, 1, np.nan, 3, 4, 5]), ValueError, r"expected finite times, got nan at \(2,\)"),
    "times inf": (lambda: layer()(X, times=[0, 1, 2, 3, 4, np.inf]), ValueError, r"expected finite times, got inf at \(5,\)"),
    "times text": (lambda: layer()(X, times=list("abcdef")), ValueError, "expected times to be numbers, got text"),
    "dates": (
        lambda: layer()(X, times=np.arange("2020-01-01", "2020-01-07", dtype="datetime64[D]")), ValueError,
        "got datetime64.*plstm.elapsed",
    ),
    "ragged times": (lambda: layer()(X, times=[[0, 1], [0]]), ValueError, "got rows of different lengths"),
    "number of states": (
        lambda: layer()(X, initial_state=[np.zeros((4, 3), "float32")]), ValueError, "expected an initial state of 2 tensors, got 1"
    ),
    "size of states": (
        lambda: layer()(X, initial_state=[np.zeros((4, 2), "float32")] * 2), ValueError, r"initial state of shape \(4, 3\) or \(1, 3\), got \(4, 2\)"
    ),
    "bidirectional": (lambda: plstm.Bidirectional(keras.layers.LSTM(2)), TypeError, "expected a PhasedLSTM.* got LSTM"),
    "bidirectional states": (
        lambda: plstm.Bidirectional(layer())(X, initial_state=[np.zeros((4, 3))] * 2), ValueError, "expected 4 initial states"
    ),
    "merge": (lambda: plstm.Bidirectional(layer(), merge_mode="max"), ValueError, "expected merge_mode .* got 'max'"),
    "pad nothing": (lambda: plstm.pad([]), ValueError, "expected at least one series, got none"),
    "pad lengths": (lambda: plstm.pad([([0, 1], [1.0])]), ValueError, r"got shapes \(2,\) and \(1,\)$"),
    "pad first values": (lambda: plstm.pad([(X[0], T)]), ValueError, r"got shapes \(6, 2\) and \(6,\); times come first"),
    "pad first missing values": (
        lambda: plstm.pad([(T, T), (np.full((6, 2), np.nan), T)]), ValueError, r"in series 1, got shapes \(6, 2\) and \(6,\); times come first"
    ),
    "pad length text": (lambda: plstm.pad([(T, T)], length="2"), TypeError, "expected length to be an integer, got '2'"),
    "pad length fraction": (lambda: plstm.pad([(T, T)], length=9.0), TypeError, "expected length to be an integer, got 9.0"),
    "pad length true": (lambda: plstm.pad([(T[:1], T[:1])], length=True), TypeError, "to be an integer, got True"),
    "pad features": (lambda: plstm.pad([([0], [[1, 2]]), ([0], [1])]), ValueError, r"same number of features.* got \[1, 2\]"),
    "pad order": (lambda: plstm.pad([([0, 2, 1], [1, 1, 1])]), ValueError, "got 1.0 after 2.0 at step 2"),
    "pad length": (lambda: plstm.pad([(T, T)], length=4), ValueError, "expected series of at most 4 steps, got one of 6"),
    "coverage": (lambda: plstm.coverage(layer(), [1.0, 0.0]), ValueError, "expected ascending times, got times that go back"),
    "coverage of a number": (lambda: plstm.coverage(3, T), TypeError, "expected a PhasedLSTM, PhasedGRU or TimeGate, got int"),
    "coverage of a class": (lambda: plstm.coverage(plstm.TimeGate, T), TypeError, "PhasedGRU or TimeGate, got type"),
    "coverage of Keras' layer": (lambda: plstm.coverage(keras.layers.LSTM(2), T), TypeError, "or TimeGate, got LSTM"),
    "openness": (lambda: plstm.TimeGate(2).openness([np.nan]), ValueError, "expected times to be finite, got nan"),
    "from_times": (lambda: plstm.LogUniform.from_times([3.0, 3.0]), ValueError, "at least two different times"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_bad_input(name):
    call, error, message = CALLS[name]
    with pytest.raises(error, match=message):
        call()


def test_a_refused_call_leaves_a_stateful_layer_as_it_was():
    stateful = layer(stateful=True)
    stateful(np.ones_like(X), times=T)
    before = stateful.get_weights()
    states = [np.array(s) for s in stateful.states]
    with pytest.raises(ValueError, match="finite"):
        stateful(X, times=np.full(6, np.nan))
    for then, now in zip(before, stateful.get_weights()):
        np.testing.assert_array_equal(then, now)
    for then, now in zip(states, stateful.states):
        np.testing.assert_array_equal(then, np.array(now))
