"""Both ends of a stack of phased layers, without Keras: the clock before it and the dense layers after it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from plstm.types import Array, Floats, Times

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


class Clock(NamedTuple):
    """What a model's input makes of times: rounded to its dtype, which is fine enough before ``end``."""

    dtype: str = "float64"
    end: float = math.inf

    def told(self, times: Times) -> Floats:
        """Times as the layers are told them. ValueError where they would refuse them as too coarse."""
        late = ~(np.abs(times) < self.end)
        if np.any(late):
            raise ValueError(
                f"expected times below {self.end:g}, which the model's {self.dtype} input can tell apart, got "
                f"{np.asarray(times)[late].flat[0]:.17g}; in the model, use keras.Input(..., dtype='float64') for times"
            )
        return np.asarray(times).astype(self.dtype).astype(np.float64)


class Dense(NamedTuple):
    """A dense layer as arrays: kernel (H, O), bias (O,), and the name of its activation."""

    kernel: Array
    bias: Array
    activation: str

    def __call__(self, x: Array) -> Array:
        """(..., H) to (..., O)."""
        z = x.astype(self.kernel.dtype, copy=False) @ self.kernel + self.bias
        if self.activation == "relu":
            return np.maximum(z, 0)
        if self.activation == "sigmoid":
            return 0.5 * (1.0 + np.tanh(0.5 * z)).astype(z.dtype)
        if self.activation == "tanh":
            return np.tanh(z)
        if self.activation == "softmax":
            z = np.exp(z - z.max(axis=-1, keepdims=True))
            return z / z.sum(axis=-1, keepdims=True)
        return z
