"""Initial values of a time gate's weights, drawn when Keras asks for them (after a trace, if the layer is in one)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np
from keras import ops

from plstm import gate as gates
from plstm.layers import clock, initializers
from plstm.types import Array, Tensor

LOGIT_BOUND = 20.0


def made_untraced() -> AbstractContextManager[None]:
    """The context in which to create weights. Without it, JAX would lose those created inside jax.jit."""
    if keras.backend.backend() != "jax":
        return contextlib.nullcontext()
    import jax

    return jax.ensure_compile_time_eval()


def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a function computed now, not recorded in the graph that is being traced."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.init_scope():
            return function(*arguments)
    if backend == "torch":
        import torch

        return torch.compiler.disable(function)(*arguments)
    with made_untraced():
        return function(*arguments)


def deferred() -> bool:
    """Whether Keras would create a variable now and initialize it later, as it does while it infers shapes."""
    scope = keras.StatelessScope(initialize_variables=False)
    with scope:
        pass
    return scope.original_scope is not None


class InitialValues:
    """Keras initializers of period, shift and ratio_on for ``units`` units.

    Values are checked and converted in float64 NumPy and rounded once, to the weight's dtype. Values that are unknown
    while tracing (PyTorch's meta tensors, a traced argument) stay tensors and are not checked.

    Args:
        units: H.
        period: the initializer of tau, in the clock's unit.
        shift: that of s, in the clock's unit, or ``UniformOverPeriod``.
        ratio_on: that of the open share of the period.
        dtype: of the weights.

    Raises:
        ValueError: when called, a period <= 0, a ratio_on outside (0, 1], or values that are not finite.
    """

    def __init__(
        self,
        units: int,
        period: Callable[..., Any],
        shift: Callable[..., Any],
        ratio_on: Callable[..., Any],
        dtype: str,
    ):
        self._units = units
        self._initializers = {"period": period, "shift": shift, "ratio_on": ratio_on}
        self._dtype = dtype
        self._period: Any = None

    def check(self) -> None:
        """Raise now if values are drawn later, because Keras does not recover from an initializer that fails then."""
        if deferred():
            with keras.device("cpu:0"):  # PyTorch's meta device has no values
                self._draw("period", (self._units,), gates.check_period)
                self._draw("ratio_on", (self._units,), gates.check_ratio_on)

    def _draw(self, name: str, shape: Sequence[int], check: Callable[[Array], Any] | None = None) -> Any:
        values = at_once(self._values, self._initializers[name], shape)
        if isinstance(values, np.ndarray) and check is not None:
            check(gates.finite(f"initial {name}", values))
        return values

    def _values(self, initializer: Callable[..., Any], shape: Sequence[int]) -> Any:
        # Numbers from the user keep all of their digits; a backend's constant may be rounded.
        value = getattr(initializer, "value", None)
        if isinstance(initializer, keras.initializers.Constant) and isinstance(value, (int, float)):
            return np.full(shape, value, np.float64)
        if isinstance(initializer, initializers.Values) and tuple(shape) == (len(initializer.values),):
            return np.array(initializer.values)
        tensor = ops.convert_to_tensor(initializer(shape, dtype=self._dtype))
        values = clock.value_of(tensor)
        return tensor if values is None else values.astype(np.float64)

    def period(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        self._period = self._draw("period", shape, gates.check_period)
        return ops.convert_to_tensor(self._period, dtype=dtype)

    def shift(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        """Initial shifts. Must be called after ``period``: they may be a share of it."""
        shift = self._draw("shift", shape)
        if isinstance(self._initializers["shift"], initializers.UniformOverPeriod):
            known = isinstance(shift, np.ndarray) and isinstance(self._period, np.ndarray)
            shift = shift * self._period if known else ops.cast(shift, dtype) * ops.cast(self._period, dtype)
        return ops.convert_to_tensor(shift, dtype=dtype)

    def ratio_on(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return ops.convert_to_tensor(self._draw("ratio_on", shape, gates.check_ratio_on), dtype=dtype)

    def logit_ratio_on(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        ratio_on = self._draw("ratio_on", shape, gates.check_ratio_on)
        xp = np if isinstance(ratio_on, np.ndarray) else ops
        with np.errstate(divide="ignore"):
            logit = xp.log(ratio_on) - xp.log1p(-ratio_on)
        return ops.convert_to_tensor(xp.clip(logit, -LOGIT_BOUND, LOGIT_BOUND), dtype=dtype)
