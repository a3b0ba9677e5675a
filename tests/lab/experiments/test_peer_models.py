"""The peers by name: each is the layer it says, with the options it was given, told the time it should be, as wide."""

import numpy as np
import pytest

from plstm.errors import ConfigError
from plstm.lab import results, tasks
from plstm.lab.experiments import models, peer_models, train
from plstm.lab.experiments.config import Config
from plstm.lab.tasks import xor
from tests.support import close, numpy

NAMES = list(peer_models.PEERS)
MATCHED = [name for name in NAMES if "width" in peer_models.PEERS[name].options]


@pytest.fixture(scope="module")
def task():
    return xor.load("events", train=64, test=16)


def build(task, model, units=6, **options):
    return models.build(Config(task="xor-events", model=model, units=units, batch_size=16, options=options), task)


def recurrent(*arguments, **options):
    return build(*arguments, **options).get_layer("recurrent")


@pytest.mark.parametrize("name", NAMES)
def test_a_peer_is_its_layer_then_a_dense_one(task, name):
    model = build(task, name)
    layer, dense = recurrent(task, name), model.get_layer("logits")
    assert type(layer) is peer_models.kinds()[name] and layer.units == 6
    # A word's bits are one unit of time apart; its whole clock is 32.
    assert layer.time_scale == (32.0 if name in ("mtand", "ode-lstms-baseline") else 1.0)
    x, times, mask = task.testing[np.arange(16)]
    kernel, bias = (numpy(w) for w in dense.get_weights())
    layer.set_weights(model.get_layer("recurrent").get_weights())
    expected = numpy(layer(x, times=times, mask=mask)) @ kernel + bias
    close(model.predict_on_batch([x, times, mask]), expected, 1e-5)
    assert models.engine_of(model) == "keras.ops"


def test_the_options_reach_the_layers(task):
    mtand = recurrent(task, "mtand", head="dense", heads=2, references=5, cycles=[1.0, 3.0])
    assert (mtand.head, mtand.heads, mtand.references, mtand.cycles) == ("dense", 2, 5, (1.0, 3.0))
    ssm = recurrent(task, "ssm", depth=3, input="held", pooling="mean")
    assert (ssm.depth, ssm.input_kind, ssm.pooling) == (3, "held", "mean")
    cfc = recurrent(task, "cfc", mixed_memory=True, backbone_layers=2)
    assert (cfc.mixed_memory, cfc.backbone_layers) == (True, 2)
    ode = recurrent(task, "ode-lstm", units=400, solver="rk4", solver_steps=1, bias="chrono")
    assert (ode.solver, ode.solver_steps) == ("rk4", 1)
    write, keep, *others = np.split(numpy(ode.bias), 4)
    np.testing.assert_array_equal(write, -keep)
    # Memories as long as the sequences: 31 of 32 steps, all but one.
    assert np.log(25) < keep.max() <= np.log(31) + 1e-6 and not np.any(others)
    assert not np.any(numpy(recurrent(task, "ode-lstm").bias)[:6])


def test_the_baseline_reads_gaps_in_either_unit(task):
    assert [recurrent(task, "ode-lstms-baseline", unit=unit).time_scale for unit in ("length", "gap")] == [32.0, 1.0]


def test_a_gru_d_can_be_told_the_gaps(task):
    plain, told = recurrent(task, "gru-d"), recurrent(task, "gru-d", time="gap")
    assert plain.kernel.shape[0] == 1 and told.kernel.shape[0] == 2


@pytest.mark.parametrize("units", [8, 64])
@pytest.mark.parametrize("name", MATCHED)
def test_matched_is_as_near_to_a_phased_lstm_as_a_width_can_be(task, name, units):
    wanted = build(task, "phased-lstm", units).count_params()
    model = build(task, name, units, width="matched")
    found = model.get_layer("recurrent").units
    distances = [
        abs(build(task, name, wide).count_params() - wanted) for wide in (found - 1, found, found + 1) if wide > 0
    ]
    assert abs(model.count_params() - wanted) == min(distances)
    # The time embeddings of mTAND alone are more than a Phased LSTM of 8 units has.
    assert found == 1 or abs(model.count_params() - wanted) < (0.1 if units == 64 else 0.5) * wanted
    again = build(task, name, units, width="matched")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), again.get_weights()))


