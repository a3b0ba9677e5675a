"""Input and output of a chain of phased layers, without Keras: the clock before it, the dense layers after it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from plstm.types import Array, Floats, Times

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


class Clock(NamedTuple):
    """The dtype of a model's input of times, and the time ``end`` from which it is too coarse."""

    dtype: str = "float64"
    end: float = math.inf

    def rounded(self, times: Times) -> Floats:
        """Times rounded as the model's input rounds them. ValueError if they are then too coarse for the layers."""
        late = ~(np.abs(times) < self.end)
        if np.any(late):
            raise ValueError(
                f"expected times below {self.end:g}, because the model's {self.dtype} input rounds larger ones too "
                f"much, got {np.asarray(times)[late].flat[0]:.17g}; in the model, use "
                "keras.Input(..., dtype='float64') for times"
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
