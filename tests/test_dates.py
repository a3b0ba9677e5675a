"""Dates and durations: turned into numbers where a unit is named, refused with that remedy everywhere else."""

# ruff: noqa: E501  a table reads best with one row a line

import datetime
import subprocess
import sys
from fractions import Fraction

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm import dates, gate, reference
from plstm.lab.analysis import Recurrence
from plstm.lab.experiments import features
from plstm.lab.tasks import stored
from plstm.streaming import checks
from tests.support import numpy

UTC = datetime.UTC
SUMMER = datetime.timezone(datetime.timedelta(hours=2))
FIRST = datetime.datetime(2024, 3, 1, 9, 30, 0, 250_000)
STEPS = [datetime.timedelta(minutes=m, microseconds=m) for m in (0, 1, 5, 90, 100_000)]
LENGTHS = {"us": 1, "ms": 10**3, "s": 10**6, "min": 60 * 10**6, "h": 3600 * 10**6, "D": 86400 * 10**6}  # microseconds
X = np.ones((2, 5, 3), "float32")


def pandas():
    return pytest.importorskip("pandas")


# Each says the moments FIRST + STEPS, or the durations STEPS, and of which of the three kinds it is.
DATES = {
    "datetime": lambda: ([FIRST + step for step in STEPS], None),
    "aware datetime": lambda: ([(FIRST + step).replace(tzinfo=UTC) for step in STEPS], UTC),
    "two zones": lambda: (
        [(FIRST + step).replace(tzinfo=UTC).astimezone(SUMMER if i % 2 else UTC) for i, step in enumerate(STEPS)],
        UTC,
    ),
    "datetime64": lambda: (np.array([FIRST + step for step in STEPS], "M8[us]"), None),
    "datetime64[ns]": lambda: (np.array([FIRST + step for step in STEPS], "M8[ns]"), None),
    "list of datetime64": lambda: ([np.datetime64(FIRST + step) for step in STEPS], None),
    "column": lambda: (np.array([FIRST + step for step in STEPS], "M8[us]").reshape(5, 1), None),
    "index": lambda: (pandas().DatetimeIndex([FIRST + step for step in STEPS]), None),
    "zoned index": lambda: (pandas().DatetimeIndex([FIRST + s for s in STEPS], tz="UTC").tz_convert("Asia/Tokyo"), UTC),
    "series": lambda: (pandas().Series([FIRST + step for step in STEPS], index=list("abcde")), None),
    "zoned series": lambda: (pandas().Series([FIRST + step for step in STEPS]).dt.tz_localize("UTC"), UTC),
    "Timestamps": lambda: ([pandas().Timestamp(FIRST + step) for step in STEPS], None),
    "objects": lambda: (pandas().Series([FIRST + step for step in STEPS], dtype=object), None),
}
DURATIONS = {
    "timedelta": lambda: STEPS,
    "timedelta64": lambda: np.array(STEPS, "m8[us]"),
    "list of timedelta64": lambda: [np.timedelta64(step) for step in STEPS],
    "TimedeltaIndex": lambda: pandas().TimedeltaIndex(STEPS),
    "Timedeltas": lambda: [pandas().Timedelta(step) for step in STEPS],
    "timedelta series": lambda: pandas().Series(STEPS),
}


