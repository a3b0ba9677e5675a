"""The clock: times as users give them, checked, and made ready for the gate without losing digits."""

import keras
import numpy as np
from keras import ops


def dtype():
    """float64 where the backend has it: a phase needs more digits than float32 keeps at Unix times."""
    if keras.backend.backend() != "jax":
        return "float64"
    import jax

    return "float64" if jax.config.jax_enable_x64 else "float32"


def from_user(times, sequences):
    """Times that fit the sequences: arrays and lists in float64, which no conversion rounds; tensors as they are."""
    if not (ops.is_tensor(times) or isinstance(times, keras.KerasTensor)):
        try:
            times = np.asarray(times)
        except ValueError:
            raise ValueError("expected times (steps,) or (batch, steps), got rows of different lengths") from None
        if times.dtype.kind in "mM":
            raise ValueError(f"expected times to be numbers, got {times.dtype}: give them as seconds since an origin")
        if times.dtype.kind not in "iuf":
            raise ValueError(f"expected times to be numbers, got {times.dtype}")
        times = times.astype(np.float64)
    shape = np.shape(sequences) if not hasattr(sequences, "shape") else sequences.shape
    if len(shape) == 3:
        check_shape(times.shape, shape)
    return times


def check_shape(times_shape, sequences_shape):
    """ValueError unless times of this shape are a clock for sequences of that shape."""
    batch, steps = sequences_shape[:2]
    fits = len(times_shape) in (1, 2) and _agree(times_shape[-1], steps)
    if fits and len(times_shape) == 2:
        fits = _agree(times_shape[0], batch)
    if not fits:
        batch, steps = ("batch" if batch is None else batch), ("steps" if steps is None else steps)
        raise ValueError(
            f"expected times of shape ({batch}, {steps}) or ({steps},), got {tuple(times_shape)} "
            f"for sequences of shape {tuple(sequences_shape)}"
        )


def _agree(a, b):
    return a is None or b is None or a == b


def value_of(tensor):
    """A tensor's values as a NumPy array where they are known now, None while a graph is being traced."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return tensor.numpy() if hasattr(tensor, "numpy") else None
    if backend == "jax":
        import jax

        return None if isinstance(tensor, jax.core.Tracer) else np.asarray(tensor)
    return ops.convert_to_numpy(tensor)


def check_values(times, seen=None):
    """ValueError if a known time that counts is not finite."""
    values = value_of(times)
    if values is None or values.dtype.kind != "f" or np.all(np.isfinite(values)):
        return
    seen = True if seen is None else value_of(seen)
    wrong = ~np.isfinite(values) if seen is None else ~np.isfinite(values) & seen
    if np.any(wrong):
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"expected finite times, got {values[where]} at {where}; mask steps that hold nothing")


def check_resolution(times, period, ratio_on):
    """ValueError where 32-bit times are too coarse to tell an open gate from a closed one.

    A float32 near t is only good to t / 2^24: 64 seconds at today's Unix time. Once that exceeds a tenth of the median
    open window, the phases are noise. (The median: one unit that learns a narrow window must not stop a training run.)
    """
    if keras.backend.standardize_dtype(times.dtype) not in ("float32", "float16", "bfloat16"):
        return
    values, period, ratio_on = value_of(times), value_of(period), value_of(ratio_on)
    if values is None or period is None or not values.size:
        return
    coarse = float(np.spacing(np.float32(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))))
    window = float(np.median(period * ratio_on))
    if coarse > window / 10:
        fix = "jax.config.update('jax_enable_x64', True)" if keras.backend.backend() == "jax" else "float64 times"
        raise ValueError(
            f"expected times fine enough for open windows of {window:.3g} (the median of period * ratio_on), got "
            f"{keras.backend.standardize_dtype(times.dtype)} times that are {coarse:.3g} apart; "
            f"use {fix}, or subtract an origin from the times"
        )
