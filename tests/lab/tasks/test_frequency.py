"""The drawn tasks: statistics of their sequences, what the label says, and that every batch can be drawn again."""

import numpy as np
import pytest

from plstm.errors import ConfigError
from plstm.lab import tasks
from plstm.lab.experiments import models
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import frequency, mnist, permuted
from tests.digits import few_digits  # noqa: F401

SAMPLINGS = ("regular", "fine", "asynchronous")


def draw(count=2000, kind="one", sampling="asynchronous"):
    task = frequency.load(kind, sampling)
    return task.draw(np.random.default_rng(0), count)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_times_follow_the_condition(sampling):
    x, times, mask, _ = draw(400, sampling=sampling)
    lengths = mask.sum(axis=1)
    assert x.shape == (*mask.shape, 1) and x.dtype == np.float32
    assert np.array_equal(mask, np.arange(mask.shape[1]) < lengths[:, None])
    assert np.all(np.diff(times, axis=1) >= 0) and times.min() >= 0 and times.max() <= 125 + 1e-9
    gaps = np.diff(times, axis=1)[mask[:, 1:]]
    if sampling == "asynchronous":
        assert (lengths.min(), lengths.max()) == (15, 125) or (lengths.min() >= 15 and lengths.max() <= 125)
        assert gaps.std() > 0.5 * gaps.mean()
    else:
        spacing = {"regular": 1.0, "fine": 0.1}[sampling]
        assert np.allclose(gaps, spacing)
        duration = (lengths - 1) * spacing
        assert duration.min() >= 14 and duration.max() <= 125


def test_half_are_forced_into_the_target_and_a_few_more_fall_there():
    _, _, _, y = draw(40_000)
    # The others are log-uniform over [1, 100]: log(6/5) / log(100) of them lie between 5 and 6.
    expected = 0.5 + 0.5 * np.log(6 / 5) / np.log(100)
    assert abs(y.mean() - expected) < 4 * np.sqrt(0.25 / 40_000)


@pytest.mark.parametrize("sampling", ["fine", "asynchronous"])
def test_the_label_is_the_period_of_the_sine(sampling):
    """A sine of period p solves the least squares problem of sin and cos at p exactly, and at no period far from it."""
    x, times, mask, y = draw(60, sampling=sampling)
    for n in range(60):
        t, v = times[n][mask[n]], x[n, :, 0][mask[n]]
        candidates = np.concatenate([np.linspace(5.0, 6.0, 201), np.geomspace(1, 100, 2001)])
        waves = 2 * np.pi * t / candidates[:, None]
        residual = [np.linalg.lstsq(np.stack([np.sin(w), np.cos(w)], 1), v, rcond=None)[1] for w in waves]
        residual = np.array([r[0] if len(r) else np.inf for r in residual])
        best = candidates[residual.argmin()]
        # Right at an edge the nearest candidate may lie on the other side.
        if min(abs(best - 5), abs(best - 6)) > 0.05:
            assert y[n] == (5 <= best <= 6)


def test_sampled_every_millisecond_some_short_periods_pass_for_the_target():
    alias = 1 / (1 - 1 / 5.5)
    assert 1.2 < alias < 1.25
    clock = np.arange(100.0)
    assert np.allclose(np.cos(2 * np.pi * clock / alias), np.cos(2 * np.pi * clock / 5.5))


@pytest.mark.parametrize(("kind", "cycle"), [("two", 2 * np.pi), ("two-published", 1.0)])
def test_two_sines_with_and_without_the_factor_of_two_pi(kind, cycle):
    x, times, mask, y = draw(2000, kind=kind)
    assert np.abs(x).max() <= 2.0 and np.abs(x).max() > 1.9
    assert 0.5 <= y.mean() < 0.52
    # A positive one is made of two sines with periods in the targets: four waves at their middles explain most of it.
    n = int(np.flatnonzero(y)[np.argmax(mask.sum(axis=1)[y == 1])])
    t, v = times[n][mask[n]], x[n, :, 0][mask[n]]
    grid = [(a, b) for a in np.linspace(5, 6, 41) for b in np.linspace(13, 15, 21)]

    def residual(a, b):
        waves = [w(cycle * t / p) for p in (a, b) for w in (np.sin, np.cos)]
        return np.linalg.lstsq(np.stack(waves, 1), v, rcond=None)[1][0]

    assert min(residual(a, b) for a, b in grid) < 0.05 * np.sum(v**2)


