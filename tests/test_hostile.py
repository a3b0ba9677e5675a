"""Files made to do harm, one by one: each ends with one line that names it, and nothing else happens."""

import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

import plstm
from plstm import _files
from plstm.errors import ConfigError, DataError, ResultError, RunError, StateError
from plstm.lab import results
from plstm.lab.cli import main
from plstm.lab.experiments import grid
from plstm.lab.experiments.run_directory import RunDirectory
from plstm.lab.tasks import mnist, nmnist
from plstm.streaming.stream_state import Streams

DEEP = "[" * 100_000


def file(folder, content, name="a file"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# JSON


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DEEP, "fewer nested lists"),
        ('{"a": {"b": 1, "b": 2}}', "once in an object, got 'b' twice"),
        ("[NaN]", "finite numbers, got NaN"),
        ("[-Infinity]", "finite numbers, got -Infinity"),
        ("[1e999]", "finite numbers, got 1e999"),
        ("9" * 5000, "4300 digits"),
        ("", "Expecting value"),
    ],
)
def test_json_without_surprises(text, message):
    with pytest.raises(ValueError, match=message):
        _files.parse_json(text)


@pytest.mark.parametrize("change", [lambda text: text.replace('"loss": ', '"loss": NaN, "a": ', 1), lambda text: DEEP])
def test_a_result_is_read_so(tmp_path, change):
    result = results.published("mnist_seed")[0]["result"]
    path = file(tmp_path, change(json.dumps(result)), "result.json")
    with pytest.raises(ResultError, match=f"expected JSON in {path}"):
        results.read(path)


@pytest.mark.parametrize("text", [DEEP, "[]", "1", b"\xff", '{"a": 1, "a": 1}'])
def test_a_config_is_read_so(tmp_path, text):
    file(tmp_path, text, "config.json")
    with pytest.raises(RunError, match="expected a config in"):
        RunDirectory(tmp_path).check({"a": 1})


@pytest.mark.parametrize("text", [DEEP, "[]", b"\xff", '{"format": "plstm-bench-1"}', '{"format": "plstm-trade-1"}'])
def test_a_benchmark_is_read_so(tmp_path, capsys, text):
    assert main.main(["bench", "--show", str(file(tmp_path, text))]) == 2
    assert str(tmp_path / "a file") in capsys.readouterr().err


@pytest.mark.parametrize("row", ["1,nan,0", "1,inf,0", "1e300,1,0", "1,2", "1,2,3,4", "1,\0,0"])
def test_a_history_of_finite_numbers(tmp_path, row):
    with pytest.raises(ResultError, match="expected"):
        results.read_history(file(tmp_path, f"step,loss,accuracy\n{row}\n"))


# Grids

BOMB = "\n".join(
    ["a: &a [1, 1, 1]", *(f"{n}: &{n} [{', '.join(['*' + m] * 9)}]" for m, n in zip("abcdefg", "bcdefgh"))]
)
MANY = ", ".join(f"{name}: [{', '.join(map(str, range(1, 50)))}]" for name in ("seed", "units", "steps"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nruns:\n  - set: {seed: 1, seed: 2}\n", "got 'seed' twice"),
        ("name: a\nname: b\nruns: []\n", "got 'name' twice"),
        (f"{BOMB}\nname: a\nruns: [set: {{options.period: *h}}]\n", "at most 100000 values"),
        (f"name: a\nruns:\n  - over: {{{MANY}}}\n", "at most 10000 runs"),
        ("name: a\nruns: &r\n  - *r\n", "deeper than Python reads"),
        ("[" * 2000, "deeper than Python reads"),
        ("name: a\nruns:\n  - set: [1]\n", r"names and values in set, got \[1\]"),
        ("name: a\nruns:\n  - over: [1]\n", r"names and values in over, got \[1\]"),
        (f"name: a\nruns:\n  - set: {{units: 1{'0' * 5000}}}\n", "4300 digits"),
        (b"\xff\xfe\0", "expected YAML in"),
        ("name: a\0", "expected YAML in"),
    ],
)
def test_a_grid(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message) as caught:
        grid.read(file(tmp_path, text, "grid.yaml"))
    assert "grid.yaml" in str(caught.value) and len(str(caught.value)) < 1000


# .npz


def packed(path, method=zipfile.ZIP_STORED, **members):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def head(shape, dtype="<f4"):
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": dtype, "fortran_order": False, "shape": shape})
    return content.getvalue()


def encrypted(path):
    np.savez(path, a=np.arange(3))
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x03\x04") + 6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def damaged(path):
    np.savez_compressed(path, a=np.arange(1000))
    content = bytearray(path.read_bytes())
    content[60:400:7] = bytes(len(content[60:400:7]))
    path.write_bytes(content)


