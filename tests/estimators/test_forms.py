"""The forms of X: pairs, DataFrames, files, arrays as aeon and pyrregular have them. All are read as the same."""

import numpy as np
import pandas as pd
import pytest

import plstm
from plstm.errors import DataError
from plstm.estimators.forms import Columns, read
from tests.estimators.rhythms import classifier, regressor, rhythms

NAN = np.nan
PAIRS = [
    (np.array([0.0, 1.0, 4.0]), np.array([[1.0, 2.0], [NAN, 3.0], [4.0, NAN]])),
    (np.array([2.0]), np.array([[5.0, 6.0]])),
]


def same(found, expected=PAIRS):
    assert len(found) == len(expected)
    for (times, values), (right_times, right) in zip(found, expected):
        assert times.dtype == values.dtype == np.float64
        np.testing.assert_array_equal(times, right_times)
        np.testing.assert_array_equal(values, right)


def frame():
    rows = [(name, t, *row) for name, (times, values) in zip("ab", PAIRS) for t, row in zip(times, values)]
    return pd.DataFrame(rows, columns=["series", "time", "pulse", "temp"])


class Sparse:
    """Stands in for the sparse arrays in which pyrregular holds its data: coordinates and values, NaN elsewhere."""

    def __init__(self, dense):
        self.shape, self.coords, self.values = dense.shape, np.nonzero(~np.isnan(dense)), dense[~np.isnan(dense)]

    def todense(self):
        dense = np.full(self.shape, NAN)
        dense[self.coords] = self.values
        return dense


class Labelled:
    """Stands in for xarray.DataArray: dimensions by name, and the times as a coordinate."""

    def __init__(self, data, dims, times):
        self.data, self.dims, self.coords = data, dims, {"time_id": times}

    def __getitem__(self, name):
        return Labelled(self.coords[name], (name,), None)


def test_pairs():
    same(read(PAIRS, Columns()).pairs)
    same(read([[list(times), values.tolist()] for times, values in PAIRS], Columns()).pairs)
    same(read([([1.0, 2.0], [3.0, 4.0])], Columns()).pairs, [([1.0, 2.0], [[3.0], [4.0]])])
    empty = read([*PAIRS, ([], [])], Columns()).pairs[2]
    assert empty[0].shape == (0,) and empty[1].shape == (0, 2)


def test_frames_and_files_tell_the_names(tmp_path):
    found = read(frame(), Columns())
    same(found.pairs)
    assert (found.features, found.names) == (["pulse", "temp"], ["a", "b"])
    frame().to_csv(tmp_path / "own.csv", index=False)
    found = read(plstm.read_csv(tmp_path / "own.csv", series="series"), Columns())
    same(found.pairs)
    assert (found.features, found.names) == (["pulse", "temp"], ["a", "b"])
    other = frame().rename(columns={"series": "who", "time": "hour"})
    same(read(other, Columns(series="who", time="hour")).pairs)


def test_dates_become_numbers():
    start = np.datetime64("2026-03-01")
    dated = [(start + (24 * times).astype("timedelta64[h]"), values) for times, values in PAIRS]
    days = float(start.astype("datetime64[D]").astype(int))
    same(read(dated, Columns(unit="D")).pairs, [(days + times, values) for times, values in PAIRS])
    other = frame()
    other["time"] = pd.Timestamp("2026-03-01T00:00Z") + pd.to_timedelta(other["time"], unit="D")
    same(read(other, Columns(unit="D")).pairs, [(days + times, values) for times, values in PAIRS])
    with pytest.raises(ValueError, match="expected times of one kind in all series"):
        read([dated[0], (pd.DatetimeIndex(["2026-03-01T00:00Z"]), [[1.0, 2.0]])], Columns())


def test_regular_arrays():
    dense = np.array([[[1.0, 2.0], [3.0, NAN], [NAN, NAN]], [[4.0, 5.0], [6.0, 7.0], [8.0, 9.0]]])
    right = [([0.0, 1.0], dense[0, :2]), ([0.0, 1.0, 2.0], dense[1])]
    same(read(dense, Columns()).pairs, right)
    same(read(dense.tolist(), Columns()).pairs, right)
    same(read(dense.swapaxes(1, 2), Columns(channels_first=True)).pairs, right)
    same(read([dense[0, :2].T, dense[1].T], Columns(channels_first=True)).pairs, right)  # aeon's lists
    same(read(np.array([[1.0, 2.0]]), Columns()).pairs, [([0.0, 1.0], [[1.0], [2.0]])])


def test_pyrregulars_arrays_have_the_time_as_their_last_channel():
    dense = np.full((2, 3, 3), NAN)
    for number, (times, values) in enumerate(PAIRS):
        dense[number, :2, : len(times)], dense[number, 2, : len(times)] = values.T, times
    columns = Columns(channels_first=True, time_channel=True)
    same(read(dense, columns).pairs)
    same(read(Sparse(dense), columns).pairs)
    same(read(dense.swapaxes(1, 2), Columns(time_channel=True)).pairs)


