"""A memory that is kept: its numbers are those of a cell without input, and on a page it runs by itself, once."""

import numpy as np
import pytest
from playwright.sync_api import expect

import plstm
from plstm import reference
from plstm.lab.live import keeping

QUIET = {"kernel": np.zeros((1, 4)), "recurrent_kernel": np.zeros((1, 4))}


@pytest.mark.parametrize("forget", [0.9, 0.97, 1.0])
@pytest.mark.parametrize("gated", [True, False])
def test_what_is_left_is_what_a_cell_without_input_keeps(forget, gated):
    panels = plstm.explore_keeping(forget=forget).scene["panels"]
    line = panels[0]["marks"][0 if gated else 1]
    assert line["colour"] == ("phased-lstm" if gated else "lstm")
    # Its input gate is closed; a logit of 40 is a forget gate of 1.
    logit = 40.0 if forget == 1.0 else np.log(forget / (1 - forget))
    weights = {**QUIET, "bias": np.array([-80.0, logit, 0.0, 0.0])}
    h, c = np.zeros((1, 1)), np.ones((1, 1))
    for t in range(1, keeping.STEPS + 1):
        k = reference.gate(t, keeping.PERIOD, keeping.SHIFT, keeping.RATIO_ON) if gated else 1.0
        h, c = reference.lstm_step(np.zeros((1, 1)), h, c, k, **weights)
        assert line["y"][t] == pytest.approx(c[0, 0], rel=1e-9)


def test_what_has_not_happened_yet_is_not_drawn():
    panels = plstm.explore_keeping(t=200).scene["panels"]
    for line in panels[0]["marks"][:2]:
        assert None not in line["y"][:201]
        assert set(line["y"][201:]) == {None}
    assert plstm.explore_keeping(t=0).scene["sentence"].startswith("An event has just been written")


def test_on_a_page_time_runs_by_itself_and_stops_at_the_end(visit):
    page = visit(plstm.explore_keeping(), reduced_motion="no-preference").page
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    time = page.get_by_role("spinbutton", name="time")
    first = int(time.input_value())
    expect(time).not_to_have_value(str(first))
    page.get_by_role("button", name="Pause").click()
    held = time.input_value()
    page.wait_for_timeout(300)
    assert time.input_value() == held


@pytest.mark.parametrize("how", [{"reduced_motion": "reduce"}, {"fragment": "#keeping.t=120"}])
def test_it_stands_still_where_motion_is_unwelcome_or_a_moment_was_asked_for(visit, how):
    page = visit(plstm.explore_keeping(), **{"reduced_motion": "no-preference", **how}).page
    page.wait_for_timeout(300)
    assert page.get_by_role("spinbutton", name="time").input_value() == ("120" if "fragment" in how else "500")
    assert page.get_by_role("button", name="Play").is_visible()
