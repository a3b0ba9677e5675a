"""Before the Triton engine is trusted it must agree with the portable one; nothing of it is seen where no GPU is."""

import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
import torch

import plstm
from plstm.engines import select
from tests.support import close, numpy

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")


@pytest.fixture
def gpu(monkeypatch):
    """``"auto"`` takes every tensor for one on a GPU, and nothing has been tried yet."""
    from plstm.engines.triton import trial

    monkeypatch.setattr(select, "_on_gpu", lambda inputs: True)
    trial.compared.cache_clear()
    yield
    trial.compared.cache_clear()


def portable(layer):
    twin = plstm.PhasedLSTM(4, engine="scan")
    twin.build(X.shape)
    twin.set_weights(layer.get_weights())
    return numpy(twin(X).detach())


def test_auto_takes_it_on_a_gpu(gpu):
    layer = plstm.PhasedLSTM(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = layer(X)
    assert layer.engine == "triton" and layer.engine.reason is None
    close(found.detach(), portable(layer), 1e-5)


def wrong_numbers(right):
    def walk(call, tensors, laid, first, last, h, *rest):
        right(call, tensors, laid, first, last, h, *rest)
        h.mul_(1.01)

    return walk


def no_numbers(right):
    def walk(*_):
        raise RuntimeError("out of resource: shared memory")

    return walk


@pytest.mark.parametrize(
    "broken, why",
    [(wrong_numbers, "computes something else here"), (no_numbers, "does not run here: RuntimeError: out of resource")],
)
def test_a_broken_kernel_is_one_warning_and_the_same_numbers(gpu, monkeypatch, broken, why):
    from plstm.engines.triton import host

    monkeypatch.setattr(host, "walk", broken(host.walk))
    layer = plstm.PhasedLSTM(4)
    with pytest.warns(UserWarning, match=f"{why}.*; using the portable engine"):
        found = layer(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        layer(X)
    assert layer.engine == "scan" and why in layer.engine.reason
    close(found.detach(), portable(layer), 1e-6)
    with pytest.raises(ValueError, match=why):
        plstm.PhasedLSTM(4, engine="triton")(X)


@pytest.mark.parametrize("gradient", ["rhythm_gradients", "back"])
def test_a_wrong_gradient_is_noticed(gpu, monkeypatch, gradient):
    from plstm.engines.triton import host

    right = getattr(host, gradient)

    def wrong(*arguments):
        found = right(*arguments)
        (found if gradient == "rhythm_gradients" else found[2]).mul_(1.05)
        return found

    monkeypatch.setattr(host, gradient, wrong)
    with pytest.warns(UserWarning, match="computes something else here"):
        plstm.PhasedLSTM(4)(X)


def test_a_trial_leaves_the_generator_and_the_mode_alone(gpu):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    with torch.inference_mode():
        layer = plstm.PhasedLSTM(4)
        layer.build(X.shape)
        state = torch.get_rng_state()
        layer(X)
        assert torch.is_inference_mode_enabled() and torch.equal(torch.get_rng_state(), state)
    assert layer.engine == "triton" and before is not None


@pytest.mark.parametrize("units, reason", [(513, "513 units, more than 512"), (4, None)])
def test_the_engine_says_why_it_is_no_faster_one(gpu, units, reason):
    layer = plstm.PhasedLSTM(units)
    layer(X)
    assert (layer.engine, layer.engine.reason) == (("scan", reason) if reason else ("triton", None))


def test_a_machine_without_triton(gpu, monkeypatch):
    monkeypatch.setitem(sys.modules, "triton", None)
    layer = plstm.PhasedLSTM(4)
    layer(X)
    assert layer.engine == "scan" and layer.engine.reason.startswith("no Triton")


def test_without_a_gpu_nothing_of_it_is_imported_and_nothing_warns():
    program = """
        import sys, warnings
        warnings.simplefilter("error", UserWarning)
        import numpy as np, plstm
        light = [m for m in sys.modules if m.split(".")[0] in ("torch", "triton", "numba")]
        layer = plstm.PhasedLSTM(4)
        layer(np.zeros((1, 3, 2), "float32"))
        print(layer.engine, light, [m for m in sys.modules if m.startswith("plstm.engines.triton")])
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    if not torch.cuda.is_available():
        assert done.stdout.strip() == "native [] []"
