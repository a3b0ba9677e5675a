"""Result files: what is written can be read, and nothing else can."""

import copy
import json

import jsonschema
import pytest

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments.config import check_whole
from plstm.lab.results import store

RESULT = {
    "format": 1,
    "config": {
        "task": "mnist",
        "model": "lstm",
        "units": 4,
        "batch_size": 5,
        "steps": 20,
        "learning_rate": 0.001,
        "seed": 0,
        "engine": "auto",
        "dtype": "float32",
        "clipnorm": None,
        "evaluate": "test",
        "options": {"unit_forget_bias": True},
    },
    "metrics": {
        "train": {"accuracy": 0.5, "loss": 1.5, "steps": 20},
        "test": {"accuracy": 0.25, "loss": 2.0},
        "test_with_leak": None,
    },
    "parameters": {"total": 100, "trainable": 100},
    "data": {"source": "a test", "sha256": "0" * 64, "train": 20, "test": 10},
    "provenance": {
        "engine": "keras",
        "git": None,
        "versions": {"python": "3.11"},
        "hardware": {"system": "Linux", "processor": "x", "cores": 2, "memory_bytes": 1, "accelerators": []},
        "threads": 2,
        "finished": "2016-12-05T00:00:00+00:00",
        "wall_seconds": 1.0,
        "resumed": 0,
    },
}


def finished_run(folder, **config):
    folder.mkdir()
    steps = {**RESULT["config"], **config}["steps"]
    results.write(folder / "result.json", {**RESULT, "config": {**RESULT["config"], **config}})
    rows = [f"{n},{2 - n / steps:.9g},{n / steps:.9g}\n" for n in range(1, steps + 1)]
    (folder / "history.csv").write_text("step,loss,accuracy\n" + "".join(rows))
    return folder


def test_what_is_written_is_read_back(tmp_path):
    written = results.write(tmp_path / "result.json", RESULT)
    assert results.read(tmp_path / "result.json") == written
    assert {key: written[key] for key in RESULT} == RESULT
    assert list(tmp_path.iterdir()) == [tmp_path / "result.json"]


def test_a_changed_number_is_noticed(tmp_path):
    path = tmp_path / "result.json"
    results.write(path, RESULT)
    path.write_text(path.read_text().replace('"accuracy": 0.25', '"accuracy": 0.95'))
    with pytest.raises(ResultError, match="does not match its content_sha256") as caught:
        results.read(path)
    assert str(path) in str(caught.value)


def test_a_file_is_looked_at_again_once_it_has_changed(tmp_path):
    path = tmp_path / "result.json"
    results.write(path, RESULT)
    sound = path.read_text()
    results.read(path)["metrics"]["test"]["accuracy"] = 1.0
    assert results.read(path)["metrics"]["test"]["accuracy"] == 0.25
    path.write_text(sound.replace('"accuracy": 0.25', '"accuracy": 0.75'))
    with pytest.raises(ResultError, match="does not match its content_sha256"):
        results.read(path)
    path.write_text(sound)
    with pytest.raises(ResultError, match="to follow the schema"):
        results.read(path, "diverged")


def test_spacing_and_order_are_of_no_account(tmp_path):
    path = tmp_path / "result.json"
    written = results.write(path, RESULT)
    path.write_text(json.dumps(dict(reversed(written.items()))))
    assert results.read(path) == written


def test_a_file_cut_at_any_place_is_refused(tmp_path):
    path = tmp_path / "result.json"
    results.write(path, RESULT)
    # The last two characters are a bracket and the line's end, which means nothing.
    whole = path.read_text()
    for length in [*range(0, len(whole) - 2, 97), len(whole) - 2]:
        path.write_text(whole[:length])
        with pytest.raises(ResultError, match="truncated or damaged") as caught:
            results.read(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "keys, value, where",
    [
        (("metrics", "test", "accuracy"), 1.5, r"\$\.metrics\.test\.accuracy"),
        (("metrics", "test", "accuracy"), "0.5", r"\$\.metrics\.test\.accuracy"),
        (("config", "steps"), 0, r"\$\.config\.steps"),
        (("config", "colour"), "red", r"\$\.config"),
        (("data", "sha256"), "0" * 63, r"\$\.data\.sha256"),
        (("format",), 2, r"\$\.format"),
        (("provenance", "git"), {"commit": "HEAD", "changed": False}, r"\$\.provenance\.git"),
    ],
)
def test_the_schema_is_kept(tmp_path, keys, value, where):
    result = copy.deepcopy(RESULT)
    part = result
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    with pytest.raises(ResultError, match=where):
        results.write(tmp_path / "result.json", result)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", RESULT)
