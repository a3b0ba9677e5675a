"""Event-based MNIST: nothing is lost that should be kept, the camera follows the light, and N-MNIST files are read."""

import sys

import numpy as np
import pytest
from scipy.ndimage import shift

from plstm.errors import ConfigError, DataError
from plstm.lab import tasks
from plstm.lab.experiments import models
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import events, mnist, nmnist, stored
from plstm.lab.tasks import saccades as camera
from tests.digits import few_digits  # noqa: F401


@pytest.fixture(scope="module")
def digits():
    """Sixty real digits, (60, 28, 28)."""
    return mnist.embedded()[2][::17]


def drawn(begins):
    """A binary image of 784 pixels from the events ``runs``: their colour holds until the next."""
    colour, times = begins
    lengths = np.diff(np.append(times, 784)).astype(int)
    return np.repeat(colour[:, 0] > 0, lengths)


def test_runs_hold_the_whole_black_and_white_digit(digits):
    for image in digits:
        assert np.array_equal(drawn(events.runs(image)), image.ravel() >= 128)


@pytest.mark.parametrize(
    ("image", "colours", "times"),
    [
        ([0, 127, 128, 255, 0, 0], [-1, 1, -1], [0, 2, 4]),
        ([128, 128, 128], [1], [0]),
        ([0, 0, 0], [-1], [0]),
        ([255, 0, 255, 0], [1, -1, 1, -1], [0, 1, 2, 3]),
        ([0, 0, 255], [-1, 1], [0, 2]),
    ],
)
def test_runs_of_a_line(image, colours, times):
    colour, at = events.runs(np.array([image], np.uint8))
    assert colour[:, 0].tolist() == colours and at.tolist() == times


@pytest.mark.parametrize("encoding", ["runs", "saccades"])
def test_padding_is_at_the_end_and_the_clock_never_goes_back(few_digits, encoding):  # noqa: F811
    task = events.load(encoding)
    for part, count in ((task.training, 20), (task.testing, 10)):
        x, times, mask = part[np.arange(count)]
        lengths = mask.sum(axis=1)
        assert x.shape == (count, *task.shape) and times.shape == mask.shape == x.shape[:2]
        assert (x.dtype, times.dtype, mask.dtype) == (np.float32, np.float64, bool)
        assert np.array_equal(mask, np.arange(task.shape[0]) < lengths[:, None])
        assert np.all(np.diff(times, axis=1) >= 0) and np.all(x[~mask] == 0) and np.all(x[mask][:, -1] != 0)
        assert np.array_equal(times[:, -1], times[np.arange(count), lengths - 1])
        assert times.max() <= task.time_scale
    if encoding == "runs":
        assert max(part.mask.sum(axis=1).max() for part in (task.training, task.testing)) == task.shape[0]
        content = np.load(few_digits / "mnist.npz")
        assert np.array_equal(task.y_test, content["y_test"])
        x, times, mask = task.testing[3]
        assert np.array_equal(drawn((x[mask], times[mask])), content["x_test"][3].ravel() >= 128)
    else:
        assert np.abs(x).max() == 1 and set(np.unique(x[..., 2][mask])) == {-1.0, 1.0}


def light(image):
    """What each pixel sees at each step of the path, by SciPy's own interpolation."""
    seen = [shift(image / 255, (dy, dx), order=1, prefilter=False) for dx, dy in camera.positions()[1]]
    return np.log(camera.DARK + np.array(seen))


def test_polarities_integrated_follow_the_light_to_less_than_a_threshold(digits):
    times, _ = camera.positions()
    for image in digits[:12]:
        t, x, y, polarity = camera.events(image)
        seen = light(image)
        for k, now in enumerate(times):
            told = np.zeros((28, 28))
            np.add.at(told, (y[t <= now], x[t <= now]), camera.THRESHOLD * polarity[t <= now])
            assert np.abs(told - (seen[k] - seen[0])).max() < camera.THRESHOLD + 1e-9
        # The path is closed: what became brighter has become as much darker again.
        assert not told.any()


def test_an_event_comes_when_the_light_has_changed_by_a_threshold():
    """The right edge of an upright bar passes column 17: where x is so far along, it sees 1.5 t / 100 ms - 0.5."""
    image = np.zeros((28, 28))
    image[:, 10:18] = 255
    t, x, y, polarity = camera.events(image)
    assert np.all(np.diff(t) >= 0) and not np.any((x == 13) & (y == 14))
    first = np.flatnonzero((x == 17) & (y == 14))[:2]
    exact = [(camera.DARK * np.exp(n * camera.THRESHOLD) - camera.DARK + 0.5) / 0.015 for n in (1, 2)]
    # Between two steps the logarithm is linear, not the light: the times are right within a part of a step.
    step = camera.SACCADE / camera.STEPS
    assert np.all(polarity[first] == 1)
    assert np.abs(t[first] - exact).max() < 0.2 * step and np.all(t[first] % step > 1e-6)


def test_a_camera_sees_nothing_of_what_stays_the_same():
    assert len(camera.events(np.zeros((28, 28)))[0]) == 0
    t, x, y, _ = camera.events(np.full((28, 28), 255))
    # A white sheet shows by its edges alone.
    inner = (x > 2) & (x < 25) & (y > 2) & (y < 25)
    assert len(t) and not inner.any()


