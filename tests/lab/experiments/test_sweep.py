"""Grids, sweeps on a real local Ray cluster with a worker killed in mid-run, and what comes out as tables."""

import csv
import os
import shutil
import signal
import subprocess
import threading
import time

import numpy as np
import pytest

from plstm.errors import ConfigError, ResultError, RunError
from plstm.lab import results
from plstm.lab.experiments import grid
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.sweep import _before, progress, sweep
from plstm.lab.experiments.train import train
from plstm.lab.results import table
from tests.lab.cli.test_cli import command, fails
from tests.lab.results.test_store import finished_run

TINY = {"task": "frequency", "model": "phased-lstm", "units": 4, "batch_size": 8}


def test_a_grid_is_every_combination_once():
    content = {
        "name": "a",
        "runs": [
            {"set": {"steps": 5, "options.leak": 0.0}, "over": {"options.ratio_on": [0.05, 0.1], "seed": [0, 1]}},
            {"set": {"steps": 5, "options.leak": 0.0, "options.ratio_on": 0.1}},
        ],
    }
    configs = grid.expand(content)
    assert [(c.options["ratio_on"], c.seed) for c in configs] == [(0.05, 0), (0.05, 1), (0.1, 0), (0.1, 1)]
    assert all(c.steps == 5 and c.options["leak"] == 0.0 for c in configs)
    assert len({grid.directory_name(c) for c in configs}) == 4


