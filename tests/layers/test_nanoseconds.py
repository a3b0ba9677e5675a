"""Clocks too coarse even in 64 bits, such as nanoseconds since 1970, are refused as those in float32 are."""

import keras
import numpy as np
import pytest

import plstm
from plstm import gate
from plstm.lab.analysis import Recurrence

BACKEND = keras.backend.backend()
X = np.ones((2, 5, 3), "float32")
NANOSECONDS = 1_700_000_000_000_000_000 + 10 * np.arange(5)
FINE_ENOUGH = "expected times fine enough for open windows of"


@pytest.fixture(scope="module")
def narrow():
    """Windows of 50 nanoseconds, where float64 keeps every 256th."""
    layer = plstm.PhasedLSTM(4, period_initializer=100.0, ratio_on_initializer=0.5)
    layer(X)
    return layer


def step(layer, times):
    return plstm.EventDriven(layer).step(X[0, 0], times[0])


COARSE = {
    "layer": lambda layer, t: layer(X, times=t),
    "TimeGate": lambda layer, t: layer.cell.time_gate(t),
    "cell": lambda layer, t: layer.cell(X[:1, 0], layer.cell.get_initial_state(1), times=t[0]),
    "openness": lambda layer, t: layer.openness(t),
    "update_rate": lambda layer, t: layer.update_rate(t),
    "coverage": lambda layer, t: plstm.coverage(layer, t),
    "time_gate": lambda layer, t: plstm.time_gate(t, 100.0, ratio_on=0.5),
    "step": step,
    "step_many": lambda layer, t: plstm.EventDriven(layer).step_many([None] * 5, X[0], t),
    "run": lambda layer, t: plstm.EventDriven(layer).run(X, t),
    "run apart": lambda layer, t: plstm.EventDriven(layer).run(X, np.stack([t, t])),
    "mechanisms": lambda layer, t: Recurrence.of(layer).openness(t),
}
CLOCKS = {
    "nanoseconds": lambda: NANOSECONDS,
    "nanoseconds as floats": lambda: NANOSECONDS.astype("float64"),
    "a list": lambda: NANOSECONDS.tolist(),
    "before 1970": lambda: -NANOSECONDS[::-1],
    "float32 seconds": lambda: (1.7e9 + np.arange(5.0)).astype("float32"),
    "float16": lambda: (30_000 + 64 * np.arange(5.0)).astype("float16"),
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("name", COARSE)
def test_a_clock_too_coarse_beside_the_windows_is_refused(narrow, name, clock):
    with pytest.raises(ValueError, match=f"{FINE_ENOUGH} 50 .*subtract an origin"):
        COARSE[name](narrow, CLOCKS[clock]())


@pytest.mark.parametrize("name", COARSE)
def test_with_an_origin_it_is_taken(narrow, name):
    COARSE[name](narrow, NANOSECONDS - NANOSECONDS[0])
    COARSE[name](narrow, (NANOSECONDS - NANOSECONDS[0]).astype("float32"))


@pytest.mark.parametrize("exponent", [40, 52, 60])
@pytest.mark.parametrize("window", [0.3, 7.0, 2.0**10, 3e5])
def test_the_limit_is_where_neighbours_are_a_tenth_of_the_window_apart(exponent, window):
    """Asked of NumPy: how far the next float64 is."""
    fits = np.spacing(2.0**exponent) <= window / 10
    made = plstm.TimeGate(3, period_initializer=[2 * window, 2 * window, 1e-3], ratio_on_initializer=0.5)
    for call in (made.openness, lambda t: plstm.time_gate(t, 2 * window, ratio_on=0.5)):
        if fits:
            call([2.0**exponent])
        else:
            with pytest.raises(ValueError, match=FINE_ENOUGH):
                call([2.0**exponent])
    assert (np.nextafter(gate.latest(2 * window, 0.5), 0) < 2.0**exponent) is not fits


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch computes eagerly")
@pytest.mark.parametrize("loop", ["predict", "evaluate", "fit"])
def test_a_graph_that_is_given_nanoseconds_fails(loop):
    """On JAX without 64 bits inference cannot fail, and answers NaN."""
    late, near = (np.stack([clock, clock]) for clock in (NANOSECONDS, NANOSECONDS - NANOSECONDS[0]))

    def run(times):
        x, t = keras.Input((5, 3)), keras.Input((5,), dtype="int64")
        layer = plstm.PhasedLSTM(4, period_initializer=100.0, ratio_on_initializer=0.5)
        model = keras.Model([x, t], keras.layers.Dense(1)(layer(x, times=t)))
        model.compile("sgd", "mse")
        targets = [] if loop == "predict" else [np.zeros((2, 1), "float32")]
        return getattr(model, loop)([X, times], *targets, verbose=0)

    if BACKEND == "jax" and loop != "fit":
        assert np.all(np.isnan(run(late)))
    else:
        with pytest.raises(Exception, match=FINE_ENOUGH):
            run(late)
    run(near)


def test_a_masked_time_may_be_anything(narrow):
    mask = np.arange(5) < np.full((2, 1), 4)
    times = np.where(mask, np.arange(5), NANOSECONDS)
    narrow(X, times=times, mask=mask)
    plstm.EventDriven(narrow).run(X, times, mask)
