"""Initializers: of period and shift, in natural units, and of biases that set how long a unit remembers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Self

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from plstm import dates, gate
from plstm.types import Floats, LayerConfig, Seed, Tensor, Times


@keras.saving.register_keras_serializable(package="plstm")
class LogUniform(keras.initializers.RandomUniform):
    """Log-uniform values: every octave between ``low`` and ``high`` is equally likely.

    .. math:: \\ln x \\sim U(\\ln \\text{low}, \\ln \\text{high})

    Args:
        low: the lowest value, > 0, in the unit of the data's clock.
        high: the highest value, >= low, in the same unit.
        seed: an integer or a ``keras.random.SeedGenerator``; None: a new one each time.

    Raises:
        ValueError: the range is not 0 < low <= high < infinity.

    Source:
        tf.contrib's PhasedLSTMCell draws its periods this way; the authors' code draws from exp U(1, 3).

    Example:
        >>> from plstm import LogUniform
        >>> periods = LogUniform(1.0, 1000.0, seed=0)((4,))
        >>> bool((periods > 1).numpy().all() and (periods < 1000).numpy().all())
        True
    """

    def __init__(self, low: float = 1.0, high: float = 1000.0, seed: Seed = None):
        if isinstance(low, str) or isinstance(high, str) or not (0 < low <= high < math.inf):
            raise ValueError(f"expected numbers, 0 < low <= high < infinity, got low={low!r}, high={high!r}")
        super().__init__(math.log(low), math.log(high), seed)
        self.low, self.high = float(low), float(high)

    @classmethod
    def from_times(cls, times: Times, mask: ArrayLike | None = None, seed: Seed = None) -> Self:
        """The range that observed times support: from twice the median interval to the median length of a sequence.

        A unit with a period below twice the interval aliases; one with a period above the length opens once or never.

        Args:
            times: (T,) or (B, T) observed times, ascending along the last axis.
            mask: booleans of the same shape, False where there is no observation.
            seed: an integer, a ``keras.random.SeedGenerator`` or None.

        Raises:
            ValueError: dates, times that are not finite, or no sequence with two different times.

        Example:
            >>> LogUniform.from_times(np.arange(0.0, 500.0, 0.5)).low
            1.0
        """
        times = np.atleast_2d(dates.numbers("times", times))
        mask = np.ones(times.shape, bool) if mask is None else np.atleast_2d(np.asarray(mask, bool))
        return cls(*supported(gate.finite("times", row[seen]) for row, seen in zip(times, mask)), seed=seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return ops.exp(super().__call__(shape, dtype=dtype))

    def get_config(self) -> LayerConfig:
        return {"low": self.low, "high": self.high, "seed": super().get_config()["seed"]}


def supported(sequences: Iterable[Floats]) -> tuple[float, float]:
    """The range of periods that sequences of times (T_i,) support, as ``LogUniform.from_times`` explains it.

    Raises:
        ValueError: no sequence has two different times.

    Example:
        >>> supported([np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 9.0])])
        (2.0, 5.5)
    """
    rows = list(sequences)
    steps = np.concatenate([np.diff(row) for row in rows])
    steps = steps[steps > 0]
    if not steps.size:
        raise ValueError("expected at least two different times in one sequence, got none")
    low = 2.0 * float(np.median(steps))
    return low, max(low, float(np.median([row[-1] - row[0] for row in rows if row.size > 1])))


@keras.saving.register_keras_serializable(package="plstm")
class UniformOverPeriod(keras.initializers.RandomUniform):
    """Shifts uniform over each unit's own period: s = u tau with u ~ U(0, 1). Only for ``shift_initializer``.

    Args:
        seed: an integer or a ``keras.random.SeedGenerator``; None: a new one each time.
    """

    def __init__(self, seed: Seed = None):
        super().__init__(0.0, 1.0, seed)

    def get_config(self) -> LayerConfig:
        return {"seed": super().get_config()["seed"]}


@keras.saving.register_keras_serializable(package="plstm")
class Values(keras.initializers.Initializer):
    """Given values, one for each unit. An array passed as an initializer becomes this.

    Args:
        values: H finite numbers.

    Raises:
        ValueError: values that are not finite; when called, a number of units that differs.
    """

    def __init__(self, values: ArrayLike):
        self.values = [float(v) for v in np.ravel(gate.finite("initial values", values))]

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        if tuple(shape) != (len(self.values),):
            raise ValueError(f"expected {shape[0]} initial values, one for each unit, got {len(self.values)}")
        return ops.convert_to_tensor(self.values, dtype=dtype)

    def get_config(self) -> LayerConfig:
        return {"values": self.values}


@keras.saving.register_keras_serializable(package="plstm")
class ForgetBias(keras.initializers.Initializer):
    """An LSTM's bias (4H,): a value for the forget gates, zeros for the others; use with ``unit_forget_bias=False``.

    Args:
        value: of the forget gates' biases.

    Example:
        >>> ForgetBias(2.0)((4,)).numpy().tolist()
        [0.0, 2.0, 0.0, 0.0]
    """

    def __init__(self, value: float = 1.0):
        self.value = float(value)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        return ops.convert_to_tensor(np.repeat([0.0, self.value, 0.0, 0.0], shape[0] // 4), dtype=dtype)

    def get_config(self) -> LayerConfig:
        return {"value": self.value}


@keras.saving.register_keras_serializable(package="plstm")
class ChronoBias(keras.initializers.RandomUniform):
    """Chrono initialization: biases that give the units of an LSTM or a GRU memories of all lengths up to a maximum.

    A forget gate with the value f keeps a memory for about 1 / (1 - f) steps. A bias of ln(T - 1) alone gives T steps:

    .. math:: b_f \\sim \\ln U(1, T_{max} - 1), \\quad b_i = -b_f

    for an LSTM, and 0 for its other gates. An LSTM needs ``unit_forget_bias=False``, or Keras overwrites the forget
    biases. For a GRU, which needs ``reset_after=True``, b_f is the bias of the update gate z: in Keras z = 1 keeps h.

    Args:
        longest: T_max, the largest number of steps for which something must be remembered; > 2.
        units: H of the layer; with it a layer of Keras that asks for other shapes is an error (Keras' LSTM does with
            ``unit_forget_bias=True``). None: any H.
        seed: an integer or a ``keras.random.SeedGenerator``; None: a new one each time.

    Call arguments:
        shape: (4H,) of an LSTM's bias, order i, f, c, o; (2, 3H) of a GRU's, order z, r, h, input over recurrent.
        dtype: of the biases; default: Keras' own setting.

    Raises:
        ValueError: ``longest`` is not a number above 2; another shape.

    Source:
        Tallec & Ollivier (2018), *Can recurrent neural networks warp time?*, arXiv:1804.11188, equation 16.

    Example:
        >>> import keras, plstm
        >>> layer = keras.layers.LSTM(32, bias_initializer=plstm.ChronoBias(784, 32), unit_forget_bias=False)
        >>> i, f, c, o = np.split(ChronoBias(784, seed=0)((8,)).numpy(), 4)
        >>> bool(np.all(i == -f)), bool(np.all((f >= 0) & (f <= np.log(783)))), bool(np.any(c) or np.any(o))
        (True, True, False)
    """

    def __init__(self, longest: float, units: int | None = None, seed: Seed = None):
        if isinstance(longest, str) or not 2 < longest < math.inf:
            raise ValueError(f"expected longest > 2 steps, a number, got {longest!r}")
        super().__init__(1.0, longest - 1.0, seed)
        self.longest = longest
        self.units = units

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> Tensor:
        lstm = len(shape) == 1 and shape[0] % 4 == 0
        units = shape[0] // 4 if lstm else shape[-1] // 3
        gru = tuple(shape) == (2, 3 * units)
        if not (lstm or gru) or self.units not in (None, units):
            wanted = f"H = {self.units}" if self.units else "H units"
            raise ValueError(
                f"expected the shape of a bias for {wanted}, (4H,) or (2, 3H), got {tuple(shape)}; an LSTM needs "
                "unit_forget_bias=False, a GRU reset_after=True"
            )
        keep = ops.log(super().__call__((units,), dtype=dtype))
        rest = ops.zeros((2 * units,), dtype=keep.dtype)
        if lstm:
            return ops.concatenate([-keep, keep, rest])
        return ops.stack([ops.concatenate([keep, rest]), ops.zeros((3 * units,), dtype=keep.dtype)])

    def get_config(self) -> LayerConfig:
        return {"longest": self.longest, "units": self.units, "seed": super().get_config()["seed"]}


NAMES = {"log_uniform": LogUniform, "uniform_over_period": UniformOverPeriod}


def get(identifier: Any) -> Any:
    """A Keras initializer from any form that users may give.

    Args:
        identifier: an initializer, its name or config, a number, or an array of H values.

    Raises:
        ValueError: None, a boolean, or numbers that are not finite.
    """
    if isinstance(identifier, bool) or identifier is None:
        raise ValueError(f"expected an initializer, a number or an array, got {identifier!r}")
    if isinstance(identifier, str) and identifier in NAMES:
        return NAMES[identifier]()
    if isinstance(identifier, (int, float)):
        return keras.initializers.Constant(float(gate.finite("initial value", identifier)))
    if isinstance(identifier, (list, tuple)) or hasattr(identifier, "__array__"):
        return Values(identifier)
    return keras.initializers.get(identifier)