def test_a_late_clock_changes_the_times_alone():
    near, far = frequency.load(), frequency.load(start=7389056.0)
    (x, times, mask), y = near.batch(3, 5, 32)
    (late_x, late_times, late_mask), late_y = far.batch(3, 5, 32)
    for one, other in ((x, late_x), (mask, late_mask), (y, late_y)):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(late_times - 7389056.0, times, rtol=0, atol=1e-8)
    assert near.sha256 != far.sha256 and "clock from 7.38906e+06 ms" in far.source


def test_a_batch_depends_on_its_arguments_alone_and_the_test_set_on_nothing():
    task, again = frequency.load(), frequency.load()
    first, y = task.batch(3, 5, 32)
    task.batch(3, 200, 32)
    second, y2 = again.batch(3, 5, 32)
    assert all(np.array_equal(a, b) for a, b in zip(first, second)) and np.array_equal(y, y2)
    assert not np.array_equal(first[0], task.batch(4, 5, 32)[0][0])
    assert not np.array_equal(first[0], task.batch(3, 5 + 156, 32)[0][0])
    assert task.sha256 == again.sha256 and len(task.y_test) == 500
    assert task.sha256 != frequency.load(sampling="regular").sha256


@pytest.mark.parametrize("model", list(models.MODELS))
def test_every_model_takes_a_clock_and_a_mask_of_its_own(model):
    task = frequency.load()
    built = models.build(Config(task="frequency", model=model, units=4, batch_size=8), task)
    x, _ = task.batch(0, 0, 8)
    logits = built.predict_on_batch(task.inputs(x))
    spoilt = (np.where(x[2][..., None], x[0], 7.0), x[1], x[2])
    assert logits.shape == (8, 2)
    assert np.allclose(built.predict_on_batch(task.inputs(spoilt)), logits, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "three"}, "kind of the frequency task to be one of one, two, two-published, got 'three'"),
        (
            {"sampling": "coarse"},
            "sampling of the frequency task to be one of regular, fine, asynchronous, got 'coarse'",
        ),
        ({"kind": "two", "sampling": "fine"}, "asynchronous sampling for two sines, got 'fine'"),
    ],
)
def test_unknown_conditions(arguments, message):
    with pytest.raises(ConfigError, match=message):
        frequency.load(**arguments)


def test_a_batch_larger_than_an_epoch():
    with pytest.raises(ConfigError, match="batch_size <= 5000, the sequences of an epoch, got 6000"):
        frequency.load().check_batch_size(6000)


def test_every_task_of_the_table_loads(few_digits):  # noqa: F811
    # The recordings of N-MNIST are nobody's but the user's: tests/lab/tasks/test_events.py writes some. Real records
    # come inside packages: test_nafld.py and test_stars.py read them where those are.
    for name in tasks.TASKS.keys() - {"events-nmnist"}:
        if name.startswith(("nafld", "stars")):
            continue
        task = tasks.load(name)
        assert len(task.shape) == 2 and task.objective.outputs >= 1 and len(task.sha256) == 64


def test_permuted_digits_are_the_digits():
    plain, mixed, order = mnist.load(), permuted.load(), permuted.permutation()
    assert sorted(order) == list(range(784))
    assert np.array_equal(mixed.x_test[:, np.argsort(order)], plain.x_test)
    assert np.array_equal(mixed.y_train, plain.y_train) and mixed.sha256 != plain.sha256
