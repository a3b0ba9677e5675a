"""How series of different lengths are padded for training and for answers: little, and without changing anything."""

import keras
import numpy as np
import pytest

from plstm.data.padding import pad
from plstm.estimators import network
from plstm.estimators.network import Batches
from tests.estimators.rhythms import classifier, regressor


def of_lengths(lengths, seed=0):
    """Series of these lengths, with two features."""
    rng = np.random.default_rng(seed)
    return [(np.cumsum(rng.exponential(1.0, length)), rng.normal(size=(length, 2))) for length in lengths]


def batches(lengths, size, seed=None):
    pairs = of_lengths(lengths)
    return pairs, Batches(pairs, np.arange(len(pairs)), np.ones(len(pairs)), size, seed)


def test_a_batch_is_padded_to_its_own_longest_series():
    pairs, found = batches([3, 5, 9, 2, 40, 1, 700, 700], 2)
    assert [found[number][0][1].shape for number in range(4)] == [(2, 6), (2, 12), (2, 48), (2, 700)]
    for number in range(4):
        (values, times, mask), targets, _ = found[number]
        whole = pad(pairs)
        rows = targets
        assert (mask == whole.mask[rows, : mask.shape[1]]).all() and mask.sum() == whole.mask[rows].sum()
        np.testing.assert_array_equal(values, whole.values[rows, : mask.shape[1]])
        np.testing.assert_array_equal(times, whole.times[rows, : mask.shape[1]])


def test_there_are_few_lengths_and_little_is_added():
    for length in range(1, 3000):
        steps = network.rounded([1, length], 10_000)
        assert length <= steps <= 1.5 * length
    assert len({network.rounded([length], 10_000) for length in range(1, 3000)}) == 2 * 12 - 1
    assert network.rounded([0, 0], 0) == network.rounded([1], 1) == 1
    # Series that are all of one length get no step more, and a batch never more steps than the longest series of all.
    assert network.rounded([1000, 1000], 1000) == network.rounded([990], 1000) == 1000


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow takes shapes from two batches")
@pytest.mark.parametrize("seed", range(4))
def test_the_first_two_batches_are_of_different_lengths(seed):
    _, found = batches([2] * 7 + [9], 2, seed)
    for _ in range(3):
        assert found[0][0][2].shape != found[1][0][2].shape
        found.on_epoch_end()
    _, alike = batches([2] * 8, 2, seed)
    assert {alike[number][0][2].shape for number in range(4)} == {(2, 2)}


def test_lengths_change_nothing_but_rounding(monkeypatch):
    """The same training with every batch padded to the longest series of all."""
    pairs = of_lengths([4] * 20 + [5, 60, 0, 1])
    answers = [values[:, 0].sum() for _, values in pairs]
    ours = regressor(batch_size=3, epochs=3).fit(pairs, answers)
    monkeypatch.setattr(network, "rounded", lambda lengths, longest: 60)
    theirs = regressor(batch_size=3, epochs=3).fit(pairs, answers)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(ours.history_[name], theirs.history_[name], rtol=1e-4)
    np.testing.assert_allclose(ours.predict(pairs), theirs.predict(pairs), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ours.predict(pairs), np.concatenate([ours.predict([one]) for one in pairs]), rtol=1e-4)


def test_answers_come_in_the_order_of_the_series(monkeypatch):
    pairs = of_lengths([7, 1, 30, 2, 0, 12, 30, 3])
    found = classifier(epochs=1).fit(pairs, [0, 1] * 4)
    right = found.predict_proba(pairs)
    monkeypatch.setattr(network, "AT_ONCE", 3)
    np.testing.assert_allclose(found.predict_proba(pairs), right, atol=1e-6)
    np.testing.assert_allclose(found.predict_proba(pairs[::-1]), right[::-1], atol=1e-6)


def test_graphs_take_batches_of_all_lengths():
    """As compiled for training, where Keras has seen two short batches before the long ones come."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(False)
    pairs = of_lengths([2] * 30 + [90])
    found = regressor(batch_size=2, epochs=2, early_stopping=False).fit(pairs, np.arange(31.0))
    assert np.isfinite(found.history_["loss"]).all() and found.n_iter_ == 2


def test_one_long_series_does_not_lengthen_all():
    """Padded to the longest, these would be 2,001 x 200,000 steps of at least 17 bytes: 6.8 GB."""
    pairs = of_lengths([3] * 2000 + [200_000])
    rhythm = network.Rhythm.of(pairs, None, None)
    assert rhythm.low < 2.5 and rhythm.ratio_on == 1.0
    found = Batches(pairs, np.arange(2001), np.ones(2001), 32, None)
    sizes = [found[number][0][0].size for number in range(len(found))]
    assert sorted(sizes)[-2] <= 32 * 4 * 2
