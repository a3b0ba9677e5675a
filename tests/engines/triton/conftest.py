"""The Triton engine's tests run on a GPU where there is one, else in Triton's interpreter, which needs to know early.

So they have processes of their own: ``TRITON_INTERPRET=1 KERAS_BACKEND=torch pytest tests/engines/triton``, and with
``jax`` the files ``*_jax.py``, as ``make test-backends`` does; they stay out of every other. The interpreter computes
products of bfloat16 wrongly: that dtype is compiled (``test_tiles.py``), never run here.
"""

import importlib.util
import os

import keras
import pytest


def is_here(*packages):
    return all(importlib.util.find_spec(package) for package in packages)


backend, interpreted = keras.backend.backend(), os.environ.get("TRITON_INTERPRET") == "1"
collect_ignore_glob = ["*.py"]
if backend == "torch" and is_here("triton"):
    import torch

    if interpreted or torch.cuda.is_available():
        collect_ignore_glob = ["compiled.py", "*_jax.py"]  # the first is a program of its own
elif backend == "jax" and is_here("triton", "jax_triton"):
    import jax

    if interpreted or jax.default_backend() == "gpu":
        collect_ignore_glob = ["compiled.py", "lowered_jax.py", "test_function.py", "test_tiles.py", "test_trial.py"]


@pytest.fixture
def kernels_on_jax(monkeypatch):
    """They run: on a GPU through jax-triton, else in the interpreter."""
    if interpreted:
        from plstm.engines.triton import host_jax
        from tests.engines.triton import interpreted_jax

        monkeypatch.setattr(host_jax, "launch", interpreted_jax.launch)
