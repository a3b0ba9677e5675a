"""Summaries of records: compared with a plain reading of the tables, and periods with those that made the curves."""

import sys

import numpy as np
import pytest
from scipy import stats as scipy_stats

from plstm.errors import DataError
from plstm.lab.rivals import summaries
from plstm.lab.tasks import nafld, nafld_tables, stars
from tests.lab.tasks import records


@pytest.mark.parametrize("name", ["hdl", "sbp", "smoke"])
def test_a_summary_is_that_of_the_table(name):
    """Person by person from the rows of the table, slopes by SciPy."""
    given = records.tables(80)
    found = nafld.cohort(given)
    shown = summaries.of_visits(*nafld._visits(found, 8000.0))
    usual, scale, *_ = nafld_tables.TESTS[name]
    column = {what: shown.values[:, shown.names.index(f"{name} {what}")] for what in summaries.OF_VALUES}
    several = 0
    for row, one in enumerate(found.people["id"]):
        rows = found.values[(found.values["id"] == one) & (found.values["test"] == name)].sort_values("days")
        values, years = (rows["value"].to_numpy() - usual) / scale, rows["days"].to_numpy() / 365.25
        assert column["values"][row] == len(values)
        if len(values) == 0:
            assert all(np.isnan(column[what][row]) for what in column if what != "values")
            continue
        expected = [values[-1], -years[-1], len(values), values.mean(), values.min(), values.max(), np.ptp(years)]
        np.testing.assert_allclose([column[what][row] for what in summaries.OF_VALUES[:-1]], expected, atol=1e-6)
        if len(values) > 1:
            several += 1
            assert column["slope"][row] == pytest.approx(
                scipy_stats.linregress(years, values).slope, rel=1e-5, abs=1e-7
            )
        else:
            assert np.isnan(column["slope"][row])
    assert several > 10
    ages = found.people["age"].to_numpy()
    np.testing.assert_allclose(60 + 15 * shown.values[:, shown.names.index("age")], ages, rtol=1e-5)
    days = found.values.groupby("id")["days"].agg(["nunique", "max", "min"])
    for what, theirs in (("days", days["nunique"]), ("years since the last day", -days["max"] / 365.25),
                         ("years since the first day", -days["min"] / 365.25)):  # fmt: skip
        np.testing.assert_allclose(shown.values[:, shown.names.index(what)], theirs, rtol=1e-6)
    assert len(shown.names) == len(shown.first) == shown.values.shape[1] == 37
    assert [n for n, first in zip(shown.names, shown.first) if first and "hdl" in n] == ["hdl last", "hdl years ago"]


def test_the_question_and_the_padding_tell_nothing():
    x, times, mask = nafld._visits(nafld.cohort(records.tables(80)), 8000.0)
    before = summaries.of_visits(x, times, mask).values
    x, times = x.copy(), times.copy()
    x[~mask], times[~mask] = 7.0, 9999.0
    np.testing.assert_array_equal(summaries.of_visits(x, times, mask).values, before)


def test_what_is_timed_changes_with_the_times_and_nothing_else_does():
    x, times, mask = nafld._visits(nafld.cohort(records.tables(80)), 8000.0)
    before = summaries.of_visits(x, times, mask)
    rng = np.random.default_rng(0)
    moved = np.sort(np.where(mask, rng.uniform(0, 8000, times.shape), 8000.0), axis=1)
    moved[np.arange(len(x)), mask.sum(axis=1) - 1] = 8000.0
    after = summaries.of_visits(x, moved, mask)
    same = [np.array_equal(a, b, equal_nan=True) for a, b in zip(before.values.T, after.values.T)]
    assert [not one for one in same] == [
        timed and not np.isnan(column).all() for timed, column in zip(before.timed, before.values.T)
    ]
    assert sum(before.timed) == 3 * 4 + 2


def test_what_hardly_anyone_has_is_left_out():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 5))
    values[:, 1], values[1:, 2], values[:, 3] = np.nan, np.nan, 7.0
    values[:197, 4] = np.nan
    # Two rows of 200 are a hundredth: the last has three, of which one is the usual.
    assert summaries.telling(values).tolist() == [True, False, False, False, True]
    shown = summaries.Summary(values, list("abcde"), [True, False] * 2 + [True], [False] * 5).only([1, 0, 0, 0, 1])
    assert shown.names == ["a", "e"] and shown.first == [True, True] and shown.values.shape == (200, 2)


def curves(count, noise, seed=0):
    """Light curves of the made-up catalogue at random times, and their stars."""
    found = records.catalogue(count, seed).to_dict("records")
    rng = np.random.default_rng(seed)
    x, times = [], []
    for star in found:
        at = np.sort(rng.uniform(0, 200, 96))
        seen = stars.magnitudes(star, at / star["P_1"] + rng.random()) + noise * rng.normal(size=96)
        x.append(np.stack([seen / stars.DEVIATION, np.full(96, np.log(max(noise, 0.01) / stars.ERROR))], axis=1))
        times.append(at)
    return found, np.stack(x), np.stack(times)


def test_the_period_and_the_shape_are_found_again():
    pytest.importorskip("astropy", reason="pip install 'plstm[real]' brings astropy, and make environment does")
    from plstm.lab.rivals import periodogram

    found, x, times = curves(3, 0.01)
    shown = periodogram.of_stars(x, times, np.ones(times.shape, bool))
    assert shown.values.shape == (len(found), len(shown.names)) and np.isfinite(shown.values).all()
    value = {name: shown.values[:, n] for n, name in enumerate(shown.names)}
    right = 0
    for row, star in enumerate(found):
        if abs(10 ** value["log10 period, peak 1"][row] / star["P_1"] - 1) > 0.01:
            continue
        right += 1
        assert value["power, peak 1"][row] > 0.3
        assert value["R21, peak 1"][row] == pytest.approx(star["R21_1"], abs=0.1)
        if star["R21_1"] > 0.2:
            assert value["cos phi21, peak 1"][row] == pytest.approx(np.cos(star["phi21_1"]), abs=0.3)
            assert value["sin phi21, peak 1"][row] == pytest.approx(np.sin(star["phi21_1"]), abs=0.3)
    assert right > 0.9 * len(found)


def test_without_astropy(monkeypatch):
    from plstm.lab.rivals import periodogram

    monkeypatch.setitem(sys.modules, "astropy.timeseries", None)
    _, x, times = curves(1, 0.05)
    with pytest.raises(DataError, match=r"expected the package astropy, .*pip install 'plstm\[real\]'"):
        periodogram.of_stars(x, times, np.ones(times.shape, bool))


def test_the_peaks_are_different_ones():
    pytest.importorskip("astropy", reason="pip install 'plstm[real]' brings astropy, and make environment does")
    from plstm.lab.rivals import periodogram

    _, x, times = curves(1, 0.05)
    for one, at in zip(x, times):
        found = periodogram.peaks(one[:, 0], np.full(96, 0.05), at)
        assert len(found) == 3 and found[0][1] >= found[1][1] >= found[2][1]
        apart = np.abs(np.diff(sorted(frequency for frequency, _ in found)))
        assert apart.min() > 1.9 / np.ptp(at)
