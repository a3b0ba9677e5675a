"""One step, with its numbers: they are those of plstm.reference, forwards and back."""

import numpy as np
import pytest

from plstm import reference
from tests.lab.live.node import node

WALK = """
const { forwards, backwards, WEIGHTS, TIMES, INPUTS } = await load("step_numbers");
const units = argument ?? WEIGHTS;
const walks = [true, false].map((phased) => {
  const steps = forwards(units, phased);
  return { steps, back: [0, 1].map((watched) => backwards(units, steps, watched)) };
});
return { units, walks, times: TIMES, inputs: INPUTS };
"""
RHYTHM = ("period", "shift", "ratio_on")


def other_weights():
    """Not the ones that the figure begins with; one unit is open nearly always, one is early in its cycle."""
    rng = np.random.default_rng(7)
    rhythms = [{"period": 3.3, "shift": -0.4, "ratio_on": 0.9}, {"period": 11.0, "shift": 2.0, "ratio_on": 0.35}]
    return [{**{g: rng.normal(0, 0.9, 4).tolist() for g in "ifgo"}, **rhythm} for rhythm in rhythms]


@pytest.fixture(scope="module", params=[None, other_weights()], ids=["as at first", "changed"])
def told(request):
    return node(WALK, request.param)


def keras_weights(units):
    columns = np.array([[unit[g] for unit in units] for g in "ifgo"]).reshape(8, 4).T
    return {"bias": columns[0], "kernel": columns[1:2], "recurrent_kernel": columns[2:]}


def openness(units, times, phased):
    if not phased:
        return np.ones((len(times), 2))
    return reference.gates(np.array(times), *([unit[name] for unit in units] for name in RHYTHM))


def run(units, told, phased, start=0, state=None):
    """h and c of both units after every step from ``start`` on."""
    weights, k = keras_weights(units), openness(units, told["times"], phased)
    h, c = state if state is not None else (np.zeros((1, 2)), np.zeros((1, 2)))
    found = []
    for x, now in zip(told["inputs"][start:], k[start:]):
        h, c = reference.lstm_step(np.array([[x]]), h, c, now, **weights)
        found.append((h, c))
    return found


def test_forwards(told):
    for phased, walk in zip((True, False), told["walks"]):
        expected = run(told["units"], told, phased)
        k = openness(told["units"], told["times"], phased)
        for n, (step, (h, c)) in enumerate(zip(walk["steps"], expected, strict=True)):
            assert [unit["k"] for unit in step["units"]] == pytest.approx(k[n].tolist(), abs=1e-12)
            assert [unit["h"] for unit in step["units"]] == pytest.approx(h[0].tolist(), abs=1e-12)
            assert [unit["c"] for unit in step["units"]] == pytest.approx(c[0].tolist(), abs=1e-12)
            before = expected[n - 1] if n else np.zeros((2, 1, 2))
            opened = reference.lstm_step(np.array([[step["x"]]]), *before, np.ones(2), **keras_weights(told["units"]))
            assert [unit["output"] for unit in step["units"]] == pytest.approx(opened[0][0].tolist(), abs=1e-12)
            assert [unit["proposal"] for unit in step["units"]] == pytest.approx(opened[1][0].tolist(), abs=1e-12)
    k = openness(told["units"], told["times"], True)
    assert (k == 0).any() and ((k > 0) & (k < 1)).any(), "open and closed steps are both shown"


def test_back_by_the_states(told):
    """Slopes of the last output by the state after and before every step: finite differences of what follows."""
    for phased, walk in zip((True, False), told["walks"]):
        states = [(np.zeros((1, 2)), np.zeros((1, 2))), *run(told["units"], told, phased)]
        for watched, back in enumerate(walk["back"]):
            for n, units in enumerate(back):
                for names, place in ((("hBefore", "cBefore"), n), (("h", "c"), n + 1)):
                    for which, name in enumerate(names):
                        slopes = []
                        for unit in range(2):
                            ends = []
                            for sign in (1, -1):
                                state = [part.copy() for part in states[place]]
                                state[which][0, unit] += sign * 1e-5
                                follows = run(told["units"], told, phased, place, state)
                                ends.append((follows[-1] if follows else state)[0][0, watched])
                            slopes.append((ends[0] - ends[1]) / 2e-5)
                        assert [unit[name] for unit in units] == pytest.approx(slopes, abs=1e-6), (n, name)


def test_back_by_the_weights(told):
    """The slopes of all steps together are those by the weights, biases (by what a gate squashes) and the rhythm."""
    walk = told["walks"][0]
    for watched, back in enumerate(walk["back"]):
        for unit in range(2):
            for name in ("i", "f", "g", "o", *RHYTHM):
                ends = []
                for sign in (1, -1):
                    units = [{**each, **{g: list(each[g]) for g in "ifgo"}} for each in told["units"]]
                    if name in RHYTHM:
                        units[unit][name] += sign * 1e-6
                    else:
                        units[unit][name][0] += sign * 1e-6
                    ends.append(run(units, told, True)[-1][0][0, watched])
                steps = [each[unit] for each in back]
                total = sum(step[name] if name in RHYTHM else step["z"][name] for step in steps)
                assert total == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6), name


def test_weights_in_a_link():
    """They come back as they were; a text that is damaged, or a period of 0, is not taken."""
    code = """
    const { weightsText, weightsFrom } = await load("step_weights");
    const { WEIGHTS } = await load("step_numbers");
    const text = weightsText(WEIGHTS);
    const numbers = text.split("_");
    const bad = ["", "1_2", `${text}_1`, text.replace("0.9", "x"), text.replace("0.9", ""), text.replace("0.9", "1e9")];
    bad.push([...numbers.slice(0, 16), "0", ...numbers.slice(17)].join("_"));
    bad.push([...numbers.slice(0, 18), "1.5", ...numbers.slice(19)].join("_"));
    const units = weightsFrom(text);
    return { same: weightsText(units) === text, units, WEIGHTS, bad: bad.map(weightsFrom) };
    """
    found = node(code)
    assert found["same"] and found["units"] == found["WEIGHTS"]
    assert found["bad"] == [None] * 8
