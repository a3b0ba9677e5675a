"""Own CSV files: what comes out is what stands in the file, and every error says where it is and what to do."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

import plstm
from plstm.errors import DataError


@pytest.fixture
def write(tmp_path):
    def write(text, name="own.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


WARD = "patient,time,pulse,temp,ill\nann,0,71,36.5,0\nbob,0.5,88,,1\nann,2.5,,36.6,0\n\nbob,1,90,38.5,\n"


def test_series_by_series(write):
    found = plstm.read_csv(write(WARD), series="patient", label="ill")
    assert (found.names, found.features, found.labels.tolist()) == (["ann", "bob"], ["pulse", "temp"], [0, 1])
    (ann_times, ann), (bob_times, bob) = found.series
    assert ann_times.dtype == ann.dtype == np.float64
    np.testing.assert_array_equal(ann_times, [0, 2.5])
    np.testing.assert_array_equal(ann, [[71, 36.5], [np.nan, 36.6]])
    np.testing.assert_array_equal(bob_times, [0.5, 1])
    np.testing.assert_array_equal(bob, [[88, np.nan], [90, 38.5]])


def test_one_series_without_labels_and_chosen_values(write):
    path = write("t,a,b,note\n0,1,2,x\n1,3,4,y\n")
    found = plstm.read_csv(path, time="t", values=["b", "a"])
    assert (found.names, found.labels, found.features) == ([str(path)], None, ["b", "a"])
    np.testing.assert_array_equal(found.series[0][1], [[2, 1], [4, 3]])


def test_what_pad_takes(write):
    found = plstm.read_csv(write(WARD), series="patient", label="ill")
    batch = plstm.pad(plstm.hold_missing(found.series))
    assert batch.values.shape == (2, 2, 4) and batch.mask.all()


def test_excel_writes_a_mark_quotes_and_carriage_returns(write):
    text = '\ufefftime, value\r\n0, "1"\r\n1.5, 2e1\r\n'
    [(times, values)] = plstm.read_csv(write(text)).series
    assert times.tolist() == [0.0, 1.5] and values.tolist() == [[1.0], [20.0]]


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "nan", " "])
def test_missing_values(write, cell):
    [(_, values)] = plstm.read_csv(write(f"time,a,b\n0,{cell},1\n1,2,3\n")).series
    np.testing.assert_array_equal(values, [[np.nan, 1], [2, 3]])


def test_digits_are_kept(write):
    [(times, values)] = plstm.read_csv(write("time,a\n1700000000.123456,0.1\n1700000000.123457,1\n")).series
    assert times.tolist() == [1700000000.123456, 1700000000.123457] and values[0, 0] == 0.1


@pytest.mark.parametrize(
    ("cells", "labels"),
    [(("0", "1"), [0, 1]), (("0.5", "1"), [0.5, 1.0]), (("no", "yes"), ["no", "yes"]), (("1", "x"), ["1", "x"])],
)
def test_labels(write, cells, labels):
    rows = "".join(f"{name},{step},1,{cell}\n" for name, cell in zip("ab", cells) for step in (0, 1))
    found = plstm.read_csv(write("who,time,x,y\n" + rows), series="who", label="y").labels
    assert found.tolist() == labels


# Dates


def seconds(*date):
    return datetime(*date, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cell", "zone", "expected"),
    [
        ("2024-03-01T09:30:00Z", None, seconds(2024, 3, 1, 9, 30)),
        ("2024-03-01 09:30:00+01:00", None, seconds(2024, 3, 1, 8, 30)),
        ("2024-03-01T09:30:00.250-0530", None, seconds(2024, 3, 1, 15) + 0.25),
        ("2024-03-01T09:30", "UTC", seconds(2024, 3, 1, 9, 30)),
        ("2024-03-01", "UTC", seconds(2024, 3, 1)),
        ("2024-07-01T12:00", "Europe/Zurich", seconds(2024, 7, 1, 10)),
        ("2024-07-01T12:00Z", "Europe/Zurich", seconds(2024, 7, 1, 12)),
    ],
)
def test_dates_are_unix_seconds(write, cell, zone, expected):
    found = plstm.read_csv(write(f"time,x\n{cell},1\n2024-12-24T00:00:00Z,2\n"), zone=zone)
    assert found.series[0][0].tolist() == [expected, seconds(2024, 12, 24)]


@pytest.mark.parametrize(("unit", "length"), [("s", 86400), ("min", 1440), ("h", 24), ("D", 1)])
def test_dates_in_a_unit(write, unit, length):
    path = write("time,x\n2024-03-01T00:00:00Z,1\n2024-03-02T00:00:00Z,2\n")
    assert np.diff(plstm.read_csv(path, unit=unit).series[0][0]) == pytest.approx(length)


def test_a_change_of_offset_is_no_jump(write):
    """The clocks go forward, the offset with them: one hour of time, two hours on the wall."""
    path = write("time,x\n2024-03-31T01:30:00+01:00,1\n2024-03-31T03:30:00+02:00,2\n")
    assert np.diff(plstm.read_csv(path, unit="h").series[0][0]) == [1.0]


# Order


def test_sorted_on_demand(write):
    path = write("who,time,x\na,3,30\nb,1,1\na,2,20\na,3,31\n")
    found = plstm.read_csv(path, series="who", sort=True, equal_times=True)
    assert found.series[0][0].tolist() == [2, 3, 3]
    assert found.series[0][1].ravel().tolist() == [20, 30, 31]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, r": expected a header and rows, got an empty file"),
        ("time,x\n", {}, r": expected rows below the header, got none"),
        ("time,x\n\n\n", {}, r": expected rows below the header, got none"),
        ("time;x\n1;2\n", {}, r": expected one column 'time', got none in time;x; is it separated by commas\?"),
        ("t,x\n1,2\n", {}, r": expected one column 'time', got none in t, x$"),
        ("time,x,x\n1,2,3\n", {}, r": expected one column 'x', got 2 of them in time, x, x"),
        ("time,x\n1,2\n", {"series": "who"}, r": expected one column 'who', got none in time, x"),
        (
            "who,time,x\na,1,2\n",
            {"series": "who", "label": "who"},
            r": expected different columns .* got 'who' for more",
        ),
        ("time,x\n1,2\n", {"series": "time"}, r": expected different columns for time, series and label, got 'time'"),
        ("time,x\n1,2\n", {"label": "time"}, r": expected different columns for time, series and label, got 'time'"),
        ("time,x,y\n1,2,0\n", {"values": ["x", "y"], "label": "y"}, r": expected values without the label, .* got 'y'"),
        ("time,x\n1,2\n", {"values": ["y"]}, r": expected one column 'y', got none in time, x"),
        ("time\n1\n", {}, r": expected a column of values beside time, got none"),
        ("time,x\n1,2\n2,3,4\n", {}, r", line 3: expected 2 cells, got 3$"),
        ("time,x\n1,2,3\n", {}, r", line 2: expected 2 cells, got 3$"),
        ('time,n,x\n1,"a\nb",2\n\n2,c,3,4\n', {}, r", line 5: expected 3 cells, got 4$"),
        (b"time,x\n1,\xff\n", {}, r": expected UTF-8 text"),
        ("time,x\n1,2\n\n2,high\n", {}, r", line 4, column 'x': expected a finite number, got 'high'"),
        ('time,x,n\n1,2,"a\nb"\n2,?,c\n', {"values": ["x"]}, r", line 4, column 'x': expected a .* got '\?'"),
        ('time,x\n1,"2,5"\n', {}, r", line 2, column 'x': expected a finite number, got '2,5'"),
        ("time,x\n1,inf\n", {}, r", line 2, column 'x': expected a finite number, got 'inf'"),
        ("time,x\n1,2\n,3\n", {}, r", line 3, column 'time': expected a time, got an empty cell"),
        ("time,x\n1,2\nsoon,3\n", {}, r", line 3, column 'time': expected a finite number, got 'soon'"),
        ("time,x\nsoon,3\n", {}, r", line 2, column 'time': expected a number or an ISO 8601 date .* got 'soon'"),
        ("time,x\n01/02/2024,3\n", {}, r"expected a number or an ISO 8601 date in every row, got '01/02/2024'"),
        ("time,x\n2024-03-01T00:00Z,1\n2024-13-01T00:00Z,3\n", {}, r", line 3, .* got '2024-13-01T00:00Z'"),
        ("time,x\n2024-03-01T09:30,3\n", {}, r"expected a date with its zone, .* zone, got '2024-03-01T09:30'"),
        ("time,x\n2024-03-01,3\n", {}, r"expected a date with its zone, .* got '2024-03-01'"),
        (
            "time,x\n2024-03-31T02:30,3\n",
            {"zone": "Europe/Zurich"},
            r"line 2, column 'time': expected a date that occurs exactly once in Europe/Zurich, got '2024-03-31T02:30'",
        ),
        (
            "time,x\n2024-10-27T02:30,3\n",
            {"zone": "Europe/Zurich"},
            r"line 2, column 'time': expected a date that occurs exactly once in Europe/Zurich, got '2024-10-27T02:30'",
        ),
        (
            "who,time,x\na,1,1\nb,0,1\na,0.5,1\n",
            {"series": "who"},
            r", line 4, column 'time': expected a time > 1, that of line 2, got 0.5 in series 'a'; sort=True sorts",
        ),
        (
            "time,x\n1,1\n1,2\n",
            {},
            r", line 3, column 'time': expected a time > 1, that of line 2, got 1; if the table has several series, "
            r"give series=COLUMN; else equal_times=True allows it$",
        ),
        (
            "time,x\n1,1\n0,2\n",
            {"equal_times": True},
            r"got 0; .* series=COLUMN; else sort=True sorts the rows$",
        ),
        ("time,x\n1,1\n1,2\n", {"sort": True}, r"expected a time > 1, that of line 2, got 1"),
        ("who,time,x\n,1,1\n", {"series": "who"}, r", line 2, column 'who': expected the name of a series, got an e"),
        (
            "who,time,x,y\na,1,1,0\na,2,1,1\n",
            {"series": "who", "label": "y"},
            r", line 3, column 'y': expected one label for series 'a', '0' as in line 2, got '1'",
        ),
        (
            "who,time,x,y\na,1,1,\na,2,1,\n",
            {"series": "who", "label": "y"},
            r", line 2, column 'y': expected a label of series 'a', got empty cells in all its rows",
        ),
    ],
)
def test_errors_say_where(write, text, options, message):
    path = write(text)
    with pytest.raises(DataError, match=message) as caught:
        plstm.read_csv(path, **options)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"none.csv: expected a CSV file, got no file"):
        plstm.read_csv(tmp_path / "none.csv")


@pytest.mark.parametrize("path", [3, None, b"a.csv", [1, 2]], ids=repr)
def test_a_path_is_a_path(path):
    with pytest.raises(TypeError, match=f"expected the path of a CSV file, got {type(path).__name__}"):
        plstm.read_csv(path)


@pytest.mark.parametrize(
    ("values", "got"),
    [("pulse", "the text 'pulse'; values=['pulse']"), (b"x", "the text b'x'"), (3, "3"), (True, "True")],
)
def test_values_are_a_list_of_names(write, values, got):
    path = write("time,p,u,l,s,e\n1,1,1,1,1,1\n")
    with pytest.raises(TypeError, match=re.escape(f"expected values to be a list of column names, got {got}")):
        plstm.read_csv(path, values=values)


def test_options_that_do_not_exist(write):
    path = write("time,x\n2024-03-01T09:30,3\n")
    with pytest.raises(ValueError, match="expected unit to be one of us, ms, s, min, h, D, got 'days'"):
        plstm.read_csv(path, unit="days")
    with pytest.raises(ValueError, match="expected the name of a time zone such as 'Europe/Zurich', got 'Mars'"):
        plstm.read_csv(path, zone="Mars")


# Missing values


def test_held_until_the_next_observation():
    nan = np.nan
    values = [[nan, 1.0], [2.0, nan], [nan, nan], [5.0, 3.0]]
    [(times, held)] = plstm.hold_missing([([0, 1, 2, 4], values)])
    assert times == [0, 1, 2, 4]
    np.testing.assert_array_equal(held, [[0, 1, 0, 1], [2, 1, 1, 0], [2, 1, 0, 0], [5, 3, 1, 1]])


def test_nothing_is_carried_from_one_series_to_the_next():
    _, (_, held) = plstm.hold_missing([([0.0], [7.0]), ([0.0], [np.nan])])
    np.testing.assert_array_equal(held, [[0, 0]])


def test_an_empty_series_stays_one():
    [(_, held)] = plstm.hold_missing([([], np.zeros((0, 3)))])
    assert held.shape == (0, 6)


def test_pad_says_what_to_do_about_missing_values():
    with pytest.raises(ValueError, match="expected values of series 1 to be finite, got nan at step 0.*hold_missing"):
        plstm.pad([([0.0], [1.0]), ([0.0], [np.nan])])


def test_a_column_of_words_says_how_to_leave_it_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time,site,pulse\n0,basel,71\n1,,72\n")
    with pytest.raises(DataError, match=r"column 'site': .* got 'basel'; values=\[...\] names the columns to read"):
        plstm.read_csv(path)
    assert plstm.read_csv(path, values=["pulse"]).features == ["pulse"]
