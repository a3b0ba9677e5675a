"""Before the Triton engine is trusted on JAX it must agree with the portable one, whatever is being traced."""

import os
import subprocess
import sys
import textwrap
import warnings

import jax
import numpy as np
import pytest

import plstm
from plstm.engines import select
from plstm.engines.triton import host_jax, offer, trial
from tests.support import close, numpy

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")


@pytest.fixture(autouse=True)
def gpu(monkeypatch, kernels_on_jax):
    """``"auto"`` takes the default device for a GPU, and nothing has been tried yet."""
    monkeypatch.setattr(select, "_on_gpu", lambda inputs: True)
    trial.compared.cache_clear()
    yield
    trial.compared.cache_clear()
    jax.clear_caches()  # of functions that a test made wrong


def portable(layer):
    twin = plstm.PhasedLSTM(4, engine="scan")
    twin.build(X.shape)
    twin.set_weights(layer.get_weights())
    return numpy(twin(X))


@pytest.mark.parametrize("traced", [False, True])
def test_auto_takes_it_on_a_gpu(traced):
    layer = plstm.PhasedLSTM(4)
    layer.build(X.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = jax.jit(jax.vmap(lambda x: layer(x[None])[0]))(X) if traced else layer(X)
    assert layer.engine == "triton" and layer.engine.reason is None
    assert trial.compared.cache_info().misses == 1
    close(found, portable(layer), 1e-5)


def wrong_numbers(right):
    def launch(kernel, *arguments, **how):
        found = right(kernel, *arguments, **how)
        return [1.01 * part for part in found] if kernel.__name__ == "forward" else found

    return launch


def wrong_gradients(right):
    def launch(kernel, *arguments, **how):
        found = right(kernel, *arguments, **how)
        return [1.05 * part for part in found] if kernel.__name__ == "rhythm_gradients" else found

    return launch


def no_numbers(right):
    def launch(*_, **how):
        raise RuntimeError("out of resource: shared memory")

    return launch


@pytest.mark.parametrize(
    "broken, why",
    [
        (wrong_numbers, "computes something else here"),
        (wrong_gradients, "computes something else here"),
        (no_numbers, "does not run here: RuntimeError: out of resource"),
    ],
)
def test_a_broken_kernel_is_one_warning_and_the_same_numbers(monkeypatch, broken, why):
    monkeypatch.setattr(host_jax, "launch", broken(host_jax.launch))
    layer = plstm.PhasedLSTM(4)
    with pytest.warns(UserWarning, match=f"{why}.*; using the portable engine"):
        found = jax.jit(layer)(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        layer(X)
    assert layer.engine == "scan" and why in layer.engine.reason
    close(found, portable(layer), 1e-6)
    with pytest.raises(ValueError, match=why):
        plstm.PhasedLSTM(4, engine="triton")(X)


@pytest.mark.parametrize("units, reason", [(129, "129 units on JAX, more than 128"), (4, None)])
def test_the_engine_says_why_it_is_no_faster_one(units, reason):
    layer = plstm.PhasedLSTM(units)
    layer(X)
    assert (layer.engine, layer.engine.reason) == (("scan", reason) if reason else ("triton", None))


@pytest.mark.parametrize("missing", ["jax_triton", "triton"])
def test_a_machine_without_jax_triton(missing, monkeypatch):
    host_jax.jax_triton.cache_clear()
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [name for name in sys.modules if name.startswith(("plstm.engines.triton.", "jax_triton"))]:
        if name != missing:
            monkeypatch.delitem(sys.modules, name)
    layer = plstm.PhasedLSTM(4)
    found = layer(X)
    assert layer.engine == "scan" and layer.engine.reason.startswith("no jax-triton")
    close(found, portable(layer), 1e-6)
    with pytest.raises(ValueError, match="expected what the Triton engine can compute, got no jax-triton"):
        plstm.PhasedLSTM(4, engine="triton")(X)


class Device:
    platform = "gpu"

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@pytest.mark.parametrize(
    "attributes, found",
    [
        ({"compute_capability": "9.0"}, (9, 0)),
        ({"compute_capability": "12.0"}, (12, 0)),
        ({"compute_capability": "gfx90a"}, "an AMD GPU"),
        ({"platform": "tpu"}, "the default device tpu"),
    ],
)
def test_the_default_device_decides(attributes, found, monkeypatch):
    monkeypatch.setattr(jax, "devices", lambda *_: [Device(**attributes)])
    assert offer.capability(X) == found


def test_several_devices_are_none(monkeypatch):
    monkeypatch.setattr(jax, "device_count", lambda: 2)
    assert offer.capability(X) == "2 devices"


@pytest.mark.parametrize(
    "setting, precision", [(None, "tf32"), ("high", "tf32"), ("highest", "ieee"), ("float32", "ieee")]
)
def test_products_are_as_precise_as_those_of_jax(setting, precision):
    with jax.default_matmul_precision(setting):
        assert offer.precision(X) == precision
        assert offer.precision(X.astype("float16")) == "ieee"


def test_the_environment_is_as_it_was(monkeypatch):
    for before in (None, "somewhere"):
        monkeypatch.delenv("TRITON_CACHE_DIR", raising=False)
        if before is not None:
            monkeypatch.setenv("TRITON_CACHE_DIR", before)
        for name in [name for name in sys.modules if name.startswith("jax_triton")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "jax_triton", None)
        host_jax.jax_triton.cache_clear()
        with pytest.raises(ImportError):
            host_jax.jax_triton()
        assert os.environ.get("TRITON_CACHE_DIR") == before


def test_without_a_gpu_nothing_of_it_is_imported_and_nothing_warns():
    program = """
        import sys, warnings
        warnings.simplefilter("error", UserWarning)
        import numpy as np, plstm
        light = [m for m in sys.modules if m.split(".")[0] in ("jax", "torch", "triton", "numba")]
        layer = plstm.PhasedLSTM(4)
        layer(np.zeros((1, 3, 2), "float32"))
        heavy = [m for m in sys.modules if m.startswith(("plstm.engines.triton", "jax_triton", "triton"))]
        print(layer.engine, light, heavy, "torch" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    if jax.default_backend() == "cpu":
        assert done.stdout.strip() == "native [] [] False"
