"""equations.mjs has the numbers of plstm.reference and plstm.gate to 1e-6, at the edges too. In a V8, no browser."""

import itertools

import numpy as np
import pytest

from plstm import gate, reference
from plstm.lab.live.javascript import map_call

TOLERANCE = 1e-6


def ask(name, cases):
    """``name(*case)`` of equations.mjs for every case."""
    return map_call("equations", name, cases)


def gates():
    times = [-1234.5, -7.0, -1e-9, 0.0, 0.25, 0.5, 1.0, 9.999999, 10.0, 783.0, 1.7e9]
    periods = [1e-3, 1.0, 10.0, 403.4]
    ratios = [0.01, 0.05, 0.5, 1.0]
    for t, period, ratio_on, shape in itertools.product(times, periods, ratios, gate.SHAPES):
        for shift, leak in [(0.0, 0.0), (3.7, 0.001), (-250.0, 0.1)]:
            yield t, {"period": period, "shift": shift, "ratio_on": ratio_on, "leak": leak, "shape": shape}


def openness(t, g):
    return reference.gate(t, g["period"], g["shift"], g["ratio_on"], g["leak"], g["shape"])


def test_openness():
    cases = list(gates())
    np.testing.assert_allclose(ask("gate", cases), [openness(*case) for case in cases], rtol=0, atol=TOLERANCE)


def test_openness_at_the_edges_of_the_branches():
    phases = [0.0, 0.1, np.nextafter(0.1, 0), 0.2, np.nextafter(0.2, 0), np.nextafter(1.0, 0)]
    cases = [(phi, 0.2, 0.5, shape) for phi in phases for shape in gate.SHAPES]
    expected = [gate.openness(np.array(phi), r, leak, shape) for phi, r, leak, shape in cases]
    np.testing.assert_allclose(ask("openness", cases), expected, rtol=0, atol=TOLERANCE)


def test_a_tiny_negative_time_is_the_start_of_a_period():
    assert ask("phase", [(-1e-20, 10.0, 0.0)]) == [0]


@pytest.mark.parametrize("shape", gate.SHAPES)
def test_slopes_are_those_of_the_gate(shape):
    """By finite differences; the square has none, and borrows the triangle's, as in training."""
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(50):
        g = {"period": rng.uniform(2, 40), "shift": rng.uniform(-9, 9), "ratio_on": rng.uniform(0.2, 1.0), "leak": 0.1}
        cases.append((rng.uniform(0, 100), {**g, "shape": shape}))
    step = 1e-6
    smooth = 0
    for (t, g), answer in zip(cases, ask("gateSlopes", cases)):
        phase = gate.phase(t, g["period"], g["shift"])
        if min(abs(phase - kink) for kink in (0.0, g["ratio_on"] / 2, g["ratio_on"], 1.0)) < 1e-4:
            continue
        smooth += 1
        drawn = {**g, "shape": "triangle" if shape == "square" else shape}
        for name in ("period", "shift", "ratio_on"):
            up, down = (openness(t, {**drawn, name: g[name] + sign * step}) for sign in (1, -1))
            assert answer[name] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-6)
    assert smooth > 40


@pytest.mark.parametrize("shape", gate.SHAPES)
def test_the_curve_that_is_drawn(shape):
    """Its points lie on the gate, on either side of a kink, and a gap ends every period; it reaches over the axis."""
    g = {"period": 10.0, "shift": 3.0, "ratio_on": 0.3, "leak": 0.1, "shape": shape}
    [curve] = ask("gateCurve", [(g, 50.0)])
    t, phase, k = (np.array(curve[name], float) for name in ("t", "phase", "k"))
    assert t.min() <= 0.0
    assert t.max() >= 50.0
    gaps = np.isnan(k)
    assert gaps.sum() == 6  # periods begin at -7, 3, 13, 23, 33, 43
    np.testing.assert_array_equal(gaps, np.isnan(phase))
    np.testing.assert_allclose((t[~gaps] - 3.0) / 10.0 % 1.0, phase[~gaps] % 1.0, atol=1e-9)
    inside = ~gaps & (np.abs(phase - 0.3) > 1e-9) & (phase < 1 - 1e-9)
    np.testing.assert_allclose(k[inside], [openness(each, g) for each in t[inside]], rtol=0, atol=TOLERANCE)
    assert sorted({round(float(each), 9) for each in k[np.abs(phase - 0.3) < 1e-9]}) == sorted(
        {round(float(gate.bump(np.array(1.0), shape)), 9), 0.03}
    )


def test_no_period_begins_where_the_axis_ends():
    [curve] = ask("gateCurve", [({"period": 10.0, "ratio_on": 0.2}, 100.0)])
    assert max(curve["t"]) == 100.0
    assert curve["k"][-1] is None


@pytest.mark.parametrize("peepholes", [False, True])
def test_lstm_step(peepholes):
    rng = np.random.default_rng(1)
    units, features = 5, 3
    shapes = {"kernel": (features, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    weights["peepholes"] = rng.normal(size=(3, units)) if peepholes else None
    cases, expected = [], []
    for scale in (0.0, 1.0, 300.0):
        x, h, c = scale * rng.normal(size=features), rng.normal(size=units), rng.normal(size=units)
        k = np.array([0.0, 1.0, 0.3, 0.0, 1.0])
        new_h, new_c = reference.lstm_step(x[None], h[None], c[None], k, **weights)
        expected.append(np.concatenate([new_h[0], new_c[0]]))
        listed = {name: None if w is None else w.tolist() for name, w in weights.items()}
        cases.append((x.tolist(), h.tolist(), c.tolist(), k.tolist(), listed))
    answers = [[*answer["h"], *answer["c"]] for answer in ask("lstmStep", cases)]
    np.testing.assert_allclose(answers, expected, rtol=0, atol=TOLERANCE)


def test_gru_step():
    rng = np.random.default_rng(2)
    units, features = 4, 2
    shapes = {"kernel": (features, 3 * units), "recurrent_kernel": (units, 3 * units), "bias": (2, 3 * units)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x, h, k = rng.normal(size=features), rng.normal(size=units), np.array([0.0, 1.0, 0.3, 0.6])
    case = (x.tolist(), h.tolist(), k.tolist(), {name: w.tolist() for name, w in weights.items()})
    expected = reference.gru_step(x[None], h[None], k, **weights)
    np.testing.assert_allclose(ask("gruStep", [case]), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.125, "0.125"),
        (1.125, "1.13"),
        (-0.01234, "−0.0123"),
        (999.4, "999"),
        (1179648.0, "1,179,648"),
        (1e-9, "0.000000001"),
        (-1e-17, "0"),
    ],
)
def test_numbers_for_people(value, text):
    assert ask("number", [(value,)]) == [text]


def test_rounded_up():
    given = [0.02, 0.021, 1.0, 1.1, 2.05, 3.0, 4.9, 5.1, 99.0, 5100.0]
    assert ask("roundedUp", [(each,) for each in given]) == [0.02, 0.03, 1, 2, 3, 3, 5, 10, 100, 10000]


def test_ticks_about_zero():
    assert ask("ticksAboutZero", [(-0.4, 3.0), (-2.5, 2.5)]) == [[0, 2], [-2, 0, 2]]
