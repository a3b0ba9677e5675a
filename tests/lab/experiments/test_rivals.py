"""What the LSTM and the GRU are given in the experiments: biases for long memories, and the time in four ways."""

import numpy as np
import pytest

from plstm.lab import tasks
from plstm.lab.experiments import features, models
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import Dataset
from plstm.layers.initializers import ChronoBias
from tests.support import numpy

T = 200


@pytest.fixture
def dataset():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(6, T, 1)).astype(np.float32), random.integers(0, 3, 6)
    return Dataset(x, y, x, y, np.cumsum(random.uniform(0.1, 3.0, T)), 3, "a test", "0" * 64)


def build(dataset, model, units=400, **options):
    return models.build(Config(model=model, units=units, options=options), dataset).get_layer("recurrent")


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_chrono_memories_are_spread_from_one_step_to_all(dataset, model):
    """exp(b) is uniform on [1, T - 1]; nothing else than the gates that keep and, in the LSTM, that write is biased."""
    bias = numpy(build(dataset, model, bias="chrono").cell.bias)
    if model == "lstm":
        write, keep, *others = np.split(bias, 4)
        np.testing.assert_array_equal(write, -keep)
    else:
        keep, *others = [*np.split(bias[0], 3), bias[1]]
    assert not any(map(np.any, others))
    share = np.sort((np.exp(keep) - 1) / (T - 2))
    # Kolmogorov-Smirnov: a thousandth of uniform samples are further away than 1.95 / sqrt(n).
    assert np.abs(share - (np.arange(400) + 0.5) / 400).max() < 1.95 / 20
    assert share[0] >= -1e-6 and share[-1] <= 1 + 1e-6


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_a_chrono_bias_is_a_time(dataset, model):
    """With weights of zero a memory is (1 - 1/m)^n of itself after n steps, where b = ln(m - 1)."""
    layer = build(dataset, model, units=50, bias="chrono")
    kernel, recurrent, bias = (numpy(w) for w in layer.get_weights())
    layer.set_weights([0 * kernel, 0 * recurrent, bias])
    memory = np.full((1, 50), 0.8, "float32")
    state = [np.zeros_like(memory), memory] if model == "lstm" else [memory]
    n = 30
    answer = numpy(layer(np.zeros((1, n, 1), "float32"), initial_state=state))[0]
    keep = bias[50:100] if model == "lstm" else bias[0, :50]
    lasting = np.exp(keep) + 1
    left = 0.8 * (1 - 1 / lasting) ** n
    np.testing.assert_allclose(answer, 0.5 * np.tanh(left) if model == "lstm" else left, rtol=1e-4)


