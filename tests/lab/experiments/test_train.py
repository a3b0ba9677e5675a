"""One run: what it computes, and that nothing that stops it changes what comes out."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time

import keras
import numpy as np
import pytest

from plstm.errors import ConfigError, DataError, DivergedError, ResultError, RunError
from plstm.lab import results, tasks
from plstm.lab.experiments import models, train
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.run_directory import RunDirectory
from tests.digits import arrays, few_digits, save  # noqa: F401

CONFIG = Config(model="lstm", units=3, batch_size=5, steps=8)
PHASED = Config(model="phased-lstm", units=3, batch_size=5, steps=3, engine="scan", options={"leak": 0.1})

pytestmark = pytest.mark.usefixtures("few_digits")


def run(config, directory):
    return train.train(config, directory, progress=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of CONFIG that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    save(folder / "data" / "mnist.npz", **arrays())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLSTM_DATA", str(folder / "data"))
        run(CONFIG, folder / "run")
    return folder / "run"


def same_outcome(directory, other):
    """Histories, weights and metrics agree to the last bit."""
    for name in ("history.csv", "config.json"):
        assert (directory / name).read_bytes() == (other / name).read_bytes()
    assert results.read(directory / "result.json")["metrics"] == results.read(other / "result.json")["metrics"]
    for a, b in zip(train.load_model(directory).get_weights(), train.load_model(other).get_weights()):
        np.testing.assert_array_equal(a, b)
    names = {"config.json", "history.csv", "weights.weights.h5", "result.json", ".lock"}
    assert {path.name for path in directory.iterdir()} == names
    return True


def cross_entropy(logits, labels):
    logits = np.asarray(logits, np.float64)
    return float(np.mean([np.log(np.exp(row - row[label]).sum()) for row, label in zip(logits, labels)]))


def test_the_first_row_is_the_loss_of_the_initial_weights(tmp_path):
    run(PHASED, tmp_path / "run")
    data = tasks.load("mnist")
    x, y = data.batch(PHASED.seed, 0, PHASED.batch_size)
    logits = keras.ops.convert_to_numpy(models.build(PHASED, data)([x, data.times], training=True))
    history = results.read_history(tmp_path / "run" / "history.csv")
    np.testing.assert_allclose(history["loss"][0], cross_entropy(logits, y), rtol=1e-5)
    assert history["accuracy"][0] == pytest.approx(np.mean(logits.argmax(1) == y))
    assert history["step"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("clipnorm", [None, 0.2])
def test_training_is_adam_on_the_mean_cross_entropy(tmp_path, clipnorm):
    import tensorflow as tf

    config = Config(**{**CONFIG.as_dict(), "dtype": "float64", "steps": 2, "clipnorm": clipnorm, "engine": "keras"})
    run(config, tmp_path / "run")
    data = tasks.load("mnist")
    model, mean, square = models.build(config, data), 0.0, 0.0

    @tf.function
    def slopes(x, y):
        with tf.GradientTape() as tape:
            losses = keras.losses.sparse_categorical_crossentropy(
                y, model([x, tf.constant(data.times)]), from_logits=True
            )
            loss = keras.ops.mean(losses)
        return tape.gradient(loss, model.trainable_variables)

    clipped = []
    for step in range(config.steps):
        each = [np.ravel(s) for s in slopes(*data.batch(config.seed, step, config.batch_size))]
        # Adam's first step would not tell: it is the same for a gradient of any size.
        shares = [min(1.0, (clipnorm or np.inf) / np.linalg.norm(slope)) for slope in each]
        clipped += [share < 1 for share in shares]
        slope = np.concatenate([share * slope for share, slope in zip(shares, each, strict=True)])
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        # Keras adds epsilon before the correction of the second mean, as the paper's "efficient" form does.
        change = mean / (1 - 0.9 ** (step + 1)) * np.sqrt(1 - 0.999 ** (step + 1)) / (np.sqrt(square) + 1e-7)
        place = 0
        for weight in model.trainable_variables:
            size = int(np.prod(weight.shape))
            weight.assign_sub(config.learning_rate * change[place : place + size].reshape(weight.shape))
            place += size
    for trained, expected in zip(train.load_model(tmp_path / "run").get_weights(), model.get_weights()):
        np.testing.assert_allclose(trained, expected, atol=2e-7)
    assert any(clipped) == (clipnorm is not None) and (clipnorm is None or not all(clipped))


def test_the_result_says_what_the_weights_do(tmp_path):
    result = run(PHASED, tmp_path / "run")
    assert result == results.read(tmp_path / "run" / "result.json")
    data, model = tasks.load("mnist"), train.load_model(tmp_path / "run")
    for name, training in (("test", False), ("test_with_leak", True)):
        logits = keras.ops.convert_to_numpy(model([data.x_test, data.times], training=training))
        assert result["metrics"][name]["accuracy"] == np.mean(logits.argmax(1) == data.y_test)
        assert result["metrics"][name]["loss"] == pytest.approx(cross_entropy(logits, data.y_test), rel=1e-5)
    assert result["metrics"]["test"]["loss"] != result["metrics"]["test_with_leak"]["loss"]
    history = results.read_history(tmp_path / "run" / "history.csv")
    assert result["metrics"]["train"]["accuracy"] == pytest.approx(history["accuracy"].mean())
    # LSTM 4 * (1 + 3 + 1) * 3, rhythm 3 * 3, dense 3 * 10 + 10
    assert result["parameters"] == {"total": 109, "trainable": 109}
    assert result["data"]["sha256"] == data.sha256 and result["provenance"]["engine"] == "scan"
    assert Config(**result["config"]) == PHASED


@pytest.mark.parametrize("config", [CONFIG, PHASED])
def test_a_run_for_a_choice_never_meets_the_test_set(tmp_path, monkeypatch, config):
    """Other digits in the place of the test set change nothing, and those held out are not trained on."""
    config = Config(**{**config.as_dict(), "evaluate": "validation", "batch_size": 3})
    result = run(config, tmp_path / "run")
    assert set(result["metrics"]) == {"train", "validation"} and "for validation" in result["data"]["source"]
    assert (result["data"]["train"], result["data"]["test"]) == (18, 2)
    whole, split = tasks.load("mnist"), tasks.load("mnist", "validation")
    assert whole.sha256 != split.sha256 == result["data"]["sha256"]
    logits = keras.ops.convert_to_numpy(train.load_model(tmp_path / "run")([split.x_test, split.times]))
    assert result["metrics"]["validation"]["accuracy"] == np.mean(logits.argmax(1) == split.y_test)
    other = {**arrays(), **{name: arrays(seed=9)[name] for name in ("x_test", "y_test")}}
    save(tmp_path / "other" / "mnist.npz", **other)
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path / "other"))
    assert run(config, tmp_path / "again")["metrics"] == result["metrics"]


def test_a_mean_is_taken_over_the_last_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "LAST_STEPS", 2)
    result = run(CONFIG, tmp_path / "run")
    history = results.read_history(tmp_path / "run" / "history.csv")
    assert result["metrics"]["train"] == {
        "accuracy": pytest.approx(history["accuracy"][-2:].mean()),
        "loss": pytest.approx(history["loss"][-2:].mean()),
        "steps": 2,
    }


def test_the_test_set_is_whole_whatever_the_batch(whole):
    data, model = tasks.load("mnist"), train.load_model(whole)
    scores = [train.evaluate(model, data, size) for size in (1, 3, 10, 64)]
    for score in scores:
        assert score["accuracy"] == scores[0]["accuracy"]
        assert score["loss"] == pytest.approx(scores[0]["loss"], rel=1e-6)


def test_two_runs_of_one_config_agree(tmp_path, whole):
    run(CONFIG, tmp_path / "run")
    assert same_outcome(tmp_path / "run", whole)


def test_another_seed_is_another_run(tmp_path, whole):
    run(Config(**{**CONFIG.as_dict(), "seed": 1}), tmp_path / "run")
    assert (tmp_path / "run" / "history.csv").read_bytes() != (whole / "history.csv").read_bytes()


def stopping(monkeypatch, step, action):
    """Have ``action`` happen while the batch of that step is being fetched."""
    batch = tasks.Dataset.batch

    def hooked(self, seed, number, size):
        if number == step:
            action()
        return batch(self, seed, number, size)

    monkeypatch.setattr(tasks.Dataset, "batch", hooked)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", [0, 4, CONFIG.steps - 1])
def test_a_stopped_run_goes_on_as_if_nothing_had_been(tmp_path, whole, monkeypatch, number, step):
    before = signal.getsignal(number)
    with monkeypatch.context() as patch:
        stopping(patch, step, lambda: os.kill(os.getpid(), number))
        with pytest.raises(train.Interrupted, match=f"after step {step + 1} of 8") as caught:
            run(CONFIG, tmp_path / "run")
    assert caught.value.signal_number == number and signal.getsignal(number) == before
    assert not (tmp_path / "run" / "result.json").exists()
    assert run(CONFIG, tmp_path / "run")["provenance"]["resumed"] == 1
    assert same_outcome(tmp_path / "run", whole)


def crash(directory, monkeypatch, step, checkpoint_seconds):
    """A run that dies in mid-step, as by a power cut but for what was not flushed."""

    def die():
        raise SystemError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(train, "CHECKPOINT_SECONDS", checkpoint_seconds)
        stopping(patch, step, die)
        with pytest.raises(SystemError):
            run(CONFIG, directory)


def test_a_run_that_died_before_a_checkpoint_begins_anew(tmp_path, whole, monkeypatch):
    crash(tmp_path / "run", monkeypatch, 5, checkpoint_seconds=3600)
    assert run(CONFIG, tmp_path / "run")["provenance"]["resumed"] == 0
    assert same_outcome(tmp_path / "run", whole)


def test_rows_beyond_the_checkpoint_are_cut_off(tmp_path, whole, monkeypatch):
    crash(tmp_path / "run", monkeypatch, 5, checkpoint_seconds=-1)
    with open(tmp_path / "run" / "history.csv", "a") as file:
        file.write("6,9.5,0.5\n7,9.5,0.5\n8,9.")
    (tmp_path / "run" / ".checkpoint.npz-abc").write_bytes(b"half of one")
    assert run(CONFIG, tmp_path / "run")["provenance"]["resumed"] == 1
    assert same_outcome(tmp_path / "run", whole)


def test_killed_and_resumed_twice(tmp_path, few_digits):  # noqa: F811
    """SIGKILL at no chosen moment, from outside."""
    config = Config(model="lstm", units=3, batch_size=5, steps=60)
    program = f"""
        from plstm.lab.experiments import train
        from plstm.lab.experiments.config import Config
        train.CHECKPOINT_SECONDS = 0.2
        train.train(Config(**{config.as_dict()!r}), {str(tmp_path / "run")!r}, progress=False)
    """
    history = tmp_path / "run" / "history.csv"
    for rows in (8, 30):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
        deadline = time.monotonic() + 180
        while process.poll() is None and time.monotonic() < deadline:
            if history.exists() and history.read_bytes().count(b"\n") > rows:
                break
            time.sleep(0.01)
        assert process.poll() is None, "the run ended before it was killed"
        process.kill()
        process.wait()
        assert not (tmp_path / "run" / "result.json").exists()
    assert run(config, tmp_path / "run")["provenance"]["resumed"] >= 1
    run(config, tmp_path / "whole")
    assert same_outcome(tmp_path / "run", tmp_path / "whole")


def test_a_finished_run_is_not_computed_again(whole, monkeypatch):
    monkeypatch.setattr(tasks, "load", lambda name: pytest.fail("loaded the data"))
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert run(CONFIG, whole) == results.read(whole / "result.json")
    assert {path.name: path.stat().st_mtime_ns for path in whole.iterdir()} == before


def test_a_thread_can_train(tmp_path, whole):
    """Signals belong to the main thread; a run in another one must do without."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(run(CONFIG, tmp_path / "run")))
    thread.start()
    thread.join()
    assert outcome and same_outcome(tmp_path / "run", whole)