def test_matched_counts_what_the_options_add(task):
    """Deeper is narrower; and a feature that the Phased LSTM is not given is the peer's own affair."""
    widths = [recurrent(task, "ssm", 64, width="matched", depth=depth).units for depth in (1, 2, 4)]
    assert widths[0] > widths[1] > widths[2]
    wanted = build(task, "phased-lstm", 20).count_params()
    assert abs(build(task, "gru-d", 20, width="matched", time="gap").count_params() - wanted) < 0.1 * wanted


def test_a_run_keeps_its_whole_config_and_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setitem(
        tasks.TASKS, "xor-events", ("plstm.lab.tasks.xor", {"encoding": "events", "train": 64, "test": 16})
    )
    settings = {"task": "xor-events", "model": "cfc", "units": 6, "batch_size": 16, "steps": 4, "clipnorm": 1.0}
    config = Config(**settings, options={"width": "matched"})
    result = train.train(config, tmp_path / "run", progress=False)
    assert result["config"] == config.as_dict() and Config(**result["config"]) == config
    assert result["config"]["options"]["width"] == "matched" and result["config"]["units"] == 6
    model = train.load_model(tmp_path / "run")
    assert result["parameters"]["total"] == model.count_params()
    assert train.evaluate(model, tasks.load("xor-events"), 16) == result["metrics"]["test"]
    assert results.read(tmp_path / "run" / "result.json")["provenance"]["engine"] == "keras.ops"


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("gru-d", {"time": "both"}, "expected time to be one of none, gap, got 'both'"),
        ("cfc", {"width": 3}, "expected width to be one of units, matched, got 3"),
        ("cfc", {"backbone_layers": 0}, "expected backbone_layers to be an integer >= 1, got 0"),
        ("ode-lstm", {"solver": "heun"}, "expected solver to be one of euler, rk4, got 'heun'"),
        ("ode-lstm", {"solver_steps": 1.5}, "expected solver_steps to be an integer >= 1, got 1.5"),
        ("ssm", {"depth": True}, "expected depth to be an integer >= 1, got True"),
        ("ssm", {"input": "none"}, "expected input to be one of impulse, held, got 'none'"),
        ("mtand", {"references": 1}, "expected references to be an integer >= 2, got 1"),
        ("mtand", {"cycles": [3, 1]}, r"expected cycles to be \[low, high\] with 0 < low < high, got \[3, 1\]"),
        ("ode-lstms-baseline", {"unit": "ms"}, "expected unit to be one of length, gap, got 'ms'"),
        ("mtand", {"cycles": 3}, r"expected cycles to be \[low, high\]"),
        (
            "ode-lstms-baseline",
            {"width": "matched"},
            "expected an option of ode-lstms-baseline .* unit, got",
        ),
    ],
)
def test_options_that_make_no_sense(model, options, message):
    with pytest.raises(ConfigError, match=message):
        Config(model=model, options=options)


@pytest.mark.parametrize("name", NAMES)
def test_no_engine_of_ours_computes_a_peer(name):
    engines = " or ".join(peer_models.PEERS[name].engines)
    with pytest.raises(ConfigError, match=f"expected engine of {name} to be {engines}, got 'native'"):
        Config(model=name, engine="native")


@pytest.mark.parametrize("name", [name for name in NAMES if "xla" in peer_models.PEERS[name].engines])
def test_xla_trains_to_the_same_losses(name, tmp_path, monkeypatch):
    monkeypatch.setitem(
        tasks.TASKS, "xor-events", ("plstm.lab.tasks.xor", {"encoding": "events", "train": 64, "test": 16})
    )
    settings = {"task": "xor-events", "model": name, "units": 6, "batch_size": 16, "steps": 3, "clipnorm": 1.0}
    losses = {}
    for engine in ("auto", "xla"):
        config = Config(**settings, engine=engine)
        training = train.Training(config, tasks.load("xor-events"), train.RunDirectory(tmp_path / engine))
        assert training.model.jit_compile == (engine == "xla")
        losses[engine] = [training._step(step)[0] for step in range(3)]
    np.testing.assert_allclose(losses["xla"], losses["auto"], rtol=1e-4)
