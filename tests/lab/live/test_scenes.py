"""What the figures show: their numbers are those of plstm.reference, their words count well. In a V8, no browser."""

import re

import numpy as np
import pytest

from plstm import gate, reference
from plstm.lab.bench import report
from plstm.lab.live.javascript import map_call
from tests.lab.live.support import FIGURES, make, trials


def shown(name, values):
    """The scenes of a figure at these values."""
    kind = make(name).kind
    return map_call(kind.name, "scene", [(each, kind.data) for each in values])


def marks(scene, panel, kind):
    return [mark for mark in scene["panels"][panel]["marks"] if mark["kind"] == kind]


def cells(x, k, weights):
    """h and c after every step, (T, H) each, by the reference."""
    h = c = np.zeros((1, len(weights["bias"]) // 4))
    hs, cs = [], []
    for now, openness in zip(x, k):
        h, c = reference.lstm_step(np.array([[now]]), h, c, openness, **weights)
        hs.append(h[0])
        cs.append(c[0])
    return np.array(hs), np.array(cs)


@pytest.mark.parametrize("name", FIGURES)
def test_sentences_count_well(name):
    for scene in shown(name, trials(make(name).kind)):
        one = r"(?<![\d.,])1 (units|features|steps|samples)|(?<![\d.,])0 (unit|feature|step|sample)\b"
        assert not re.search(one, scene["sentence"])


@pytest.mark.parametrize("name", FIGURES)
def test_every_number_has_a_place(name):
    """Ends in order, as many y as x, nothing infinite: JSON makes a null of it, and only a y may be a gap."""
    for scene in shown(name, trials(make(name).kind)):
        for panel in scene["panels"]:
            assert panel["y"][0] != panel["y"][1]
            assert panel["x"][0] < panel["x"][1]
            assert not {None} & {*panel["x"], *panel["y"], *panel["yticks"]}
            for mark in panel["marks"]:
                if "x" in mark:
                    assert len(mark["x"]) == len(mark["y"])
                    assert None not in mark["x"]


def test_one_is_one():
    assert make("explore_population", units=1).scene["sentence"].startswith("1 unit with an open share of 5 % covers ")
    [scene] = shown("explore_savings", [{"units": 1, "features": 1, "ratio_on": 0.5, "rate": 1.0}])
    assert scene["sentence"].startswith("1 unit with 1 feature ")
    assert "has lost half after 1 step;" in make("explore_memory", forget=0.2).scene["sentence"]
    assert "in 0 of 1 step" in make("explore_memory", written=783, ratio_on=1.0).scene["formula"][1][0]


def test_the_gate_explorer_shows_the_gate():
    kind = make("explore_gate").kind
    for values, scene in zip(trials(kind), shown("explore_gate", trials(kind))):
        at = [values[name] for name in ("period", "shift", "ratio_on", "leak", "shape")]
        [phase], [k] = (marks(scene, panel, "points")[0]["y"] for panel in (0, 1))
        assert k == pytest.approx(reference.gate(values["t"], *at), abs=1e-6)
        assert phase == pytest.approx(gate.phase(values["t"], *at[:2]), abs=1e-6)


def test_a_square_gate_is_one_without_ado():
    lines = [line for line, _ in make("explore_gate", shape="square", t=22.0).scene["formula"]]
    assert lines[1:3] == ["k = {openness:1}   (φ < r_on, open)", "k = α φ   (otherwise, closed)"]


def test_every_shape_is_in_the_menu_with_an_equation_of_its_own():
    [shapes] = [control.options for control in make("explore_gate").kind.controls if control.name == "shape"]
    assert list(shapes) == list(gate.SHAPES)
    first = [make("explore_gate", shape=shape, t=21.0).scene["formula"][1][0] for shape in shapes]
    assert len({line.split(" = ")[1] for line in first}) == len(shapes)


def test_rounding_opens_no_gate():
    """8 openings of 5 steps, of which the first has k = 0: 784 - 8 * 4. Rounding leaves 1e-15 at the end of some."""
    lines = make("explore_memory", period=100.0, shift=0.0, ratio_on=0.05, written=0, t=784).scene["formula"]
    assert lines[1][0].endswith("in 752 of 784 steps")


def test_a_measurement_of_other_sizes_is_said_to_be_one():
    assert "a second. Measured at D = 64, H = 512, r_on = 0.05: " in make("explore_savings").scene["sentence"]
    always_open = make("explore_savings", ratio_on=1.0).scene["sentence"]
    assert "a second. The nearest measurement, at D = 64, H = 512, r_on = 0.5: " in always_open


def test_the_savings_are_the_published_ones():
    """The bars are the multiply-adds, and the times that the benchmark took at the size that is named."""
    values = {"units": 512, "features": 64, "ratio_on": 0.05}
    scene = make("explore_savings", **values).scene
    assert marks(scene, 0, "bars")[0]["y"] == pytest.approx([4 * 512 * 576, 0.05 * 4 * 512 * 576])
    took = {
        row["contender"]: 1e6 * row["whole_sequence"]
        for row in report.published("infer_cpu")["rows"]
        if "whole_sequence" in row and all(row[name] == value for name, value in values.items())
    }
    expected = [took["event-driven-dense"], took["event-driven"]]
    assert marks(scene, 1, "bars")[0]["y"] == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("sampling", ["regular", "irregular"])
def test_three_neurons_step_as_the_reference(sampling):
    figure = make("explore_neurons", sampling=sampling, ratio_on=0.4)
    scene, weights = figure.scene, {name: np.array(w) for name, w in figure.kind.data["weights"].items()}
    line = marks(scene, 0, "line")[0]
    times = np.array(line["x"])
    sines = np.sin(2 * np.pi * times / 40) + 0.4 * np.sin(2 * np.pi * times / 7)
    np.testing.assert_allclose(line["y"], sines, atol=1e-9)
    assert np.all(np.diff(times) > 0)
    periods = [figure.period_1, figure.period_2, figure.period_3]
    k = [[reference.gate(t, period, 0.0, 0.4) for period in periods] for t in times]
    h, c = cells(line["y"], np.array(k), weights)
    for unit in range(3):
        for quantity, states in zip(("cell", "output"), (c, h)):
            [drawn] = [mark for mark in marks(scene, 1 + unit, "line") if mark["colour"] == quantity]
            np.testing.assert_allclose(drawn["y"][::2], states[:, unit], atol=1e-6)
            np.testing.assert_array_equal(drawn["y"][::2], drawn["y"][1::2], "held until the next sample")
    assert f"unit 1 takes in {sum(row[0] > 0 for row in k)}, " in scene["sentence"]


@pytest.mark.parametrize("signal", ["sine", "step", "pulses", "noise"])
def test_the_integrator_steps_as_the_reference(signal):
    scene = make("explore_integrator", signal=signal, forget=0.9).scene
    x = marks(scene, 0, "line")[0]["y"]
    weights = {"kernel": np.array([[0.0, 0.0, 0.5, 0.0]]), "recurrent_kernel": np.zeros((1, 4))}
    weights["bias"] = np.array([20.0, np.log(9.0), 0.0, 20.0])
    gated = [reference.gate(t, 25.0, 0.0, 0.3) for t in range(201)]
    for k, line in zip((np.ones(201), gated), marks(scene, 2, "line")):
        np.testing.assert_allclose(line["y"], cells(x, k, weights)[1][:, 0], atol=1e-6)
    assert f"moves in {np.count_nonzero(gated)} of 201 steps" in scene["sentence"]


@pytest.mark.parametrize(("condition", "gap"), [("regular", 1.0), ("fine", 0.1), ("asynchronous", None)])
def test_samples_lie_on_the_sine(condition, gap):
    scene = make("explore_sampling", condition=condition, period=7.0, start=20.0, duration=60.0, angle=0.5).scene
    [points] = marks(scene, 0, "points")
    times = np.array(points["x"])
    np.testing.assert_allclose(points["y"], np.sin(2 * np.pi * times / 7.0 - 0.5), atol=1e-9)
    assert times.min() >= 20.0
    assert times.max() < 80.0
    if gap:
        np.testing.assert_allclose(np.diff(times), gap)
    assert marks(scene, 1, "points")[0]["x"] == list(range(1, len(times) + 1))
    assert scene["sentence"].startswith(f"{len(times)} samples ")


def uniform(seed, count):
    """The generator mulberry32, as the page draws with it."""
    state, whole, drawn = seed, 0xFFFFFFFF, []
    for _ in range(count):
        state = (state + 0x6D2B79F5) & whole
        z = ((state ^ (state >> 15)) * (state | 1)) & whole
        z ^= (z + (((z ^ (z >> 7)) * (z | 61)) & whole)) & whole
        drawn.append((z ^ (z >> 14)) / 2**32)
    return np.array(drawn)


def openings(values):
    """(row, from, to) of all openings of a population between 0 and ``until``, by period."""
    units, until, ratio_on = (values[name] for name in ("units", "until", "ratio_on"))
    drawn = uniform(values["draw"], 2 * units)
    low, high = sorted([values["shortest"], values["longest"]])
    periods = np.sort(low * (high / low) ** drawn[:units])
    for row, (period, shift) in enumerate(zip(periods, drawn[units:] * periods)):
        first = shift + np.arange(np.floor(-shift / period), np.ceil((until - shift) / period)) * period
        pieces = np.clip(np.stack([first, first + ratio_on * period], 1), 0.0, until)
        yield from ((row, period, start, end) for start, end in pieces if end > start)


def union(pieces):
    """How long at least one of some stretches lasts: each is put behind those that begin before it."""
    reached, length = 0.0, 0.0
    for start, end in sorted(pieces):
        length += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return length


def percentages(sentence):
    return [float(found) for found in re.findall(r"([\d.]+) %", sentence)]


def test_a_population_covers_exactly_what_its_openings_do():
    kind = make("explore_population").kind
    values = list(trials(kind, count=12))
    for each, scene in zip(values, shown("explore_population", values)):
        all_openings = list(openings(each))
        until, units = each["until"], each["units"]
        expected = union([(start, end) for *_, start, end in all_openings]) / until
        mean = sum(end - start for *_, start, end in all_openings) / until / units
        given, covered, open_share = percentages(scene["sentence"])
        assert (given, covered, open_share) == pytest.approx(
            (100 * each["ratio_on"], 100 * expected, 100 * mean), rel=6e-3, abs=1e-6
        )
        share = marks(scene, 1, "area")[0]["y"]
        assert np.mean(share) == pytest.approx(mean, rel=1e-6), "an average over each column, none left out"


def test_coverage_does_not_jump_as_more_time_is_shown():
    """1 - (1 - r_on)^64 = 96.2 % is expected; sampled at 400 times it was 94 to 98 %."""
    values = [{**make("explore_population").values, "until": float(until)} for until in range(1000, 2000, 50)]
    covered = [percentages(scene["sentence"])[1] for scene in shown("explore_population", values)]
    assert max(covered) - min(covered) < 0.6
    assert np.mean(covered) == pytest.approx(100 * (1 - 0.95**64), abs=0.3)


@pytest.mark.parametrize("until", [20.0, 400.0, 2000.0])
def test_units_too_fast_to_draw_are_an_even_tint(until):
    """All others are drawn opening by opening, at their exact ends."""
    figure = make("explore_population", until=until)
    raster = figure.scene
    drawn = marks(raster, 0, "rows")[0]["runs"]
    tints = [row for mark in marks(raster, 0, "tints") for row in mark["rows"]]
    slow = [[row, start, end] for row, period, start, end in openings(figure.values) if period >= until / 150]
    np.testing.assert_allclose(sorted(drawn), sorted(slow), atol=1e-9)
    fast = sorted({row for row, period, *_ in openings(figure.values) if period < until / 150})
    assert tints == [[row, 0.05] for row in fast]
    assert bool(fast) == (until > 20.0)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_the_axis_of_the_slopes_moves_in_whole_steps(leak):
    """1, 2, 3, 5, 10, ...: between them a moved slider leaves it where it is, and the curve stays inside."""
    values = [{**make("explore_gate").values, "period": float(period), "leak": leak} for period in range(10, 40)]
    ends = set()
    for scene in shown("explore_gate", values):
        panel = scene["panels"][2]
        assert panel["steady"]
        assert max(abs(y) for y in panel["marks"][0]["y"] if y is not None) <= panel["yticks"][2] * (1 + 1e-9)
        ends.add(panel["yticks"][2])
    assert ends <= {1, 2, 3, 5, 10}


def test_memory_is_what_a_cell_keeps():
    """The share left is that of a cell state without input, by the reference's own steps."""
    values = {"forget": 0.9, "period": 37.0, "shift": 11.0, "ratio_on": 0.3, "written": 150, "t": 400}
    scene = make("explore_memory", **values).scene
    gate_at = [values[name] for name in ("period", "shift", "ratio_on")]
    weights = {"kernel": np.zeros((1, 4)), "recurrent_kernel": np.zeros((1, 4))}
    weights["bias"] = np.array([-80.0, np.log(9.0), 0.0, 0.0])
    for place, always_open in ((0, True), (1, False)):
        h, c = np.zeros((1, 1)), np.ones((1, 1))
        for t in range(151, 401):
            k = 1.0 if always_open else reference.gate(t, *gate_at)
            h, c = reference.lstm_step(np.zeros((1, 1)), h, c, k, **weights)
        line = scene["panels"][1]["marks"][place]
        drawn = line["y"][400]
        assert drawn == pytest.approx(c[0, 0], rel=1e-9) if c[0, 0] >= 1e-6 else drawn is None
        assert line["y"][149] is None
        assert line["y"][150] == 1.0
    assert "less than a millionth" in scene["sentence"]


def test_without_a_forget_gate_what_is_left_is_the_product_of_the_closings():
    line = make("explore_memory", forget=0.0, ratio_on=0.2, period=30.0, written=5).scene["panels"][1]["marks"][1]
    expected = np.cumprod([1.0 - reference.gate(t, 30.0, 0.0, 0.2) for t in range(6, 33)])
    drawn = np.array(line["y"][6:33], float)
    np.testing.assert_allclose(drawn, np.where(expected < 1e-6, np.nan, expected), rtol=1e-12)
