"""Estimators and tables that are poor but right: each is fitted, or refused with the reason."""

import keras
import numpy as np
import pytest

from tests.estimators.rhythms import classifier, regressor, rhythms

X, Y = rhythms()


def changed(change):
    return [(times, change(times.copy(), values.copy())) for times, values in X]


def column(number, value):
    def change(times, values):
        values[:, number] = value
        return values

    return change


@pytest.mark.parametrize("value", [7.0, 1e6 + 0.1, np.nan], ids=str)
def test_a_column_that_tells_nothing_changes_nothing_but_noise(value):
    """Constant or empty: the prepared column is 0, up to rounding, so that it cannot blow up."""
    pairs = changed(column(1, value))
    model = classifier().fit(pairs, Y)
    prepared = np.concatenate([values for _, values in model.preparation_(pairs)])
    np.testing.assert_allclose(prepared[:, 1], 0.0, atol=1e-6)
    assert np.isfinite(model.predict_proba(pairs)).all()
    if not np.isnan(value):
        assert np.isfinite(model.predict_proba(X)).all()  # the column changes later


def test_all_values_missing_leaves_the_times():
    pairs = [(times, np.full((len(times), 1), np.nan)) for times, _ in X]
    assert np.isfinite(regressor().fit(pairs, np.arange(24)).predict(pairs)).all()


def test_series_of_one_event_and_of_none():
    pairs = [(times[:1], values[:1]) for times, values in X]
    assert np.isfinite(classifier().fit(pairs, Y).predict_proba(pairs)).all()
    some = [([], np.zeros((0, 2))), *X[1:]]
    model = classifier().fit(some, Y)
    alone = model.predict_proba([([], [])])
    np.testing.assert_allclose(model.predict_proba(some)[0], alone[0], atol=1e-6)
    with pytest.raises(ValueError, match="expected at least one event in the training set, got none"):
        classifier().fit([([], [])] * 24, Y)


def test_events_at_the_same_time_stay_in_their_order():
    pairs = [(np.array([0.0, 1.0, 1.0]), np.array([[0.0], [float(n)], [1.0]])) for n in range(12)]
    model = regressor(ratio_on=1.0, learning_rate=0.05, epochs=10).fit(pairs, np.arange(12.0))
    turned = [(times, values[[0, 2, 1]]) for times, values in pairs]
    assert np.abs(model.predict(turned) - model.predict(pairs)).max() > 1e-3


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX has no 64-bit times unless told")
def test_a_huge_gap():
    """Two events a second apart, then one after thirty years: the clock still tells the seconds."""
    # Not a round number: to the layer, times that 32 bits could hold look as if they had been rounded to 32 bits.
    pairs = [(np.array([0.0, 1.0, 2.0 + n % 2, 1e9 + 7.3]), np.ones((4, 1))) for n in range(24)]
    model = regressor().fit(pairs, np.arange(24) % 2)
    assert np.isfinite(model.predict(pairs)).all()
