"""The benchmark: what it writes is what was measured; who cannot be measured is named; nothing here asserts a time."""

import json

import keras
import numpy as np
import pytest

from plstm import reference
from plstm.lab import bench, results
from plstm.lab.bench import contenders, infer, measure, report, serve, sweep
from plstm.lab.bench.plain import PlainPhasedLSTMCell
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.train import train
from tests.lab.cli.test_cli import command, fails
from tests.support import close, numpy

TINY = bench.Shape(2, 6, 3, 4)
NAMES = ("plstm-native", "keras-lstm", "phasedlstm-keras")


class Clock:
    """A clock that moves only when a call takes time."""

    def __init__(self):
        self.now = 0.0
        self.called = []

    def call(self, name, *durations):
        """A call that takes these durations, one after another."""
        remaining = iter(durations)

        def take():
            self.called.append(name)
            self.now += next(remaining)

        return take

    def __call__(self):
        return self.now


def test_first_call_and_warm_up_are_kept_apart_from_what_counts():
    clock = Clock()
    calls = {"a": clock.call("a", 100, 50, 1, 2, 4), "b": clock.call("b", 200, 60, 10, 20, 40)}
    times, failed = measure.interleaved(calls, repeats=3, warmups=1, clock=clock)
    assert times == {"a": (100, 1, [1, 2, 4]), "b": (200, 1, [10, 20, 40])} and failed == {}
    assert "".join(clock.called) == "ab" + "ab" + "ba" + "ab" + "ba"


def test_a_call_that_fails_stops_no_other():
    def fails_with_two_lines():
        raise RuntimeError("too\nlarge")

    clock = Clock()
    calls = {"bad": fails_with_two_lines, "good": clock.call("good", 3, 5)}
    assert measure.interleaved(calls, 1, 0, clock) == ({"good": (3, 0, [5])}, {"bad": "RuntimeError: too large"})


def test_summary_and_ratios():
    times = {"keras-lstm": [8, 2, 4, 6, 10], "plain-cell": [12.0], "plstm-native": [3.0, 1.0]}
    times = {name: measure.summary(99.0, 2, seconds) for name, seconds in times.items()}
    lstm = times["keras-lstm"]
    assert [lstm[k] for k in ("minimum", "lower_quartile", "median", "upper_quartile")] == [2, 4, 6, 8]
    assert (lstm["first_call"], lstm["warmups"], lstm["seconds"]) == (99.0, 2, [8, 2, 4, 6, 10])
    assert measure.ratios(times) == {
        "keras-lstm": {"keras-lstm": 1.0, "plain-cell": 2.0, "plstm-native": 2 / 6},
        "plain-cell": {"keras-lstm": 0.5, "plain-cell": 1.0, "plstm-native": 2 / 12},
    }
    assert measure.ratios({"plstm-native": times["plstm-native"]}) == {}


def test_the_plain_cell_is_a_phased_lstm():
    """Else its time would say nothing about a Phased LSTM."""
    layer = keras.layers.RNN(PlainPhasedLSTMCell(4), return_sequences=True)
    random = np.random.default_rng(0)
    x, times = random.normal(size=(2, 30, 3)).astype("float32"), np.sort(random.uniform(0, 50, (2, 30)))
    inputs = np.concatenate([x, times[..., None].astype("float32")], -1)
    layer(inputs)
    layer.cell.ratio_on.assign([0.05, 0.2, 0.5, 1.0])
    layer.cell.period.assign([3.0, 5.0, 8.0, 13.0])
    cell = layer.cell
    for training, leak in ((True, 1e-3), (False, 0.0)):
        k = reference.gates(inputs[..., -1], *map(numpy, (cell.period, cell.shift, cell.ratio_on)), leak, "triangle")
        weights = {name: numpy(getattr(cell, name)) for name in ("kernel", "recurrent_kernel", "bias")}
        close(layer(inputs, training=training), reference.run("lstm", x, k, weights)[0], 2e-4)


def test_all_that_is_measured_or_absent():
    found = measure.measure(TINY, repeats=2, warmups=1, names=NAMES)
    assert [found[size] for size in TINY._fields] == list(TINY)
    assert set(found["absent"]) == {"phasedlstm-keras"} and "phased_lstm_keras" in found["absent"]["phasedlstm-keras"]
    for mode in contenders.MODES:
        assert list(found[mode]) == ["plstm-native", "keras-lstm"]
        for of in found[mode].values():
            assert len(of["seconds"]) == 2 and of["warmups"] == 1 and of["median"] == np.median(of["seconds"])
        ratio = found[mode]["plstm-native"]["median"] / found[mode]["keras-lstm"]["median"]
        assert found["ratios"][mode]["keras-lstm"]["plstm-native"] == ratio
    # What is called native must have been computed by the native engine, in inference too.
    assert found["engines"] == {"plstm-native": {"train": "native", "forward": "native"}}


