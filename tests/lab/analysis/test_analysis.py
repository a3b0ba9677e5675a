"""Measurements inside networks: beside finite differences of the reference, exact answers, hand-made sets."""

import json

import keras
import numpy as np
import pytest

import plstm
from plstm import reference
from plstm.errors import ConfigError, ResultError
from plstm.lab import analysis, results, tasks
from plstm.lab.analysis import Recurrence, openings, reports, unrolled
from plstm.lab.experiments import models
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.train import evaluate, load_model, train
from tests.digits import few_digits  # noqa: F401
from tests.support import numpy

STEPS, BATCH, FEATURES, UNITS = 12, 2, 2, 3
TIMES = np.cumsum(np.random.default_rng(0).uniform(0.2, 1.8, STEPS))
X = np.random.default_rng(1).normal(size=(STEPS, BATCH, FEATURES))


def phased(peepholes=False, **options):
    keras.utils.set_random_seed(2)
    layer = plstm.PhasedLSTM(
        UNITS,
        return_state=True,
        dtype="float64",
        engine="scan",
        period_initializer=[3.0, 7.0, 50.0],
        shift_initializer=[0.0, 1.0, 25.0],
        ratio_on_initializer=0.4,
        leak=0.05,
        peepholes=peepholes,
        **options,
    )
    layer.build((None, None, FEATURES))
    if peepholes:
        layer.cell.peepholes.assign(np.random.default_rng(3).normal(size=(3, UNITS)))
    return layer


def plain():
    keras.utils.set_random_seed(4)
    layer = keras.layers.LSTM(UNITS, return_state=True, dtype="float64")
    layer.build((None, None, FEATURES))
    return layer


def slopes(function, values, nudge=1e-6):
    """Central differences of ``function`` at ``values`` (N,), an array: answers with one more axis, the N slopes."""
    up, down = ([function(values + sign * nudge * unit) for unit in np.eye(len(values))] for sign in (1, -1))
    return np.stack([(one - other) / (2 * nudge) for one, other in zip(up, down)], axis=-1)


def jacobians(layer, x, times, state, training):
    """d (h, c) / d (h, c at the start), (2H, 2H), and d h / d the first x, (H, D): one sample, ``plstm.reference``.

    x (T, D); state: h and c, (2, H).
    """
    recurrence = Recurrence.of(layer)
    if recurrence.rhythm is None:
        k = np.ones((len(x), UNITS))
    else:
        k = reference.gates(times, *recurrence.rhythm, 0.05 if training else 0.0, recurrence.shape)
    names = ("kernel", "recurrent_kernel", "bias", "peepholes")
    weights = {name: getattr(recurrence, name) for name in names}

    def end(first, start):
        now = np.concatenate([first[None], x[1:]])
        return np.ravel(reference.run("lstm", now[None], k, weights, np.reshape(start, (2, 1, UNITS)))[1])

    of_state = slopes(lambda start: end(x[0], start), np.ravel(state))
    return of_state, slopes(lambda first: end(first, state)[:UNITS], x[0])


