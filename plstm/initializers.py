"""Initial rhythms: Keras initializers in natural units, for periods, shifts and open ratios."""

import math

import keras
import numpy as np
from keras import ops

from plstm import dates, gate


@keras.saving.register_keras_serializable(package="plstm")
class LogUniform(keras.initializers.RandomUniform):
    """Log-uniform values: every octave between ``low`` and ``high`` is equally likely.

    .. math:: \\ln x \\sim U(\\ln \\text{low}, \\ln \\text{high})

    Args:
        low, high: the range, 0 < low <= high, in the unit of the data's clock.
        seed: integer or ``keras.random.SeedGenerator``.

    Raises:
        ValueError: the range is not 0 < low <= high < infinity.

    Source: tf.contrib's PhasedLSTMCell draws its periods so; the authors' code does from exp U(1, 3).

    Example:
        >>> from plstm import LogUniform
        >>> periods = LogUniform(1.0, 1000.0, seed=0)((4,))
        >>> bool((periods > 1).numpy().all() and (periods < 1000).numpy().all())
        True
    """

    def __init__(self, low=1.0, high=1000.0, seed=None):
        if not (0 < low <= high < math.inf):
            raise ValueError(f"expected 0 < low <= high < infinity, got low={low}, high={high}")
        super().__init__(math.log(low), math.log(high), seed)
        self.low, self.high = float(low), float(high)

    @classmethod
    def from_times(cls, times, mask=None, seed=None):
        """The range that observed times can support: from twice the median interval to the median length of a sequence.

        A unit faster than twice the sampling interval aliases; one slower than the sequence opens once or never.

        Args:
            times: (T,) or (B, T) observed times, ascending along the last axis.
            mask: booleans of the same shape, False where there is no observation.

        >>> LogUniform.from_times(np.arange(0.0, 500.0, 0.5)).low
        1.0
        """
        times = np.atleast_2d(dates.numbers("times", times))
        mask = np.ones(times.shape, bool) if mask is None else np.atleast_2d(np.asarray(mask, bool))
        rows = [gate.finite("times", row[seen]) for row, seen in zip(times, mask)]
        steps = np.concatenate([np.diff(row) for row in rows])
        steps = steps[steps > 0]
        if not steps.size:
            raise ValueError("expected at least two different times in one sequence, got none")
        low = 2.0 * float(np.median(steps))
        high = float(np.median([row[-1] - row[0] for row in rows if row.size > 1]))
        return cls(low, max(low, high), seed=seed)

    def __call__(self, shape, dtype=None):
        return ops.exp(super().__call__(shape, dtype=dtype))

    def get_config(self):
        return {"low": self.low, "high": self.high, "seed": super().get_config()["seed"]}


@keras.saving.register_keras_serializable(package="plstm")
class UniformOverPeriod(keras.initializers.RandomUniform):
    """Shifts uniform over each unit's own period: s = u tau with u ~ U(0, 1). Only for ``shift_initializer``."""

    def __init__(self, seed=None):
        super().__init__(0.0, 1.0, seed)

    def get_config(self):
        return {"seed": super().get_config()["seed"]}


@keras.saving.register_keras_serializable(package="plstm")
class Values(keras.initializers.Initializer):
    """Given values, one a unit: what an array passed as an initializer becomes."""

    def __init__(self, values):
        self.values = [float(v) for v in np.ravel(gate.finite("initial values", values))]

    def __call__(self, shape, dtype=None):
        if tuple(shape) != (len(self.values),):
            raise ValueError(f"expected {shape[0]} initial values, one a unit, got {len(self.values)}")
        return ops.convert_to_tensor(self.values, dtype=dtype)

    def get_config(self):
        return {"values": self.values}


@keras.saving.register_keras_serializable(package="plstm")
class ForgetBias(keras.initializers.Initializer):
    """An LSTM's bias (4H,): a value for the forget gates, zeros for the others; use with ``unit_forget_bias=False``.

    >>> ForgetBias(2.0)((4,)).numpy().tolist()
    [0.0, 2.0, 0.0, 0.0]
    """

    def __init__(self, value=1.0):
        self.value = float(value)

    def __call__(self, shape, dtype=None):
        return ops.convert_to_tensor(np.repeat([0.0, self.value, 0.0, 0.0], shape[0] // 4), dtype=dtype)

    def get_config(self):
        return {"value": self.value}


NAMES = {"log_uniform": LogUniform, "uniform_over_period": UniformOverPeriod}


def get(identifier):
    """A Keras initializer from anything a user may give: an initializer, its name or config, a number, or an array."""
    if isinstance(identifier, bool) or identifier is None:
        raise ValueError(f"expected an initializer, a number or an array, got {identifier!r}")
    if isinstance(identifier, str) and identifier in NAMES:
        return NAMES[identifier]()
    if isinstance(identifier, (int, float)):
        return keras.initializers.Constant(float(gate.finite("initial value", identifier)))
    if isinstance(identifier, (list, tuple)) or hasattr(identifier, "__array__"):
        return Values(identifier)
    return keras.initializers.get(identifier)