def test_chrono_biases_follow_the_seed_and_the_length_of_the_task(dataset):
    first, again = (numpy(build(dataset, "lstm", units=9, bias="chrono").cell.bias) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.exp(first).max() > 120
    adding = models.build(
        Config(task="adding", model="gru", units=99, options={"bias": "chrono"}), tasks.load("adding")
    )
    longest = np.exp(numpy(adding.get_layer("recurrent").cell.bias)).max()
    assert 450 < longest < 509


@pytest.mark.parametrize(
    ("longest", "shape", "message"),
    [
        (2, (8,), "longest > 2 steps, a number, got 2"),
        (float("inf"), (8,), "longest > 2"),
        ("784", (8,), "expected longest > 2 steps, a number, got '784'"),
        (9, (7,), r"\(4H,\) or \(2, 3H\), got \(7,\)"),
        (9, (3, 6), "got"),
        (9, (2, 8), "got"),
    ],
)
def test_chrono_biases_that_make_no_sense(longest, shape, message):
    with pytest.raises(ValueError, match=message):
        ChronoBias(longest)(shape)


def test_chrono_biases_refuse_a_layer_that_would_overwrite_them():
    import keras

    import plstm

    x = np.zeros((1, 2, 1), "float32")
    with pytest.raises(ValueError, match=r"for H = 32, .* got \(32,\); an LSTM needs unit_forget_bias=False"):
        keras.layers.LSTM(32, bias_initializer=ChronoBias(784, 32))(x)
    with pytest.raises(ValueError, match="an LSTM needs unit_forget_bias=False"):
        keras.layers.LSTM(50, bias_initializer=ChronoBias(784))(x)
    with pytest.raises(ValueError, match=r"got \(24,\); .* a GRU reset_after=True"):
        keras.layers.GRU(8, reset_after=False, bias_initializer=ChronoBias(784, 8))(x)
    for initializer in (ChronoBias(784), plstm.layers.initializers.ForgetBias(2.0)):
        with pytest.raises(
            ValueError, match="expected unit_forget_bias=False with .*, which sets the biases of the forget"
        ):
            plstm.PhasedLSTM(8, bias_initializer=initializer)
        assert plstm.PhasedLSTM(8, bias_initializer=initializer, unit_forget_bias=False)(x).shape == (1, 8)
    layer = keras.layers.LSTM(32, bias_initializer=ChronoBias(784, 32), unit_forget_bias=False)
    layer(x)
    i, f, c, o = np.split(numpy(layer.cell.bias), 4)
    np.testing.assert_array_equal(i, -f)
    assert np.exp(f).max() > 400 and not np.any(c) and not np.any(o)


def test_biases_by_default_are_those_of_keras(dataset):
    np.testing.assert_array_equal(numpy(build(dataset, "lstm", units=3).cell.bias), np.repeat([0, 1, 0, 0], 3))
    assert not np.any(numpy(build(dataset, "lstm", units=3, unit_forget_bias=False).cell.bias))
    assert not np.any(numpy(build(dataset, "gru", units=3).cell.bias))


def fed(dataset, model, time):
    """What the recurrent layer is given for the dataset's test samples."""
    import keras

    built = models.build(Config(model=model, units=2, options={"time": time}), dataset)
    before = keras.Model(built.inputs, built.get_layer("recurrent").input)
    return numpy(before([dataset.x_test, dataset.times]))


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_the_ways_of_telling_the_time(dataset, model):
    at = dataset.times / T  # the time scale of a stored task is its number of steps, and so its spacing is 1
    gap = np.log(1 + np.concatenate([[0.0], dataset.times[1:] - dataset.times[:-1]]))
    # Periods from 2 to the sequence's length, which the last power of two does not pass.
    periods = [2.0**n for n in range(1, int(np.log2(T)) + 1)]
    assert periods[0] == 2 and T / 2 < periods[-1] <= T
    sines = [turn(2 * np.pi * dataset.times / period) for turn in (np.sin, np.cos) for period in periods]
    expected = {"none": [], "absolute": [at], "gap": [gap], "both": [at, gap], "sines": sines}
    expected["all"] = [at, gap, *sines]
    assert list(expected) == list(models.TIMES)
    for time, columns in expected.items():
        x = fed(dataset, model, time)
        assert x.shape == (6, T, 1 + len(columns))
        np.testing.assert_array_equal(x[..., :1], dataset.x_test)
        for n, column in enumerate(columns):
            np.testing.assert_allclose(x[..., 1 + n], np.broadcast_to(column, (6, T)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("model", ["lstm", "gru"])
@pytest.mark.parametrize("periods", [[5.5], [9.0, 4.5, 5]])
def test_sines_of_given_periods_stand_beside_gaps_and_times(dataset, model, periods):
    told, beside = fed(dataset, model, periods), fed(dataset, model, "both")
    np.testing.assert_array_equal(told[..., : beside.shape[-1]], beside)
    angles = 2 * np.pi * dataset.times[:, None] / np.array(periods)
    expected = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    found = told[..., beside.shape[-1] :]
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=2e-6)


def test_gaps_of_clocks_of_their_own():
    task = tasks.load("frequency")
    (x, times, mask), _ = task.batch(0, 0, 4)
    found = numpy(features.AppendGap(task.time_scale / task.shape[0])(x, times))[..., 1]
    gaps = np.diff(times, prepend=times[:, :1], axis=1)
    np.testing.assert_allclose(found, np.log(1 + gaps), rtol=1e-6, atol=1e-7)
    assert not np.any(found[~mask])


@pytest.mark.parametrize("start", [0.0, 1.7e9, -3e8])
def test_sines_keep_their_digits_on_any_clock(start):
    """Times from ``start`` on, which is a whole number of both periods."""
    since, periods = np.array([0.0, 0.25, 1.0, 4.5]), [2.0, 8.0]
    found = numpy(features.AppendSines(periods)(np.zeros((2, 4, 1), "float32"), start + since))[..., 1:]
    angle = 2 * np.pi * since[:, None] / periods
    expected = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    np.testing.assert_allclose(found, np.broadcast_to(expected, (2, 4, 4)), atol=2e-6)


@pytest.mark.parametrize("start", [0.0, 1.7e9, -3e8])
def test_gaps_keep_their_digits_on_any_clock(start):
    times = start + np.array([0.0, 0.25, 0.25, 100.25])
    found = numpy(features.AppendGap(0.5)(np.zeros((2, 4, 1), "float32"), times))[..., 1]
    np.testing.assert_allclose(found, np.broadcast_to(np.log([1, 1.5, 1, 201]), (2, 4)), rtol=1e-6)
