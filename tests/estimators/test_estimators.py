"""The estimators as scikit-learn uses them: cloned, searched, pickled, saved, and the same again for the same seed."""

import copy
import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import compute_sample_weight

import plstm
from plstm.errors import ConfigError, DataError
from tests.estimators.rhythms import classifier, regressor, rhythms

X, Y = rhythms(missing=0.2)
LENGTHS = np.array([len(times) for times, _ in X], float)


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(X, Y)


@pytest.fixture(scope="module")
def fitted_regressor():
    return regressor().fit(X, np.stack([LENGTHS, -LENGTHS], axis=1))


def test_what_fit_leaves(fitted):
    assert fitted.classes_.tolist() == ["fast", "slow"] and fitted.n_features_in_ == 2
    assert set(fitted.history_) == {"loss", "val_loss"} and fitted.n_iter_ == 2
    proba = fitted.predict_proba(X)
    assert proba.shape == (24, 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, atol=1e-12)
    assert fitted.predict(X).tolist() == fitted.classes_[proba.argmax(axis=1)].tolist()
    assert fitted.score(X, Y) == accuracy_score(Y, fitted.predict(X))


def test_it_learns_what_only_the_times_tell():
    """The values of one series are those of the other, read twice as fast."""
    rng = np.random.default_rng(0)
    steps = np.arange(20.0)
    pairs = [(steps * (1 + number % 2), rng.normal(size=20)) for number in range(120)]
    answers = [times[-1] for times, _ in pairs]
    found = regressor(units=8, epochs=30, learning_rate=0.02).fit(pairs[:80], answers[:80])
    assert r2_score(answers[80:], found.predict(pairs[80:])) > 0.9
    assert found.history_["loss"][-1] < found.history_["loss"][0]


def test_the_same_seed_gives_the_same_network(fitted):
    again = clone(fitted).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    other = clone(fitted).set_params(random_state=1).fit(X, Y)
    assert np.abs(other.predict_proba(X) - fitted.predict_proba(X)).max() > 1e-4


def test_a_seed_leaves_the_global_ones_alone():
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.RandomState(3).rand()  # noqa: NPY002
    classifier(epochs=1).fit(X, Y)
    assert np.random.rand() == expected  # noqa: NPY002


def test_the_unit_and_the_start_of_the_clock_do_not_matter(fitted):
    """Unix seconds instead of hours from the start: Keras would round such times to 128 seconds."""
    if keras.backend.backend() == "jax":
        pytest.skip("JAX tells the time in 32 bits")
    other, _ = rhythms(missing=0.2, unit=3600.0, start=1.75e9)
    again = clone(fitted).fit(other, Y)
    np.testing.assert_allclose(again.predict_proba(other), fitted.predict_proba(X), atol=2e-3)


def test_copies_answer_the_same(fitted, tmp_path):
    right = fitted.predict_proba(X)
    for copied in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(copied.predict_proba(X), right)
    fitted.save(tmp_path / "rhythm.plstm")
    loaded = plstm.load_estimator(tmp_path / "rhythm.plstm")
    np.testing.assert_array_equal(loaded.predict_proba(X), right)
    assert loaded.predict(X).tolist() == fitted.predict(X).tolist()
    assert loaded.get_params() == fitted.get_params() and loaded.history_ == fitted.history_
    assert clone(loaded).get_params() == fitted.get_params()


def test_a_regressor_of_two_numbers_in_their_own_unit(fitted_regressor, tmp_path):
    answers = fitted_regressor.predict(X)
    assert answers.shape == (24, 2)
    # Two epochs leave it near the mean; in standardised units this would be 0.
    np.testing.assert_allclose(answers.mean(axis=0), [LENGTHS.mean(), -LENGTHS.mean()], rtol=0.2)
    fitted_regressor.save(tmp_path / "two.plstm")
    np.testing.assert_array_equal(plstm.load_estimator(tmp_path / "two.plstm").predict(X), answers)
    assert fitted_regressor.score(X, np.stack([LENGTHS, -LENGTHS], axis=1)) == pytest.approx(
        r2_score(np.stack([LENGTHS, -LENGTHS], axis=1), answers)
    )


@pytest.mark.parametrize("count", [4, 40])
def test_a_damaged_file_is_refused(fitted, tmp_path, count):
    path = tmp_path / "rhythm.plstm"
    fitted.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * count // 100])
    with pytest.raises(DataError, match=r"rhythm.plstm: expected a saved estimator, got a file that cannot be read"):
        plstm.load_estimator(path)


def test_what_json_cannot_hold_is_not_half_written(fitted, tmp_path):
    odd = copy.deepcopy(fitted).set_params(random_state=np.random.RandomState(0))  # noqa: NPY002
    with pytest.raises(ConfigError, match="expected arguments and labels that JSON can hold, got others .*RandomState"):
        odd.save(tmp_path / "odd.plstm")
    assert list(tmp_path.iterdir()) == []


