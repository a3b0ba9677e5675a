"""The adding task: its statistics, what is asked of a network that answers an amount, and its runs."""

import keras
import numpy as np
import pytest

from plstm.errors import ConfigError
from plstm.lab import results, tasks
from plstm.lab.experiments import models, train
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import adding
from plstm.lab.tasks.objective import Classification, Regression

SAMPLINGS = ("regular", "irregular")


def draw(count=2000, sampling="regular", lengths=(40, 60)):
    return adding.load(sampling, lengths).draw(np.random.default_rng(0), count)


def near(found, expected, deviation, count):
    """A mean over ``count`` draws within four standard errors of what it should be."""
    assert abs(found - expected) < 4 * deviation / np.sqrt(count)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_two_steps_are_marked_one_in_each_half_anywhere(sampling):
    x, _, mask, _ = draw(20_000, sampling)
    marker, n = x[..., 1], mask.sum(axis=1)
    assert set(np.unique(marker)) == {0.0, 1.0} and np.all(marker.sum(axis=1) == 2)
    first = marker.argmax(axis=1)
    second = marker.shape[1] - 1 - marker[:, ::-1].argmax(axis=1)
    assert np.all(first < n // 2) and np.all(second >= n // 2) and np.all(second < n)
    of_forty = n == 40
    for place in (first[of_forty], second[of_forty] - 20):
        counts = np.bincount(place, minlength=20)
        expected = of_forty.sum() / 20
        # Chi-square with 19 degrees of freedom exceeds 43.8 once in a thousand draws.
        assert len(counts) == 20 and np.sum((counts - expected) ** 2 / expected) < 43.8


def test_values_and_their_sum():
    x, _, mask, y = draw(40_000)
    values = x[..., 0][mask]
    assert x.dtype == y.dtype == np.float32 and np.abs(values).max() < 0.5
    near(values.mean(), 0.0, np.sqrt(1 / 12), len(values))
    near((values**2).mean(), 1 / 12, np.sqrt(1 / 80 - 1 / 144), len(values))
    marked = [row[:, 0][row[:, 1] == 1].sum() for row in x[:200]]
    np.testing.assert_allclose(y[:200], marked, atol=1e-7)
    # The mean square of a sum of two uniforms, 1/6, and its fourth moment, 1/15, which gives the spread of the former.
    near((y.astype(float) ** 2).mean(), 1 / 6, np.sqrt(1 / 15 - 1 / 36), len(y))
    chance = 1 - (1 - adding.TOLERANCE) ** 2
    near(np.mean(np.abs(y) <= adding.TOLERANCE), chance, np.sqrt(chance * (1 - chance)), len(y))


def test_always_answering_zero_scores_the_variance():
    task = adding.load(test=4000)
    score = task.objective.score(np.zeros((4000, 1)), task.y_test)
    assert score["loss"] == pytest.approx(1 / 6, rel=0.1)
    assert score["accuracy"] == pytest.approx(0.0784, abs=0.02)


def test_regular_times_count_the_steps_and_irregular_ones_come_anywhere():
    _, times, mask, _ = draw(1000, "regular")
    assert np.all(times[mask] == np.nonzero(mask)[1])
    _, times, mask, _ = draw(1000, "irregular")
    n = mask.sum(axis=1)
    gaps = np.diff(times, axis=1)[mask[:, 1:]]
    assert gaps.min() >= 0 and np.all(times >= 0) and np.all(times <= n[:, None])
    # The gaps between uniform points are nearly exponential: their deviation is their mean.
    assert gaps.mean() == pytest.approx(1.0, abs=0.05) and gaps.std() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_padding_is_nothing_at_the_last_time(sampling):
    x, times, mask, _ = draw(300, sampling)
    n = mask.sum(axis=1)
    assert (n.min(), n.max()) == (40, 60)
    assert np.array_equal(mask, np.arange(60) < n[:, None]) and times.dtype == np.float64
    assert np.all(x[~mask] == 0.0)
    last = np.broadcast_to(times[np.arange(300), n - 1][:, None], times.shape)
    assert np.array_equal(times[~mask], last[~mask])


def test_only_the_clock_tells_irregular_from_regular():
    regular, irregular = draw(50, "regular"), draw(50, "irregular")
    for one, other in ((0, 0), (2, 2), (3, 3)):
        assert np.array_equal(regular[one], irregular[other])
    assert not np.array_equal(regular[1], irregular[1])


def test_a_batch_depends_on_its_arguments_alone():
    task, again = adding.load(), adding.load()
    first, y = task.batch(3, 5, 32)
    task.batch(3, 200, 32)
    second, y2 = again.batch(3, 5, 32)
    assert all(np.array_equal(a, b) for a, b in zip(first, second)) and np.array_equal(y, y2)
    assert not np.array_equal(y, task.batch(4, 5, 32)[1])
    assert task.sha256 == again.sha256 != adding.load("irregular").sha256


def test_ten_thousand_steps():
    task = tasks.load("adding-long")
    assert task.shape == (10_000, 2) and task.time_scale == 10_000.0
    (x, times, mask), y = task.batch(0, 0, 4)
    assert x.shape == (4, 10_000, 2) and mask.sum(axis=1).min() >= 9_900 and times.max() <= 9_999.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sampling": "fine"}, "sampling of the adding task to be one of regular, irregular, got 'fine'"),
        ({"lengths": (1, 5)}, r"2 <= low <= high <= 10000, got \(1, 5\)"),
        ({"lengths": (9, 5)}, r"2 <= low <= high <= 10000, got \(9, 5\)"),
        ({"lengths": (9, 10_001)}, r"2 <= low <= high <= 10000, got \(9, 10001\)"),
    ],
)
def test_unknown_conditions(arguments, message):
    with pytest.raises(ConfigError, match=message):
        adding.load(**arguments)