@pytest.mark.parametrize("sparse", [Sparse, np.asarray])
def test_xarray_with_one_time_axis_for_all(sparse):
    axis = np.array([0.0, 1.0, 2.0, 4.0])
    dense = np.full((2, 2, 4), NAN)
    for number, (times, values) in enumerate(PAIRS):
        dense[number][:, np.searchsorted(axis, times)] = values.T
    same(read(Labelled(sparse(dense), ("ts_id", "signal_id", "time_id"), axis), Columns()).pairs)
    turned = Labelled(sparse(dense.transpose(2, 0, 1)), ("time_id", "ts_id", "signal_id"), axis)
    same(read(turned, Columns()).pairs)
    dates = np.datetime64("1970-01-01", "s") + axis.astype("timedelta64[s]")
    same(read(Labelled(sparse(dense), ("ts_id", "signal_id", "time_id"), dates), Columns()).pairs)
    with pytest.raises(ValueError, match="expected the dimensions ts_id, signal_id, time_id, got a, b, c"):
        read(Labelled(dense, ("a", "b", "c"), axis), Columns())


def test_as_pyrregulars_benchmark_calls_a_model():
    """Its scripts take dense arrays (n, signals, time), fit on one part and score on the other."""
    pairs, labels = rhythms()
    longest = max(len(times) for times, _ in pairs)
    dense = np.full((24, 3, longest), NAN)
    for number, (times, values) in enumerate(pairs):
        dense[number, :2, : len(times)], dense[number, 2, : len(times)] = values.T, times
    split = np.array(["train", "test"] * 12)
    split[:2] = "train"
    model = classifier(channels_first=True, time_channel=True)
    codes = (labels == "slow").astype(int) ^ (np.arange(24) // 2 % 2)
    model.fit(dense[split != "test"], codes[split != "test"])
    assert 0.0 <= model.score(dense[split == "test"], codes[split == "test"]) <= 1.0
    right = classifier().fit([pairs[n] for n in np.flatnonzero(split != "test")], codes[split != "test"])
    np.testing.assert_array_equal(model.predict_proba(dense), right.predict_proba(pairs))


def test_a_frame_is_fitted_by_the_names_of_its_series():
    pairs, labels = rhythms(12)
    rows = [(f"s{n}", t, *row) for n, (times, values) in enumerate(pairs) for t, row in zip(times, values)]
    long = pd.DataFrame(rows, columns=["series", "time", "a", "b"])
    right = classifier().fit(pairs, labels)
    found = classifier().fit(long, labels)
    assert found.feature_names_in_.tolist() == ["a", "b"] and not hasattr(right, "feature_names_in_")
    np.testing.assert_array_equal(found.predict_proba(long), right.predict_proba(pairs))
    shuffled = pd.Series(labels, index=[f"s{n}" for n in range(12)]).sample(frac=1, random_state=0)
    np.testing.assert_array_equal(classifier().fit(long, shuffled).predict_proba(long), right.predict_proba(pairs))
    with pytest.raises(ValueError, match="expected the features a, b, got a, c"):
        found.predict(long.rename(columns={"b": "c"}))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("text", "expected X to be pairs of times and values, a DataFrame or an array, got str"),
        (3, r"got shape \(\)|got int"),
        ([], "expected at least one series, got none|expected an array"),
        ([([0.0], [1.0]), 5], "expected a pair as series 1, times .* and values .*, got int"),
        (
            [([0.0, 1.0], [1.0])],
            r"expected times \(T,\) and values \(T, D\) of series 0, got shapes \(2,\) and \(1, 1\)",
        ),
        (
            [([0.0], [[1.0]]), ([0.0], [[1.0, 2.0]])],
            r"expected the same number of features in every series, got \[1, 2\]",
        ),
        (
            [([0.0], [1.0]), ([3.0, 2.0], [1.0, 1.0])],
            "expected ascending times in series 1, got 2.0 after 3.0 at step 1",
        ),
        ([([NAN], [1.0])], "times of series 0"),
        ([([0.0], [[1.0, np.inf]])], "expected values of series 0 to be finite or NaN, got inf at step 0, feature 1"),
        ([(["a"], [1.0])], "expected times of series 0 to be numbers, got text"),
        (np.ones(3), r"expected an array \(n, T\) or \(n, T, D\), got shape \(3,\). Reshape your data"),
        (np.ones((2, 0)), "expected at least one step and one feature"),
    ],
)
def test_what_is_no_series(X, message):
    with pytest.raises(ValueError, match=message):
        read(X, Columns())


def test_a_wrong_cell_of_a_frame_is_named():
    wrong = frame().astype({"pulse": object})
    wrong.loc[2, "pulse"] = "high"
    with pytest.raises(DataError, match="the frame, row 2, column 'pulse': expected a finite number, got 'high'"):
        regressor().fit(wrong, [1.0, 2.0])