def test_the_committed_grids_are_grids(pytestconfig):
    files = sorted((pytestconfig.rootpath / "grids").glob("*.yaml"))
    assert {path.stem for path in files} > {"mnist_seed", "frequency", "mnist_ablations"}
    assert all(len(grid.read(path)) > 1 for path in files)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "expected YAML in"),
        ("runs: []", "a grid with name and runs"),
        ("{name: a, runs: []}", "at least one run in the grid, got none"),
        ("{name: a, runs: [5]}", "runs with set and over, got 5"),
        ("{name: a, runs: [{over: {seed: 0}}]}", "a list of values for seed in over, got 0"),
        ("{name: a, runs: [{set: {sede: 0}}]}", "or options.NAME, got 'sede'"),
        ("{name: a, runs: [{set: {options.tau: 0}}]}", "an option of phased-lstm"),
        ("{name: a, runs: [{set: {steps: 0}}]}", "steps to be an integer >= 1, got 0"),
        ("!!python/object/apply:os.system ['true']", "expected YAML in"),
    ],
)
def test_what_is_no_grid(tmp_path, text, message, capsys):
    path = tmp_path / "grid.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        grid.read(path)
    assert "grid.yaml" in fails(capsys, "sweep", path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def kill_a_worker(directory):
    """SIGKILL to the process that is at work on a run, once it has done a few steps of it."""
    history = directory / "history.csv"
    while not history.exists() or len(history.read_text().splitlines()) < 8:
        time.sleep(0.05)
    for pid in workers():
        os.kill(pid, signal.SIGKILL)


def workers():
    """The processes of this test's own Ray that are at work on a run; another test's may run beside it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    family, size = {os.getpid()}, 0
    while len(family) > size:
        size = len(family)
        family |= {int(pid) for pid, parent, _ in rows if int(parent) in family}
    return [int(pid) for pid, _, command in rows if int(pid) in family and command.startswith("ray::_run")]


def test_a_killed_workers_run_is_made_again_and_finished_ones_are_skipped(tmp_path):
    configs = [Config(**TINY, steps=400, seed=seed) for seed in (0, 1)]
    first = tmp_path / grid.directory_name(configs[0])
    killer = threading.Thread(target=kill_a_worker, args=[first], daemon=True)
    killer.start()
    seen = []
    states = sweep(configs, tmp_path, show=lambda now: seen.append(dict(now)))
    killer.join()
    assert set(states.values()) == {"finished"}
    assert any("step" in state for one in seen for state in one.values())
    train(configs[0], tmp_path / "alone", progress=False)
    expected = results.read_history(tmp_path / "alone" / "history.csv")
    np.testing.assert_allclose(results.read_history(first / "history.csv")["loss"], expected["loss"], atol=2e-4)
    before = (first / "result.json").stat().st_mtime_ns
    assert set(sweep(configs, tmp_path).values()) == {"finished"}
    assert (first / "result.json").stat().st_mtime_ns == before


def test_a_run_that_fails_stops_no_other(tmp_path):
    good, bad = (Config(**TINY, steps=2, seed=seed) for seed in (0, 1))
    blocked = tmp_path / grid.directory_name(bad)
    blocked.mkdir()
    (blocked / "notes.txt").write_text("someone else's")
    states = sweep([bad, good], tmp_path)
    assert states[str(blocked)].startswith("failed: expected") and "notes.txt" in states[str(blocked)]
    assert states[str(tmp_path / grid.directory_name(good))] == "finished"


def test_a_damaged_result_is_no_finished_run(tmp_path):
    path = tmp_path / "run"
    path.mkdir()
    assert _before(path) == "waiting"
    (path / "result.json").write_text('{"format": 1')
    assert _before(path).startswith("failed: expected JSON in")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "auto", "nonsense"])
def test_no_cluster_at_the_address(tmp_path, address):
    pgrep = shutil.which("pgrep")
    if address == "auto" and pgrep and subprocess.run([pgrep, "raylet"], stdout=subprocess.DEVNULL).returncode == 0:
        pytest.skip("somebody's Ray runs on this machine, and auto finds it")
    with pytest.raises(RunError, match=f"expected a Ray cluster at {address}"):
        sweep([Config(**TINY, steps=1)], tmp_path, address=address)


def test_progress_of_a_run(tmp_path):
    assert progress(tmp_path) == "waiting"
    (tmp_path / "history.csv").write_text("step,loss,accuracy\n")
    assert progress(tmp_path) == "waiting"
    (tmp_path / "history.csv").write_text("step,loss,accuracy\n1,2.5,0.25\n")
    assert progress(tmp_path) == "step 1, loss 2.500, accuracy 0.250"


def test_tables_of_published_runs(tmp_path, capsys):
    runs = table.runs("mnist_seed")
    [phased] = table.over_seeds(runs).query("model == 'phased-lstm'").to_dict("records")
    accuracies = list(runs[runs["model"] == "phased-lstm"]["test_accuracy"])
    assert phased["n"] == len(accuracies) >= 2
    assert phased["test_accuracy_mean"] == pytest.approx(sum(accuracies) / len(accuracies))
    assert phased["test_accuracy_std"] == pytest.approx(np.std(accuracies, ddof=1))
    assert command("results", "mnist_seed", "--runs", "--csv", tmp_path / "runs.csv") == 0
    with open(tmp_path / "runs.csv", newline="") as file:
        read = list(csv.DictReader(file))
    assert [float(one["test_accuracy"]) for one in read] == list(runs["test_accuracy"])
    assert command("results", "mnist_ablations") == 0
    # Options that a model lacks are left blank.
    [gru] = [line.split() for line in capsys.readouterr().out.splitlines() if "phased-gru" in line and " 1000 " in line]
    assert (
        gru[2:8] == ["(1.0,", "403.4)", "0.05", "0.001", "triangle", "exact"]
        and gru[8] == "True"
        and float(gru[9]) > 0.1
    )
    assert command("results", "mnist_ablations", "--csv", tmp_path / "means.csv") == 0
    assert "[20.0, 403.4]" in (tmp_path / "means.csv").read_text()
    assert command("results", "mnist_seed") == 0
    assert f"{phased['test_accuracy_mean']:.4f} +- {phased['test_accuracy_std']:.4f}" in capsys.readouterr().out
    assert command("results") == 0 and "mnist_seed" in capsys.readouterr().out


def test_a_plot_of_published_runs(tmp_path):
    for ending, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        assert command("plot", "mnist_log", "--out", tmp_path / f"curves{ending}") == 0
        assert (tmp_path / f"curves{ending}").read_bytes().startswith(start)


def test_a_plot_names_what_is_unlike_most_of_the_runs(tmp_path):
    assert command("plot", "mnist_ablations", "--out", tmp_path / "curves.svg") == 0
    drawn = (tmp_path / "curves.svg").read_text()
    for label in ("phased-lstm", "phased-gru", "phased-lstm, leak 0.0", "phased-lstm, gate_shape gaussian"):
        assert f"<!-- {label} -->" in drawn


def test_what_a_user_can_get_wrong(tmp_path, capsys):
    assert "expected published results among" in fails(capsys, "results", "nothing")
    assert "expected finished runs below" in fails(capsys, "results", tmp_path)
    assert "expected --out to end in .png, .svg, .pdf" in fails(capsys, "plot", "mnist_log", "--out", "a.jpg")
    assert "expected --threads >= 1, got 0" in fails(
        capsys, "sweep", "grids/mnist_seed.yaml", "--out", tmp_path / "a", "--threads", 0
    )
    with pytest.raises(ResultError, match="found none"):
        table.runs(tmp_path)


def test_runs_that_are_clipped_or_not_are_told_apart(tmp_path, capsys):
    """No clipping is null, which is a value: it is neither blank nor left out."""
    for seed, clipnorm in ((0, 1.0), (1, 1.0), (2, None)):
        finished_run(tmp_path / f"run{seed}", seed=seed, clipnorm=clipnorm)
    assert command("results", tmp_path, "--runs") == 0
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert rows == [["clipnorm", "seed"], ["1.0", "0"], ["1.0", "1"], ["none", "2"]]
    assert command("plot", tmp_path, "--out", tmp_path / "curves.svg") == 0
    assert "<!-- lstm, clipnorm None -->" in (tmp_path / "curves.svg").read_text()
