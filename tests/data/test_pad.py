"""What ``plstm.pad`` takes and refuses: dates, empty sequences, values beyond float32, rows of different lengths."""

# ruff: noqa: E501  a table reads best with one row a line

import datetime

import keras
import numpy as np
import pytest

import plstm
from tests.support import numpy

BACKEND = keras.backend.backend()
UTC = datetime.UTC
FIRST = datetime.datetime(2024, 3, 1, 9, 30, 0, 250_000)
STEPS = [datetime.timedelta(minutes=m, microseconds=m) for m in (0, 1, 5, 90, 100_000)]
X = np.ones((2, 5, 3), "float32")


@pytest.fixture(scope="module")
def made():
    """A layer and what is built of it."""
    layer = plstm.PhasedLSTM(4)
    layer(X)
    return {
        "layer": layer,
        "engine": plstm.EventDriven(layer),
        "both": plstm.Bidirectional(plstm.PhasedGRU(4)),
        "gate": plstm.TimeGate(4),
    }


def test_pad_counts_dates():
    night = [FIRST + step for step in STEPS]
    batch = plstm.pad([(night, np.arange(5.0)), ([], []), (night[2:4], [7.0, 8.0])], unit="min", origin=FIRST)
    minutes = [step / datetime.timedelta(minutes=1) for step in STEPS]
    np.testing.assert_allclose(batch.times, [minutes, [0] * 5, [*minutes[2:4], *minutes[3:4] * 3]], rtol=3e-16)
    assert batch.mask.sum(axis=1).tolist() == [5, 0, 2]
    np.testing.assert_array_equal(plstm.pad([(STEPS, np.ones(5))], unit="h").times[0], plstm.elapsed(STEPS, "h"))
    kept = plstm.hold_missing([(night, [1.0, np.nan, 2.0, np.nan, 3.0])])
    np.testing.assert_array_equal(plstm.pad(kept, unit="min", origin=FIRST).times[0], batch.times[0])


def test_pad_counts_what_pandas_has():
    pd = pytest.importorskip("pandas")
    index = pd.date_range("2024-03-01", periods=5, freq="10min")
    for times, origin in ((index, index[0]), (index.tz_localize("Asia/Tokyo"), index[0].tz_localize("Asia/Tokyo"))):
        frame = pd.DataFrame({"a": np.arange(5.0), "b": 1.0}, index=times)
        batch = plstm.pad([(frame.index, frame), (frame.index[:0], frame[:0])], unit="min", origin=origin)
        np.testing.assert_array_equal(batch.times, [[0, 10, 20, 30, 40], [0] * 5])
    with pytest.raises(ValueError, match="expected times of series 0 to be numbers, got dates.*unit='s'"):
        plstm.pad([(index, np.arange(5.0))])


DAY = [FIRST]
PAD_REFUSES = {
    "no unit": (lambda: plstm.pad([([1.0], [1.0]), (DAY, [1.0])]), "times of series 1 to be numbers.*unit='s'"),
    "a unit of numbers": (lambda: plstm.pad([([1.0], [1.0])], unit="s"), "series 0 to be dates or durations, got float64"),
    "some numbers": (lambda: plstm.pad([(DAY, [1.0]), ([1], [1.0])], unit="s"), "series 1 to be dates or durations, got int64"),
    "an origin alone": (lambda: plstm.pad([([1.0], [1.0])], origin=FIRST), "expected a unit beside origin"),
    "unknown unit": (lambda: plstm.pad([(DAY, [1.0])], unit="m"), "expected unit to be one of us, .* got 'm'"),
    "zones": (
        lambda: plstm.pad([(DAY, [1.0]), ([FIRST.replace(tzinfo=UTC)], [1.0])], unit="s"),
        "one kind in all series, got dates without a time zone .*series 0.* and dates with a time zone .*series 1",
    ),
    "durations": (lambda: plstm.pad([(DAY, [1.0]), (STEPS[:1], [1.0])], unit="s"), "dates without.* and durations"),
    "NaT": (
        lambda: plstm.pad([([FIRST, np.datetime64("NaT")], [1.0, 2.0])], unit="s"), r"times of series 0, got NaT at \(1,\)"
    ),
    "back": (lambda: plstm.pad([([FIRST, FIRST - STEPS[1]], [1.0, 2.0])], unit="s"), "expected ascending times in series 0"),
    "dates for values": (lambda: plstm.pad([([1.0], DAY)]), "expected values of series 0 to be numbers, got datetime"),
    "durations for values": (lambda: plstm.pad([([1.0], np.ones(1, "m8[s]"))]), "values of series 0 .*got timedelta64"),
    "dates to hold": (lambda: plstm.hold_missing([([1.0], np.ones(1, "M8[s]"))]), "expected values to be numbers, got datetime64"),
    "complex values": (lambda: plstm.pad([([1.0], [1j])]), "values of series 0 to be numbers, got complex128"),
    "overflow": (
        lambda: plstm.pad([([0, 1], [[1, 2], [3, 1e300]])]), r"series 0 that float32 can hold, got 1e\+300 at step 1, feature 1; scale"
    ),
    "overflow below": (lambda: plstm.pad([([0], [1]), ([0, 1], [1, -4e38])]), r"series 1.*got -4e\+38 at step 1, feature 0; scale"),
    "overflow of integers": (lambda: plstm.pad([([0], [10**39])]), r"got 1e\+39 at step 0.*scale"),
    "missing": (lambda: plstm.pad([([0, 1], [[1, 2], [3, np.nan]])]), "got nan at step 1, feature 1; plstm.hold_missing"),
    "infinite": (lambda: plstm.pad([([0], [np.inf])]), "got inf at step 0, feature 0; plstm.hold_missing"),
    "empty with others": (lambda: plstm.pad([([], np.zeros((0, 3))), ([1.0], [[1.0, 2.0]])]), r"number of features .*got \[2, 3\]"),
    "values of none": (lambda: plstm.pad([([], [1.0])]), r"got shapes \(0,\) and \(1,\)"),
    "none of values": (lambda: plstm.pad([([1.0], [])]), "expected times .steps,. and values"),
    "ragged values": (lambda: plstm.pad([([0, 1], [[1], [2, 3]])]), "values of series 0 as one array, got rows of different lengths"),
    "rows alone": (lambda: plstm.pad([[1.0, 2.0, 3.0], [1.0]]), "expected pairs .times, values.*got a list of length 3 as series 0"),
    "numbers alone": (lambda: plstm.pad([1.0, 2.0]), "expected pairs .times, values.*got a float as series 0"),
    "one array": (lambda: plstm.pad([np.zeros(3)]), "expected pairs .times, values.*got an ndarray of length 3 as series 0"),
    "one number in an array": (lambda: plstm.pad([np.array(3.0)]), "got an ndarray as series 0"),
    "no list": (lambda: plstm.pad(3), "expected pairs .times, values., one for each series, got an int$"),
    "None": (lambda: plstm.pad(None), "expected pairs .times, values., one for each series, got a NoneType$"),
    "array without dimensions": (lambda: plstm.pad(np.array(3.0)), "one for each series, got an ndarray$"),
    "no list to hold": (lambda: plstm.hold_missing(3), "expected pairs .times, values., one for each series, got an int$"),
    "numbers to hold": (lambda: plstm.hold_missing([1, 2]), "expected pairs .times, values.*got an int as series 0"),
    "threes to hold": (lambda: plstm.hold_missing([([1], [1]), ([1], [1], [1])]), "got a tuple of length 3 as series 1"),
}  # fmt: skip