def test_searched_and_cross_validated():
    found = GridSearchCV(classifier(epochs=1), {"units": [2, 3]}, cv=2).fit(X, Y)
    assert found.best_params_["units"] in (2, 3) and found.predict(X[:2]).shape == (2,)
    assert cross_val_score(regressor(epochs=1), X, LENGTHS, cv=2).shape == (2,)


def test_in_a_pipeline(fitted):
    scale = FunctionTransformer(lambda pairs: [(times, 10.0 * values) for times, values in pairs])
    found = make_pipeline(scale, classifier()).fit(X, Y)
    # Standardised, ten times a value is the value.
    np.testing.assert_allclose(found.predict_proba(X), fitted.predict_proba(X), atol=1e-5)


def test_a_stream_answers_what_predict_does(fitted, fitted_regressor):
    for model, right in ((fitted, fitted.predict_proba(X)), (fitted_regressor, fitted_regressor.predict(X))):
        stream = model.stream()
        for number, (times, values) in enumerate(X[:3]):
            stream.open(f"series {number}")
            found = [stream.step(row, t, f"series {number}") for t, row in zip(times, values)]
            np.testing.assert_allclose(found[-1], right[number], atol=1e-5, rtol=1e-5)
        assert stream.engine.streams == ["series 0", "series 1", "series 2"]
        stream.close("series 0")
        stream.open("series 0")
        times, values = X[4]
        found = [stream.step(row, t, "series 0") for t, row in zip(times, values)]
        np.testing.assert_allclose(found[-1], right[4], atol=1e-5, rtol=1e-5)


def test_a_stream_skips_what_comes_late(fitted):
    times, values = X[0]
    stream, other = fitted.stream(late="skip"), fitted.stream()
    for number, (t, row) in enumerate(zip(times, values)):
        answers = stream.step(row, t), other.step(row, t)
        if number == 3:
            stream.step([100.0, 100.0], times[0])
    np.testing.assert_array_equal(*answers)
    assert stream.engine.stats.skipped == 1
    with pytest.raises(ValueError, match="expected a time >="):
        other.step(values[0], times[0])
    with pytest.raises(ValueError, match=r"expected values of shape \(2,\), got \(3,\)"):
        other.step([1.0, 2.0, 3.0], 1e6)
    np.testing.assert_array_equal(other.step(values[-1], times[-1] + 1), stream.step(values[-1], times[-1] + 1))


def test_the_model_is_one_for_event_driven(fitted):
    engine = plstm.EventDriven(fitted.model_)
    [(times, values)] = fitted.preparation_(X[:1])
    np.testing.assert_allclose(engine.run(values[None], times[None]), fitted.predict_proba(X[:1]), atol=1e-5)


def test_missing_values_are_held_and_marked():
    pairs = [([0.0, 1.0, 2.0], [[1.0, np.nan], [np.nan, 5.0], [3.0, 7.0]])]
    preparation = classifier(early_stopping=False, epochs=1).fit(pairs * 2, [0, 1]).preparation_
    [(times, values)] = preparation(pairs)
    assert times.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_allclose(values, [[-1, 0, 1, 0], [-1, -1, 0, 1], [1, 1, 1, 1]])
    complete = classifier(early_stopping=False, epochs=1).fit([([4.0, 6.0], [1.0, 3.0])] * 2, [0, 1]).preparation_
    [(times, values)] = complete([(np.array([4.0, 6.0]), np.array([[1.0], [np.nan]]))])
    assert times.tolist() == [0.0, 2.0] and values.tolist() == [[-1.0], [-1.0]]


def test_the_scaling_does_not_see_the_validation_set():
    """One series far away is in the training set or in the validation set: only there it moves the mean."""
    pairs = [([0.0, 1.0], [0.0, 1.0])] * 19 + [([0.0, 1.0], [1e6, 1e6])]
    means = [
        regressor(epochs=1, random_state=seed, validation_fraction=0.5).fit(pairs, np.arange(20)).preparation_.mean[0]
        for seed in range(6)
    ]
    assert {mean > 10 for mean in means} == {True, False}


def test_the_rhythm_comes_from_the_times():
    pairs = [(np.arange(0.0, 400.0, 2.0), np.zeros(200))] * 12
    layer = regressor(units=50, epochs=1, learning_rate=1e-9).fit(pairs, np.arange(12)).model_.layers[-2]
    period = keras.ops.convert_to_numpy(layer.period)
    assert period.min() >= 4.0 and period.max() <= 398.0 and period.max() > 100
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer.ratio_on), 0.05, atol=1e-4)  # 8 of 200 would be less
    layer = regressor(epochs=1, periods=(9.0, 9.0), ratio_on=0.3, learning_rate=1e-9).fit(pairs, np.arange(12))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer.model_.layers[-2].period), 9.0, rtol=1e-4)


