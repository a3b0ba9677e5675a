"""The first values of a rhythm's weights, drawn when Keras asks for them: for a layer built in a trace, after it."""

import contextlib

import keras
import numpy as np
from keras import ops

from plstm import gate as gates
from plstm.layers import clock, initializers

LOGIT_BOUND = 20.0


@contextlib.contextmanager
def untraced():
    """Inside, what is computed is computed at once, not written into the graph that is being traced."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.init_scope():
            yield
    elif backend == "jax":
        import jax

        with jax.ensure_compile_time_eval():
            yield
    else:
        yield


def made_untraced():
    """The context to make weights in. What is made inside jax.jit is lost when it ends; the others see to it."""
    return untraced() if keras.backend.backend() == "jax" else contextlib.nullcontext()


class FirstValues:
    """A rhythm as Keras initializers, one a weight, for ``units`` units.

    Values are checked, and products and logarithms taken, in float64 NumPy, and rounded once: to the weight's dtype.
    What only a trace knows (PyTorch's meta tensors, a traced argument) stays a tensor and is not checked.

    Raises:
        ValueError: when called, a period <= 0, a ratio_on outside (0, 1], or values that are not finite.
    """

    def __init__(self, period, shift, ratio_on, dtype):
        self._initializers = {"period": period, "shift": shift, "ratio_on": ratio_on}
        self._dtype = dtype
        self._period = None

    def _draw(self, name, shape, check=None):
        with untraced():
            tensor = self._initializers[name](shape, dtype=self._dtype)
            values = clock.value_of(ops.convert_to_tensor(tensor))
        if values is None:
            return tensor
        values = values.astype(np.float64)
        if check is not None:
            check(gates.finite(f"initial {name}", values))
        return values

    def period(self, shape, dtype=None):
        self._period = self._draw("period", shape, gates.check_period)
        return ops.convert_to_tensor(self._period, dtype=dtype)

    def shift(self, shape, dtype=None):
        """To be asked for after the period, which it may be a share of."""
        shift = self._draw("shift", shape)
        if isinstance(self._initializers["shift"], initializers.UniformOverPeriod):
            known = isinstance(shift, np.ndarray) and isinstance(self._period, np.ndarray)
            shift = shift * self._period if known else ops.cast(shift, dtype) * ops.cast(self._period, dtype)
        return ops.convert_to_tensor(shift, dtype=dtype)

    def ratio_on(self, shape, dtype=None):
        return ops.convert_to_tensor(self._draw("ratio_on", shape, gates.check_ratio_on), dtype=dtype)

    def logit_ratio_on(self, shape, dtype=None):
        ratio_on = self._draw("ratio_on", shape, gates.check_ratio_on)
        xp = np if isinstance(ratio_on, np.ndarray) else ops
        with np.errstate(divide="ignore"):
            logit = xp.log(ratio_on) - xp.log1p(-ratio_on)
        return ops.convert_to_tensor(xp.clip(logit, -LOGIT_BOUND, LOGIT_BOUND), dtype=dtype)
