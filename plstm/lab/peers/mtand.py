"""mTAND: attention over times, which carries what was seen at any times to reference points."""

import math

import keras
from keras import ops

from plstm.lab.peers import recurrence
from plstm.lab.peers.timed import TimedLayer
from plstm.layers.arguments import check_option, check_units
from plstm.layers.initializers import LogUniform

HEADS = ("recurrent", "dense")
# Less than any score, where no step counts.
LARGE = 1e4


@keras.saving.register_keras_serializable(package="plstm")
class MTAND(TimedLayer):
    """The encoder of mTAND: multi-time attention, then a GRU over the reference points, or a dense layer.

    .. math::
        \\varphi_h(t)_0 &= \\omega_{h0} t + \\alpha_{h0}, \\quad
        \\varphi_h(t)_j = \\sin(\\omega_{hj} t + \\alpha_{hj}) \\\\
        \\kappa_h(r, t_n) &= \\mathrm{softmax}_n \\big(\\varphi_h(r) W_h V_h^T \\varphi_h(t_n)^T / \\sqrt{K} \\big) \\\\
        \\hat x_{hd}(r) &= \\sum_n \\kappa_h(r, t_n) \\, x_{n,d}, \\quad
        u(r) = \\sum_{h,d} \\hat x_{hd}(r) U_{hd} + b

    For each feature the softmax goes over the steps that count and at which it is not missing (NaN). The reference
    points r lie evenly from 0 to ``time_scale``.

    Args:
        units: H, of the head, and J, the width of u.
        references: how many reference points, >= 2.
        heads: how many time embeddings.
        embedding: E, the size of each, >= 2; K = E.
        cycles: (low, high), the range of the first frequencies in cycles over ``time_scale``, log-uniform.
        head: ``"recurrent"``, a GRU over the reference points, or ``"dense"``, a layer with ReLU on all of them.
        return_sequences: whether the outputs at all reference points are wanted (recurrent head), or the last alone.
        time_scale: the time of the last reference point, in the unit of the times.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D); NaN where a feature is missing.
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ... In any order.
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.

    Returns:
        (B, H), or (B, references, H) with ``return_sequences``.

    Raises:
        TypeError: units, references, heads or an embedding that are no integers.
        ValueError: as of ``TimedLayer``; less than 2 references, an embedding below 2, a range that is not
            0 < low < high, an unknown head, ``return_sequences`` with a dense one.

    Source:
        Shukla & Marlin (2021), *Multi-time attention networks for irregularly sampled time series*, arXiv:2101.10318,
        equations 1 to 4, and the encoder for classification. The frequencies begin there near 0.

    Example:
        >>> import numpy as np
        >>> MTAND(4)(np.ones((2, 3, 1), "float32"), times=np.array([0.0, 0.5, 0.75])).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        units,
        *,
        references=32,
        heads=1,
        embedding=16,
        cycles=(0.1, 16.0),
        head="recurrent",
        return_sequences=False,
        time_scale=1.0,
        **kwargs,
    ):
        super().__init__(units, return_sequences=return_sequences, time_scale=time_scale, **kwargs)
        check_option("head", head, HEADS)
        if return_sequences and head == "dense":
            raise ValueError("expected return_sequences with a recurrent head, got a dense one, which has one output")
        for name, value in (("references", references), ("embedding", embedding)):
            if check_units(value) < 2:
                raise ValueError(f"expected {name} >= 2, got {value}")
        low, high = cycles
        if not 0 < low < high < math.inf:
            raise ValueError(f"expected cycles (low, high) with 0 < low < high, got {cycles}")
        self.references, self.heads, self.embedding = references, check_units(heads), embedding
        self.cycles, self.head = (float(low), float(high)), head

    def build(self, sequences_shape, times_shape=None):
        super().build(sequences_shape)
        features, units, weight = sequences_shape[-1], self.units, self.add_weight
        frequencies = LogUniform(*(2 * math.pi * c for c in self.cycles))
        phases = keras.initializers.RandomUniform(0.0, 2 * math.pi)
        start = keras.initializers.RandomNormal(stddev=self.embedding**-0.5)
        of_times, pair = (self.heads, self.embedding), (self.heads, self.embedding, self.embedding)
        self.slopes = weight(
            shape=(self.heads,), initializer=keras.initializers.RandomUniform(-1.0, 1.0), name="slopes"
        )
        self.frequencies = weight(shape=(self.heads, self.embedding - 1), initializer=frequencies, name="frequencies")
        self.phases = weight(shape=of_times, initializer=phases, name="phases")
        self.query_kernel = weight(shape=pair, initializer=start, name="query_kernel")
        self.key_kernel = weight(shape=pair, initializer=start, name="key_kernel")
        self.kernel = weight(shape=(self.heads * features, units), initializer="glorot_uniform", name="kernel")
        self.bias = weight(shape=(units,), initializer="zeros", name="bias")
        if self.head == "dense":
            shape = (self.references * units, units)
            self.head_kernel = weight(shape=shape, initializer="glorot_uniform", name="head_kernel")
            self.head_bias = weight(shape=(units,), initializer="zeros", name="head_bias")
        else:
            self.head_kernel = weight(shape=(units, 3 * units), initializer="glorot_uniform", name="head_kernel")
            self.recurrent_kernel = weight(shape=(units, 3 * units), initializer="orthogonal", name="recurrent_kernel")
            self.head_bias = weight(shape=(2, 3 * units), initializer="zeros", name="head_bias")

    def read(self, steps, training):
        points = ops.expand_dims(ops.linspace(0.0, 1.0, self.references, dtype=self.compute_dtype), 0)
        times = ops.cast(steps.times / self.time_scale, self.compute_dtype)
        queries = ops.einsum("bhre,hek->bhrk", self._embedded(points), self.query_kernel)
        keys = ops.einsum("bhte,hek->bhtk", self._embedded(times), self.key_kernel)
        scores = ops.einsum("ahrk,bhtk->bhrt", queries, keys) / math.sqrt(self.embedding)
        u = ops.matmul(self._attended(scores, steps), self.kernel) + self.bias
        if self.head == "dense":
            flat = ops.reshape(u, (-1, self.references * self.units))
            return ops.relu(ops.matmul(flat, self.head_kernel) + self.head_bias)
        told = ops.matmul(u, self.head_kernel) + self.head_bias[0]
        weights = {"recurrent_kernel": self.recurrent_kernel, "bias": self.head_bias[1]}
        return recurrence.run(_gru_step, weights, [self.zeros(steps)], [told], None, self.return_sequences)

    def _embedded(self, times):
        """phi (B, heads, T, E) of times (B, T)."""
        speeds = ops.concatenate([ops.expand_dims(self.slopes, -1), self.frequencies], axis=-1)
        waves = times[:, None, :, None] * speeds[:, None, :] + self.phases[:, None, :]
        return ops.concatenate([waves[..., :1], ops.sin(waves[..., 1:])], axis=-1)

    def _attended(self, scores, steps):
        """x^ (B, references, heads D); 0 for a feature that was never seen."""
        seen = ops.logical_not(ops.isnan(steps.x))
        values = ops.where(seen, steps.x, ops.zeros_like(steps.x))
        if steps.mask is not None:
            seen = ops.logical_and(seen, ops.expand_dims(steps.mask, -1))
        scores, seen = ops.expand_dims(scores, -1), seen[:, None, None]
        counts = ops.cast(seen, scores.dtype)
        top = ops.max(ops.where(seen, scores, ops.full_like(scores, -LARGE)), axis=3, keepdims=True)
        shares = counts * ops.exp(ops.minimum(scores - ops.stop_gradient(top), 0.0))
        total = ops.sum(shares, axis=3)
        found = ops.einsum("bhrtd,btd->bhrd", shares, values)
        found = found / ops.where(total > 0, total, ops.ones_like(total))
        return ops.reshape(ops.swapaxes(found, 1, 2), (-1, self.references, self.heads * steps.x.shape[-1]))

    def compute_mask(self, sequences, mask=None):
        return None

    def compute_output_shape(self, sequences_shape, times_shape=None):
        shape = super().compute_output_shape(sequences_shape, times_shape)
        return (shape[0], self.references, self.units) if self.return_sequences else shape

    def get_config(self):
        names = ("references", "heads", "embedding", "cycles", "head")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _gru_step(weights, state, now):
    [told], [hidden] = now, state
    units = hidden.shape[-1]
    recurrent = ops.matmul(hidden, weights["recurrent_kernel"]) + weights["bias"]
    gates = ops.sigmoid(told[:, : 2 * units] + recurrent[:, : 2 * units])
    keep, reset = gates[:, :units], gates[:, units:]
    proposed = ops.tanh(told[:, 2 * units :] + reset * recurrent[:, 2 * units :])
    return [keep * hidden + (1 - keep) * proposed]