def test_nothing_may_be_missing(tmp_path, key):
    with pytest.raises(ResultError, match=f"'{key}' is a required property"):
        results.write(tmp_path / "result.json", {name: value for name, value in RESULT.items() if name != key})


@pytest.mark.parametrize("key", RESULT["config"])
def test_a_config_is_whole_and_nothing_is_filled_in(tmp_path, key):
    config = {name: value for name, value in RESULT["config"].items() if name != key}
    result = {**RESULT, "config": config}
    message = rf"at \$.config: '{key}' is a required property; a run that is older .* must be made again"
    with pytest.raises(ResultError, match=message):
        results.write(tmp_path / "result.json", result)
    content = {**result, results.HASH: store.digest(result)}
    (tmp_path / "result.json").write_text(json.dumps(content))
    with pytest.raises(ResultError, match=message):
        results.read(tmp_path / "result.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ResultError, match=f"expected a file {tmp_path}/result.json"):
        results.read(tmp_path / "result.json")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "result.json"
    results.write(path, RESULT)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("plstm._files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        results.write(path, {**RESULT, "parameters": {"total": 1, "trainable": 1}})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_history_columns(tmp_path):
    (tmp_path / "history.csv").write_text("step,loss,accuracy\n1,2.5,0.25\n2,1.5,0.75\n")
    history = results.read_history(tmp_path / "history.csv")
    assert {name: column.tolist() for name, column in history.items()} == {
        "step": [1, 2],
        "loss": [2.5, 1.5],
        "accuracy": [0.25, 0.75],
    }


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "to begin with step,loss,accuracy"),
        ("step,loss\n1,2\n", "to begin with step,loss,accuracy"),
        ("step,loss,accuracy\n1,2.5,0.25\n3,1.5,0.75\n", "expected the steps 1 to 2"),
        ("step,loss,accuracy\n1,2.5,0.25\n1,2.5,0.25\n", "expected the steps 1 to 2"),
        ("step,loss,accuracy\n1,2.5,0.25\n2,1.5\n", "got other rows"),
        ("step,loss,accuracy\n1,x,0.25\n", "got other rows"),
    ],
)
def test_a_damaged_history_is_named(tmp_path, text, message):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(ResultError, match=message) as caught:
        results.read_history(tmp_path / "history.csv")
    assert str(tmp_path / "history.csv") in str(caught.value)


def test_a_history_edited_by_hand_is_refused(tmp_path):
    run = finished_run(tmp_path / "run")
    hashed = {**RESULT, "history_sha256": results.file_hash(run / "history.csv")}
    results.write(run / "result.json", hashed)
    assert results.read_run(run)[0]["history_sha256"] == hashed["history_sha256"]
    whole = (run / "history.csv").read_text()
    (run / "history.csv").write_text(whole.replace("1.9", "1.8", 1))
    with pytest.raises(ResultError, match="history.csv unchanged since it was written"):
        results.read_run(run)
    (run / "history.csv").write_text("\n".join(whole.splitlines()[:-1]) + "\n")
    with pytest.raises(ResultError, match=r"expected \d+ steps in .*history.csv, got"):
        results.read_run(run)


def test_a_plain_validator_refuses_what_is_no_result():
    schema = json.loads(results.SCHEMA.read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"x": 1}, schema)
    jsonschema.validate(json.loads((results.FOLDER / "events.json").read_text()), schema)


def test_everything_that_ships_is_whole():
    assert results.SCHEMA.is_file()
    for name in results.names():
        for run in results.published(name):
            config = run["result"]["config"]
            assert len(run["history"]["step"]) == config["steps"] // (10 if config["evaluate"] == "test" else 100)
            check_whole(config)
