"""Time as a feature: what a network without a clock needs to be told the same as one with a clock."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="plstm")
class AppendTime(keras.layers.Layer):
    """Appends t / T as one more feature, so that it runs from 0 to about 1 when T steps are one unit of time apart.

    Call arguments: sequences (B, T, D) and times (T,). Returns (B, T, D + 1).

    >>> import numpy as np
    >>> AppendTime()(np.zeros((1, 2, 1), "float32"), np.arange(2.0)).numpy().tolist()
    [[[0.0, 0.0], [0.0, 0.5]]]
    """

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)

    def call(self, sequences, times):
        feature = ops.cast(times / sequences.shape[1], sequences.dtype)[:, None]
        return ops.concatenate([sequences, ops.zeros_like(sequences[..., :1]) + feature], axis=-1)

    def compute_output_shape(self, sequences_shape, times_shape):
        return (*sequences_shape[:-1], sequences_shape[-1] + 1)
