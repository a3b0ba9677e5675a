"""Every figure shows the same in both its languages: panels number by number, words letter by letter."""

import re

import numpy as np
import pytest

from plstm import gate, reference
from plstm.lab.live import scene
from tests.lab.live.support import FIGURES, make, trials

SCENE = """async ([kind, values, data]) => {
  const module = await import(`./${kind}.mjs`);
  return values.map((v) => module[`${kind}Scene`](v, data));
}"""


def same(actual, expected, where):
    """Equal structure and strings; numbers to 1e-6 (relative above 1); a null is a NaN."""
    if isinstance(expected, dict):
        assert set(actual) == set(expected), where
        for key in expected:
            same(actual[key], expected[key], f"{where}.{key}")
    elif isinstance(expected, str | bool):
        assert actual == expected, where
    elif np.ndim(expected) == 1 and not any(isinstance(value, dict | str | list | tuple) for value in expected):
        actual = np.array([np.nan if value is None else value for value in actual], np.float64)
        np.testing.assert_allclose(actual, np.asarray(expected, np.float64), rtol=1e-6, atol=1e-6, err_msg=where)
    elif isinstance(expected, list | tuple):
        assert len(actual) == len(expected), where
        for i, pair in enumerate(zip(actual, expected)):
            same(*pair, f"{where}[{i}]")
    else:
        assert actual == pytest.approx(expected, rel=1e-6, abs=1e-6), where


@pytest.mark.parametrize("name", FIGURES)
def test_both_languages_show_the_same(modules, name):
    kind = make(name).kind
    values = list(trials(kind))
    for value, answer in zip(values, modules.evaluate(SCENE, [kind.name, values, kind.data])):
        same(answer, kind.scene(**value), f"{name}({value})")


@pytest.mark.parametrize("name", FIGURES)
def test_sentences_count_well(name):
    kind = make(name).kind
    for value in trials(kind):
        sentence = kind.scene(**value)["sentence"]
        assert not re.search(
            r"(?<![\d.,])1 (units|features|steps|samples)|(?<![\d.,])0 (unit|feature|step|sample)\b", sentence
        )


def test_one_is_one():
    assert make("explore_population", units=1).scene["sentence"].startswith("1 unit with an open share of 5 % covers ")
    assert (
        "1 unit with 1 feature " in make("explore_savings", units=8, features=1).kind.scene(1, 1, 0.5, 1.0)["sentence"]
    )
    assert "has lost half after 1 step;" in make("explore_memory", forget=0.2).scene["sentence"]
    assert "in 0 of 1 step" in make("explore_memory", written=783, ratio_on=1.0).scene["formula"][1][0]


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


def test_no_period_begins_where_the_axis_ends():
    assert scene.gate_curve(10.0, 0.0, 0.2, 100.0)["t"].max() == 100.0
    assert np.isnan(scene.gate_curve(10.0, 0.0, 0.2, 100.0)["k"][-1])


def test_a_measurement_of_other_sizes_is_said_to_be_one():
    assert "a second. Measured at D = 64, H = 512, r_on = 0.05: " in make("explore_savings").scene["sentence"]
    always_open = make("explore_savings", ratio_on=1.0).scene["sentence"]
    assert "a second. The nearest measurement, at D = 64, H = 512, r_on = 0.5: " in always_open


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
        shown = line["y"][400]
        assert shown == pytest.approx(c[0, 0], rel=1e-9) if c[0, 0] >= 1e-6 else np.isnan(shown)
        assert np.isnan(line["y"][149])
        assert line["y"][150] == 1.0
    assert "less than a millionth" in scene["sentence"]


def test_without_a_forget_gate_what_is_left_is_the_product_of_the_closings():
    line = make("explore_memory", forget=0.0, ratio_on=0.2, period=30.0, written=5).scene["panels"][1]["marks"][1]
    expected = np.cumprod([1.0 - reference.gate(t, 30.0, 0.0, 0.2) for t in range(6, 33)])
    np.testing.assert_allclose(line["y"][6:33], np.where(expected < 1e-6, np.nan, expected), rtol=1e-12)


@pytest.mark.parametrize("name", FIGURES)
def test_every_scene_can_be_drawn(name):
    figure = make(name)
    for value in trials(figure.kind, count=2):
        figure.set(**value)
        assert figure.picture().startswith(b"\x89PNG")
