"""What the ode-lstms repository, and tables that quote it, call a Phased LSTM. It is not one."""

import keras
from keras import ops

from plstm.lab.peers import recurrence
from plstm.lab.peers.timed import TimedLayer


@keras.saving.register_keras_serializable(package="plstm")
class OdeLstmsBaseline(TimedLayer):
    """The cell behind the rows named *Phased LSTM* in the papers on ODE-LSTM and CfC, re-created from its formula.

    .. math::
        \\tau, s, r &= \\mathrm{softplus} \\text{ of one weight each, shared by all units}, \\quad
        \\varphi = \\mathrm{frac}((\\Delta t - s) / \\tau) \\\\
        k &= 2 \\varphi r \\;|\\; 2 - 2 \\varphi / r \\;|\\; .001 \\, \\varphi
            \\quad (\\varphi < r/2 \\;|\\; \\varphi < r \\;|\\; \\text{else}) \\\\
        c &= k \\odot \\tilde c + (1 - k) \\odot c', \\quad h = k \\odot \\tilde h + (1 - k) \\odot h'

    with the proposals of an LSTM without peepholes, forget bias 1. It differs from a Phased LSTM in four ways: the
    rising branch has r as a factor, not as a divisor, so that k jumps from r^2 to 1 where it should go through 1; all
    units share one rhythm; the clock is the gap since the step before, not the time; the leak stays at inference.

    Where all gaps are equal, so are all k, at every step: time tells nothing, and the cell is an LSTM that can be
    changed by the share k alone.

    Args:
        units: H, the number of units.
        return_sequences: whether the outputs of all steps are wanted, or the last one alone.
        time_scale: what counts as 1 in the gaps, in the unit of the times. There: the longest sequence.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D).
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ... The gap of the first step counts from time 0.
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.

    Returns:
        h (B, H), or (B, T, H) with ``return_sequences``.

    Raises:
        TypeError: units that are no integer.
        ValueError: as of ``TimedLayer``.

    Source:
        The formula, read in the repository of Lechner & Hasani (2020), *Learning long-term dependencies in
        irregularly-sampled time series*, arXiv:2006.04418. The code here is our own.

    Example:
        >>> import numpy as np
        >>> OdeLstmsBaseline(4)(np.ones((2, 3, 1), "float32"), times=np.array([1.0, 1.5, 4.0])).shape
        TensorShape([2, 4])
    """

    def build(self, sequences_shape, times_shape=None):
        super().build(sequences_shape)
        units, weight = self.units, self.add_weight
        self.kernel = weight(shape=(sequences_shape[-1], 4 * units), initializer="glorot_uniform", name="kernel")
        self.recurrent_kernel = weight(shape=(units, 4 * units), initializer="orthogonal", name="recurrent_kernel")
        self.bias = weight(shape=(4 * units,), initializer="zeros", name="bias")
        self.period, self.shift, self.ratio_on = (
            weight(shape=(1,), initializer="zeros", name=name) for name in ("period", "shift", "ratio_on")
        )

    def read(self, steps, training):
        told = ops.matmul(steps.x, self.kernel) + self.bias
        gaps = ops.cast(self._gaps(steps), told.dtype)
        period, shift, ratio = (ops.softplus(w) for w in (self.period, self.shift, self.ratio_on))
        turns = (gaps - shift) / period
        phase = turns - ops.stop_gradient(ops.floor(turns))
        closing = ops.where(phase < ratio, 2 - 2 * phase / ratio, 0.001 * phase)
        k = ops.where(phase < 0.5 * ratio, 2 * phase * ratio, closing)
        state = [self.zeros(steps), self.zeros(steps)]
        weights = {"recurrent_kernel": self.recurrent_kernel}
        return recurrence.run(_step, weights, state, [told, k], steps.mask, self.return_sequences)

    def _gaps(self, steps):
        """The gaps, with that of the first step from 0."""
        times = steps.times[..., None] / self.time_scale
        if steps.mask is None:
            return ops.concatenate([times[:, :1], steps.gaps[:, 1:]], axis=1)
        first = ops.logical_and(steps.mask, ops.cumsum(ops.cast(steps.mask, "int32"), axis=1) == 1)
        return ops.where(first[..., None], times, steps.gaps)


def _step(weights, state, now):
    told, k = now
    hidden, memory = state
    new, write, keep, show = ops.split(told + ops.matmul(hidden, weights["recurrent_kernel"]), 4, axis=-1)
    proposed = ops.sigmoid(keep + 1.0) * memory + ops.sigmoid(write) * ops.tanh(new)
    shown = ops.sigmoid(show) * ops.tanh(proposed)
    return [hidden + k * (shown - hidden), memory + k * (proposed - memory)]
