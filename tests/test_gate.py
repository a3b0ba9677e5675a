"""The gate in NumPy against values worked out by hand, against the reference, and on bad input."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import plstm
from plstm import gate, reference


@pytest.mark.parametrize(
    "t, expected",
    [
        (0.0, 0.0),  # phase 0
        (0.25, 0.5),  # phase .025 of .1: halfway up
        (0.5, 1.0),  # the peak
        (0.75, 0.5),
        (1.0, 0.01 * 0.1),  # the window ends: leak * phase
        (9.0, 0.01 * 0.9),
        (10.25, 0.5),  # the next period
        (-9.75, 0.5),  # negative time: the phase goes on, it is not mirrored
    ],
)
def test_by_hand(t, expected):
    assert plstm.time_gate(t, period=10.0, ratio_on=0.1, leak=0.01) == pytest.approx(expected, abs=1e-12)


def test_shift_moves_the_opening_later():
    assert plstm.time_gate(3.5, period=10.0, shift=3.0, ratio_on=0.1) == pytest.approx(1.0)


@pytest.mark.parametrize("shape", gate.SHAPES)
@pytest.mark.parametrize("leak", [0.0, 0.001, 0.3])
def test_equals_reference(shape, leak):
    rng = np.random.default_rng(0)
    times = np.concatenate([rng.uniform(-1e3, 1e3, 200), 1.7e9 + rng.uniform(0, 100, 50), [0.0]])
    period, shift, ratio_on = rng.uniform(0.1, 50, 7), rng.uniform(-100, 100, 7), rng.uniform(0.01, 1, 7)
    ratio_on[0] = 1.0
    k = plstm.time_gate(times[:, None], period, shift, ratio_on, leak, shape)
    np.testing.assert_allclose(k, reference.gates(times, period, shift, ratio_on, leak, shape), atol=1e-6)


@pytest.mark.parametrize("of", [np.float32, np.float64, keras.ops.convert_to_tensor])
def test_an_open_square_gate_is_1_to_the_last_digit(of):
    times = np.random.default_rng(0).uniform(0, 100, 1000).astype("float32")
    k = plstm.time_gate(of(times), 7.0, 1.0, of(np.array(1.0, "float32")), shape="square")
    np.testing.assert_array_equal(k, 1.0)


def test_keeps_float64_at_unix_time():
    k = plstm.time_gate(np.float64(1_700_000_003.25), period=10.0, ratio_on=1.0, shift=0.0)
    assert k == pytest.approx(0.65, abs=1e-6)


def test_broadcasts():
    assert plstm.time_gate(np.zeros((4, 1, 1)), np.ones((3, 1)), 0.0, np.full(5, 0.5)).shape == (4, 3, 5)


def test_callable_shape():
    k = plstm.time_gate([0.0, 2.5], 10.0, 0.0, 0.5, shape=lambda phase, ratio_on: phase * ratio_on)
    np.testing.assert_allclose(k, [0.0, 0.125])
    k = plstm.time_gate([0.0, 2.5], 10.0, 0.0, 0.5, shape=lambda phase, ratio_on: keras.ops.multiply(phase, ratio_on))
    assert type(k) is np.ndarray and k.dtype == np.float64


@given(
    t=st.floats(-1e15, 1e15),
    period=st.floats(1e-6, 1e12),
    shift=st.floats(-1e12, 1e12),
    ratio_on=st.floats(1e-6, 1.0),
    leak=st.floats(0.0, 1.0),
    shape=st.sampled_from(gate.SHAPES),
)
def test_openness_is_a_share_wherever_the_clock_can_tell(t, period, shift, ratio_on, leak, shape):
    assert 0.0 <= gate.phase(t, period, shift) < 1.0
    if np.spacing(max(abs(t), 1.0)) > period * ratio_on / 10:
        with pytest.raises(ValueError, match="expected times fine enough"):
            plstm.time_gate(t, period, shift, ratio_on, leak, shape)
    else:
        assert 0.0 <= plstm.time_gate(t, period, shift, ratio_on, leak, shape) <= 1.0


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"period": 0.0}, "expected period > 0, got 0"),
        ({"period": [1.0, -2.0]}, "expected period > 0, got -2"),
        ({"ratio_on": 0.0}, "expected 0 < ratio_on <= 1, got 0"),
        ({"ratio_on": [0.5, 1.5]}, "expected 0 < ratio_on <= 1, got 1.5"),
        ({"leak": -0.1}, "expected leak >= 0, got -0.1"),
        ({"times": [0.0, np.nan]}, "expected times to be finite, got nan"),
        ({"shift": np.inf}, "expected shift to be finite, got inf"),
        ({"times": "noon"}, "expected times to be numbers, got text"),
        (
            {"times": [0, 1], "period": [1, 2, 3]},
            r"expected shapes that broadcast, got times \(2,\) and period \(3,\); give times\[:, None\]$",
        ),
        (
            {"times": np.zeros((2, 4)), "ratio_on": [0.1, 0.2, 0.3]},
            r"got times \(2, 4\) and ratio_on \(3,\); give times\[..., None\]$",
        ),
        ({"shift": np.zeros((2, 1)), "leak": np.zeros((3, 1))}, r"got shift \(2, 1\) and leak \(3, 1\)$"),
        ({"times": np.zeros(2), "period": np.ones((3, 3))}, r"got times \(2,\) and period \(3, 3\)$"),
        (
            {"shape": "sawtooth"},
            f"expected a gate shape among {', '.join(gate.SHAPES)} or a callable, got 'sawtooth'",
        ),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        plstm.time_gate(**{"times": 0.0, "period": 1.0, **arguments})