def test_sweep_stops_before_memory_does(monkeypatch):
    tried = []

    def process(name, shape, repeats, warmups):
        tried.append(shape.steps)
        return {"peak_bytes": shape.steps * 2**30, "median": 1.0, "seconds_per_step": 1.0 / shape.steps}

    monkeypatch.setattr(sweep, "_in_process", process)
    monkeypatch.setattr(sweep, "available_bytes", lambda: 50 * 2**30)
    found = sweep.sweep([100, 10, 20, 40], bench.Shape(2, 0, 3, 4), 1, 0, ["keras-lstm"])
    assert tried == [10, 20, 40] and [row["steps"] for row in found] == [10, 20, 40, 100]
    assert found[-1]["absent"] == "would need about 100 GiB" and found[1]["peak_bytes"] == 20 * 2**30


def test_peak_memory_is_that_of_the_process():
    base = sweep.resident_bytes("VmRSS")
    np.ones(2**25)
    assert sweep.resident_bytes("VmHWM") - base > 0.9 * 2**28
    row = sweep._in_process("keras-lstm", TINY, 2, 0)
    assert 0 < row["peak_bytes"] < 2**30 and len(row["seconds"]) == 2
    assert row["seconds_per_step"] == row["median"] / 6


def test_the_command_writes_what_it_shows(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measure.measure, "__defaults__", (NAMES, measure.measure.__defaults__[1]))
    out = tmp_path / "bench.json"
    assert command("bench", "--shape", "2,6,3,4", "--repeats", 2, "--out", out) == 0
    shown = capsys.readouterr().out
    found = json.loads(out.read_text())
    assert {"date", "git", "versions", "hardware", "threads", "settings", "shapes", "sweep"} < set(found)
    assert found["settings"]["repeats"] == 2 and found["sweep"] == []
    median = found["shapes"][0]["train"]["plstm-native"]["median"]
    ratio = found["shapes"][0]["ratios"]["train"]["keras-lstm"]["plstm-native"]
    assert f"| plstm.PhasedLSTM, native engine | {1e3 * median:.2f} |" in shown and f"| {ratio:.2f} |" in shown
    assert "PhasedLSTM-Keras (PyPI: phased_lstm_keras) | absent: " in shown
    assert command("bench", "--show", out) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--shape", "2,6,3"], "expected a shape B,T,D,H of four integers >= 1, got '2,6,3'"),
        (["--shape", "2,6,0,4"], "expected a shape B,T,D,H of four integers >= 1, got '2,6,0,4'"),
        (["--shape", "2,6,x,4"], "expected a shape B,T,D,H of four integers >= 1, got '2,6,x,4'"),
        (["--repeats", "0"], "expected --repeats >= 1 and --warmups >= 0, got 0 and 2"),
        (["--threads", "0"], "expected --threads >= 1, got 0"),
        (["--sweep", "100,-1"], "expected --sweep T,T,... of integers >= 1, got '100,-1'"),
        (["--out", "nowhere/bench.json"], "expected --out to be in an existing directory, got nowhere/bench.json"),
        (["infer", "--shape", "2,6,3,4"], "expected no --shape, --sweep, --repeats or --warmups with infer"),
        (["trade"], "expected a directory of runs with trade, and none otherwise, got None"),
        (["infer", "runs"], "expected a directory of runs with trade, and none otherwise, got runs"),
        (["trade", "tests"], "expected finished runs of phased models below tests, found none"),
        (["--show", "nothing.json"], "cannot use nothing.json: No such file or directory"),
    ],
)
def test_what_a_user_can_get_wrong(capsys, arguments, message):
    assert message in fails(capsys, "bench", *arguments)


