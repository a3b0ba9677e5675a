"""The Triton engine's tests run on a GPU where there is one, else in Triton's interpreter, which needs to know early.

So they have a process of their own: ``TRITON_INTERPRET=1 KERAS_BACKEND=torch pytest tests/engines/triton``, as
``make test-backends`` does, and stay out of every other. The interpreter computes products of bfloat16 wrongly: that
dtype is compiled (``test_tiles.py``), never run here.
"""

import importlib.util
import os

import keras

collect_ignore_glob = ["compiled.py"]  # a program of its own
if keras.backend.backend() != "torch" or importlib.util.find_spec("triton") is None:
    collect_ignore_glob = ["*.py"]
else:
    import torch

    if os.environ.get("TRITON_INTERPRET") != "1" and not torch.cuda.is_available():
        collect_ignore_glob = ["*.py"]
