"""Models of features that are measured at different times: a layer for each with its own clock, and values missing."""

import re

import keras
import numpy as np
import pytest

from plstm import reference
from plstm.errors import ConfigError
from plstm.lab import tasks
from plstm.lab.cli import main
from plstm.lab.experiments import models, train
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import nafld, nafld_next, stars
from tests.lab.tasks import records

COUNT = 4
OPTIONS = {"period": [100.0, 3000.0], "ratio_on": 0.5, "leak": 0.0}


@pytest.fixture(scope="module")
def made():
    given = records.tables(120)
    return {form: nafld.make(given, form) for form in nafld.FORMS} | {"next": nafld_next.make(given, "clocks")}


def answers(model, task, parts=None):
    return np.asarray(model.predict_on_batch(task.inputs(parts or task.test_samples(np.arange(len(task.y_test))))))


def test_each_clock_has_a_layer_as_the_reference_computes_it(made):
    task = made["clocks"]
    model = models.build(Config(task="nafld-clocks", units=8, engine="scan", options=OPTIONS), task)
    x, times, mask = task.test_samples(np.arange(len(task.y_test)))
    ends = []
    for n in range(COUNT):
        layer = model.get_layer(f"recurrent_{n}")
        assert layer.cell.units == 2
        natural = (keras.ops.convert_to_numpy(v).astype(float) for v in (layer.period, layer.shift, layer.ratio_on))
        natural = list(natural)
        weights = layer.cell.sequence_weights()._asdict()
        weights = {name: weights[name] for name in ("kernel", "recurrent_kernel", "bias")}
        # Each person alone, without padding: nothing of the test set's mask is used but how long a sequence is.
        alone = []
        for one in range(len(x)):
            steps = mask[one, :, n]
            gates = reference.gates(times[one, steps, n], *natural, 0.0)
            outputs, _ = reference.run("lstm", x[one, steps, n][None].astype(float), gates[None], weights)
            alone.append(outputs[0, -1])
        ends.append(np.stack(alone))
    kernel, bias = (np.asarray(w, float) for w in model.get_layer("logits").get_weights())
    np.testing.assert_allclose(answers(model, task), np.concatenate(ends, axis=1) @ kernel + bias, atol=2e-5)


@pytest.mark.parametrize("name", ["phased-lstm", "lstm", "lstm-normalised", "gru-d"])
def test_any_model_can_have_a_clock_for_each_feature(made, name):
    task = made["next"]
    config = Config(task="nafld-next-clocks", model=name, units=8)
    model = models.build(config, task)
    before = answers(model, task)
    assert before.shape == (len(task.y_test), 2) and models.engine_of(model)
    x, times, mask = (part.copy() for part in task.test_samples(np.arange(len(task.y_test))))
    x[~mask], times[~mask] = 99.0, 1e6
    if name != "lstm-normalised":
        np.testing.assert_allclose(answers(model, task, (x, times, mask)), before, atol=1e-5)
    # What one clock tells reaches the answer.
    for n in range(COUNT):
        moved = [part.copy() for part in task.test_samples(np.arange(len(task.y_test)))]
        moved[0][:, :, n, 1] += 1.0
        assert np.abs(answers(model, task, moved) - before).max() > 1e-4


def test_units_that_the_clocks_cannot_share(made):
    with pytest.raises(ConfigError, match="expected units that 4 clocks share, as 12, got 10"):
        models.build(Config(task="nafld-clocks", units=10), made["clocks"])


@pytest.mark.parametrize("time", ["none", "gap"])
def test_gru_d_reads_a_value_that_is_not_there_as_missing(made, time):
    """Beside the layer itself, which is given NaN there."""
    task = made["visits"]
    model = models.build(Config(task="nafld-visits", model="gru-d", units=5, options={"time": time}), task)
    x, times, mask = task.test_samples(np.arange(len(task.y_test)))
    there = x[..., COUNT : 2 * COUNT] == 1
    read = np.concatenate([np.where(there, x[..., :COUNT], np.nan), x[..., 2 * COUNT :]], axis=-1)
    if time == "gap":
        usual = task.time_scale / x.shape[1]
        gaps = np.log1p(np.diff(times, axis=1, prepend=times[:, :1]) / usual)[..., None]
        read = np.concatenate([read, gaps.astype("float32")], axis=-1)
    layer = model.get_layer("recurrent")
    assert layer.kernel.shape[0] == 6 + (time == "gap")
    end = keras.ops.convert_to_numpy(layer(read.astype("float32"), times=times, mask=mask))
    kernel, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(answers(model, task), end @ kernel + bias, atol=1e-5)


def test_other_models_see_the_zeros_and_that_they_are_none(made):
    model = models.build(Config(task="nafld-visits", model="lstm", units=5), made["visits"])
    assert model.get_layer("recurrent").cell.kernel.shape[0] == 10


@pytest.fixture
def small(monkeypatch, made):
    """The real tasks by name, with made-up records."""
    given = records.tables(120)
    cadences = [stars.catalogue.Cadence(str(n), *records.curve(60, n).T[[0, 2]]) for n in range(3)]
    sky = stars.make(records.catalogue(20), cadences, length=20)
    monkeypatch.setattr(nafld, "_tables", lambda: given)
    monkeypatch.setattr(stars, "_made", lambda: sky)


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        ("nafld", {"auroc", "auprc", "brier", "calibration_error"}),
        ("nafld-clocks", {"auroc", "auprc", "brier", "calibration_error"}),
        ("nafld-next", {"mae", "coverage"}),
        ("stars", {"balanced_accuracy", "confusion"}),
    ],
)
def test_a_run_keeps_the_scores_of_its_task(small, tmp_path, name, scores):
    config = Config(task=name, units=8, batch_size=16, steps=3, options=OPTIONS)
    result = train.train(config, tmp_path / "run", progress=False)
    assert set(result["metrics"]["test"]) == {"accuracy", "loss"} | scores == set(result["metrics"]["test_with_leak"])
    model = train.load_model(tmp_path / "run")
    again, kept = train.evaluate(model, tasks.load(name), 16), result["metrics"]["test"]
    assert again.pop("confusion", None) == kept.pop("confusion", None) and again == pytest.approx(kept)


def test_the_command_tells_the_scores_of_the_task(small, tmp_path, capsys):
    asked = ["train", "nafld", "-m", "lstm", "--units", "4", "--batch-size", "16", "--steps", "2", "--out"]
    assert main.main([*asked, str(tmp_path / "run")]) == 0
    told = capsys.readouterr().out.splitlines()[1]
    assert re.fullmatch(r"test: loss [\d.]+, auroc [\d.]+, auprc [\d.]+, brier [\d.]+, calibration error [\d.]+", told)