def test_what_keras_computes_in_training_is_what_the_score_says():
    generator = np.random.default_rng(1)
    cases = [
        (Classification(3), generator.normal(size=(64, 3)), generator.integers(0, 3, 64)),
        (Regression(0.2), generator.uniform(-0.5, 0.5, (64, 1)), generator.uniform(-0.5, 0.5, 64).astype(np.float32)),
    ]
    for asked, answers, y in cases:
        score, metric = asked.score(answers, y), asked.accuracy()
        metric.update_state(y, answers.astype(np.float32))
        assert metric.name == "accuracy" and float(metric.result()) == pytest.approx(score["accuracy"])
        loss = float(asked.loss()(y[:, None], keras.ops.convert_to_tensor(answers, "float32")))
        assert loss == pytest.approx(score["loss"], rel=1e-5)
        assert 0.1 < score["accuracy"] < 0.9


def test_an_answer_counts_up_to_the_tolerance():
    y = np.array([0.0, 0.0, 0.5, -0.5])
    answers = np.array([[0.0625], [0.07], [0.4375], [-0.6]])
    assert Regression(0.0625).score(answers, y)["accuracy"] == 0.5
    # Large logits do not overflow.
    assert Classification(2).score(np.array([[1e4, 0.0]]), np.array([0])) == {"accuracy": 1.0, "loss": 0.0}


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setitem(
        tasks.TASKS, "adding", ("plstm.lab.tasks.adding", {"lengths": (8, 10), "train": 512, "test": 100})
    )


PHASED = Config(task="adding", units=8, batch_size=32, steps=12, options={"period": [1.0, 20.0]})


def run(config, directory):
    return train.train(config, directory, progress=False)


@pytest.mark.usefixtures("short")
def test_a_run_says_what_its_weights_do(tmp_path):
    result = run(PHASED, tmp_path)
    data, model = tasks.load("adding"), train.load_model(tmp_path)
    assert model.layers[-1].name == "amount" and model.output_shape == (None, 1)
    for name, training in (("test", False), ("test_with_leak", True)):
        x = data.inputs(data.test_samples(np.arange(100)))
        answers = keras.ops.convert_to_numpy(model(x, training=training))
        error = answers[:, 0].astype(float) - data.y_test
        assert result["metrics"][name]["loss"] == pytest.approx(np.mean(error**2), rel=1e-5)
        assert result["metrics"][name]["accuracy"] == pytest.approx(np.mean(np.abs(error) <= 0.04))
    history = results.read_history(tmp_path / "history.csv")
    assert result["metrics"]["train"]["loss"] == pytest.approx(history["loss"].mean())
    (x, y), fresh = data.batch(0, 0, 32), models.build(PHASED, data)
    answers = keras.ops.convert_to_numpy(fresh(data.inputs(x), training=True))
    assert history["loss"][0] == pytest.approx(np.mean((answers[:, 0] - y) ** 2), rel=1e-5)


@pytest.mark.usefixtures("short")
def test_a_run_is_published_and_one_that_died_goes_on_to_the_same_end(tmp_path, monkeypatch):
    whole = run(PHASED, tmp_path / "whole")
    run(PHASED, tmp_path / "again")
    step = train.Training._step

    def dying(self, number):
        if number == 7:
            raise SystemError("gone")
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(train, "CHECKPOINT_SECONDS", -1)
        patch.setattr(train.Training, "_step", dying)
        with pytest.raises(SystemError):
            run(PHASED, tmp_path / "died")
    resumed = run(PHASED, tmp_path / "died")
    assert resumed["provenance"]["resumed"] == 1 and resumed["metrics"] == whole["metrics"]
    histories = [(tmp_path / name / "history.csv").read_bytes() for name in ("whole", "again", "died")]
    assert histories[0] == histories[1] == histories[2]
    results.publish([tmp_path / "whole"], "trial", folder=tmp_path)
    [published] = results.published("trial", folder=tmp_path)
    assert published["result"] == whole and len(published["history"]["loss"]) == 1


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("model", list(models.MODELS))
def test_every_model_answers_with_one_number(model):
    task = tasks.load("adding")
    built = models.build(Config(task="adding", model=model, units=4, batch_size=8), task)
    x, _ = task.batch(0, 0, 8)
    assert built.predict_on_batch(task.inputs(x)).shape == (8, 1)


@pytest.mark.usefixtures("short")
def test_it_can_be_learnt(tmp_path):
    """Ten steps are short enough for a small Phased LSTM to learn in a few hundred; 0 all the time scores 1/6."""
    config = Config(**{**PHASED.as_dict(), "units": 24, "steps": 600, "learning_rate": 5e-3})
    assert run(config, tmp_path)["metrics"]["test"]["loss"] < 1 / 30
