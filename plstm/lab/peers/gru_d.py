"""GRU-D: a gated recurrent unit whose inputs and memory fade with the time since they were last observed."""

import keras
import numpy as np
from keras import ops

from plstm import dates
from plstm.lab.peers import earlier, recurrence
from plstm.lab.peers.timed import TimedLayer
from plstm.layers import shapes


@keras.saving.register_keras_serializable(package="plstm")
class GRUD(TimedLayer):
    """GRU-D over whole sequences, with features that may be missing one by one.

    .. math::
        \\gamma^x &= \\exp(-\\max(0, w_\\gamma \\odot \\delta + b_\\gamma)), \\quad
        \\gamma^h = \\exp(-\\max(0, \\delta W_\\gamma + b'_\\gamma)) \\\\
        \\hat x &= m \\odot x + (1 - m) \\odot (\\gamma^x \\odot x' + (1 - \\gamma^x) \\odot \\tilde x), \\quad
        \\hat h = \\gamma^h \\odot h' \\\\
        z &= \\sigma(\\hat x W_z + \\hat h U_z + m V_z + b_z), \\quad
        r = \\sigma(\\hat x W_r + \\hat h U_r + m V_r + b_r) \\\\
        \\tilde h &= \\tanh(\\hat x W + (r \\odot \\hat h) U + m V + b), \\quad
        h = (1 - z) \\odot \\hat h + z \\odot \\tilde h

    m is 1 where a feature is observed; delta the time since it last was, or since the first step; x' what it was then,
    and before that x~, the mean of the feature.

    Args:
        units: H, the number of units.
        mean: x~, what a feature fades to: a number, or an array of D, in the unit of the features. Not trained.
        return_sequences: whether the outputs of all steps are wanted, or the last one alone.
        time_scale: what counts as 1 in delta, in the unit of the times: a usual gap.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D); NaN where a feature is missing.
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ...
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.
        observed: (B, T, D) bool, False where a feature is missing, whatever it holds; default: wherever it is not NaN.

    Returns:
        h (B, H), or (B, T, H) with ``return_sequences``.

    Raises:
        TypeError: units that are no integer.
        ValueError: as of ``TimedLayer``; a mean of another shape; when called: ``observed`` of another shape.

    Source:
        Che, Purushotham, Cho, Sontag & Liu (2018), *Recurrent neural networks for multivariate time series with missing
        values*, Scientific Reports 8:6085, equations 3 and 10 to 16. It does not say what delta is of a feature that
        was never observed; here it grows from the first step.

    Example:
        >>> import numpy as np
        >>> x, t = np.array([[[1.0, np.nan], [np.nan, 2.0]]], "float32"), np.array([[0.0, 3.5]])
        >>> GRUD(4)(x, times=t).shape
        TensorShape([1, 4])
    """

    def __init__(self, units, *, mean=0.0, return_sequences=False, time_scale=1.0, **kwargs):
        super().__init__(units, return_sequences=return_sequences, time_scale=time_scale, **kwargs)
        self.mean = np.asarray(mean, float)

    def build(self, sequences_shape, times_shape=None, observed_shape=None):
        super().build(sequences_shape)
        features, units = sequences_shape[-1], self.units
        if self.mean.shape not in ((), (features,)):
            raise ValueError(f"expected a mean of shape () or ({features},), got {self.mean.shape}")
        weight = self.add_weight
        self.kernel = weight(shape=(features, 3 * units), initializer="glorot_uniform", name="kernel")
        self.observed_kernel = weight(shape=(features, 3 * units), initializer="glorot_uniform", name="observed_kernel")
        self.recurrent_kernel = weight(shape=(units, 3 * units), initializer="orthogonal", name="recurrent_kernel")
        self.bias = weight(shape=(3 * units,), initializer="zeros", name="bias")
        # Above 0, where max(0, .) has a gradient: a feature half forgotten after one to a hundred usual gaps.
        start = keras.initializers.RandomUniform(0.007, 0.7)
        self.input_decay = weight(shape=(features,), initializer=start, name="input_decay")
        self.input_decay_bias = weight(shape=(features,), initializer="zeros", name="input_decay_bias")
        start = keras.initializers.RandomUniform(0.0, 0.7 / features)
        self.decay = weight(shape=(features, units), initializer=start, name="decay")
        self.decay_bias = weight(shape=(units,), initializer="zeros", name="decay_bias")

    def call(self, sequences, times=None, mask=None, observed=None, training=False):
        if observed is not None:
            dates.check_rectangular("observed", observed)
            features = sequences.shape[-1]
            shapes.check("observed", observed.shape, lambda batch, steps: [(batch, steps, features)], sequences.shape)
        steps = self._steps(sequences, times, mask)
        seen = ops.logical_not(ops.isnan(steps.x))
        if observed is not None:
            seen = ops.logical_and(seen, ops.cast(observed, "bool"))
        return self._read(steps, seen)

    def _read(self, steps, seen):
        if steps.mask is not None:
            seen = ops.logical_and(seen, ops.expand_dims(steps.mask, -1))
        values = ops.where(seen, steps.x, ops.zeros_like(steps.x))
        since = self._since(steps, seen)
        mean = ops.cast(ops.convert_to_tensor(self.mean, dtype=self.compute_dtype), self.compute_dtype)
        before, known = earlier.last_before(values, seen)
        before = ops.where(known, before, mean)
        fade = ops.exp(-ops.relu(since * self.input_decay + self.input_decay_bias))
        filled = ops.where(seen, values, fade * before + (1 - fade) * mean)
        keep = ops.exp(-ops.relu(ops.matmul(since, self.decay) + self.decay_bias))
        told = ops.matmul(filled, self.kernel) + ops.matmul(ops.cast(seen, values.dtype), self.observed_kernel)
        weights, start = {"recurrent": self.recurrent_kernel}, [self.zeros(steps)]
        return recurrence.run(_step, weights, start, [told + self.bias, keep], steps.mask, self.return_sequences)

    def _since(self, steps, seen):
        """delta (B, T, D): the time since each feature was last observed, or since the first step."""
        times = ops.zeros_like(seen, dtype=steps.times.dtype) + ops.expand_dims(steps.times, -1)
        last, known = earlier.last_before(times, seen)
        if steps.mask is None:
            first = times[:, :1]
        else:
            first = ops.min(
                ops.where(steps.mask[..., None], times, ops.full_like(times, float("inf"))), axis=1, keepdims=True
            )
        since = (times - ops.where(known, last, first)) / self.time_scale
        return steps.counted(ops.cast(since, self.compute_dtype))

    def get_config(self):
        return {**super().get_config(), "mean": self.mean.tolist()}


def _step(weights, state, now):
    told, keep = now
    [hidden] = state
    units = hidden.shape[-1]
    hidden = keep * hidden
    recurrent = weights["recurrent"]
    gates = ops.sigmoid(told[:, : 2 * units] + ops.matmul(hidden, recurrent[:, : 2 * units]))
    update, reset = gates[:, :units], gates[:, units:]
    proposed = ops.tanh(told[:, 2 * units :] + ops.matmul(reset * hidden, recurrent[:, 2 * units :]))
    return [(1 - update) * hidden + update * proposed]