def test_classes_can_weigh_more():
    labels = np.array(["rare"] * 3 + ["usual"] * 21)
    plain, balanced, byhand, given = (
        classifier(early_stopping=False, epochs=8, learning_rate=0.05, class_weight=weight).fit(X, labels, sample)
        for weight, sample in (
            (None, None), ("balanced", None), ({"rare": 4.0, "usual": 24 / 42}, None),
            (None, compute_sample_weight("balanced", labels)),
        )
    )  # fmt: skip
    assert plain.predict_proba(X)[:, 0].mean() < 0.3 < balanced.predict_proba(X)[:, 0].mean()
    for other in (byhand, given):
        np.testing.assert_allclose(other.predict_proba(X), balanced.predict_proba(X), atol=1e-5)
    with pytest.raises(ValueError, match="not in class_weight"):
        classifier(class_weight={"absent": 2.0, "rare": 1.0}).fit(X, labels)


def test_the_best_epoch_is_kept():
    found = regressor(epochs=60, patience=3, learning_rate=0.3).fit(X, np.random.default_rng(0).normal(size=24))
    losses = found.history_["val_loss"]
    assert found.n_iter_ < 60 and found.n_iter_ == np.argmin(losses) + 4


@pytest.mark.parametrize("more", [{"early_stopping": False}, {"validation_fraction": 0.01}])
def test_without_a_validation_set_all_epochs_are_trained(more):
    assert set(classifier(**more).fit(X, Y).history_) == {"loss"}
    assert set(classifier().fit(X[:8], Y[:8]).history_) == {"loss"}


@pytest.mark.parametrize("more", [{"layers": 2}, {"cell": "gru"}, {"dropout": 0.5}, {"origin": 2.0}], ids=str)
def test_other_networks(more):
    found = classifier(**more).fit(X, Y)
    stream = found.stream()
    answers = [stream.step(row, t) for t, row in zip(*X[0])]
    np.testing.assert_allclose(answers[-1], found.predict_proba(X[:1])[0], atol=1e-5)
    assert sum(isinstance(layer, (plstm.PhasedLSTM, plstm.PhasedGRU)) for layer in found.model_.layers) == more.get(
        "layers", 1
    )


def test_verbose_says_what_it_does(capsys):
    classifier(epochs=1, verbose=2).fit(X, Y)
    assert "val_loss" in capsys.readouterr().out
    classifier(epochs=1).fit(X, Y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"units": 0}, "expected units to be an integer >= 1, got 0"),
        ({"epochs": 1.5}, "expected epochs to be an integer >= 1, got 1.5"),
        ({"patience": True}, "expected patience to be an integer >= 1, got True"),
        ({"cell": "rnn"}, "expected cell to be 'lstm' or 'gru', got 'rnn'"),
        ({"periods": (3.0, 1.0)}, r"expected periods to be \(low, high\), 0 < low <= high, got \(3.0, 1.0\)"),
        ({"ratio_on": 0.0}, "expected 0 < ratio_on <= 1, or None, got 0.0"),
        ({"dropout": 1.0}, "expected 0 <= dropout < 1, got 1.0"),
        ({"learning_rate": 0}, "expected learning_rate > 0, got 0"),
        ({"validation_fraction": 1.0}, "expected 0 < validation_fraction < 1, got 1.0"),
        ({"origin": "last"}, "expected origin to be 'first' or a number, got 'last'"),
        ({"unit": "week"}, "expected unit to be one of"),
    ],
)
def test_arguments_out_of_range(more, message):
    with pytest.raises(ValueError, match=message):
        classifier(**more).fit(X, Y)


def test_labels_that_do_not_fit():
    with pytest.raises(ValueError, match="expected labels of at least two classes, got one class, 'a'"):
        classifier().fit(X, ["a"] * 24)
    with pytest.raises(ValueError, match="expected one answer for each of 24 series, got 3 of them"):
        classifier().fit(X, Y[:3])
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        classifier().fit(X, None)
    with pytest.raises(ValueError, match="expected an answer for each series, got none for series 5$"):
        regressor().fit(X, [1.0] * 5 + [np.nan] * 19)


def test_before_fit_and_with_other_features(fitted):
    with pytest.raises(NotFittedError):
        classifier().predict(X)
    with pytest.raises(ValueError, match="X has 1 features, but PhasedLSTMClassifier is expecting 2 features as input"):
        fitted.predict([([0.0], [1.0])])


def test_a_class_that_training_lacks_is_never_predicted(fitted):
    truth = np.where(Y == "slow", "unknown", Y)
    assert set(fitted.predict(X)) <= {"fast", "slow"}
    assert fitted.score(X, truth) <= 0.5
