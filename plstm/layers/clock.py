"""The clock: times from users, checked and converted for the gate without loss of digits."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Generator
from typing import Any

import keras
import numpy as np
from keras import ops

from plstm import dates, gate
from plstm.gate import EPSILON
from plstm.layers import shapes
from plstm.types import Array, Shape, Tensor

_in_32_bits = contextvars.ContextVar("in_32_bits", default=False)


@contextlib.contextmanager
def in_32_bits() -> Generator[None]:
    """A context in which TensorFlow traces times in float32, without 64-bit operations: LiteRT has few of those.

    Phases are then as exact as float32 times allow; for times that are too coarse the output is NaN.

    >>> with in_32_bits():
    ...     dtype()
    'float32'
    """
    token = _in_32_bits.set(True)
    try:
        yield
    finally:
        _in_32_bits.reset(token)


def dtype() -> str:
    """The dtype of times: float64 if the backend has it, because float32 has too few digits at Unix times."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return "float64" if jax.config.jax_enable_x64 else "float32"
    return "float32" if backend == "tensorflow" and _in_32_bits.get() else "float64"


def from_user(times: Tensor, sequences: Tensor = None) -> Tensor:
    """Times whose shape fits the sequences: arrays and lists as float64, tensors unchanged.

    Times in a smaller float dtype keep it, so that ``ready`` can see that they were rounded.

    Args:
        times: (T,) or (B, T), a tensor or anything that NumPy converts to an array.
        sequences: (B, T, D), whose shape is compared; None: not compared.

    Raises:
        ValueError: dates, ragged times, or a shape that does not fit the sequences.
    """
    if ops.is_tensor(times) or isinstance(times, keras.KerasTensor):
        dates.check_rectangular("times", times)
        kind = keras.backend.standardize_dtype(times.dtype)
        if "int" not in kind and "float" not in kind:
            raise ValueError(f"expected times to be numbers, got a tensor of {kind}")
    else:
        given, times = times, dates.numbers("times", times)
        times = times.astype(gate.floats(given))
    if sequences is None:
        return times
    dates.check_rectangular("sequences", sequences)
    shape = np.shape(sequences) if not hasattr(sequences, "shape") else sequences.shape
    if len(shape) == 3:
        check_shape(times.shape, shape)
    return times


def check_shape(times_shape: Shape, sequences_shape: Shape) -> None:
    """ValueError unless times of this shape fit sequences of that shape."""
    shapes.check("times", times_shape, shapes.times_wanted, sequences_shape)


def value_of(tensor: Tensor) -> Array | None:
    """A tensor's values as a NumPy array; None while a graph is being traced and they are unknown."""
    if isinstance(tensor, keras.KerasTensor):
        return None
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return tensor.numpy() if hasattr(tensor, "numpy") else None
    if backend == "jax":
        import jax

        return None if isinstance(tensor, jax.core.Tracer) else np.asarray(tensor)
    return _value_of_torch(tensor)


def _value_of_torch(tensor: Tensor) -> Array | None:
    import torch

    if torch.compiler.is_compiling():
        return None
    transforms = torch._C._functorch
    # torch.func's grad and jvp wrap a tensor that has a value. vmap wraps a batch, which has no single value.
    while transforms.is_gradtrackingtensor(tensor):
        tensor = transforms.get_unwrapped(tensor)
    plain = type(tensor) in (torch.Tensor, torch.nn.Parameter) and not tensor.is_meta
    if not plain or transforms.is_functorch_wrapped_tensor(tensor):
        return None
    with torch._C._DisableFuncTorch():
        return ops.convert_to_numpy(tensor)


def check_values(times: Tensor, seen: Tensor = None) -> None:
    """ValueError if a known time at an unmasked step is not finite."""
    values = value_of(times)
    if values is None or values.dtype.kind != "f" or np.all(np.isfinite(values)):
        return
    seen = True if seen is None else value_of(seen)
    wrong = ~np.isfinite(values) if seen is None else ~np.isfinite(values) & seen
    if np.any(wrong):
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"expected finite times, got {values[where]} at {where}; mask steps without an observation")


# At least this many times must be exact float32 numbers before they count as rounded.
TELLING = 4


