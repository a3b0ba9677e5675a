"""scikit-learn's own checks of estimators. Those that cannot hold for sequences are listed with the reason."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from tests.estimators.rhythms import classifier, regressor

# Their X has two dimensions: here a set of series with one feature, whose columns are steps.
STEPS = "the columns of a two-dimensional X are steps, and another set of series may have more or fewer"
LONG = "a DataFrame is a long table with a row for each event, and not one for each series"
ONE_EPOCH = "asks for an accuracy that the one epoch of these tests does not reach; test_estimators.py trains longer"
EXPECTED = {
    "check_n_features_in": STEPS,
    "check_n_features_in_after_fitting": STEPS,
    "check_classifier_data_not_an_array": LONG,
    "check_regressor_data_not_an_array": LONG,
    "check_sample_weights_pandas_series": LONG,
    "check_sample_weight_equivalence_on_dense_data": "a series given twice comes in two batches, not in one",
    "check_dtype_object": "a dict as a value is a ValueError that names its place, not a TypeError",
    "check_classifiers_train": ONE_EPOCH,
    "check_class_weight_classifiers": ONE_EPOCH,
    "check_regressors_train": ONE_EPOCH,
}
QUICK = {"epochs": 1, "units": 2, "batch_size": 200, "early_stopping": False}


def names(estimator):
    return {getattr(check, "func", check).__name__ for _, check in estimator_checks_generator(estimator)}


ESTIMATORS = [classifier(**QUICK), regressor(**QUICK)]


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda estimator: EXPECTED)
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    check(estimator)


def test_the_list_names_checks_that_there_are():
    assert set(EXPECTED) <= set().union(*map(names, ESTIMATORS))
