"""Time as an input feature, or left out."""

import math

import keras
from keras import ops

from plstm.layers import clock


class _Timed(keras.layers.Layer):
    """A layer that is called with times, which are never autocast."""

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)

    def __call__(self, sequences, times, **kwargs):
        return super().__call__(sequences, clock.from_user(times, sequences), **kwargs)


@keras.saving.register_keras_serializable(package="plstm")
class AppendTime(_Timed):
    """Appends t / scale as one more feature.

    Args:
        scale: in the unit of the times; about the length of the sequences, so that the feature stays near 1.

    Call arguments: sequences (B, T, D) and times (T,) or (B, T). Returns (B, T, D + 1).

    >>> import numpy as np
    >>> AppendTime(scale=2.0)(np.zeros((1, 2, 1), "float32"), np.arange(2.0)).numpy().tolist()
    [[[0.0, 0.0], [0.0, 0.5]]]
    """

    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = float(scale)

    def call(self, sequences, times):
        feature = ops.cast(times / self.scale, sequences.dtype)[..., None]
        return ops.concatenate([sequences, ops.zeros_like(sequences[..., :1]) + feature], axis=-1)

    def compute_output_shape(self, sequences_shape, times_shape):
        return (*sequences_shape[:-1], sequences_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="plstm")
class AppendGap(_Timed):
    """Appends the time since the step before as one more feature, in logarithms.

    .. math:: \\ln\\Big(1 + \\frac{t_n - t_{n-1}}{\\text{spacing}}\\Big), \\quad 0 \\text{ at the first step}

    Logarithms, because a forget gate with ln(gap) as its input can forget by time instead of by step:
    f = sigmoid(ln T - ln gap) = 1 / (1 + gap / T), which is about exp(-gap / T) for gaps that are short beside T. The 1
    keeps a gap of 0 finite, and the feature is near 1 for gaps that are usual.

    Args:
        spacing: a usual gap, in the unit of the times.

    Call arguments: sequences (B, T, D) and times (T,) or (B, T). Returns (B, T, D + 1).

    >>> import numpy as np
    >>> AppendGap(spacing=2.0)(np.zeros((1, 3, 1), "float32"), np.array([5.0, 7.0, 13.0])).numpy()[0, :, 1].round(4)
    array([0.    , 0.6931, 1.3863], dtype=float32)
    """

    def __init__(self, spacing, **kwargs):
        super().__init__(**kwargs)
        self.spacing = float(spacing)

    def call(self, sequences, times):
        # In the clock's own digits: the difference of two late times has few left in 32 bits.
        gaps = times[..., 1:] - times[..., :-1]
        gaps = ops.concatenate([ops.zeros_like(times[..., :1]), gaps], axis=-1)
        feature = ops.cast(ops.log1p(gaps / self.spacing), sequences.dtype)[..., None]
        return ops.concatenate([sequences, ops.zeros_like(sequences[..., :1]) + feature], axis=-1)

    def compute_output_shape(self, sequences_shape, times_shape):
        return (*sequences_shape[:-1], sequences_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "spacing": self.spacing}


@keras.saving.register_keras_serializable(package="plstm")
class AppendSines(_Timed):
    """Appends the sine and the cosine of the time at several periods: clocks that are given, not learned.

    .. math:: \\sin(2 \\pi t / \\tau_j), \\; \\cos(2 \\pi t / \\tau_j)

    Args:
        periods: tau_j > 0, J of them, in the unit of the times.

    Call arguments: sequences (B, T, D) and times (T,) or (B, T). Returns (B, T, D + 2 J), all sines before all cosines.

    >>> import numpy as np
    >>> AppendSines(periods=[2.0, 4.0])(np.zeros((1, 2, 1), "float32"), np.array([1.0, 2.0])).numpy().round(3) + 0.0
    array([[[ 0.,  0.,  1., -1.,  0.],
            [ 0.,  0.,  0.,  1., -1.]]], dtype=float32)
    """

    def __init__(self, periods, **kwargs):
        super().__init__(**kwargs)
        self.periods = [float(period) for period in periods]

    def call(self, sequences, times):
        # In the clock's own digits: a late time over a short period has few left in 32 bits.
        angle = 2 * math.pi * times[..., None] / ops.cast(self.periods, times.dtype)
        feature = ops.cast(ops.concatenate([ops.sin(angle), ops.cos(angle)], axis=-1), sequences.dtype)
        return ops.concatenate([sequences, ops.zeros_like(sequences[..., :1]) + feature], axis=-1)

    def compute_output_shape(self, sequences_shape, times_shape):
        return (*sequences_shape[:-1], sequences_shape[-1] + 2 * len(self.periods))

    def get_config(self):
        return {**super().get_config(), "periods": self.periods}


def sine_periods(longest):
    """Periods for ``AppendSines``, each twice the one before: from 2, the shortest that whole times can tell, upwards.

    >>> sine_periods(longest=33.0)
    [2.0, 4.0, 8.0, 16.0, 32.0]
    """
    return [2.0**n for n in range(1, max(int(math.log2(longest)), 1) + 1)]


@keras.saving.register_keras_serializable(package="plstm")
class LeaveTime(_Timed):
    """Leaves the times out: Keras 3.13 refuses a model with an input that nothing reads.

    Call arguments: sequences (B, T, D) and times (T,) or (B, T). Returns the sequences as they are.

    >>> import numpy as np
    >>> LeaveTime()(np.ones((1, 2, 1), "float32"), np.arange(2.0)).numpy().tolist()
    [[[1.0], [1.0]]]
    """

    def call(self, sequences, times):
        return sequences

    def compute_output_shape(self, sequences_shape, times_shape):
        return sequences_shape