def ready(times: Tensor, period: Tensor, ratio_on: Tensor, training: bool = False) -> Tensor:
    """Times in the clock's dtype, without a gradient, if they are fine enough for the gates.

    A float32 near t is rounded to t / 2^24: 64 seconds at today's Unix time. If the rounding exceeds a tenth of the
    median open window, the phases are noise. (The median is used because one unit that learns a narrow window must not
    stop a training run.) float64 times that were float32 before are still rounded. Keras does this: its ``fit``,
    ``evaluate`` and ``predict`` round float64 arrays, but not integers or a tf.data.Dataset.

    Args:
        times: (T,) or (B, T).
        period: tau (H,), in the same unit.
        ratio_on: r (H,).
        training: whether this is a call in training.

    Raises:
        ValueError: times that are too coarse, if their values are known. While a graph is traced they are not known.
            Then TensorFlow's graphs and a training step on JAX raise the same message when they run. XLA and inference
            on JAX cannot raise; they get NaN for times, so that the output is NaN and not a wrong number.
    """
    epsilon = max(EPSILON.get(keras.backend.standardize_dtype(times.dtype), 0.0), EPSILON[dtype()])
    times = ops.stop_gradient(ops.cast(times, dtype()))
    if 0 in times.shape:
        return times
    windows = ops.stop_gradient(ops.cast(period, dtype()) * ops.cast(ratio_on, dtype()))
    values = [value_of(tensor) for tensor in (times, windows)]
    if any(value is None for value in values):
        return _guarded(times, *_resolution(times, windows, epsilon, ops), training)
    _refuse(*_resolution(values[0], values[1], epsilon, np))
    return times


def _resolution(times: Tensor, windows: Tensor, epsilon: float, xp: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Whether times are too coarse; the spacing of neighbouring floats at the largest time; the median open window.

    ``epsilon`` is the relative spacing of their dtype. 64-bit times are also tested for an earlier rounding to float32:
    then the largest are all multiples of float32's spacing there. Whole numbers may be such multiples without having
    been rounded, if the spacing is at most 1. (Nanoseconds since 1970 are too coarse for short windows in 64 bits.)
    """
    times = xp.abs(times)
    times = xp.where(times < float("inf"), times, xp.zeros_like(times))
    octave = 2.0 ** xp.floor(xp.log2(xp.maximum(xp.amax(times), 1.0)))
    apart = octave * max(epsilon, EPSILON["float32"])
    window = xp.median(windows)
    coarse = apart > gate.RESOLUTION * window
    if epsilon == EPSILON["float64"] and not (xp is np and not coarse):
        latest = xp.where(times >= octave, times, xp.zeros_like(times))
        rounded = xp.all(xp.floor(latest / apart) == latest / apart)
        whole = xp.all(xp.floor(latest) == latest)
        # A few times may be such multiples by chance.
        rounded = xp.logical_and(rounded, xp.sum(xp.sign(latest)) >= TELLING)
        coarse = xp.logical_and(coarse, xp.logical_and(rounded, xp.logical_or(apart > 1.0, xp.logical_not(whole))))
        apart = xp.where(coarse, apart, octave * EPSILON["float64"])
        coarse = xp.logical_or(coarse, apart > gate.RESOLUTION * window)
    return coarse, apart, window


def _complaint(apart: Tensor, window: Tensor) -> tuple[Any, ...]:
    """The error message in parts, because the two numbers may be tensors."""
    if dtype() == "float32":
        fix = "jax.config.update('jax_enable_x64', True)"
    else:
        fix = (
            "float64 times (Keras rounds arrays in fit and predict: give integers or a tf.data.Dataset; your own "
            "models and layers round too: give integers, or give a Dataset to a model made with "
            "super().__init__(autocast=False))"
        )
    return (
        "expected times fine enough for open windows of ", window, " (the median of period * ratio_on), got times "
        "rounded to multiples of ", apart, f"; use {fix}, or first subtract an origin from the times (from integers "
        "while they are integers)",
    )  # fmt: skip


def _refuse(coarse: Tensor, apart: Tensor, window: Tensor) -> None:
    if coarse:
        parts = _complaint(apart, window)
        raise ValueError("".join(part if isinstance(part, str) else f"{float(part):.3g}" for part in parts))


def _guarded(times: Tensor, coarse: Tensor, apart: Tensor, window: Tensor, training: bool) -> Tensor:
    """Times of a traced graph: NaN if they turn out too coarse, with an error where the graph can raise one."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        # XLA removes assertions, hence the NaN below.
        with tf.control_dependencies([tf.debugging.Assert(ops.logical_not(coarse), list(_complaint(apart, window)))]):
            coarse = tf.identity(coarse)
    elif backend == "jax" and training:
        # Only in training: an exported function cannot call back into Python.
        import jax

        def check(*measures: Tensor) -> np.float32:
            _refuse(*measures)
            return np.float32(0)

        def call(*measures: Tensor) -> Tensor:
            return jax.pure_callback(check, jax.ShapeDtypeStruct((), "float32"), *measures, vmap_method="sequential")

        # The device waits for Python only if times are coarse. Under vmap both branches run, so ``check`` tests again.
        times = times + jax.lax.cond(coarse, call, lambda *_: jax.numpy.float32(0), coarse, apart, window)
    return ops.where(coarse, float("nan"), times)