HOSTILE = {
    "one array": lambda path: path.write_bytes(head((0,))),
    "claims terabytes": lambda path: packed(path, a=head((10**13,))),
    "claims too much": lambda path: packed(path, a=head((2**62, 4))),
    "negative": lambda path: packed(path, a=head((-3,))),
    "no dtype": lambda path: packed(path, a=head((3,), "<q9999999")),
    "no array": lambda path: packed(path, a=b"hello"),
    "no header": lambda path: packed(path, a=b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': (" * 10 + b" " * 8),
    "unpacks without end": lambda path: packed(path, zipfile.ZIP_DEFLATED, a=head((10**7,), "<u1") + bytes(10**7)),
    "encrypted": encrypted,
    "damaged": damaged,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("hello"),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_arrays(tmp_path, make):
    path = tmp_path / "checkpoint.npz"
    make(path)
    with pytest.raises(DataError, match=f"at {path}, but it cannot be read"):
        mnist.read(path)
    with pytest.raises(RunError, match=f"in {path}, but it cannot be read"):
        RunDirectory(tmp_path).load_checkpoint()
    with pytest.raises(StateError, match=f"in {path}, but it cannot be read"):
        Streams([2], "float32").load(path, "fingerprint")


def test_arrays_keep_to_their_own_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("../../b.npy", head((0,)))
    assert [array.size for array in _files.read_arrays(tmp_path / "a.npz").values()] == [0]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


GOOD = {"step": 1, "seconds": 1.0, "resumed": 0, "engine": None, "data": "a"}


@pytest.mark.parametrize(
    "state",
    [
        [],
        {},
        {**GOOD, "step": -1},
        {**GOOD, "step": True},
        {**GOOD, "step": "1"},
        {**GOOD, "data": 1},
        {**GOOD, "a": 1},
    ],
)
def test_the_state_in_a_checkpoint(tmp_path, state):
    run = RunDirectory(tmp_path)
    run.save_checkpoint(GOOD, [np.zeros(2)])
    assert run.load_checkpoint()[0] == GOOD
    run.save_checkpoint(state, [])
    with pytest.raises(RunError, match="expected .* state"):
        run.load_checkpoint()


def test_weights_in_a_checkpoint_are_numbers(tmp_path):
    run = RunDirectory(tmp_path)
    run.save_checkpoint(GOOD, [np.array(["a"])])
    with pytest.raises(RunError, match="not all numbers"):
        run.load_checkpoint()


def test_a_checkpoint_with_more_steps_than_rows(tmp_path):
    run = RunDirectory(tmp_path)
    file(tmp_path, "step,loss,accuracy\n1,2,0\n", "history.csv")
    with pytest.raises(RunError, match="expected 10000000000000 rows"):
        run.open_history(10**13)


@pytest.mark.parametrize(
    "change",
    [
        {"h0": np.zeros((2, 2), complex)},
        {"h0": np.full((2, 2), "a")},
        {"h0": np.full((2, 2), 1e300)},
        {"last_time": np.array(["a", "b"])},
        {"last_time": np.zeros(2, "M8[s]")},
        {"streams": np.array([["a"]])},
        {"streams": np.array([5])},
        {"streams": np.array([b"\xff"])},
    ],
)
def test_the_state_of_streams(change):
    streams = Streams([2], "float32")
    state = {"streams": ["a"], "last_time": np.ones(2), "h0": np.zeros((2, 2)), "c0": np.zeros((2, 2))}
    streams.restore(state)
    with pytest.raises(StateError, match="expected"):
        streams.restore({**state, **change})
    assert streams.names == ["a"] and streams.last.tolist() == [1, 1]


# Paths


@pytest.mark.parametrize("name", ["history.csv", "weights.weights.h5", "result.json", ".lock"])
def test_a_link_in_a_run_directory_leads_nowhere(tmp_path, name):
    precious, folder = file(tmp_path, "precious"), tmp_path / "run"
    folder.mkdir()
    file(folder, '{"a": 1}', "config.json")
    (folder / name).symlink_to(precious)
    with pytest.raises(RunError, match=f"expected a file of this run at .*{name}, found a link"):
        RunDirectory(folder).check({"a": 1})
    assert precious.read_text() == "precious"


def test_a_link_to_a_run_directory_is_followed(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with RunDirectory(tmp_path / "link").claimed({"a": 1}):
        assert (tmp_path / "run" / "config.json").is_file()


# Tables and recordings


def test_a_table_is_a_file_and_no_address(tmp_path):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(DataError, match="expected a CSV file, got no file"):
            plstm.read_csv(f"http://127.0.0.1:{server.server_port}/a.csv")
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip"])
def test_a_table_is_not_unpacked(tmp_path, name):
    path = (
        packed(tmp_path / name, a="time,v\n1,2\n") if name == "a.zip" else file(tmp_path, b"\x1f\x8b\x08\0" * 9, name)
    )
    with pytest.raises(DataError, match=f"{path}"):
        plstm.read_csv(path)


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(DataError, match="expected a file that can be read"):
        plstm.read_csv(tmp_path)


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/passwd", "dateutil//etc/passwd", "", "Mars/Olympus"])
def test_a_zone_is_a_name(tmp_path, zone):
    with pytest.raises(ValueError, match="expected the name of a time zone"):
        plstm.read_csv(file(tmp_path, "time,v\n2020-01-01T00:00,2\n"), zone=zone)


def test_events_whose_times_go_back(tmp_path, monkeypatch):
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    for part in ("Train", "Test"):
        for digit in range(10):
            (tmp_path / "NMNIST" / part / str(digit)).mkdir(parents=True)
            # column, row, polarity and the time in microseconds
            file(tmp_path / "NMNIST" / part / str(digit), bytes([1, 1, 128, 1, 0, 1, 1, 128, 0, 9]), "a.bin")
    with pytest.raises(DataError, match="expected times that do not go back in .*a.bin"):
        nmnist.load(4)