LAYERS = {
    "triangle": phased,
    "peepholes": lambda: phased(peepholes=True),
    "gaussian": lambda: phased(gate_shape="gaussian"),
    "lstm": plain,
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_gradient_norms_are_those_of_finite_differences(name, training):
    layer = LAYERS[name]()
    recurrence = Recurrence.of(layer)
    found = analysis.gradient_norms(recurrence, X, TIMES, training)
    states = np.array(recurrence.states(X, recurrence.openness(TIMES, training)))
    for n in (1, 2, 5, STEPS):
        start = STEPS - n
        for b in range(BATCH):
            of_state, of_x = jacobians(layer, X[start:, b], TIMES[start:], states[:, start, b], training)
            norm = np.linalg.norm(of_state) / np.sqrt(2 * UNITS)
            assert found["state"][b, n] == pytest.approx(norm, rel=1e-6)
            assert found["input"][b, n - 1] == pytest.approx(np.linalg.norm(of_x), rel=1e-5, abs=1e-9)
    np.testing.assert_array_equal(found["state"][:, 0], 1.0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_states_are_those_of_the_layer(name, training):
    layer = LAYERS[name]()
    recurrence = Recurrence.of(layer)
    h, c = recurrence.states(X, recurrence.openness(TIMES, training))
    options = {"times": TIMES} if isinstance(layer, plstm.PhasedLSTM) else {}
    _, *ends = layer(X.swapaxes(0, 1), training=training, **options)
    np.testing.assert_allclose([numpy(end) for end in ends], [h[-1], c[-1]], atol=1e-6)


def test_the_cells_own_path_is_all_there_is_without_recurrent_weights():
    layer = phased(recurrent_initializer="zeros")
    recurrence = Recurrence.of(layer)
    found = analysis.gradient_norms(recurrence, X, TIMES)
    of_state, _ = jacobians(layer, X[:, 0], TIMES, np.zeros((2, UNITS)), False)
    own = np.diagonal(of_state[UNITS:, UNITS:])
    assert found["cell"][0, -1] == pytest.approx(np.sqrt(np.mean(own**2)), rel=1e-6)


def test_units_that_never_open_pass_everything_on():
    found = analysis.gradient_norms(Recurrence.of(phased()), X, TIMES)
    # The third unit's first opening begins at 25, and the clock ends before.
    assert TIMES[-1] < 25
    assert found["never_open"][0] == 1 and found["never_open"][-1] == pytest.approx(1 / 3)
    assert np.all(found["state"][:, -1] >= np.sqrt(1 / 3))
    leaky = analysis.gradient_norms(Recurrence.of(phased()), X, TIMES, training=True)
    assert leaky["never_open"][-1] == 0


@pytest.mark.parametrize("name", ["triangle", "peepholes", "lstm"])
def test_what_is_kept_is_the_slope_of_the_memory(name):
    layer, start = LAYERS[name](), 3
    recurrence = Recurrence.of(layer)
    found = analysis.memory_kept(recurrence, X, TIMES, start, nudge=1e-6)
    states = np.array(recurrence.states(X, recurrence.openness(TIMES)))
    for b in range(BATCH):
        of_state, _ = jacobians(layer, X[start:, b], TIMES[start:], states[:, start, b], False)
        np.testing.assert_allclose(found["kept"][b, :, -1], np.abs(np.diagonal(of_state[UNITS:, UNITS:])), atol=1e-5)
    np.testing.assert_allclose(found["kept"][..., 0], 1.0)


def test_without_recurrent_weights_what_is_kept_is_the_product_over_the_openings():
    recurrence = Recurrence.of(phased(recurrent_initializer="zeros"))
    found = analysis.memory_kept(recurrence, X, TIMES, start=2)
    np.testing.assert_allclose(found["kept"], found["product"], atol=1e-9)
    k = recurrence.openness(TIMES)[2:]
    assert found["updates"][:, -1].tolist() == np.sum(k > 0, axis=0).tolist()
    assert np.isnan(found["forget"][2]) and np.all(np.isfinite(found["forget"][:2]))
    # The third unit sleeps.
    np.testing.assert_allclose(found["kept"][:, 2], 1.0)


def test_an_lstm_is_updated_at_every_step():
    recurrence = Recurrence.of(plain())
    found = analysis.memory_kept(recurrence, X, TIMES, start=0)
    assert found["updates"][:, -1].tolist() == [STEPS] * UNITS
    h, c = recurrence.states(X, np.ones((STEPS, UNITS)))
    z_f = X @ recurrence.kernel[:, UNITS : 2 * UNITS] + h[:-1] @ recurrence.recurrent_kernel[:, UNITS : 2 * UNITS]
    f = 1 / (1 + np.exp(-z_f - recurrence.bias[UNITS : 2 * UNITS]))
    np.testing.assert_allclose(found["product"][..., -1], np.prod(f, axis=0))
    np.testing.assert_allclose(found["forget"], f.mean(axis=(0, 1)))


def test_another_layer_is_refused():
    layer = plstm.PhasedGRU(2)
    layer.build((None, None, 1))
    with pytest.raises(ConfigError, match="expected an LSTM or a Phased LSTM.*got PhasedGRU"):
        Recurrence.of(layer)


def test_bins_of_lags():
    edges = unrolled.lag_edges(784)
    assert edges[0] == 0 and edges[-1] == 784 and np.all(np.diff(edges) > 0)
    assert unrolled.lag_edges(1).tolist() == [0, 1]
    values = np.arange(10.0)[None]
    np.testing.assert_allclose(unrolled.in_bins(values, [0, 1, 4, 10])[0, 1], np.sqrt((1 + 4 + 9) / 3))


def test_meetings_of_hand_made_sets():
    is_open = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [1, 1, 0]], bool)
    found = analysis.meetings(is_open)["rhythm"]
    # Open before the last step: 2 + 1 + 1 + 1; still open at the next: unit 0 once, unit 2 once.
    assert found["stays"] == pytest.approx(2 / 5)
    assert found["sets"] == pytest.approx(3 / 5)
    # Of three pairs, one meets, twice.
    assert found["never_together"] == pytest.approx(2 / 3)
    assert found["unevenness"] == pytest.approx(np.std([2, 0, 0]) / np.mean([2, 0, 0]))
    assert found["again"] == 1
    assert openings.persistence(is_open, [1, 4]).tolist() == [pytest.approx(2 / 5), pytest.approx(1.0)]