@pytest.mark.parametrize("call, message", PAD_REFUSES.values(), ids=PAD_REFUSES)
def test_pad_says_what_it_cannot_take(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "empty", [[], (), np.zeros(0), np.zeros((0, 2)), np.zeros((0, 0)), np.zeros(0, object)], ids=repr
)
@pytest.mark.parametrize("first", [True, False])
def test_pad_takes_an_empty_sequence_beside_full_ones(empty, first):
    full = ([1.0, 2.0], np.ones((2, 2)))
    batch = plstm.pad([([], empty), full] if first else [full, ([], empty)])
    row = 0 if first else 1
    assert batch.values.shape == (2, 2, 2) and not batch.mask[row].any() and batch.mask[1 - row].all()
    assert not batch.values[row].any() and not batch.times[row].any()
    layer = plstm.PhasedLSTM(4, return_sequences=True)
    assert not numpy(layer(*batch[:1], times=batch.times, mask=batch.mask))[row].any()


def test_pad_takes_nothing_but_empty_sequences():
    assert plstm.pad([([], []), ([], [])], length=3).values.shape == (2, 3, 1)
    assert plstm.pad([([], np.zeros((0, 4)))]).values.shape == (1, 0, 4)


def test_pad_keeps_what_float32_holds():
    largest = float(np.finfo("float32").max)
    assert plstm.pad([([0, 1, 2], [largest, -largest, 1e-300])]).values.ravel().tolist() == [largest, -largest, 0.0]
    assert plstm.pad([([0, 1], [True, False])]).values.ravel().tolist() == [1.0, 0.0]


def ragged_tensor():
    """(2, None, 3), in the backend's own way."""
    if BACKEND == "torch":
        import torch

        return torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(5, 3)])
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.RaggedTensor.from_tensor(tensorflow.ones((2, 5, 3)), lengths=[2, 5])


@pytest.mark.parametrize("times", [None, np.arange(5.0)])
def test_ragged_sequences_are_sent_to_pad(made, times):
    given = {} if times is None else {"times": times}
    rows = [[[1.0] * 3] * 2, [[1.0] * 3] * 5]
    found = [rows, [np.ones((2, 3)), np.ones((5, 3))]] + ([] if BACKEND == "jax" else [ragged_tensor()])
    for x in found:
        for call in (made["layer"], made["both"], plstm.PhasedGRU(2)):
            with pytest.raises(ValueError, match="got rows of different lengths.*plstm.pad"):
                call(x, **given)
        with pytest.raises(ValueError, match="got rows of different lengths.*plstm.pad"):
            made["engine"].run(x, np.arange(5.0))


@pytest.mark.skipif(BACKEND == "jax", reason="JAX has no ragged arrays")
def test_ragged_tensors_are_refused_elsewhere_too(made):
    x = ragged_tensor()
    with pytest.raises(ValueError, match="expected pairs .times, values.*zip"):
        plstm.pad(x)
    for call in (made["gate"], made["layer"].openness, lambda t: plstm.coverage(made["layer"], t)):
        with pytest.raises(ValueError, match="expected times as one array, got rows of different lengths"):
            call(x)
    with pytest.raises(ValueError, match="expected times as one array, got rows of different lengths"):
        made["layer"](X, times=x)
    if BACKEND == "tensorflow":
        model = keras.Sequential([keras.Input((None, 3)), plstm.PhasedLSTM(4)])
        with pytest.raises(ValueError, match="got rows of different lengths.*plstm.pad"):
            model.predict(x, verbose=0)
        with pytest.raises(ValueError, match="got rows of different lengths"):
            plstm.PhasedLSTM(4)(keras.Input((None, 3), ragged=True))
        rows = plstm.pad(zip([np.arange(2.0), np.arange(5.0)], x))
        assert rows.mask.sum(axis=1).tolist() == [2, 5]
