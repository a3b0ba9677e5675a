"""Bit-stream XOR: the words, what their label says, and that the events tell as much as the bits."""

import numpy as np
import pytest

from plstm.errors import ConfigError
from plstm.lab import tasks
from plstm.lab.tasks import xor


def both(train=3000, test=500):
    return [xor.load(encoding, train, test) for encoding in xor.ENCODINGS]


def test_lengths_bits_and_labels_are_uniform():
    dense, _ = both(40_000)
    part = dense.training
    lengths = part.mask.sum(axis=1)
    counts = np.bincount(lengths, minlength=32)[2:]
    expected = 40_000 / 30
    # Chi-square with 29 degrees of freedom exceeds 58.3 once in a thousand draws.
    assert len(counts) == 30 and np.sum((counts - expected) ** 2 / expected) < 58.3
    bits = part.x[part.mask]
    assert set(np.unique(part.x)) == {0.0, 1.0} and abs(bits.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(bits))
    assert abs(part.y.mean() - 0.5) < 4 * 0.5 / 200
    for length in (2, 31):
        assert abs(part.y[lengths == length].mean() - 0.5) < 4 * 0.5 / np.sqrt(np.sum(lengths == length))


def test_the_label_is_the_xor_of_all_bits():
    dense, _ = both()
    for part in (dense.training, dense.testing):
        for row, counts, y in zip(part.x[:, :, 0], part.mask, part.y):
            assert np.bitwise_xor.reduce(row[counts].astype(int)) == y
        assert np.all(part.x[~part.mask] == 0)


def test_dense_times_count_the_bits_from_one():
    dense, _ = both()
    part = dense.training
    assert part.x.shape == (3000, 32, 1) and part.times.dtype == np.float64 and dense.time_scale == 32
    assert np.array_equal(part.mask, np.arange(32) < part.mask.sum(axis=1)[:, None])
    assert np.array_equal(part.times, np.minimum(np.arange(1, 33), part.mask.sum(axis=1)[:, None]))


def test_the_events_tell_the_word():
    """Read backwards by a rule of the test's own: each event holds until the next, the last is the last bit."""
    dense, events = both()
    for whole, part in zip((dense.training, dense.testing), (events.training, events.testing)):
        assert np.array_equal(whole.y, part.y)
        for row in range(len(part.y)):
            counts = part.mask[row]
            values, at = part.x[row, counts, 0], part.times[row, counts].astype(int)
            word = np.zeros(at[-1])
            for value, begin in zip(values, at):
                word[begin - 1 :] = value
            assert np.array_equal(word, whole.x[row, whole.mask[row], 0])
            # Nothing is told twice: neighbours differ, but for an end that is no change.
            assert np.all(np.diff(values[:-1]) != 0) and np.all(np.diff(at) > 0) and at[0] == 1
        assert np.all(part.x[~part.mask] == 0) and np.all(np.diff(part.times, axis=1) >= 0)
        assert part.mask.sum() < 0.65 * whole.mask.sum()


def test_words_are_the_same_everywhere():
    dense, again = xor.load("dense", 300, 200), xor.load("dense", 300, 200)
    assert dense.sha256 == again.sha256 != xor.load("events", 300, 200).sha256
    assert not np.array_equal(dense.training.x[:200], dense.testing.x)
    assert dense.objective.outputs == 2 and dense.train == 300 and len(dense.y_test) == 200


def test_the_tasks_by_name_and_their_validation():
    task = tasks.load("xor-events", "validation")
    assert task.train == 90_000 and len(task.y_test) == 10_000 and task.shape == (32, 1)
    assert len(tasks.load("xor").y_test) == 10_000


def test_an_unknown_encoding():
    with pytest.raises(ConfigError, match="encoding of the words among dense, events, got 'sparse'"):
        xor.load("sparse")