def by_hand(differences, unit):
    """Exact fractions, rounded once."""
    microseconds = [d // datetime.timedelta(microseconds=1) for d in differences]
    return [float(Fraction(m, LENGTHS[unit])) for m in microseconds]


@pytest.mark.parametrize("unit", LENGTHS)
@pytest.mark.parametrize("make", DATES.values(), ids=DATES)
def test_dates_are_counted_from_an_origin(make, unit):
    times, zone = make()
    for origin in (datetime.datetime(2024, 2, 29, 12), datetime.datetime(1970, 1, 1), datetime.datetime(2225, 1, 1)):
        found = plstm.elapsed(times, unit, origin=origin.replace(tzinfo=zone))
        expected = by_hand([FIRST + step - origin for step in STEPS], unit)
        assert found.dtype == np.float64 and found.shape == np.shape(times)
        np.testing.assert_allclose(found.ravel(), expected, rtol=3e-16)
    np.testing.assert_array_equal(
        plstm.elapsed(times, unit),
        plstm.elapsed(
            times, unit, np.array(0, "M8[s]")[()].item() if zone is None else datetime.datetime(1970, 1, 1, tzinfo=UTC)
        ),
    )


@pytest.mark.parametrize("unit", LENGTHS)
@pytest.mark.parametrize("make", DURATIONS.values(), ids=DURATIONS)
def test_durations_have_no_origin(make, unit):
    np.testing.assert_allclose(plstm.elapsed(make(), unit), by_hand(STEPS, unit), rtol=3e-16)
    with pytest.raises(ValueError, match="expected no origin for durations"):
        plstm.elapsed(make(), unit, origin=FIRST)


def test_one_date_is_one_number():
    assert plstm.elapsed(FIRST, "h", origin=datetime.date(2024, 3, 1)) == 9.5 + 0.25 / 3600
    assert plstm.elapsed(datetime.date(1970, 1, 3), "D") == 2.0
    assert plstm.elapsed(np.timedelta64(90, "s"), "min") == 1.5
    assert plstm.elapsed(pandas().Timestamp("1970-01-01T01:00+01:00"), "s") == 0.0


def test_nanoseconds_are_not_lost():
    stamps = np.datetime64("2024-03-01", "ns") + np.arange(5) * np.timedelta64(10, "ns")
    np.testing.assert_array_equal(plstm.elapsed(stamps, "us", origin=stamps[0]), np.arange(5) / 100)
    index = pandas().DatetimeIndex(stamps, tz="Europe/Zurich")
    np.testing.assert_array_equal(plstm.elapsed(index, "us", origin=index[0]), np.arange(5) / 100)
    np.testing.assert_array_equal(plstm.elapsed(list(index), "us", origin=index[0]), np.arange(5) / 100)


def test_an_hour_put_back_is_an_hour_with_a_zone():
    """In Zurich the clock shows 02:30 twice that night."""
    index = pandas().DatetimeIndex(["2024-10-27T00:30", "2024-10-27T01:30"], tz="UTC").tz_convert("Europe/Zurich")
    assert np.diff(plstm.elapsed(index, "h")) == [1.0]
    assert np.diff(plstm.elapsed(index.tz_localize(None), "h")) == [0.0]


def test_a_missing_date_may_stand_where_the_mask_is_false():
    late = np.array([["2024-01-01", "2024-01-02", "NaT"], ["2024-01-05", "NaT", "NaT"]], "M8[D]")
    mask = ~np.isnat(late)
    found = plstm.elapsed(late, "D", origin=late[0, 0], mask=mask)
    np.testing.assert_array_equal(found, [[0, 1, np.nan], [4, np.nan, np.nan]])
    layer = plstm.PhasedLSTM(4, period_initializer=3.0, ratio_on_initializer=0.5)
    assert np.isfinite(numpy(layer(X[:, :3], times=found, mask=mask))).all()
    with pytest.raises(ValueError, match=r"expected no missing date in times, got NaT at \(0, 2\)"):
        plstm.elapsed(late, "D")
    mask[1, 2] = True
    with pytest.raises(ValueError, match=r"got NaT at \(1, 2\)"):
        plstm.elapsed(late, "D", mask=mask)
    with pytest.raises(ValueError, match=r"expected a mask of shape \(2, 3\), the shape of times, got \(3,\)"):
        plstm.elapsed(late, "D", mask=mask[0])
    objects = [FIRST, None, pandas().NaT, pandas().NA]
    np.testing.assert_array_equal(plstm.elapsed(objects, "s", FIRST, [1, 0, 0, 0]), [0, np.nan, np.nan, np.nan])


REFUSED = {
    "numbers": (lambda: plstm.elapsed([1.0, 2.0], "s"), "to be dates or durations, got float64; numbers need no unit"),
    "integers": (lambda: plstm.elapsed(np.arange(3), "s"), "got int64; numbers need no unit"),
    "text": (lambda: plstm.elapsed(["2024-03-01"], "s"), "got <U10; .*pandas.to_datetime"),
    "booleans": (lambda: plstm.elapsed([True], "s"), "got bool"),
    "a time of day": (lambda: plstm.elapsed([FIRST, FIRST.time()], "s"), r"got datetime.time\(9, 30.* at \(1,\)"),
    "dates and numbers": (lambda: plstm.elapsed([FIRST, 3.0], "s"), r"got 3.0 at \(1,\)"),
    "two kinds": (
        lambda: plstm.elapsed([FIRST, FIRST.replace(tzinfo=UTC)], "s"),
        r"got dates without a time zone \(at \(0,\)\) and dates with a time zone \(at \(1,\)\)",
    ),
    "dates and durations": (lambda: plstm.elapsed([STEPS[0], FIRST], "s"), r"durations \(at \(0,\)\) and dates"),
    "origin without zone": (
        lambda: plstm.elapsed([FIRST.replace(tzinfo=UTC)], "s", origin=FIRST), "expected an origin for dates with a time zone"
    ),
    "origin with zone": (
        lambda: plstm.elapsed([FIRST], "s", origin=FIRST.replace(tzinfo=UTC)), "expected an origin for dates without a time zone"
    ),
    "origin missing": (lambda: plstm.elapsed([FIRST], "s", origin=np.datetime64("NaT")), "expected an origin for dates"),
    "two origins": (lambda: plstm.elapsed([FIRST], "s", origin=[FIRST, FIRST]), "expected an origin for dates"),
    "origin number": (lambda: plstm.elapsed([FIRST], "s", origin=0.0), "expected origin to be dates or durations, got float64"),
    "unit": (lambda: plstm.elapsed([FIRST], "days"), "expected unit to be one of us, ms, s, min, h, D, got 'days'"),
    "unit ns": (lambda: plstm.elapsed([FIRST], "ns"), "got 'ns'"),
    "unit number": (lambda: plstm.elapsed([FIRST], 60), "got 60"),
    "no unit": (lambda: plstm.elapsed(np.arange(3).astype("m8"), "s"), "with a unit, such as timedelta64"),
    "too far": (lambda: plstm.elapsed([np.datetime64(10**15, "D")], "us"), "that fit into 64 bits"),
    "too far apart": (
        lambda: plstm.elapsed(np.array(["1700-01-01"], "M8[ns]"), "s", np.datetime64("2200-01-01")), "that fit into 64 bits"
    ),
    "too many digits": (lambda: plstm.elapsed([datetime.datetime(9000, 1, 1), np.datetime64(1, "ns")], "s"), "fit into 64 bits"),
    "months": (lambda: plstm.elapsed(np.arange(3).astype("m8[M]"), "s"), "that fit into 64 bits"),
}  # fmt: skip


@pytest.mark.parametrize("call, message", REFUSED.values(), ids=REFUSED)
def test_what_is_no_date_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_pandas_is_not_imported():
    code = (
        "import sys, numpy as np, plstm; plstm.elapsed(np.array(['2024-01-01'], 'M8[s]'), 's'); plstm.pad([([], [])]); "
        "plstm.time_gate(1.0, 2.0); sys.exit('pandas' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# Everything that takes times

WRONG = {
    **{name: (lambda make=make: make()[0], r"plstm.elapsed\(") for name, make in DATES.items() if name != "column"},
    **{name: (make, r"plstm.elapsed\(") for name, make in DURATIONS.items()},
    "date": (lambda: [datetime.date(2024, 1, day) for day in range(1, 6)], r"plstm.elapsed\("),
    "NaT": (lambda: np.array(["2024-01-01", "NaT", "NaT", "NaT", "NaT"], "M8[D]"), r"plstm.elapsed\("),
    "mixed": (lambda: [FIRST, 1.0, 2.0, 3.0, 4.0], r"got datetime.*plstm.elapsed\("),
    "text": (lambda: list("12345"), "got text"),
    "dates as text": (lambda: ["2024-01-01"] * 5, "got text.*plstm.elapsed"),
    "text objects": (lambda: np.array(["1"] * 5, object), "got (str|text)"),
    "bytes": (lambda: [b"1"] * 5, "got text"),
    "complex": (lambda: np.arange(5) * 1j, "got complex128"),
    "complex objects": (lambda: np.array([1j] * 5, object), "got complex"),
    "booleans": (lambda: [False, False, True, True, True], "got bool"),
    "boolean objects": (lambda: np.array([True] * 5, object), "got bool"),
    "nothing": (lambda: [None] * 5, "got NoneType"),
    "records": (lambda: np.zeros(5, [("a", float)]), "got "),
    "masked": (lambda: np.ma.masked_less(np.arange(5.0), 2.0), r"got masked ones; .filled\(numpy.nan\) marks"),
}


@pytest.fixture(scope="module")
def made():
    """A layer and what is built of it."""
    layer = plstm.PhasedLSTM(4, period_initializer=100.0, ratio_on_initializer=0.5)
    layer(X)
    engine = plstm.EventDriven(layer)
    engine.open("a")
    cell = plstm.PhasedGRUCell(4)
    return {
        "layer": layer,
        "engine": engine,
        "both": plstm.Bidirectional(plstm.PhasedGRU(4)),
        "gate": plstm.TimeGate(4),
        "cell": lambda t: cell(X[:, 0], cell.get_initial_state(2), times=t),
        "recurrence": Recurrence.of(layer),
        "plain": Recurrence(*(np.zeros(shape) for shape in ((3, 16), (4, 16), (16,)))),
    }


TAKE_TIMES = {
    "layer": lambda made, t: made["layer"](X, times=t),
    "masked layer": lambda made, t: made["layer"](X, times=t, mask=np.zeros((2, 5), bool)),
    "Bidirectional": lambda made, t: made["both"](X, times=t),
    "TimeGate": lambda made, t: made["gate"](t),
    "TimeGate.openness": lambda made, t: made["gate"].openness(t),
    "layer.openness": lambda made, t: made["layer"].openness(t),
    "update_rate": lambda made, t: made["layer"].update_rate(t),
    "cell": lambda made, t: made["cell"](t),
    "one of a cell": lambda made, t: made["cell"](first_of(t)),
    "coverage": lambda made, t: plstm.coverage(made["layer"], t),
    "time_gate": lambda made, t: plstm.time_gate(t, 10.0),
    "period": lambda made, t: plstm.time_gate(1.0, t),
    "phase": lambda made, t: gate.phase(t, 10.0, 0.0),
    "reference.gates": lambda made, t: reference.gates(t, [1.0], [0.0], [0.1]),
    "reference.gate": lambda made, t: reference.gate(first_of(t), 1.0, 0.0, 0.1),
    "step": lambda made, t: made["engine"].step(X[0, 0], first_of(t)),
    "step_many": lambda made, t: made["engine"].step_many(["a"] * 5, X[0], t),
    "run": lambda made, t: made["engine"].run(X, t),
    "masked run": lambda made, t: made["engine"].run(X, t, np.zeros((2, 5), bool)),
    "checked_events": lambda made, t: checks.checked_events(X[0], t, 5, 3, "float32"),
    "from_times": lambda made, t: plstm.LogUniform.from_times(t),
    "origin": lambda made, t: plstm.TimeGate(2, origin=first_of(t)),
    "mechanisms": lambda made, t: made["recurrence"].openness(t),
    "mechanisms of an LSTM": lambda made, t: made["plain"].openness(t),
    "recorded.pad": lambda made, t: stored.pad([(np.ones((5, 1)), t)], np.zeros(1), 6),
    "AppendTime": lambda made, t: features.AppendTime(1.0)(X, t),
    "LeaveTime": lambda made, t: features.LeaveTime()(X, t),
    "pad": lambda made, t: plstm.pad([(t, np.ones(5))]),
}


def first_of(times):
    return times.iloc[0] if hasattr(times, "iloc") else times[0]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", TAKE_TIMES)
def test_everything_that_takes_times_refuses_all_but_numbers(made, name, wrong):
    make, message = WRONG[wrong]
    if name == "one of a cell" and wrong == "nothing":
        return  # a cell may be called without a time
    if name == "pad" and wrong not in ("dates as text",):
        message = message.replace(r"plstm.elapsed\(", "plstm.pad").replace("got datetime.*", "")
    last = made["engine"]._streams.last.copy()
    with pytest.raises(ValueError, match=f"expected .* to be numbers, .*{message}"):
        TAKE_TIMES[name](made, make())
    np.testing.assert_array_equal(made["engine"]._streams.last, last)


NUMBERS = {
    "list": lambda: [0, 1.5, 2, 3, 4],
    "tuple": lambda: (0.0, 1.5, 2.0, 3.0, 4.0),
    "int8": lambda: np.arange(5, dtype="int8"),
    "uint64": lambda: np.arange(5, dtype="uint64"),
    "float16": lambda: np.arange(5, dtype="float16"),
    "long double": lambda: np.arange(5, dtype=np.longdouble),
    "fractions": lambda: [Fraction(i, 3) for i in range(5)],
    "objects": lambda: np.array([0, 1.5, np.float32(2), 3, 4], object),
    "tensor": lambda: ops.convert_to_tensor(np.arange(5.0)),
    "series": lambda: pandas().Series(np.arange(5.0)),
    "nullable": lambda: pandas().Series(range(5), dtype="Int64"),
}


@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("name", [name for name in TAKE_TIMES if name not in ("cell", "period", "origin")])
def test_numbers_of_every_kind_are_taken(made, name, numbers):
    made["engine"].reset()
    made["engine"].reset("a")
    times = NUMBERS[numbers]()
    TAKE_TIMES[name](made, times)


@pytest.mark.parametrize("dtype", ["bool", "complex64"])
def test_tensors_are_numbers_too(dtype):
    layer, times = plstm.PhasedLSTM(4), ops.convert_to_tensor(np.ones(5, dtype))
    for call in (lambda: layer(X, times=times), lambda: plstm.TimeGate(4)(times)):
        with pytest.raises(ValueError, match=f"to be numbers, got a tensor of {dtype}"):
            call()
    with pytest.raises(ValueError, match="to be numbers, got a tensor of bool"):
        layer(keras.Input((5, 3)), times=keras.Input((5,), dtype="bool"))


def test_an_integer_beyond_float64_is_refused():
    with pytest.raises(ValueError, match="expected times that float64 can hold, got a larger integer"):
        dates.numbers("times", [1, 10**400])


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX tells the time in 32 bits")
@pytest.mark.parametrize("kind", [plstm.PhasedLSTMCell, plstm.PhasedGRUCell])
def test_a_cell_keeps_the_digits_of_its_time(kind):
    """The reference's gate tells how far a cell goes from its state to the proposal, which it reaches where k is 1."""
    rhythm = {"shift_initializer": 0.0, "ratio_on_initializer": 0.2, "period_initializer": 10.0}
    cell, late = kind(3, **rhythm), 1_700_000_000.25
    start, x = cell.get_initial_state(1), X[:1, 0]
    peak, _ = cell(x, start, times=np.float64(1_700_000_001.0))
    k = reference.gate(late, 10.0, 0.0, 0.2)
    for time in (late, np.float64(late), [late], ops.convert_to_tensor(late, dtype="float64")):
        np.testing.assert_allclose(numpy(cell(x, start, times=time)[0]), k * numpy(peak), rtol=1e-5)
