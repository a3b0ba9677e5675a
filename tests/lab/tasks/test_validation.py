"""Data for choosing settings: taken out of the training set, the same for every run, and never of the test set."""

import numpy as np
import pytest

from plstm.lab import tasks
from tests.digits import few_digits  # noqa: F401

STORED = ("mnist", "permuted-mnist")
EVENTS = ("events-runs",)
DRAWN = ("frequency", "frequency-two", "adding-short", "adding-short-irregular")


def rows(*arrays):
    """Samples as bytes, so that they can be compared as a whole."""
    return [b"".join(np.ascontiguousarray(part).tobytes() for part in one) for one in zip(*arrays, strict=True)]


@pytest.mark.parametrize("name", STORED)
def test_stored_samples_are_split(few_digits, name):  # noqa: F811
    whole, split = tasks.load(name), tasks.load(name, "validation")
    train, held = rows(split.x_train, split.y_train), rows(split.x_test, split.y_test)
    assert sorted(train + held) == sorted(rows(whole.x_train, whole.y_train))
    assert (len(train), len(held)) == (18, 2) == (split.train, len(split.y_test))
    assert not set(held) & set(train) and not set(held) & set(rows(whole.x_test, whole.y_test))
    again = tasks.load(name, "validation")
    assert again.sha256 == split.sha256 != whole.sha256 and rows(again.x_test, again.y_test) == held


@pytest.mark.parametrize("name", EVENTS)
def test_stored_events_are_split(few_digits, name):  # noqa: F811
    whole, split = tasks.load(name), tasks.load(name, "validation")

    def of(events):
        return rows(events.x, events.times, events.mask, events.y)

    train, held = of(split.training), of(split.testing)
    assert sorted(train + held) == sorted(of(whole.training)) and (len(train), len(held)) == (18, 2)
    assert not set(held) & set(train) and not set(held) & set(of(whole.testing))
    assert split.sha256 == tasks.load(name, "validation").sha256 != whole.sha256
    assert split.train == 18 and len(split.y_test) == 2 and "for validation" in split.source


@pytest.mark.parametrize("name", DRAWN)
def test_sequences_that_are_drawn_are_drawn_anew(name):
    whole, split = tasks.load(name), tasks.load(name, "validation")
    held, test = (rows(*one.test_samples(np.arange(len(one.y_test)))) for one in (split, whole))
    trained = rows(*whole.batch(0, 0, 32)[0])
    assert len(held) == 4 * len(test) and len(set(held)) == len(held)
    assert not set(held) & set(test) and not set(held) & set(trained)
    for a, b in zip(split.batch(3, 7, 32)[0], whole.batch(3, 7, 32)[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert split.sha256 == tasks.load(name, "validation").sha256 != whole.sha256


def test_a_small_set_still_has_something_to_choose_by():
    for count in (2, 3, 9, 4000, 60_000):
        held, rest = tasks.held_out(count)
        assert len(held) == max(1, round(count / 10)) and sorted([*held, *rest]) == list(range(count))
