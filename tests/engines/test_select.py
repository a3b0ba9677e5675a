"""Which engine answers where; that nothing breaks where the fused one cannot run."""

import json
import os
import pickle
import subprocess
import sys
import textwrap
import warnings

import keras
import numpy as np
import pytest

import plstm
from plstm.engines import launch, select
from tests.support import close, numpy

tensorflow_only = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="about TensorFlow's graphs")
jax_only = pytest.mark.skipif(keras.backend.backend() != "jax", reason="about JAX")
X = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")


def model_of(layer, **compile_options):
    model = keras.Sequential([keras.Input((6, 2)), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse", **compile_options)
    return model


def test_eager_calls_are_native():
    layer = plstm.PhasedLSTM(4)
    layer(X)
    assert layer.engine == "native"


@pytest.mark.parametrize("loop", ["fit", "evaluate", "predict"])
def test_keras_loops_are_native(loop):
    layer = plstm.PhasedLSTM(4)
    model = model_of(layer)
    layer._engine_name = None
    {"fit": lambda: model.fit(X, np.zeros(3), verbose=0), "evaluate": lambda: model.evaluate(X, np.zeros(3), verbose=0),
     "predict": lambda: model.predict(X, verbose=0)}[loop]()  # fmt: skip
    assert layer.engine == "native"


@tensorflow_only
@pytest.mark.parametrize("jit, engine", [(True, "scan"), (False, "native")])
def test_xla_is_portable_and_agrees(jit, engine):
    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(4)
    model = model_of(layer, jit_compile=jit)
    before = layer.get_weights()
    model.fit(X, np.ones(3), verbose=0, batch_size=3)
    assert layer.engine == engine
    twin = plstm.PhasedLSTM(4, engine="scan")
    twin.build(X.shape)
    twin.set_weights(before)
    assert np.abs(numpy(twin(X)) - numpy(layer(X))).max() > 0  # a step was taken
    close(model.predict(X, verbose=0), numpy(model(X)), 1e-5)


@tensorflow_only
def test_a_traced_function_that_could_be_saved_is_portable():
    import tensorflow as tf

    layer = plstm.PhasedLSTM(4, engine="native")
    layer(X)
    outputs = tf.function(lambda x: layer(x))(X)
    assert layer.engine == "scan"
    close(outputs, numpy(layer(X)), 1e-5)


@pytest.mark.parametrize(
    "arguments, got",
    [
        ({"dtype": "mixed_bfloat16"}, "compute dtype bfloat16"),
        ({"activation": "relu"}, "activations other than tanh and sigmoid"),
        ({"recurrent_activation": "hard_sigmoid"}, "activations other than tanh and sigmoid"),
    ],
)
def test_native_says_what_it_cannot_compute(arguments, got):
    with pytest.raises(ValueError, match=f"expected what the native engine can compute, got {got}"):
        plstm.PhasedLSTM(4, engine="native", **arguments)(X)
    layer = plstm.PhasedLSTM(4, **arguments)
    layer(X)
    assert layer.engine == "scan"


def test_triton_is_refused_where_it_is_not_wired_in():
    got = {"tensorflow": "the TensorFlow backend", "jax": "the default device cpu", "torch": "device"}[
        keras.backend.backend()
    ]
    with pytest.raises(ValueError, match=f"expected what the Triton engine can compute, got {got}"):
        plstm.PhasedLSTM(4, engine="triton")(X)


def test_the_engine_says_why_it_is_no_faster_one():
    layer = plstm.PhasedLSTM(4, activation="relu")
    layer(X)
    reason = "activations other than tanh and sigmoid"
    assert layer.engine == "scan" and layer.engine.reason == reason
    asked = plstm.PhasedLSTM(4, engine="scan")
    asked(X)
    assert asked.engine == "scan" and asked.engine.reason is None
    copied = pickle.loads(pickle.dumps(layer.engine))
    assert copied == "scan" and copied.reason == reason and json.dumps(copied) == '"scan"'


@tensorflow_only
def test_a_failed_compilation_is_one_warning_and_the_same_numbers(monkeypatch):
    def fail(*_):
        raise launch.NativeUnavailable("the native engine does not compile here: no reason")

    layer = plstm.PhasedLSTM(4)
    want = numpy(layer(X))
    select._compilation_failure.cache_clear()
    monkeypatch.setattr("plstm.engines.native.compile_once", fail)
    with pytest.warns(UserWarning, match="does not compile here: no reason; using the portable engine"):
        got = numpy(layer(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(X)
    select._compilation_failure.cache_clear()
    assert layer.engine == "scan"
    close(got, want, 1e-6)


@tensorflow_only
def test_a_machine_without_numba():
    program = """
        import sys
        sys.modules["numba"] = None
        import numpy as np, plstm
        layer = plstm.PhasedLSTM(4)
        layer(np.zeros((1, 3, 2), "float32"))
        print(layer.engine)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "scan"
    assert done.stderr.count("using the portable engine") == 1


@jax_only
def test_jax_asks_for_its_default_backend_as_tracers_have_no_device(monkeypatch):
    import jax

    layer = plstm.PhasedLSTM(4)
    layer(X)
    assert layer.engine == "native"
    jax.jit(lambda x: layer(x))(X)
    assert layer.engine == "native"
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    jax.jit(lambda x: 2 * layer(x))(X)
    assert layer.engine == "scan"
    with pytest.raises(ValueError, match="expected what the native engine can compute, got the default device gpu"):
        plstm.PhasedLSTM(4, engine="native")(X)


@jax_only
def test_several_devices_are_portable_and_sharding_is_refused():
    """Two devices of a CPU; with the check of their number left out, a computation that is spread over both."""
    program = """
        import re, jax, numpy as np, plstm
        from jax.sharding import Mesh, NamedSharding, PartitionSpec
        from plstm.engines import select
        x = np.zeros((4, 3, 2), "float32")
        layer = plstm.PhasedLSTM(4)
        layer(x)
        print(layer.engine)
        try:
            plstm.PhasedLSTM(4, engine="native")(x)
        except ValueError as error:
            print(re.search("expected[^.\\x1b\\n]*", str(error)).group())
        select._obstacle_jax = lambda inputs: None
        native = plstm.PhasedLSTM(4, engine="native")
        native(x)
        spread = jax.device_put(x, NamedSharding(Mesh(jax.devices(), ("batch",)), PartitionSpec("batch")))
        try:
            jax.jit(lambda x: native(x))(spread)
        except ValueError as error:
            print(re.search("expected[^.\\x1b\\n]*", str(error)).group())
    """
    env = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=env, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "scan",
        "expected what the native engine can compute, got 2 devices; use engine='auto' or 'scan'",
        "expected one device for the native engine, got 2; use engine='scan'",
    ], done.stderr
