"""What the peers share: a layer that is called like ours, ``layer(x, times=t, mask=m)``, and its checks."""

import math
from typing import Any, NamedTuple

import keras
from keras import ops

from plstm import dates
from plstm.lab.peers import earlier
from plstm.layers import clock, masks, shapes
from plstm.layers.arguments import check_units, given_only


class Steps(NamedTuple):
    """What a peer reads, checked: a step that does not count holds zeros and comes no time after the one before.

    Attributes:
        x: (B, T, D) in the compute dtype.
        times: (B, T) in the clock's dtype and unit.
        gaps: (B, T, 1) since the last step that counts, in the clock's dtype, in ``time_scale``; 0 at the first.
        mask: (B, T) bool, or None.
    """

    x: Any
    times: Any
    gaps: Any
    mask: Any

    def counted(self, values):
        """Values (B, T, ...) with zeros where a step does not count."""
        return values if self.mask is None else ops.where(_wide(self.mask, values), values, ops.zeros_like(values))


class TimedLayer(keras.layers.Layer):
    """A sequence and its times in, an output (B, H) or one a step (B, T, H) out. ``read`` is left to each peer.

    Args:
        units: H, the number of outputs.
        return_sequences: whether the outputs of all steps are wanted, or the last one alone.
        time_scale: what counts as 1, in the unit of the times: a usual gap, where a peer reads gaps.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D).
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ...
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold. Its output is
            that of the step before, 0 before the first that counts.

    Raises:
        TypeError: units that are no integer.
        ValueError: units < 1, a ``time_scale`` that is not > 0; when called: shapes that do not fit, dates, times that
            are not finite.
    """

    # Which engine computes it, as the phased layers tell: none of ours.
    engine = "keras.ops"

    def __init__(self, units, *, return_sequences=False, time_scale=1.0, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.units = check_units(units)
        self.return_sequences = return_sequences
        if not 0 < time_scale < math.inf:
            raise ValueError(f"expected time_scale > 0, got {time_scale}")
        self.time_scale = float(time_scale)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def __call__(self, sequences, times=None, *, mask=None, training=None, **others):
        if times is not None:
            times = clock.from_user(times, sequences)
        dates.check_rectangular("sequences", sequences)
        return super().__call__(sequences, **given_only(times=times, mask=mask, training=training, **others))

    def call(self, sequences, times=None, mask=None, training=False):
        return self.read(self._steps(sequences, times, mask), training)

    def read(self, steps, training):
        """The output for ``Steps``: (B, H), or (B, T, H) with ``return_sequences``."""
        raise NotImplementedError

    def zeros(self, steps):
        """A state (B, H) to begin with."""
        return ops.zeros((ops.shape(steps.x)[0], self.units), dtype=self.compute_dtype)

    def _steps(self, sequences, times, mask):
        if mask is None:
            mask = getattr(sequences, "_keras_mask", None)
        if mask is not None:
            mask = ops.cast(mask, "bool")
        features = self.input_spec.axes[-1]
        sequences, times, mask, _, fit = shapes.settle(sequences, times, mask, [], features, self.units)
        x = ops.cast(sequences, self.compute_dtype)
        if times is None:
            times = ops.arange(ops.shape(x)[1])
        else:
            clock.check_values(times, mask if mask is None or len(times.shape) == 2 else ops.any(mask, 0))
        times = ops.cast(times, clock.dtype())
        times = times + ops.zeros_like(x[..., 0], dtype=clock.dtype()) if len(times.shape) == 1 else times
        if mask is not None:
            times = ops.where(mask, times, ops.zeros_like(times))
            x = masks.mask_inputs(x, mask)
        if fit is not None:
            x = ops.where(fit, x, float("nan"))
        gaps = ops.expand_dims(earlier.gaps(times, mask) / self.time_scale, -1)
        return Steps(x, times, gaps, mask)

    def build(self, sequences_shape, times_shape=None):
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: sequences_shape[-1]})

    def compute_mask(self, sequences, mask=None):
        return mask if self.return_sequences else None

    def compute_output_shape(self, sequences_shape, times_shape=None):
        if times_shape is not None:
            clock.check_shape(times_shape, sequences_shape)
        return (*sequences_shape[: 1 + self.return_sequences], self.units)

    def get_config(self):
        own = {"units": self.units, "return_sequences": self.return_sequences, "time_scale": self.time_scale}
        config = {**super().get_config(), **own}
        config.pop("autocast", None)
        return config


def _wide(mask, values):
    """A mask (B, T) with as many dimensions as the values."""
    for _ in range(len(values.shape) - 2):
        mask = ops.expand_dims(mask, -1)
    return mask
