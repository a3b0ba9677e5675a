"""The fused engine for NVIDIA GPUs: a whole sequence in one Triton kernel, forward and backward.

This package, and Triton with it, is imported when a layer is called with a tensor on a GPU or has ``engine="triton"``.
``device`` has the kernels, one source for LSTM and GRU; ``tiles`` has their sizes for each card; ``offer`` decides
whether this engine supports a call; ``layout`` and ``plan`` say in what form a call reaches the kernels. For PyTorch,
``host`` launches them and computes the large matrix products, and ``function`` makes the call differentiable; for JAX,
``host_jax``, through jax-triton, and ``function_jax``. ``trial`` compares the engine with the portable one before its
first use.
"""

import importlib
from typing import Any


def wrapper() -> Any:
    """The module whose ``run`` is the call of an engine, for the backend of Keras."""
    from keras import backend

    return importlib.import_module(f"{__name__}.{'function_jax' if backend.backend() == 'jax' else 'function'}")