def test_statistics_of_real_digits(digits):
    counts, thirds, balance = [], np.zeros(3), 0
    for image in digits:
        t, _, _, polarity = camera.events(image)
        assert t.min() >= 0 and t.max() <= camera.DURATION
        counts.append(len(t))
        thirds += np.bincount(np.minimum(t // camera.SACCADE, 2).astype(int), minlength=3)
        balance += polarity.sum()
    assert 400 < np.mean(counts) < 1000 and min(counts) > events.KEPT
    assert balance == 0 and np.all(thirds / thirds.sum() > 0.2)


def test_which_events_are_kept_depends_on_the_digit_alone(digits):
    values, times = events.saccades(digits[5])
    np.random.default_rng(1).random()
    again = events.saccades(digits[5].astype(float).copy())
    assert np.array_equal(values, again[0]) and np.array_equal(times, again[1])
    assert len(times) == events.KEPT and np.all(np.diff(times) >= 0)
    t, x, y, polarity = camera.events(digits[5])
    every = {(*row, at) for row, at in zip(map(tuple, events.features(x, y, polarity, 28)), t)}
    assert {(*row, at) for row, at in zip(map(tuple, values), times)} < every
    # Drawn from all of them, not the first or the strongest.
    assert times.min() < 30 and times.max() > 270


@pytest.mark.parametrize("encoding", ["runs", "saccades"])
def test_batches_can_be_drawn_again_and_every_sample_comes_once(few_digits, encoding):  # noqa: F811
    task = events.load(encoding)
    (x, times, mask), y = task.batch(3, 1, 5)
    rows = np.random.default_rng([3, 0]).permutation(20)[5:10]
    assert np.array_equal(times, task.training.times[rows]) and np.array_equal(y, task.training.y[rows])
    assert not np.array_equal(task.batch(3, 5, 5)[1], y) or not np.array_equal(task.batch(3, 5, 5)[0][1], times)
    assert task is events.load(encoding)
    assert task.sha256 != events.load("runs" if encoding == "saccades" else "saccades").sha256
    with pytest.raises(ConfigError, match="batch_size <= 20, the number of training samples, got 21"):
        task.check_batch_size(21)


@pytest.mark.parametrize("model", list(models.MODELS))
def test_every_model_reads_events_and_no_padding(few_digits, model):  # noqa: F811
    task = tasks.load("events-runs")
    built = models.build(Config(task="events-runs", model=model, units=4, batch_size=8), task)
    (x, times, mask), _ = task.batch(0, 0, 8)
    logits = built.predict_on_batch(task.inputs((x, times, mask)))
    spoilt = built.predict_on_batch([np.where(mask[..., None], x, 7.0), times, mask])
    assert logits.shape == (8, 10) and np.allclose(spoilt, logits, atol=1e-6)


def test_an_unknown_encoding():
    with pytest.raises(ConfigError, match="encoding among runs, saccades, nmnist, got 'frames'"):
        events.load("frames")


def test_sequences_without_events_are_all_padding():
    padded = stored.pad([(np.zeros((0, 3)), np.zeros(0))], np.array([1]), length=4)
    assert not padded.mask.any() and not padded.times.any() and padded.x.shape == (1, 4, 3)


def write(path, records):
    """A file of N-MNIST from (x, y, t in microseconds, polarity bit), 5 bytes an event, most significant bits first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = bytearray()
    for x, y, t, p in records:
        content += bytes([x, y, (p << 7) | (t >> 16), (t >> 8) & 0xFF, t & 0xFF])
    path.write_bytes(content)
    return path


RECORDS = [(0, 33, 5, 1), (33, 0, 70_000, 0), (16, 17, 299_999, 1)]


@pytest.fixture
def recordings(monkeypatch, tmp_path):
    """PLSTM_DATA with one tiny recording of each digit in each part; those of the test have twice the events."""
    for digit in range(10):
        write(tmp_path / "NMNIST" / "Train" / str(digit) / "00001.bin", RECORDS)
        write(tmp_path / "NMNIST" / "Test" / str(digit) / "00007.bin", RECORDS + [(digit, 1, 300_001, 0)] * 200)
    monkeypatch.setenv("PLSTM_DATA", str(tmp_path))
    return tmp_path / "NMNIST"


def test_files_of_n_mnist(recordings):
    task = tasks.load("events-nmnist")
    x, times, mask = task.training[4]
    assert mask.sum() == 3 and task.shape == (events.KEPT, 3) and task.y_test.tolist() == list(range(10))
    np.testing.assert_allclose(times[:4], [0.005, 70.0, 299.999, 299.999])
    half = 1 / 34
    np.testing.assert_allclose(x[0], [half - 1, 1 - half, 1], rtol=1e-6)
    np.testing.assert_allclose(x[1], [1 - half, half - 1, -1], rtol=1e-6)
    assert task.testing.mask.all() and task.train == 10 and "N-MNIST" in task.source
    assert np.array_equal(task.testing.times, tasks.load("events-nmnist").testing.times)


def test_what_is_wrong_with_n_mnist_is_said(monkeypatch, recordings):
    broken = recordings / "Test" / "3" / "00007.bin"
    broken.write_bytes(broken.read_bytes()[:-2])
    with pytest.raises(DataError, match="expected 5 bytes for each event in .*Test/3/00007.bin, got 1013 bytes in all"):
        nmnist.load(8)
    write(broken, [(34, 0, 1, 1)])
    with pytest.raises(DataError, match="expected pixels from 0 to 33 in .*00007.bin, got 34"):
        nmnist.load(8)
    broken.unlink()
    with pytest.raises(DataError, match=r"expected recordings .*Test/3/\*.bin, found none"):
        nmnist.load(8)
    monkeypatch.delenv("PLSTM_DATA")
    with pytest.raises(DataError, match="expected PLSTM_DATA to name a folder with NMNIST/Train"):
        nmnist.load(8)
    monkeypatch.setitem(sys.modules, "tonic.io", None)
    with pytest.raises(DataError, match=r"expected the tonic package.*pip install 'plstm\[events\]'"):
        nmnist.load(8)
