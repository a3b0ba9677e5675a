"""What a hand does on a picture: draw the integrator's input, put samples on the clock, let the memory's time run."""

import numpy as np
import pytest

from plstm import reference
from plstm.lab.live.javascript import call
from tests.lab.live.support import make

STEPS = 201


def test_a_curve_survives_the_way_through_text():
    values = np.sin(np.arange(STEPS) / 13.0).tolist()
    text = call("drawn_curve", "written", values)
    assert text.isalpha() and len(text) == 101
    # A letter is a height of 0.04, and the sine bends between two of them.
    np.testing.assert_allclose(call("drawn_curve", "drawnValues", text, STEPS), values, atol=0.025)


@pytest.mark.parametrize("text", ["", "y", "1234", "é" * 101])
def test_any_text_is_a_curve(text):
    values = call("drawn_curve", "drawnValues", text, STEPS)
    assert len(values) == STEPS
    assert np.all(np.abs(values) <= 1)


def test_no_text_is_zero():
    assert not np.any(call("drawn_curve", "drawnValues", "", STEPS))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_stroke_changes_the_curve_where_it_is(backwards):
    ends = [{"panel": 0, "x": 50, "y": -1}, {"panel": 0, "x": 100, "y": 7}]
    text = call("drawn_curve", "redrawn", "", *(ends[::-1] if backwards else ends), STEPS)
    values = np.array(call("drawn_curve", "drawnValues", text, STEPS))
    assert not np.any(values[:48]) and not np.any(values[103:])
    np.testing.assert_allclose(values[[50, 55, 100]], [-1, -0.2, 1], atol=0.03)


def test_the_unit_integrates_what_was_drawn():
    text = call("drawn_curve", "written", np.cos(np.arange(STEPS) / 9.0).tolist())
    figure = make("explore_integrator", signal="own", drawn=text)
    x = call("drawn_curve", "drawnValues", text, STEPS)
    f = figure.forget
    weights = {
        "kernel": np.array([[0, 0, 0.5, 0]]),
        "recurrent_kernel": np.zeros((1, 4)),
        "bias": np.array([20, np.log(f / (1 - f)), 0, 20]),
    }
    h = c = np.zeros((1, 1))
    for t, now in enumerate(x):
        k = reference.gate(float(t), figure.period, figure.shift, figure.ratio_on)
        h, c = reference.lstm_step(np.array([[now]]), h, c, np.array([k]), **weights)
    line = next(mark for mark in figure.scene["panels"][2]["marks"] if mark.get("label") == "Phased LSTM")
    assert line["y"][-1] == pytest.approx(c[0, 0], abs=1e-6)


def test_own_samples_are_taken_in_at_their_times():
    figure = make("explore_neurons", sampling="own", samples="30,1.5 x,99,-4, 30,1e9")
    points = next(mark for mark in figure.scene["panels"][0]["marks"] if mark["kind"] == "points")
    assert points["x"] == [1.5, 30, 99]
    assert repr(figure).startswith("Three neurons: Of 3 samples, unit 1 takes in ")
    figure.samples = ""
    assert repr(figure).startswith("Three neurons: Of 0 samples, unit 1 takes in 0,")


def box(page, panel):
    return page.locator(".plstm-picture svg[aria-hidden]").nth(panel).bounding_box()


@pytest.mark.parametrize("width", [800, 320])
def test_a_stroke_of_the_pointer_becomes_the_input(visit, width):
    opened = visit(make("explore_integrator"), width=width)
    page, before = opened.page, opened.sentence()
    first = box(page, 0)
    page.mouse.move(first["x"] + 60, first["y"] + 12)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] - 40, first["y"] + 14, steps=12)
    page.mouse.up()
    assert page.get_by_label("input", exact=True).input_value() == "own"
    assert opened.sentence() != before
    drawn = opened.sentence()
    page.mouse.move(first["x"] + 90, first["y"] + 50)
    assert opened.sentence() == drawn, "a pointer that is up draws nothing"
    third = box(page, 2)
    page.mouse.move(third["x"] + 60, third["y"] + 30)
    page.mouse.down()
    page.mouse.move(third["x"] + 150, third["y"] + 60, steps=3)
    page.mouse.up()
    assert opened.sentence() == drawn, "only the input can be drawn"
    page.get_by_role("button", name="Link to this").click()
    other = visit(make("explore_integrator"), width=width, fragment=page.evaluate("location.hash"))
    assert other.sentence() == drawn
    page.get_by_role("button", name="Reset").click()
    assert opened.sentence() == before


def test_samples_are_put_and_taken_away_by_a_click_or_typed(visit):
    opened = visit(make("explore_neurons"))
    page, typed = opened.page, opened.page.get_by_label("your times")
    assert not typed.is_visible()
    first = box(page, 0)
    page.mouse.click(first["x"] + 200, first["y"] + 40)
    assert opened.sentence().startswith("Of 160 samples"), "a click means nothing before"
    page.get_by_label("sampling", exact=True).select_option("own")
    count = len(typed.input_value().split())
    first = box(page, 0)
    middle = first["x"] + 42 + (first["width"] - 52) * 0.5
    page.mouse.click(middle, first["y"] + 40)
    assert len(typed.input_value().split()) == count + 1
    page.mouse.click(middle + 2, first["y"] + 40)
    assert len(typed.input_value().split()) == count
    typed.fill("7")
    typed.press("Enter")
    assert opened.sentence().startswith("Of 1 sample, ")
    page.get_by_role("button", name="Link to this").click()
    assert visit(make("explore_neurons"), fragment=page.evaluate("location.hash")).sentence() == opened.sentence()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_time_of_the_memory_runs_and_stops(visit, motion):
    page = visit(make("explore_memory", t=0), reduced_motion=motion).page
    shown = page.get_by_label("looked up at, typed")
    page.wait_for_timeout(200)
    assert shown.input_value() == "0", "still until it is asked"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('[id$=-t]').value > 60")
    page.get_by_role("button", name="Pause").click()
    stopped = shown.input_value()
    page.wait_for_timeout(300)
    assert shown.input_value() == stopped
    assert motion == "no-preference" or int(stopped) % 49 == 0, "in few steps where motion is unwelcome"
