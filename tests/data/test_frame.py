"""DataFrames are read as the CSV files that they would be written to; bad tables are named by row and column."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

import plstm
from plstm.errors import DataError

WARD = pd.DataFrame(
    {
        "patient": ["ann", "bob", "ann", "bob"],
        "time": [0.0, 0.5, 2.5, 1.0],
        "pulse": [71, 88, None, 90],
        "ill": [0, 1, 0, None],
    },
    index=["w", "x", "y", "z"],
)


def same(found, right):
    assert (found.names, found.features) == (right.names, right.features)
    np.testing.assert_array_equal(found.labels, right.labels)
    for pair, expected in zip(found.series, right.series, strict=True):
        np.testing.assert_array_equal(pair[0], expected[0])
        np.testing.assert_array_equal(pair[1], expected[1])


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame,
        lambda frame: frame.astype({"patient": "category"}),
        lambda frame: frame.astype({"pulse": "Int64", "ill": "Float64"}),
        lambda frame: frame.astype(object),
        lambda frame: frame.astype({"time": str}),
    ],
)
def test_as_the_file_would_be_read(change, tmp_path):
    WARD.to_csv(tmp_path / "ward.csv", index=False)
    right = plstm.read_csv(tmp_path / "ward.csv", series="patient", label="ill")
    same(plstm.read_frame(change(WARD), series="patient", label="ill"), right)


def test_names_of_series_keep_their_type():
    found = plstm.read_frame(
        pd.DataFrame({"who": [7, 7, 3], "time": [0, 1, 0], "on": [True, False, True]}), series="who"
    )
    assert found.names == [7, 3] and found.series[0][1].tolist() == [[1.0], [0.0]]


BERN, DELHI = timezone(timedelta(hours=1)), timezone(timedelta(hours=5, minutes=30))
NOON = datetime(2026, 3, 1, 12, tzinfo=BERN)


@pytest.mark.parametrize(
    "times",
    [
        [NOON, datetime(2026, 3, 1, 18, 30, tzinfo=DELHI)],  # mixed zones: two hours apart
        pd.to_datetime(["2026-03-01T11:00Z", "2026-03-01T13:00Z"]),
        ["2026-03-01T12:00+01:00", "2026-03-01T18:30+05:30"],
        pd.to_datetime(["2026-03-01T12:00+01:00", "2026-03-01T14:00+01:00"]),
    ],
    ids=["objects", "utc", "text", "zone"],
)
def test_dates_are_the_same_moments_in_any_zone(times):
    [(found, _)] = plstm.read_frame(pd.DataFrame({"time": times, "x": [1, 2]}), unit="h").series
    np.testing.assert_array_equal(found, [NOON.timestamp() / 3600, NOON.timestamp() / 3600 + 2])


def test_dates_without_a_zone_need_one():
    frame = pd.DataFrame({"time": pd.to_datetime(["2026-03-01T12:00", "2026-03-01T13:00"]), "x": [1, 2]})
    with pytest.raises(
        DataError, match="row 0, column 'time': expected a date with its zone.* got 2026-03-01 12:00:00"
    ):
        plstm.read_frame(frame)
    [(found, _)] = plstm.read_frame(frame, zone="Europe/Zurich").series
    np.testing.assert_array_equal(found, NOON.timestamp() + np.array([0.0, 3600.0]))
    mixed = pd.DataFrame({"time": [NOON, datetime(2026, 3, 1, 15)], "x": [1, 2]}, dtype=object)
    with pytest.raises(DataError, match="row 1, column 'time': expected a date with its zone"):
        plstm.read_frame(mixed)
    days = pd.DataFrame({"time": [date(2026, 3, 1), date(2026, 3, 2)], "x": [1, 2]})
    assert np.diff(plstm.read_frame(days, zone="UTC", unit="D").series[0][0]) == [1.0]


def test_durations():
    frame = pd.DataFrame({"time": pd.to_timedelta([0, 90], unit="min"), "x": [1, 2]})
    assert plstm.read_frame(frame, unit="h").series[0][0].tolist() == [0.0, 1.5]


def bad(**columns):
    return pd.DataFrame({"who": ["a", "a", "b", "b"], "time": [0, 1, 0, 1], "x": [1, 2, 3, 4], **columns})


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            bad(time=[0, 0, 0, 1]),
            "row 1, column 'time': expected a time > 0, that of row 0, got 0 in series 'a'; equal_tim",
        ),
        (
            bad(time=[1, 0, 0, 1]),
            "row 1, column 'time': expected a time > 1, that of row 0, got 0 in series 'a'; sort=True",
        ),
        (bad(time=[0, 1, 5, 4]), "row 3, column 'time': expected a time > 5, that of row 2, got 4 in series 'b'"),
        (bad(time=[0, None, 0, 1]), "row 1, column 'time': expected a time, got an empty cell"),
        (bad(time=[0, "soon", 0, 1]), "row 1, column 'time': expected a finite number, got 'soon'"),
        (bad(time=["soon", 1, 0, 1]), "row 0, column 'time': expected a number or an ISO 8601 date in every row"),
        (bad(x=[1, "high", 3, 4]), "row 1, column 'x': expected a finite number, got 'high'$"),
        (bad(x=[1, 2, 3, np.inf]), "row 3, column 'x': expected a finite number, got inf"),
        (bad(x=["b", "c", "d", "e"]), r"row 0, column 'x': .* got 'b'; values=\[...\] names the columns to read"),
        (bad(x=pd.to_datetime(["2026-03-01"] * 4)), "row 0, column 'x': expected a finite number, got 2026-03-01"),
        (bad(who=["a", None, "b", "b"]), "row 1, column 'who': expected the name of a series, got an empty cell"),
        (bad(ill=[0, 1, 1, 1]), "row 1, column 'ill': expected one label for series 'a', 0 as in row 0, got 1"),
        (bad(ill=[0, 0, None, None]), "row 2, column 'ill': expected a label of series 'b', got empty cells in all"),
        (bad(ill=[0, 0, 1, 1])[:0], "the frame: expected rows, got none"),
        (bad().rename(columns={"x": "ill"}), "the frame: expected a column of values beside time, who, ill, got none"),
        (bad().drop(columns="who"), "the frame: expected one column 'who', got none in time, x"),
    ],
)
def test_errors_name_row_and_column(frame, message):
    label = "ill" if "ill" in frame else None
    with pytest.raises(DataError, match=message):
        plstm.read_frame(frame, series="who", label=label)


def test_rows_are_named_by_the_index():
    with pytest.raises(DataError, match="row 'y', column 'pulse': expected a finite number, got 'high'"):
        plstm.read_frame(
            WARD.astype(object).replace({"pulse": {None: "high"}}).fillna({"pulse": "high"}), series="patient"
        )


@pytest.mark.parametrize("frame", [None, [1, 2], {"time": [1]}, WARD["time"]], ids=lambda frame: type(frame).__name__)
def test_what_is_no_frame(frame):
    with pytest.raises(TypeError, match=f"expected a pandas DataFrame, got {type(frame).__name__}"):
        plstm.read_frame(frame)
    with pytest.raises(TypeError, match="expected values to be a list of column names"):
        plstm.read_frame(WARD, values="pulse")


def test_tables_that_are_poor_but_right():
    """A series of one event, a column that never changes, one without a value, a gap of a century."""
    frame = pd.DataFrame({"who": list("aab"), "time": [0.0, 3.2e9, 5.0], "same": [1, 1, 1], "none": [np.nan] * 3})
    found = plstm.read_frame(frame, series="who")
    assert [len(times) for times, _ in found.series] == [2, 1]
    assert np.isnan(found.series[0][1][:, 1]).all() and found.series[0][1][:, 0].tolist() == [1.0, 1.0]