def contents(directory):
    return {path: path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


def test_another_config_is_refused_and_nothing_touched(whole):
    before = contents(whole)
    with pytest.raises(RunError, match="holds another run: units 3, not 4;"):
        run(Config(**{**CONFIG.as_dict(), "units": 4}), whole)
    assert contents(whole) == before


def test_a_directory_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(RunError, match="new, empty or a run of plstm, found thesis.tex"):
        run(CONFIG, tmp_path)
    with pytest.raises(RunError, match="expected .*thesis.tex to be a directory"):
        run(CONFIG, tmp_path / "thesis.tex")
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.tex"]


def test_a_directory_at_work_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    with open(tmp_path / "run" / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another process is at work in"):
            run(CONFIG, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]


@pytest.mark.parametrize("name", ["config.json", "checkpoint.npz", "history.csv", "result.json"])
@pytest.mark.parametrize("cut", [0, 20])
def test_a_damaged_file_of_a_run_is_named(tmp_path, monkeypatch, whole, name, cut):
    crash(tmp_path, monkeypatch, 5, checkpoint_seconds=-1)
    damaged = tmp_path / name
    source = whole if name == "result.json" else tmp_path
    damaged.write_bytes((source / name).read_bytes()[:cut])
    before = contents(tmp_path)
    with pytest.raises((RunError, ResultError)) as caught:
        run(CONFIG, tmp_path)
    assert str(damaged) in str(caught.value)
    assert contents(tmp_path) == before


def test_other_data_does_not_go_on_with_a_run(tmp_path, monkeypatch):
    crash(tmp_path / "run", monkeypatch, 5, checkpoint_seconds=-1)
    save(tmp_path / "other" / "mnist.npz", **arrays(seed=1))
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path / "other"))
    before = contents(tmp_path / "run")
    with pytest.raises(RunError, match="was begun on other data"):
        run(CONFIG, tmp_path / "run")
    assert contents(tmp_path / "run") == before


