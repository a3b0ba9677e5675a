"""Time as a feature: what a network without a clock needs to be told the same as one with a clock."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="plstm")
class AppendTime(keras.layers.Layer):
    """Appends t / scale as one more feature.

    Args:
        scale: in the unit of the times; about the length of the sequences, so that the feature stays near 1.

    Call arguments: sequences (B, T, D) and times (T,) or (B, T). Returns (B, T, D + 1).

    >>> import numpy as np
    >>> AppendTime(scale=2.0)(np.zeros((1, 2, 1), "float32"), np.arange(2.0)).numpy().tolist()
    [[[0.0, 0.0], [0.0, 0.5]]]
    """

    def __init__(self, scale, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.scale = float(scale)

    def call(self, sequences, times):
        feature = ops.cast(times / self.scale, sequences.dtype)[..., None]
        return ops.concatenate([sequences, ops.zeros_like(sequences[..., :1]) + feature], axis=-1)

    def compute_output_shape(self, sequences_shape, times_shape):
        return (*sequences_shape[:-1], sequences_shape[-1] + 1)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
