"""equations.mjs in the browser gives the numbers of plstm.reference and plstm.gate to 1e-6, edge cases included."""

import itertools

import numpy as np
import pytest

from plstm import gate, reference
from plstm.lab.live import scene
from plstm.lab.live.gate import slopes

TOLERANCE = 1e-6


def ask(modules, name, cases):
    """``name(*case)`` of equations.mjs for every case."""
    imported = "const all = await import('./equations.mjs');"
    call = f"async (cases) => {{ {imported} return cases.map((c) => all.{name}(...c)); }}"
    return modules.evaluate(call, cases)


def gates():
    times = [-1234.5, -7.0, -1e-9, 0.0, 0.25, 0.5, 1.0, 9.999999, 10.0, 783.0, 1.7e9]
    periods = [1e-3, 1.0, 10.0, 403.4]
    ratios = [0.01, 0.05, 0.5, 1.0]
    for t, period, ratio_on, shape in itertools.product(times, periods, ratios, gate.SHAPES):
        for shift, leak in [(0.0, 0.0), (3.7, 0.001), (-250.0, 0.1)]:
            yield t, {"period": period, "shift": shift, "ratio_on": ratio_on, "leak": leak, "shape": shape}


def test_openness(modules):
    cases = list(gates())
    expected = [reference.gate(t, g["period"], g["shift"], g["ratio_on"], g["leak"], g["shape"]) for t, g in cases]
    np.testing.assert_allclose(ask(modules, "gate", cases), expected, rtol=0, atol=TOLERANCE)


def test_openness_at_the_edges_of_the_branches(modules):
    phases = [0.0, 0.1, np.nextafter(0.1, 0), 0.2, np.nextafter(0.2, 0), np.nextafter(1.0, 0)]
    cases = [(phi, 0.2, 0.5, shape) for phi in phases for shape in gate.SHAPES]
    expected = [gate.openness(np.array(phi), r, leak, shape) for phi, r, leak, shape in cases]
    np.testing.assert_allclose(ask(modules, "openness", cases), expected, rtol=0, atol=TOLERANCE)


def test_a_tiny_negative_time_is_the_start_of_a_period(modules):
    assert ask(modules, "phase", [(-1e-20, 10.0, 0.0)]) == [0]


@pytest.mark.parametrize("shape", sorted(set(gate.SHAPES) - {"square"}))
def test_slopes_are_those_of_the_gate(modules, shape):
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(50):
        g = {"period": rng.uniform(2, 40), "shift": rng.uniform(-9, 9), "ratio_on": rng.uniform(0.2, 1.0), "leak": 0.1}
        cases.append((rng.uniform(0, 100), {**g, "shape": shape}))
    answers = ask(modules, "gateSlopes", cases)
    step = 1e-6
    smooth = 0
    for (t, g), answer in zip(cases, answers):
        assert answer == pytest.approx(slopes(t, **g), abs=TOLERANCE)
        phase = gate.phase(t, g["period"], g["shift"])
        if min(abs(phase - kink) for kink in (0.0, g["ratio_on"] / 2, g["ratio_on"], 1.0)) < 1e-4:
            continue
        smooth += 1
        for name in ("period", "shift", "ratio_on"):
            up, down = (gate.time_gate(t, **{**g, name: g[name] + sign * step}) for sign in (1, -1))
            assert answer[name] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-6)
    assert smooth > 40


@pytest.mark.parametrize("shape", gate.SHAPES)
def test_the_curve_that_is_drawn(modules, shape):
    g = {"period": 10.0, "shift": 3.0, "ratio_on": 0.3, "leak": 0.1, "shape": shape}
    [curve] = ask(modules, "gateCurve", [(g, 50.0)])
    for name, expected in scene.gate_curve(**g, until=50.0).items():
        drawn = [np.nan if value is None else value for value in curve[name]]
        np.testing.assert_allclose(drawn, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("peepholes", [False, True])
def test_lstm_step(modules, peepholes):
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
    answers = [[*answer["h"], *answer["c"]] for answer in ask(modules, "lstmStep", cases)]
    np.testing.assert_allclose(answers, expected, rtol=0, atol=TOLERANCE)


def test_gru_step(modules):
    rng = np.random.default_rng(2)
    units, features = 4, 2
    shapes = {"kernel": (features, 3 * units), "recurrent_kernel": (units, 3 * units), "bias": (2, 3 * units)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x, h, k = rng.normal(size=features), rng.normal(size=units), np.array([0.0, 1.0, 0.3, 0.6])
    case = (x.tolist(), h.tolist(), k.tolist(), {name: w.tolist() for name, w in weights.items()})
    expected = reference.gru_step(x[None], h[None], k, **weights)
    np.testing.assert_allclose(ask(modules, "gruStep", [case]), expected, rtol=0, atol=TOLERANCE)


def test_random_numbers_are_the_same(modules):
    draw = """async (seeds) => {
      const { range, uniform } = await import("./equations.mjs");
      return seeds.map((seed) => range(100, uniform(seed)));
    }"""
    seeds = [0, 1, 7, 2**31, 2**32 - 1]
    np.testing.assert_array_equal(modules.evaluate(draw, seeds), [scene.uniform(seed, 100) for seed in seeds])


def test_numbers_are_written_the_same(modules):
    rng = np.random.default_rng(3)
    values = [0.0, -0.0, 0.125, 1.125, 2.5, 999.4, 999.6, 1000.0, 1179648.0, 1e9, 1e-9, -1e-17]
    values += (rng.choice([-1, 1], 300) * 10 ** rng.uniform(-8, 9, 300)).tolist()
    assert ask(modules, "number", [[v] for v in values]) == [scene.number(v) for v in values]
