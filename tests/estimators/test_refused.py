"""What the estimators refuse: each message says what is expected, what was given and where."""

import numpy as np
import pandas as pd
import pytest

from plstm.errors import ConfigError
from tests.estimators.rhythms import classifier, regressor, rhythms

X, Y = rhythms()
TIMES, VALUES = X[0]
NAMES = [f"hive {number}" for number in range(24)]
TABLE = pd.concat(
    [
        pd.DataFrame({"series": name, "time": times, "weight": values[:, 0], "heat": values[:, 1]})
        for name, (times, values) in zip(NAMES, X)
    ]
)


@pytest.fixture(scope="module")
def fitted():
    return classifier(epochs=1).fit(X, Y)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        *[("dropout", value, "expected 0 <= dropout < 1, got ") for value in (None, "little", np.nan, True)],
        *[("learning_rate", value, "expected learning_rate > 0, got ") for value in ("fast", None, np.inf, [0.1])],
        *[("ratio_on", value, "expected 0 < ratio_on <= 1, or None, got ") for value in ("half", np.nan, True)],
        *[
            ("periods", value, r"expected periods to be \(low, high\), 0 < low <= high, got ")
            for value in (("a", "b"), (1.0, np.inf), 5.0, (np.nan, 3.0), "13", (1.0, 2.0, 3.0))
        ],
        *[("validation_fraction", value, "expected 0 < validation_fraction < 1") for value in (None, "a fifth")],
        *[("origin", value, "expected origin to be 'first' or a number") for value in (None, [0.0, 1.0], True, np.inf)],
        *[
            (name, "no", f"expected {name} to be True or False, got 'no'")
            for name in ("early_stopping", "time_channel")
        ],
        ("channels_first", 1, "expected channels_first to be True or False, got 1"),
        *[("verbose", value, "expected verbose to be 0, 1 or 2, got ") for value in ("loud", -3, 1.5)],
    ],
    ids=repr,
)
def test_arguments_of_another_kind(name, value, message):
    with pytest.raises(ConfigError, match=message):
        classifier(**{name: value}).fit(X, Y)


def test_numbers_of_numpy_are_numbers():
    found = classifier(
        epochs=1, dropout=np.float32(0.0), learning_rate=np.float64(0.01), origin=np.int64(0), verbose=np.int64(0),
        early_stopping=np.bool_(True), periods=[np.float32(1.0), 4],
    )  # fmt: skip
    assert found.fit(X, Y).n_iter_ == 1


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ([None, *Y[1:]], "series 0"),
        ([*Y[:-1], np.nan], "series 23"),
        (pd.Series([*Y[:2], pd.NA, *Y[3:]]), "series 2"),
        (pd.Series([1.0, np.nan] * 12), "series 1"),
    ],
)
def test_a_label_that_is_missing(labels, place):
    with pytest.raises(ValueError, match=f"expected an answer for each series, got none for {place}$"):
        classifier().fit(X, labels)


def test_labels_by_names_that_are_not_those_of_the_series():
    labels = pd.Series(Y, index=NAMES)
    with pytest.raises(ValueError, match=r"got none for series 3 \('hive 3'\)"):
        classifier().fit(TABLE, labels.where(labels.index != "hive 3"))
    for other in (labels.rename({"hive 7": "hive 99"}), labels.drop("hive 7")):
        with pytest.raises(ValueError, match="answer for each name of a series and no other.* 'hive 7' on one side"):
            classifier().fit(TABLE, other)
    with pytest.raises(ValueError, match="'hive 99' on one side alone; y.to_numpy"):
        classifier().fit(TABLE, pd.concat([labels, pd.Series({"hive 99": "slow"})]))
    # An index that knows nothing of the series is an order.
    right = classifier(epochs=1).fit(TABLE, labels[::-1]).predict_proba(TABLE)
    for other in (labels.reset_index(drop=True), labels.rename(lambda name: f"no {name}")):
        np.testing.assert_array_equal(classifier(epochs=1).fit(TABLE, other).predict_proba(TABLE), right)


@pytest.mark.parametrize(
    ("more", "weights", "message"),
    [
        ({}, [-1.0] + [1.0] * 23, "expected weights >= 0, got -1.0 for series 0"),
        ({"class_weight": {"slow": -5.0, "fast": 1.0}}, None, "expected weights >= 0, got -5.0 for series 1"),
        ({"class_weight": {"slow": 1.0, "fast": np.nan}}, None, "expected weights >= 0, got nan for series 0"),
        ({"class_weight": {"slow": np.inf, "fast": 1.0}}, None, "expected weights >= 0, got inf for series 1"),
        ({"class_weight": {"slow": 0.0, "fast": 0.0}}, None, "expected a weight > 0, got 0 for every series"),
    ],
)
def test_weights_that_are_none(more, weights, message):
    with pytest.raises(ValueError, match=message):
        classifier(**more).fit(X, Y, weights)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ((TIMES, VALUES), r"expected a list of pairs \(times, values\), got one pair; \[\(times, values\)\] is a list"),
        ([TIMES.tolist(), VALUES.tolist()], "got one pair"),
        ([(VALUES, TIMES)], r"expected a pair as series 0, times .* got a tuple of \(\d+, 2\), \(\d+,\)"),
        ([(TIMES, VALUES, TIMES)], r"expected a pair as series 0, .* got a tuple of \(\d+,\), \(\d+, 2\), \(\d+,\)"),
        ([(TIMES[:, None], VALUES)], r"expected a pair as series 0, .* got a tuple of \(\d+, 1\), \(\d+, 2\)"),
        ([(TIMES, VALUES), TIMES], "expected a pair as series 1, .* got ndarray"),
        ({"hive": (TIMES, VALUES)}, "expected X to be pairs of times and values, a DataFrame or an array, got dict"),
        (
            [(TIMES, np.ma.masked_greater(VALUES, 0.0))],
            r"expected values of series 0 to be numbers, got masked ones; .filled\(numpy.nan\) marks",
        ),
        ([(np.ma.masked_less(TIMES, TIMES[1]), VALUES)], "expected times of series 0 to be numbers, got masked ones"),
    ],
)
def test_what_is_no_list_of_pairs(fitted, series, message):
    with pytest.raises(ValueError, match=message):
        fitted.predict(series)


def test_a_mask_that_hides_nothing_hides_nothing(fitted):
    whole = [(TIMES, np.ma.masked_greater(VALUES, 1e9))]
    np.testing.assert_array_equal(fitted.predict_proba(whole), fitted.predict_proba(X[:1]))


def test_numbers_that_no_network_can_hold():
    huge = [(times, values * [1.0, 1e200]) for times, values in X]
    with pytest.raises(ValueError, match=r"expected values whose squares float64 holds, got .*e\+20\d in feature 1"):
        classifier().fit(huge, Y)
    with pytest.raises(ValueError, match=r"expected answers up to 1e\+35 in size, got 2.3e\+301; scale them"):
        regressor().fit(X, 1e300 * np.arange(24))
    large = regressor(epochs=1).fit(X, 1e33 * np.arange(24)).predict(X)
    assert np.isfinite(large).all()


def test_no_time_to_answer_at(fitted):
    with pytest.raises(ValueError, match="expected at least one time in times_out, got none"):
        fitted.predict_proba(X, times_out=[])