def test_what_cannot_begin_leaves_no_directory(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="batch_size <= 20"):
        run(Config(batch_size=21), tmp_path / "run")
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    with pytest.raises(DataError, match="mnist.npz"):
        run(CONFIG, tmp_path / "run")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_at_the_first_file_leaves_no_directory(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("plstm._files.os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            run(CONFIG, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_costs_nothing_but_time(tmp_path, whole, monkeypatch):
    crash(tmp_path / "run", monkeypatch, 3, checkpoint_seconds=-1)
    before = (tmp_path / "run" / "checkpoint.npz").read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(OSError, match="No space left"):
            run(CONFIG, tmp_path / "run")
    assert (tmp_path / "run" / "checkpoint.npz").read_bytes() == before
    run(CONFIG, tmp_path / "run")
    assert same_outcome(tmp_path / "run", whole)


TOO_FAST = Config(**{**CONFIG.as_dict(), "learning_rate": 1e38})


def test_a_loss_that_is_no_number_ends_the_run(tmp_path):
    with pytest.raises(
        DivergedError, match=r"the loss was (nan|inf) at step \d; try a smaller learning rate than 1e\+38"
    ):
        run(TOO_FAST, tmp_path / "run")
    assert not (tmp_path / "run" / "result.json").exists()


def test_a_run_that_diverged_says_so_ever_after(tmp_path, monkeypatch):
    """And when: the history has every step before that one."""
    errors = []
    for _ in range(2):
        with pytest.raises(DivergedError) as caught:
            run(TOO_FAST, tmp_path / "run")
        errors.append(str(caught.value))
        # It is not computed again.
        monkeypatch.setattr(train, "Training", None)
    kept = results.read(tmp_path / "run" / "diverged.json", "diverged")
    assert kept["config"] == TOO_FAST.as_dict() and kept["provenance"]["engine"] == "native"
    told = f"the loss was {kept['loss']} at step {kept['step']}; try a smaller learning rate than 1e+38"
    again = f"{told} (so it ended before; delete {tmp_path / 'run' / 'diverged.json'} to make it again)"
    assert errors == [told, again]
    assert len((tmp_path / "run" / "history.csv").read_text().splitlines()) == kept["step"]
    text = (tmp_path / "run" / "diverged.json").read_text()
    (tmp_path / "run" / "diverged.json").write_text(text.replace('"step": ', '"step": 1'))
    with pytest.raises(ResultError, match="diverged.json unchanged since it was written"):
        run(TOO_FAST, tmp_path / "run")


def test_a_checkpoint_is_not_written_at_every_step(tmp_path, monkeypatch):
    written = []
    save_checkpoint = RunDirectory.save_checkpoint

    def counted(self, state, weights):
        written.append(state["step"])
        save_checkpoint(self, state, weights)

    monkeypatch.setattr(RunDirectory, "save_checkpoint", counted)
    run(CONFIG, tmp_path / "run")
    assert written == [CONFIG.steps] and train.CHECKPOINT_SECONDS <= 60


def test_the_history_is_on_the_disk_while_the_run_goes_on(tmp_path, monkeypatch):
    seen = []
    stopping(monkeypatch, 4, lambda: seen.append((tmp_path / "run" / "history.csv").read_text()))
    run(CONFIG, tmp_path / "run")
    assert [line.split(",")[0] for line in seen[0].splitlines()] == ["step", "1", "2", "3", "4"]
    assert json.loads((tmp_path / "run" / "config.json").read_text()) == CONFIG.as_dict()


def test_a_folder_with_files_of_its_own_is_refused_and_kept(tmp_path):
    mine = tmp_path / ".my-notes"
    mine.write_text("kept")
    with pytest.raises(RunError, match="to be new, empty or a run of plstm, found .my-notes"):
        RunDirectory(tmp_path).check({})
    RunDirectory(tmp_path).clear_leftovers()
    assert mine.read_text() == "kept"


@pytest.mark.parametrize("content", [b"", b"hello", "cut", None])
def test_damaged_weights_are_named(tmp_path, whole, content):
    copy = tmp_path / "run"
    shutil.copytree(whole, copy)
    path = copy / "weights.weights.h5"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:300] if content == "cut" else content)
    with pytest.raises(ResultError, match=f"expected this run's weights in {path}, but they cannot be read"):
        train.load_model(copy)
