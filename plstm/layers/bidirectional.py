"""Both directions in time: a phased layer and its mirror image, on the same absolute clock."""

import keras
from keras import ops

from plstm import dates
from plstm.layers import clock
from plstm.layers.sequence import PhasedGRU, PhasedLSTM
from plstm.layers.time_gate import choose

MERGES = ("concat", "sum", "mul", "ave", None)


@keras.saving.register_keras_serializable(package="plstm")
class Bidirectional(keras.layers.Layer):
    """Reads a sequence forwards and backwards with two phased layers that share its clock.

    ``keras.layers.Bidirectional`` cannot hand times on. The backward layer sees the steps in reverse order with their
    own times, so its units open at the same moments as if it ran forwards.

    Args:
        layer: a ``PhasedLSTM`` or ``PhasedGRU``, not stateful, without ``return_state``; the backward layer is made
            from its config and has weights of its own.
        merge_mode: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"`` or None (a list of both).

    Call arguments:
        sequences (B, T, D), times, mask, training: as for the layer.

    Returns:
        (B, 2H) for ``"concat"``, (B, H) otherwise; with ``return_sequences`` (B, T, 2H) and (B, T, H).

    Raises:
        TypeError: the layer is not a phased one. ValueError: it is stateful, returns states or runs backwards.

    Example:
        >>> import numpy as np, plstm
        >>> both = plstm.Bidirectional(plstm.PhasedLSTM(3, return_sequences=True))
        >>> both(np.zeros((2, 5, 1), "float32"), times=np.arange(5.0)).shape
        TensorShape([2, 5, 6])
    """

    def __init__(self, layer, merge_mode="concat", **kwargs):
        super().__init__(autocast=False, **kwargs)
        if not isinstance(layer, (PhasedLSTM, PhasedGRU)):
            raise TypeError(f"expected a PhasedLSTM or PhasedGRU, got {type(layer).__name__}")
        for option in ("stateful", "return_state", "go_backwards"):
            if getattr(layer, option):
                raise ValueError(f"expected a layer with {option}=False, got {option}=True")
        choose("merge_mode", merge_mode, MERGES)
        self.merge_mode = merge_mode
        self.supports_masking = True
        self.forward_layer = self._copy(layer, "forward", False)
        self.backward_layer = self._copy(layer, "backward", True)

    @staticmethod
    def _copy(layer, name, go_backwards):
        return type(layer).from_config({**layer.get_config(), "name": name, "go_backwards": go_backwards})

    def __call__(self, sequences, times=None, **kwargs):
        if times is not None:
            kwargs["times"] = clock.from_user(times, sequences)
        dates.check_rectangular("sequences", sequences)
        return super().__call__(sequences, **kwargs)

    def build(self, sequences_shape, times_shape=None):
        self.forward_layer.build(sequences_shape)
        self.backward_layer.build(sequences_shape)

    def call(self, sequences, times=None, mask=None, training=False):
        ahead = self.forward_layer(sequences, times=times, mask=mask, training=training)
        back = self.backward_layer(sequences, times=times, mask=mask, training=training)
        if self.forward_layer.return_sequences:
            back = ops.flip(back, 1)
        if self.merge_mode is None:
            return [ahead, back]
        if self.merge_mode == "concat":
            return ops.concatenate([ahead, back], axis=-1)
        if self.merge_mode == "mul":
            return ahead * back
        return (ahead + back) / (2.0 if self.merge_mode == "ave" else 1.0)

    def rematerialized_call(self, layer_call, *args, **kwargs):
        """In a ``keras.RematScope`` the two layers compute again what they need."""
        return layer_call

    def compute_output_shape(self, sequences_shape, times_shape=None):
        one = self.forward_layer.compute_output_shape(sequences_shape, times_shape)
        if self.merge_mode is None:
            return [one, one]
        return (*one[:-1], 2 * one[-1]) if self.merge_mode == "concat" else one

    def compute_mask(self, sequences, mask=None):
        mask = mask if self.forward_layer.return_sequences else None
        return [mask, mask] if self.merge_mode is None else mask

    def get_config(self):
        return {
            **super().get_config(),
            "layer": keras.saving.serialize_keras_object(self.forward_layer),
            "merge_mode": self.merge_mode,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "layer": keras.saving.deserialize_keras_object(config["layer"])})