def test_inference_is_measured_event_by_event(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(infer.QUICK, "events", 5)
    out = tmp_path / "infer.json"
    assert command("bench", "infer", "--quick", "--out", out) == 0
    shown = capsys.readouterr().out
    rows = {row["contender"]: row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == set(infer.LABELS)
    for name in ("event-driven", "event-driven-dense", "plstm-native", "keras-lstm", "keras-lstm-predict"):
        assert 0 < rows[name]["median"] <= rows[name]["p99"]
    dense = rows["event-driven-dense"]
    assert dense["multiply_adds_per_event"] == dense["dense_multiply_adds_per_event"] == 32 * 4 * 33
    assert rows["event-driven"]["multiply_adds_per_event"] < 0.2 * 32 * 4 * 33
    assert f"| {1e6 * dense['median']:.2f} |" in shown
    assert command("bench", "--show", out) == 0
    assert capsys.readouterr().out == shown


def test_one_sequence_is_answered_alike_in_every_way(tmp_path):
    x = np.random.default_rng(1).normal(size=(1, 7, serve.FEATURES)).astype("float32")
    model = serve._model("phased-lstm", 5)
    expected = serve._call("call", "phased-lstm", model, x, None)()
    for way in serve.WAYS:
        close(serve._call(way, "phased-lstm", model, x, tmp_path / way)(), expected, 1e-5)


def test_one_sequence_is_measured_in_every_way(tmp_path, capsys):
    out = tmp_path / "serve.json"
    assert command("bench", "serve", "--quick", "--out", out) == 0
    shown = capsys.readouterr().out
    rows = {(row["layer"], row["way"]): row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == {(layer, way) for layer in serve.LAYERS for way in serve.WAYS}
    absent = {of for of, row in rows.items() if "absent" in row}
    assert absent == {("keras-lstm", "event-driven")} and "got LSTM" in rows["keras-lstm", "event-driven"]["absent"]
    median = rows["phased-lstm", "exported"]["median"]
    assert f"| plstm.PhasedLSTM | `model.export(path)`, then serve it | {1e3 * median:.3g} |" in shown
    assert "- keras.layers.LSTM, `plstm.EventDriven(model).run(x)`: absent: " in shown
    assert command("bench", "--show", out) == 0
    assert capsys.readouterr().out == shown


def test_a_step_of_each_model_of_a_comparison(tmp_path, capsys):
    out = tmp_path / "steps.json"
    assert command("bench", "steps", "--quick", "--out", out) == 0
    shown = capsys.readouterr().out
    rows = json.loads(out.read_text())["rows"]
    assert {row["model"] for row in rows} == {"phased-lstm", "lstm", "gru"}
    # All three are computed by the same engine, so the times are those of the networks, not of their code.
    assert {row["comparison"] for row in rows} == {"fair_adding"} and {row["engine"] for row in rows} == {"native"}
    assert f"| fair_adding | lstm | native | {1e3 * rows[1]['median']:.2f} |" in shown


def test_many_streams_are_each_what_they_are_alone(tmp_path, capsys):
    out = tmp_path / "streams.json"
    assert command("bench", "streams", "--quick", "--out", out) == 0
    shown = capsys.readouterr().out
    [row] = json.loads(out.read_text())["rows"]
    assert row["largest_difference"] < 1e-6 and 0 < row["ratio"] < 0.3
    assert row["seconds"] * row["events_per_second"] == pytest.approx(5 * 10)
    assert row["bytes_per_stream"] >= 8 * (4 + 4 + 8)
    assert "| streams x events | 5 x 10 |" in shown


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A directory with two runs, a Phased LSTM and one with a price on updates; an LSTM, which has no gate; a run of a
    search, which has no test.
    """
    folder = tmp_path_factory.mktemp("runs")
    common = {"task": "frequency", "units": 6, "batch_size": 8, "steps": 2}
    for name, config in {
        "plain": Config(**common, options={"ratio_on": 0.4}),
        "priced": Config(**common, options={"ratio_on": 0.1, "ratio_on_cost": 1.0}),
        "lstm": Config(**common, model="lstm"),
        "search": Config(**common, evaluate="validation", options={"ratio_on": 0.3}),
    }.items():
        train(config, folder / name, progress=False)
    return folder


def test_accuracy_against_computes(runs, tmp_path, capsys):
    out = tmp_path / "trade.json"
    assert command("bench", "trade", runs, "--quick", "--out", out) == 0
    shown = capsys.readouterr().out
    rows = {row["config"]["options"]["ratio_on"]: row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == {0.4, 0.1}
    for ratio_on, row in rows.items():
        # Four gates, each of which reads one input and six outputs.
        assert row["dense_multiply_adds"] == pytest.approx(row["dense_updates"] * 4 * 7)
        assert row["multiply_adds"] == pytest.approx(row["updates"] * 4 * 7)
        assert row["updates"] / row["dense_updates"] == pytest.approx(ratio_on, abs=0.1)
        assert row["seconds"] > 0 and row["dense_seconds"] > 0
    stored = results.read(runs / "plain" / "result.json")
    assert rows[0.4]["test_accuracy"] == stored["metrics"]["test"]["accuracy"]
    assert rows[0.4]["result"] == stored["content_sha256"]
    assert "| frequency | phased-lstm | 0.4 | 0.0 | 0 |" in shown


@pytest.mark.parametrize("content", ["", "[]", '{"format": "another"}'])
def test_a_file_that_is_no_benchmark(tmp_path, capsys, content):
    (tmp_path / "file.json").write_text(content)
    assert "file.json, got" in fails(capsys, "bench", "--show", tmp_path / "file.json")
    with pytest.raises(ValueError, match=report.FORMAT if content else "the JSON of plstm bench"):
        report.read(tmp_path / "file.json")