def test_sets_drawn_anew_keep_the_rates_and_nothing_else():
    is_open = np.zeros((20_000, 4), bool)
    is_open[:2000, 0] = is_open[:, 1] = is_open[:10_000, 2] = True  # rates .1, 1, .5 and 0
    found = analysis.meetings(is_open)
    rates = np.array([0.1, 1.0, 0.5, 0.0])
    expected = np.sum(rates**2) / np.sum(rates)
    assert found["drawn"]["stays"] == pytest.approx(expected, abs=0.01)
    assert found["drawn"]["again"] == pytest.approx(expected, abs=0.01)
    assert found["drawn"]["never_together"] == pytest.approx(0.5)
    assert found["rhythm"]["stays"] > 0.99


def test_nobody_ever_open_is_no_number():
    found = analysis.meetings(np.zeros((5, 3), bool))["rhythm"]
    assert np.isnan(found["stays"]) and found["never_together"] == 1


def test_hearing_is_the_fourier_series_of_the_window():
    n = np.array([0, 1, 2, 5])
    found = analysis.frequency_response([10.0], [3.0], [0.2], n / 10, duration=100.0, samples=20_000)
    np.testing.assert_allclose(found[0], np.sinc(n * 0.2 / 2) ** 2, atol=1e-3)
    between = analysis.frequency_response([10.0], [3.0], [0.2], [0.05, 0.15], duration=100.0)
    assert between.max() < 1e-2
    assert analysis.frequency_response([1000.0], [500.0], [0.05], [0.1], duration=100.0).tolist() == [[0.0]]


def run(folder, **config):
    train(Config(**{"units": 3, "batch_size": 5, "steps": 2, "engine": "auto", **config}), folder, progress=False)
    return folder


@pytest.fixture
def report(tmp_path, few_digits):  # noqa: F811
    runs = [
        run(tmp_path / "phased", model="phased-lstm", learning_rate=0.1, seed=1),
        run(tmp_path / "lstm", model="lstm"),
    ]
    return runs, analysis.inspect(runs, samples=2)


def test_a_report_says_which_runs_it_is_of_and_is_read_as_written(report, tmp_path):
    runs, found = report
    written = reports.write(tmp_path / "report.json", found)
    assert results.read(tmp_path / "report.json", kind="analysis") == written
    for directory, one in zip(runs, written["measured"]):
        result = results.read(directory / "result.json")
        assert one["run"] == result["content_sha256"] and one["config"] == result["config"]
        assert one["accuracy"]["test"] == result["metrics"]["test"]["accuracy"]
    text = (tmp_path / "report.json").read_text()
    (tmp_path / "report.json").write_text(text.replace('"samples":2', '"samples":3'))
    with pytest.raises(ResultError, match="does not match its content_sha256"):
        results.read(tmp_path / "report.json", kind="analysis")


