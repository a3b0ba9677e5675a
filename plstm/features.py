"""Time as a feature, or left out: what a network without a clock is told, where one with a clock gets its times."""

import keras
from keras import ops

from plstm import clock


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
