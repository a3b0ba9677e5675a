"""The reference against values worked out by hand: one unit, weights small enough for a pocket calculator."""

import math

import numpy as np
import pytest

from plstm import reference


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_gate_by_hand():
    assert reference.gate(1.0, period=8.0, shift=0.0, ratio_on=0.5) == pytest.approx(0.5)  # phase 1/8, rising
    assert reference.gate(3.0, period=8.0, shift=0.0, ratio_on=0.5) == pytest.approx(0.5)  # phase 3/8, falling
    assert reference.gate(6.0, period=8.0, shift=0.0, ratio_on=0.5, leak=0.01) == pytest.approx(0.0075)  # closed
    assert reference.gate(1.0, period=8.0, shift=2.0, ratio_on=0.5, leak=0.01) == pytest.approx(0.00875)  # phase 7/8


def test_lstm_step_by_hand():
    # x = 1, h' = 0.5, c' = -1; every z is w + u/2 + b.
    kernel = np.array([[0.1, 0.2, 0.3, 0.4]])
    recurrent = np.array([[1.0, -1.0, 2.0, 0.0]])
    bias = np.array([0.0, 1.0, -0.3, 0.1])
    i, f, g, o = sigmoid(0.6), sigmoid(0.7), math.tanh(1.0), sigmoid(0.5)
    c_proposal = f * -1 + i * g
    h_proposal = o * math.tanh(c_proposal)
    h, c = reference.lstm_step(np.array([1.0]), np.array([0.5]), np.array([-1.0]), 0.25, kernel, recurrent, bias)
    assert c[0] == pytest.approx(0.25 * c_proposal + 0.75 * -1.0, abs=1e-12)
    assert h[0] == pytest.approx(0.25 * h_proposal + 0.75 * 0.5, abs=1e-12)
    # The same two numbers from a pocket calculator.
    assert c_proposal == pytest.approx(-0.176460, abs=1e-5)
    assert h_proposal == pytest.approx(-0.108713, abs=1e-5)


def test_peepholes_by_hand():
    # All weights 0 but the peepholes: i and f see c' = 2, o sees the proposal.
    zero = np.zeros((1, 4))
    peepholes = np.array([[0.5], [-0.25], [3.0]])
    c_proposal = sigmoid(-0.5) * 2.0
    h, c = reference.lstm_step(np.array([1.0]), np.array([0.0]), np.array([2.0]), 1.0, zero, zero, zero[0], peepholes)
    assert c[0] == pytest.approx(c_proposal)
    assert h[0] == pytest.approx(sigmoid(3.0 * c_proposal) * math.tanh(c_proposal))


def test_gru_step_by_hand():
    kernel, recurrent = np.array([[0.2, -0.4, 0.6]]), np.array([[1.0, 0.5, -2.0]])
    bias = np.array([[0.1, 0.0, 0.3], [0.0, 0.2, 0.4]])
    z, r = sigmoid(0.2 + 0.1 + 0.5), sigmoid(-0.4 + 0.25 + 0.2)
    candidate = math.tanh(0.6 + 0.3 + r * (-1.0 + 0.4))
    h = reference.gru_step(np.array([1.0]), np.array([0.5]), 0.5, kernel, recurrent, bias)
    assert h[0] == pytest.approx(0.5 * 0.5 + 0.5 * (z * 0.5 + (1 - z) * candidate))


def test_masked_step_and_closed_gate_change_nothing():
    rng = np.random.default_rng(0)
    weights = {
        "kernel": rng.normal(size=(2, 12)),
        "recurrent_kernel": rng.normal(size=(3, 12)),
        "bias": rng.normal(size=12),
    }
    x, k = rng.normal(size=(1, 4, 2)), np.ones((4, 3))
    k[2] = 0.0
    mask = np.array([[True, False, True, True]])
    outputs, state = reference.run("lstm", x, k, weights, mask=mask)
    np.testing.assert_array_equal(outputs[0, 0], outputs[0, 1])
    np.testing.assert_array_equal(outputs[0, 1], outputs[0, 2])
    assert np.abs(outputs[0, 3] - outputs[0, 2]).min() > 1e-3
    np.testing.assert_array_equal(state[0][0], outputs[0, 3])
