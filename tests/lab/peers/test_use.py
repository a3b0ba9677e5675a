"""The peers as Keras layers: padding, gradients, models, files, errors."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from plstm.lab.peers.cfc import CfC
from plstm.lab.peers.diagonal_ssm import DiagonalSSM
from plstm.lab.peers.gru_d import GRUD
from plstm.lab.peers.mtand import MTAND
from plstm.lab.peers.ode_lstm import ODELSTM
from tests.lab.peers.cases import CASES, MISSING, RECURRENT, B, D, H, T, make, sample, with_missing
from tests.support import close, numpy, value_and_gradients

BACKEND = keras.backend.backend()
NAMES = pytest.mark.parametrize("name", CASES)


@NAMES
@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_padding_changes_nothing_whatever_it_holds(name, where):
    x, times, mask = sample()
    layer = make(name)
    truth = numpy(layer(x, times=times, mask=mask))
    at = {"before": 0, "between": 5, "after": T}[where]
    padded = [
        np.insert(array, [at] * 3, value, axis=1) for array, value in ((x, np.nan), (times, np.nan), (mask, False))
    ]
    close(layer(padded[0], times=padded[1], mask=padded[2]), truth, 1e-6)
    hidden = np.where(mask[..., None], x, 1e30), np.where(mask, times, -np.inf)
    close(layer(hidden[0], times=hidden[1], mask=mask), truth, 1e-6)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_masked_step_answers_what_the_one_before_did(name):
    x, times, mask = sample()
    outputs = numpy(make(name, return_sequences=True)(x, times=times, mask=mask))
    assert not np.any(outputs[1, :2])
    for row, counts in zip(outputs, mask):
        for n in np.flatnonzero(~counts[1:]) + 1:
            np.testing.assert_array_equal(row[n], row[n - 1])


@NAMES
def test_a_sample_without_a_step_is_finite(name):
    x, times, mask = sample()
    mask[3] = False
    answer = numpy(make(name)(np.where(mask[..., None], x, np.nan), times=times, mask=mask))
    assert np.isfinite(answer).all()
    if name in RECURRENT:
        assert not np.any(answer[3])


def test_one_mask_serves_the_whole_batch():
    x, times, mask = sample()
    close(
        make("ssm")(x, times=times, mask=mask[1:2]),
        numpy(make("ssm")(x, times=times, mask=np.repeat(mask[1:2], B, 0))),
        1e-7,
    )


def test_the_mean_over_the_steps_that_count():
    x, times, mask = sample()
    outputs = numpy(make("ssm", return_sequences=True)(x, times=times, mask=mask))
    pooled = np.array([row[counts].mean(axis=0) for row, counts in zip(outputs, mask)])
    close(make("ssm", pooling="mean")(x, times=times, mask=mask), pooled, 1e-6)
    everything = numpy(make("ssm", return_sequences=True)(x, times=times)).mean(axis=1)
    close(make("ssm", pooling="mean")(x, times=times), everything, 1e-6)


@NAMES
def test_gradients_are_those_of_finite_differences(name):
    if BACKEND == "jax":
        pytest.skip("JAX computes in 32 bits")
    x, times, mask = sample()
    towards = np.random.default_rng(4).normal(size=(B, H))
    layer = make(name)

    def loss(inputs):
        return keras.ops.sum(layer(inputs["x"], times=times, mask=mask) * towards)

    _, gradients = value_and_gradients(loss, layer, {"x": x})
    assert not np.any(gradients["x"][~mask])
    # Along random directions of all weights and inputs together: a wrong gradient of any of them shows.
    random, step = np.random.default_rng(5), 1e-6
    variables = [(variable, numpy(variable)) for variable in layer.trainable_variables]
    for _ in range(2):
        ways = {"x": random.normal(size=x.shape), **{v.name: random.normal(size=v.shape) for v, _ in variables}}
        ends = []
        for sign in (1, -1):
            for variable, value in variables:
                variable.assign(value + sign * step * ways[variable.name])
            ends.append(float(loss({"x": x + sign * step * ways["x"]})))
        for variable, value in variables:
            variable.assign(value)
        slopes = sum(np.sum(gradients[name] * way) for name, way in ways.items())
        assert np.isclose((ends[0] - ends[1]) / (2 * step), slopes, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*MISSING, "ssm", "cfc"])
def test_gradients_are_finite_around_holes_and_padding(name):
    x, times, mask = sample()
    spoilt = with_missing(x) if name in MISSING else x
    spoilt = np.where(mask[..., None], spoilt, np.nan)
    layer = make(name, dtype="float32")

    def loss(inputs):
        return keras.ops.sum(layer(inputs["x"], times=np.where(mask, times, np.nan), mask=mask) ** 2)

    _, gradients = value_and_gradients(loss, layer, {"x": spoilt})
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())
    assert any(np.any(gradient) for gradient in gradients.values())


@NAMES
def test_a_model_learns_and_comes_back_from_its_file(name, tmp_path):
    x, times, mask = sample()
    x, y = x.astype("float32"), np.arange(float(B))
    inputs = keras.Input((T, D)), keras.Input((T,), dtype="float64"), keras.Input((T,), dtype="bool")
    layer = make(name, dtype="float32")
    layer = type(layer).from_config(layer.get_config())
    model = keras.Model(inputs, keras.layers.Dense(1)(layer(inputs[0], times=inputs[1], mask=inputs[2])))
    model.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=False)
    losses = [float(model.train_on_batch([x, times, mask], y)) for _ in range(25)]
    assert np.isfinite(losses).all() and losses[-1] < 0.7 * losses[0]
    answer = numpy(model([x, times, mask]))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.layers[-2].get_config() == layer.get_config()
    close(again([x, times, mask]), answer, 1e-6)


def test_a_file_is_read_after_import_plstm_alone(tmp_path):
    x, times, mask = sample()
    inputs = keras.Input((T, D))
    outputs = [kind(2)(inputs) for kind in (GRUD, CfC, ODELSTM, DiagonalSSM, MTAND)]
    model = keras.Model(inputs, keras.layers.Concatenate()(outputs))
    model.save(tmp_path / "model.keras")
    code = (
        "import plstm, keras, sys, json, numpy as np; m = keras.saving.load_model(sys.argv[1]);"
        "print(json.dumps(keras.ops.convert_to_numpy(m(np.array(json.loads(sys.argv[2]), 'float32'))).tolist()))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model.keras"), json.dumps(x.tolist())]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=True)
    close(np.array(json.loads(done.stdout.splitlines()[-1])), numpy(model(x.astype("float32"))), 1e-6)


@NAMES
def test_the_mask_of_a_layer_before_counts(name):
    x, times, mask = sample()
    x = np.where(mask[..., None], x, 0.0)
    layer = make(name, dtype="float32")
    masked = keras.layers.Masking()(x.astype("float32"))
    close(layer(masked, times=times), numpy(layer(x, times=times, mask=mask)), 1e-5)
    last = make(name, dtype="float32", **({} if name == "mtand-dense" else {"return_sequences": True}))
    shape = last.compute_output_shape((B, T, D), (B, T))
    assert tuple(last(masked, times=times).shape) == shape
    kept = name in RECURRENT
    assert (last.compute_mask(masked, mask) is not None) == kept and layer.compute_mask(masked, mask) is None


@pytest.mark.skipif(BACKEND != "tensorflow", reason="shapes are always known elsewhere")
@NAMES
def test_graphs_that_know_neither_batch_nor_steps(name):
    import tensorflow as tf

    x, times, mask = sample()
    layer = make(name)
    steps = T if name.startswith("ssm") else None
    shapes = ((None, steps, D), "float64"), ((None, None), "float64"), ((None, steps), "bool")
    signature = [tf.TensorSpec(*one) for one in shapes]
    whole = tf.function(lambda x, t, m: layer(x, times=t, mask=m), input_signature=signature)
    close(whole(x, times, mask), numpy(layer(x, times=times, mask=mask)), 1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected times of shape"):
        whole(x, times[:, 1:], mask)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="shapes are always known elsewhere")
def test_a_state_space_needs_to_know_how_many_steps_there_are():
    import tensorflow as tf

    unknown = tf.function(DiagonalSSM(2), input_signature=[tf.TensorSpec((None, None, 1))])
    with pytest.raises(ValueError, match="expected a known number of steps for an associative scan, got None"):
        unknown(np.ones((2, 3, 1), "float32"))


def test_half_precision_answers_in_half_precision():
    x, times, mask = sample()
    for name in CASES:
        layer = make(name, dtype="mixed_bfloat16")
        answer = layer(x, times=times, mask=mask)
        assert keras.backend.standardize_dtype(answer.dtype) == "bfloat16"
        close(answer, numpy(make(name, dtype="float32")(x, times=times, mask=mask)), 0.25)


@pytest.mark.parametrize(
    ("make_it", "error", "message"),
    [
        (lambda: CfC(0), ValueError, "expected units >= 1, got 0"),
        (lambda: CfC(2.0), TypeError, "expected units to be an integer, got 2.0"),
        (lambda: CfC(2, time_scale=0), ValueError, "expected time_scale > 0, got 0"),
        (lambda: CfC(2, time_scale=float("nan")), ValueError, "expected time_scale > 0, got nan"),
        (lambda: CfC(2, backbone_layers=0), ValueError, "backbone_layers to be an integer >= 1, got 0"),
        (lambda: CfC(2, backbone_units=1.5), ValueError, "backbone_units to be an integer >= 1, got 1.5"),
        (lambda: ODELSTM(2, solver="heun"), ValueError, "solver to be one of euler, rk4, got 'heun'"),
        (lambda: ODELSTM(2, solver_steps=0), ValueError, "solver_steps to be an integer >= 1, got 0"),
        (lambda: DiagonalSSM(2, input="none"), ValueError, "input to be one of impulse, held, got 'none'"),
        (lambda: DiagonalSSM(2, pooling="max"), ValueError, "pooling to be one of last, mean, got 'max'"),
        (lambda: DiagonalSSM(2, depth=0), ValueError, "depth to be an integer >= 1, got 0"),
        (lambda: DiagonalSSM(2, states=0), ValueError, "units >= 1, got 0"),
        (lambda: MTAND(2, references=1), ValueError, "references >= 2, got 1"),
        (lambda: MTAND(2, embedding=1), ValueError, "embedding >= 2, got 1"),
        (lambda: MTAND(2, heads=0), ValueError, "units >= 1, got 0"),
        (lambda: MTAND(2, cycles=(2, 1)), ValueError, r"cycles \(low, high\) with 0 < low < high, got \(2, 1\)"),
        (lambda: MTAND(2, head="lstm"), ValueError, "head to be one of recurrent, dense, got 'lstm'"),
        (lambda: MTAND(2, head="dense", return_sequences=True), ValueError, "return_sequences with a recurrent head"),
        (lambda: GRUD(2, mean=[1.0, 2.0])(np.ones((1, 2, 3), "float32")), ValueError, r"mean of shape \(\) or \(3,\)"),
    ],
)
def test_arguments_that_make_no_sense(make_it, error, message):
    with pytest.raises(error, match=message):
        make_it()


@pytest.mark.parametrize("name", ["gru-d", "cfc", "ode-lstm", "ssm", "mtand", "baseline"])
def test_what_does_not_fit_is_refused(name):
    x, times, mask = sample()
    layer = make(name)
    for given, message in (
        ({"times": times[:, 1:]}, r"expected times of shape \(4, 11\) or \(11,\), got \(4, 10\)"),
        ({"times": times[:3]}, r"expected times of shape .* got \(3, 11\)"),
        ({"times": times, "mask": mask[:, 1:]}, r"expected a mask of shape \(4, 11\) or \(1, 11\), got \(4, 10\)"),
        ({"times": np.where(mask, times, np.nan)}, "expected finite times, got nan"),
        ({"times": np.array(["2020-01-01"] * T, "datetime64[s]")}, "times"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            layer(x, **given)
    with pytest.raises(ValueError, match="incompatible|expected"):
        layer(x[..., :2], times=times)


def test_observed_of_another_shape_is_refused():
    x, times, _ = sample()
    with pytest.raises(ValueError, match=r"expected observed of shape \(4, 11, 3\), got \(4, 11\)"):
        make("gru-d")(x, times=times, observed=np.ones((B, T), bool))
