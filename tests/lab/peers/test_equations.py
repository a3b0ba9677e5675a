"""Every peer answers what its paper's equations do, in NumPy: masks, clocks, missing features, states, solvers."""

import keras
import numpy as np
import pytest

from plstm.lab.peers.diagonal_ssm import DiagonalSSM
from plstm.lab.peers.gru_d import GRUD
from plstm.lab.peers.ode_lstm import ODELSTM
from tests.lab.peers.cases import CASES, MISSING, RECURRENT, SCALE, B, D, H, T, expected, make, sample, with_missing
from tests.support import CLOCK_TOLERANCE, close, numpy

TOLERANCE = 1e-5 if CLOCK_TOLERANCE < 1e-4 else 1e-4  # JAX computes in 32 bits


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_that_of_the_equations(name, masked):
    x, times, mask = sample()
    mask = mask if masked else None
    whole = name != "mtand-dense"
    layer = make(name, return_sequences=whole)
    answer = numpy(layer(x, times=times, mask=mask))
    truth = expected(name, layer, x, times, mask)
    close(answer if whole else answer[:, None], truth, TOLERANCE)
    assert np.ptp(truth) > 0.3
    close(make(name)(x, times=times, mask=mask), truth[:, -1], TOLERANCE)


@pytest.mark.parametrize("name", MISSING)
def test_features_may_be_missing_one_by_one(name):
    x, times, mask = sample()
    x = with_missing(x)
    layer = make(name)
    truth = expected(name, layer, x, times, mask)[:, -1]
    close(layer(x, times=times, mask=mask), truth, TOLERANCE)
    assert np.isfinite(truth).all()


def test_what_is_not_observed_may_hold_anything():
    x, times, mask = sample()
    layer, missing = make("gru-d"), with_missing(x)
    truth = numpy(layer(missing, times=times, mask=mask))
    observed = ~np.isnan(missing)
    for anything in (x, np.where(observed, x, 1e9), missing):
        close(layer(anything, times=times, mask=mask, observed=observed), truth, TOLERANCE)
    assert np.abs(truth - numpy(layer(x, times=times, mask=mask))).max() > 1e-3


@pytest.mark.parametrize("name", RECURRENT)
def test_one_clock_serves_all_samples_and_counts_if_none_is_given(name):
    x, _, _ = sample()
    layer = make(name)
    counting = np.arange(float(T))
    truth = expected(name, layer, x, np.broadcast_to(counting, (B, T)))[:, -1]
    for times in (None, counting, np.arange(T), np.broadcast_to(counting, (B, T))):
        close(layer(x, times=times), truth, TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_every_sample_has_gaps_of_its_own(name):
    """Also where the batch is as large as the layer: other code mistakes the one for the other there."""
    x, times, mask = sample()
    layer = make(name)
    whole = numpy(layer(np.resize(x, (H, T, D)), times=np.resize(times, (H, T)), mask=np.resize(mask, (H, T))))
    for n in range(B):
        close(layer(x[n : n + 1], times=times[n : n + 1], mask=mask[n : n + 1]), whole[n : n + 1], TOLERANCE)
    assert (
        np.abs(whole - numpy(layer(np.resize(x, (H, T, D)), times=times[0], mask=np.resize(mask, (H, T))))).max() > 1e-4
    )


@pytest.mark.parametrize("name", [name for name in RECURRENT if name != "baseline"])  # its first gap counts from 0
def test_only_gaps_count_and_their_unit_is_the_scale(name):
    x, times, mask = sample()
    layer, other = make(name), make(name)
    truth = numpy(layer(x, times=times, mask=mask))
    close(layer(x, times=times + 1e4, mask=mask), truth, 100 * TOLERANCE)
    other.time_scale = 60 * SCALE
    close(other(x, times=60 * times, mask=mask), truth, TOLERANCE)


def test_runge_kutta_is_of_fourth_order_and_euler_of_first():
    x, times, _ = sample()
    exact = make("ode-lstm")
    exact.solver_steps = 400
    truth = numpy(exact(x, times=times))
    for solver, order in (("euler", 1), ("rk4", 4)):
        errors = []
        for steps in (10, 20):
            layer = make("ode-lstm")
            layer.solver, layer.solver_steps = solver, steps
            errors.append(np.abs(numpy(layer(x, times=times)) - truth).max())
        if TOLERANCE < 1e-4 or solver == "euler":
            assert 0.6 * 2**order < errors[0] / errors[1] < 1.6 * 2**order


def test_a_memory_of_the_state_space_turns_and_fades_by_the_time_alone():
    """An impulse, then nothing: what a state holds is e^(lambda t), whatever steps lie between."""
    layer = DiagonalSSM(2, depth=1, states=1, dtype="float64", return_sequences=True)
    layer.build((None, None, 1))
    weights = {w.name: w for w in layer.weights}
    for name, value in {"kernel": [[1.0, 2.0]], "skip_0": [0.0, 0.0], "log_step_0": [-1.0]}.items():
        weights[name].assign(value)
    x = np.zeros((1, 40, 1))
    x[0, 0] = 1.0
    times = np.sort(np.random.default_rng(0).uniform(0, 9, (1, 40)), axis=1)
    few = [0, 13, 39]
    close(layer(x, times=times)[:, -1], numpy(layer(x[:, few], times=times[:, few]))[:, -1], TOLERANCE)


def test_an_unseen_feature_fades_to_its_mean():
    layer = GRUD(3, mean=[1.0, -2.0], dtype="float64")
    layer.build((None, None, 2))
    hole = np.array([[[5.0, 5.0], [np.nan, np.nan]]])
    weights = {w.name: w for w in layer.weights}
    weights["input_decay"].assign([1.0, 1.0])
    weights["decay"].assign(np.zeros((2, 3)))  # h stays
    long_after = numpy(layer(hole, times=np.array([0.0, 1e3])))
    layer.mean = np.array([5.0, 5.0])
    assert np.abs(numpy(layer(hole, times=np.array([0.0, 1e3]))) - long_after).max() > 1e-3
    at_once = numpy(layer(hole, times=np.array([0.0, 0.0])))
    layer.mean = np.array([1.0, -2.0])
    close(layer(hole, times=np.array([0.0, 0.0])), at_once, TOLERANCE)


def test_without_gaps_an_ode_lstm_is_an_lstm():
    x, _, _ = sample()
    layer, plain = make("ode-lstm"), keras.layers.LSTM(H, dtype="float64")
    plain.build((None, None, D))
    weights = {w.name: numpy(w) for w in layer.weights}
    plain.set_weights([weights[name] for name in ("kernel", "recurrent_kernel", "bias")])
    close(layer(x, times=np.zeros(T)), numpy(plain(x)), TOLERANCE)
    fresh = ODELSTM(2)
    fresh.build((None, None, 1))
    np.testing.assert_array_equal(numpy(fresh.bias), [0, 0, 1, 1, 0, 0, 0, 0])