def test_a_report_holds_what_the_measurements_say(report):
    (directory, _), found = report
    phased, lstm = found["measured"]
    model, data = load_model(directory), tasks.load("mnist")
    recurrence = Recurrence.of(model.get_layer("recurrent"))
    norms = analysis.gradient_norms(recurrence, data.x_test[:2].swapaxes(0, 1).astype(float), data.times)
    reported = phased["weights"]["trained"]["gradients"]["inference"]
    edges = [*reported["lag"], 784]
    expected = np.quantile(unrolled.in_bins(norms["state"], edges), (0.1, 0.5, 0.9), axis=0).T
    np.testing.assert_allclose(reported["state"], expected, rtol=1e-4)
    np.testing.assert_allclose(phased["rhythm"]["trained"]["period"], recurrence.rhythm[0], rtol=1e-4)
    assert phased["rhythm"]["trained"]["period"] != phased["rhythm"]["initial"]["period"]
    assert lstm["rhythm"] is None and lstm["accuracy"]["initial"] is None
    assert lstm["weights"]["trained"]["meetings"] is None
    assert lstm["weights"]["trained"]["gradients"]["training"] is None
    assert lstm["weights"]["initial"]["memory"]["updates"] == [588.0] * 3


def test_rhythms_are_put_back_and_nothing_else(report):
    (directory, _), found = report
    config = Config(**results.read(directory / "result.json")["config"])
    data = tasks.load("mnist")
    initial = models.build(config, data)
    parts = {
        "rhythm": ("period", "shift", "ratio_on"),
        "period_and_shift": ("period", "shift"),
        "ratio_on": ("ratio_on",),
    }
    for kind, names in parts.items():
        model = load_model(directory)
        for name in names:
            [new] = [v for v in model.variables if v.name == name]
            [old] = [v for v in initial.variables if v.name == name]
            new.assign(old)
        expected = evaluate(model, data, config.batch_size)["accuracy"]
        assert found["measured"][0]["accuracy"]["initial"][kind] == expected


def test_sequences_on_their_own_clocks_come_without_padding():
    config = Config(task="frequency", model="lstm-with-time", units=2)
    data = tasks.load("frequency")
    pairs = reports.sequences(models.build(config, data), data, samples=3)
    x, times, mask = data.test_samples(np.arange(3))
    for n, (one, clock) in enumerate(pairs):
        assert one.shape == (mask[n].sum(), 1, 2)
        np.testing.assert_array_equal(clock, times[n][mask[n]])
        np.testing.assert_allclose(one[:, 0, 0], x[n, :, 0][mask[n]])
        np.testing.assert_allclose(one[:, 0, 1], clock / data.time_scale, rtol=1e-6)


def test_what_cannot_be_inspected_is_refused(tmp_path, few_digits):  # noqa: F811
    with pytest.raises(ResultError, match="result.json"):
        analysis.inspect([tmp_path])
    with pytest.raises(ConfigError, match="expected samples >= 1, got 0"):
        analysis.inspect([], samples=0)
    with pytest.raises(ConfigError, match="expected a run of one of phased-lstm, .* got one of phased-gru"):
        analysis.inspect([run(tmp_path / "gru", model="phased-gru")])


@pytest.mark.parametrize("name", ["mnist", "frequency", "xor_events"])
def test_published_reports_are_whole_and_of_several_seeds(name):
    report = analysis.published(name)
    seeds = {}
    for one in report["measured"]:
        assert one["config"]["task"].startswith(name.replace("_", "-"))
        seeds.setdefault((one["config"]["task"], one["config"]["model"]), set()).add(one["config"]["seed"])
    assert any(model == "phased-lstm" and len(found) > 1 for (_, model), found in seeds.items())
    assert len(json.dumps(report)) < 1_000_000
    assert len(reports.table(report).splitlines()) == 2 + 2 * len(report["measured"])
