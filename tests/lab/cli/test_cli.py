"""The ``plstm`` command: what it prints, its exit codes, and one line for whatever a user can get wrong."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest

from plstm.lab import results, tasks
from plstm.lab.cli import main as cli
from tests.digits import few_digits  # noqa: F401
from tests.lab.results.test_store import finished_run

TRAIN = ["train", "mnist", "-m", "BasicLSTMCell", "--units", "3", "--batch-size", "5", "--steps", "4", "--seed", "1"]

pytestmark = pytest.mark.usefixtures("few_digits")


def command(*arguments):
    """The exit code, whether the command returns it or argparse raises it."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return stop.code


def fails(capsys, *arguments):
    """The one line that a command prints before it ends with 2."""
    capsys.readouterr()
    assert command(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("plstm"), err
    return err


def test_a_run_from_first_to_last(tmp_path, capsys):
    assert command(*TRAIN, "--out", tmp_path / "run") == 0
    result = results.read(tmp_path / "run" / "result.json")
    assert result["config"] == {
        "task": "mnist",
        "model": "lstm",
        "units": 3,
        "batch_size": 5,
        "steps": 4,
        "learning_rate": 1e-3,
        "seed": 1,
        "engine": "auto",
        "dtype": "float32",
        "clipnorm": None,
        "evaluate": "test",
        "options": {"bias": "default", "time": "none", "unit_forget_bias": True},
    }
    out, err = capsys.readouterr()
    assert f"test accuracy {result['metrics']['test']['accuracy']:.4f} on 10 samples" in out
    assert "4/4" in err and "loss=" in err and "accuracy=" in err
    assert "not computed again" not in out
    assert command(*TRAIN, "--out", tmp_path / "run") == 0
    assert capsys.readouterr().out == out.rstrip() + ", finished before and not computed again\n"


def test_options_of_the_model(tmp_path):
    arguments = ["--set", "period=[2, 50]", "--set", "gate_shape=square", "--set", "trainable_gate=false"]
    arguments += ["--learning-rate", "0.01", "--engine", "scan", "--dtype", "float64"]
    assert command("train", "mnist", *TRAIN[4:], *arguments, "--out", tmp_path / "run") == 0
    config = results.read(tmp_path / "run" / "result.json")["config"]
    assert config["options"]["period"] == [2, 50] and config["options"]["gate_shape"] == "square"
    assert config["options"]["trainable_gate"] is False and config["options"]["ratio_on"] == 0.05
    assert (config["learning_rate"], config["engine"], config["dtype"]) == (0.01, "scan", "float64")


def test_a_rival_as_a_competent_user_would_set_it_up(tmp_path, capsys):
    arguments = ["--set", "bias=chrono", "--set", "clipnorm=1", "--set", "evaluate=validation"]
    command_line = ["train", "mnist", "-m", "lstm", *TRAIN[4:], *arguments, "--learning-rate", "5e-3"]
    assert command(*command_line, "--out", tmp_path / "run") == 0
    result = results.read(tmp_path / "run" / "result.json")
    config, accuracy = result["config"], result["metrics"]["validation"]["accuracy"]
    assert config["options"]["bias"] == "chrono" and "clipnorm" not in config["options"]
    assert (config["clipnorm"], config["learning_rate"], config["evaluate"]) == (1.0, 5e-3, "validation")
    assert result["provenance"]["engine"] == "native"
    assert f"validation accuracy {accuracy:.4f} on 2 samples" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "required: COMMAND"),
        (["trian"], "invalid choice: 'trian'"),
        (["train", "mnist"], "required: --out"),
        (
            ["train", "mnist", "--unit", "3", "--out", "a", "--sede", "1"],
            "unrecognized --sede 1; see plstm train --help",
        ),
        (["train", "cifar"], "expected a task among mnist, .* got 'cifar'"),
        (["train", "mnist", "-m", "transformer"], "expected a model out of phased-lstm .* got 'transformer'"),
        (["train", "mnist", "--units", "0"], "expected units to be an integer >= 1, got 0"),
        (["train", "mnist", "--units", "-3"], "expected units to be an integer >= 1, got -3"),
        (["train", "mnist", "--units", "many"], "invalid int value: 'many'"),
        (["train", "mnist", "--steps", "0"], "expected steps to be an integer >= 1, got 0"),
        (["train", "mnist", "--batch-size", "21"], "expected batch_size <= 20, .* got 21"),
        (["train", "mnist", "--learning-rate", "nan"], "expected learning_rate to be a number > 0, got nan"),
        (["train", "mnist", "--seed", "-1"], "expected seed to be an integer >= 0, got -1"),
        (["train", "mnist", "--threads", "0"], "expected --threads >= 1, got 0"),
        (["train", "mnist", "--set", "ratio_on=0"], "expected ratio_on .* got 0"),
        (["train", "mnist", "--set", "ratio_on=1.5"], "expected ratio_on .* got 1.5"),
        (["train", "mnist", "--set", "period=-2"], "expected period .* got -2"),
        (["train", "mnist", "--set", "period=NaN"], "expected period .* got nan"),
        (["train", "mnist", "--set", "clipnorm=0"], "expected clipnorm to be a number > 0 or null, got 0"),
        (["train", "mnist", "--set", "evaluate=exam"], "expected evaluate .* test or validation, got 'exam'"),
        (["train", "mnist", "-m", "gru", "--set", "bias=long"], "expected bias to be one of default, chrono"),
        (["train", "mnist", "--set", "tau=3"], "expected an option of phased-lstm .* got 'tau'"),
        (["train", "mnist", "--set", "period"], "expected --set NAME=VALUE, got 'period'"),
        (["publish", "nowhere", "--name", "some_runs"], "expected a run or a folder of runs at nowhere, found none"),
        (["publish", "nowhere", "--name", "../x"], "expected a name"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    out = ["--out", "run"] if arguments[:1] == ["train"] and "--out" not in message else []
    line = fails(capsys, *arguments, *out)
    assert re.search(message, line), line
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert str(tmp_path / "file") in fails(capsys, *TRAIN, "--out", tmp_path / "file" / "run")
    assert str(tmp_path / "file") in fails(capsys, *TRAIN, "--out", tmp_path / "file")
    # Not even root can make a directory there.
    if os.path.isdir("/proc/self"):
        assert "/proc/self/run" in fails(capsys, *TRAIN, "--out", "/proc/self/run")
    assert (tmp_path / "file").read_text() == "mine"


def test_missing_and_corrupt_data_are_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    assert f"expected a file {tmp_path}/mnist.npz" in fails(capsys, *TRAIN, "--out", tmp_path / "run")
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 and no more")
    assert f"{tmp_path}/mnist.npz, but it cannot be read" in fails(capsys, *TRAIN, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    batch = tasks.Dataset.batch

    def interrupted(self, seed, step, size):
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return batch(self, seed, step, size)

    arguments = [*TRAIN, "--out", str(tmp_path / "a run")]
    with monkeypatch.context() as patch:
        patch.setattr(tasks.Dataset, "batch", interrupted)
        patch.setattr(sys, "argv", [".venv/bin/plstm", *arguments])
        assert command(*arguments) == 130
    line = capsys.readouterr().err.splitlines()[-1]
    assert "stopped after step 3 of 4" in line
    again = line.split("to go on: ")[1]
    data, program, *rest = shlex.split(again)
    assert data == f"PLSTM_DATA={os.environ['PLSTM_DATA']}" and program == ".venv/bin/plstm" and rest == arguments
    assert command(*rest) == 0
    assert results.read(tmp_path / "a run" / "result.json")["provenance"]["resumed"] == 1


def test_inspecting(tmp_path, capsys):
    assert command(*TRAIN, "--out", tmp_path / "run") == 0
    capsys.readouterr()
    assert command("inspect", tmp_path / "run", "--samples", "2", "--out", tmp_path / "no folder" / "a.json") == 2
    assert "expected --out to be in an existing directory" in capsys.readouterr().err
    assert command("inspect", tmp_path / "run", "--samples", "2", "--out", tmp_path / "a.json") == 0
    out, err = capsys.readouterr()
    report = results.read(tmp_path / "a.json", kind="analysis")
    assert report["measured"][0]["run"] == results.read(tmp_path / "run" / "result.json")["content_sha256"]
    assert len(out.splitlines()) == 4 and err.splitlines() == [str(tmp_path / "run")]
    assert command("inspect", tmp_path) == 2
    assert "result.json" in capsys.readouterr().err


def test_publishing(tmp_path, capsys, monkeypatch):
    assert command(*TRAIN, "--out", tmp_path / "run") == 0
    monkeypatch.setattr(results.publish, "__defaults__", (tmp_path, None))
    waiting = tmp_path / "sweep" / "waiting"
    waiting.mkdir(parents=True)
    (waiting / "config.json").write_bytes((tmp_path / "run" / "config.json").read_bytes())
    capsys.readouterr()
    for said in ("1 new, 0 replaced", "0 new, 1 replaced"):
        assert command("publish", tmp_path / "run", tmp_path / "sweep", "--name", "some_runs") == 0
        out, err = capsys.readouterr()
        assert out == f"{tmp_path}/some_runs.json: {said}, 0 diverged, 1 skipped\n"
        assert err == f"{waiting}: skipped, not finished\n"
    assert len(results.published("some_runs", tmp_path)) == 1


def test_publishing_a_run_that_is_older_than_an_option(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(results.publish, "__defaults__", (tmp_path, None))
    run = finished_run(tmp_path / "run", options={"unit_forget_bias": True, "time": "none"})
    assert command("publish", run, "--name", "some_runs") == 2
    assert f"{run}: expected a config with all settings, got one without options.bias" in capsys.readouterr().err
    assert results.names(tmp_path) == []


def test_info(capsys, few_digits):  # noqa: F811
    assert command("info") == 0
    out = capsys.readouterr().out
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert lines["MNIST"] == str(few_digits / "mnist.npz") and lines["backend"] == "tensorflow"
    assert {"keras", "tensorflow", "numpy", "python", "engines", "processor"} <= set(lines)


def test_help_is_quick_because_it_loads_nothing_heavy():
    program = "import sys; from plstm.lab.cli.main import main; sys.argv = ['plstm', '--help']; main()"
    heavy = "keras", "tensorflow", "numba", "ray", "matplotlib"
    check = f"import atexit, sys; atexit.register(lambda: print([m for m in {heavy} if m in sys.modules]))\n"
    answer = subprocess.run([sys.executable, "-c", check + program], capture_output=True, text=True)
    assert answer.returncode == 0 and answer.stdout.splitlines()[-1] == "[]"
    took = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "plstm", "--help"], check=True, stdout=subprocess.DEVNULL)
        took.append(time.monotonic() - began)
    assert min(took) < 1.0


def test_a_fresh_process_prints_nothing_but_its_own(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    answer = subprocess.run(
        [sys.executable, "-m", "plstm", *TRAIN, "--out", tmp_path / "run"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert answer.returncode == 0
    assert all(not line.strip() or "mnist lstm 1" in line for line in answer.stderr.replace("\r", "\n").splitlines())
