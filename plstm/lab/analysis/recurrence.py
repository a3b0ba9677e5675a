"""The recurrent layer of a trained model as plain float64 arrays, and the Jacobian of one of its steps.

An LSTM is treated as a Phased LSTM whose gate is always open, so that both use the same code.
"""

from typing import Any, NamedTuple

import numpy as np

from plstm import dates, gate, reference
from plstm.errors import ConfigError

KINDS = ("phased-lstm", "lstm", "lstm-with-time", "lstm-normalised")


class Recurrence(NamedTuple):
    """An LSTM with or without a time gate.

    Attributes:
        kernel: (D, 4H), gates in the order i, f, c, o.
        recurrent_kernel: (H, 4H), in the same order.
        bias: (4H,), in the same order.
        peepholes: (3, H) for i, f and o, or None.
        rhythm: ``(period, shift, ratio_on)``, each (H,); None for an LSTM without a gate.
        leak: the slope of the closed gate in training.
        shape: the gate's shape.

    Example:
        >>> import keras, plstm
        >>> layer = plstm.PhasedLSTM(4)
        >>> layer.build((None, None, 2))
        >>> Recurrence.of(layer).kernel.shape
        (2, 16)
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    peepholes: Any = None
    rhythm: Any = None
    leak: float = 0.0
    shape: str = "triangle"

    @classmethod
    def of(cls, layer):
        """From a built ``plstm.PhasedLSTM`` or ``keras.layers.LSTM``.

        Raises:
            ConfigError: a layer of another class, or a leak that follows a schedule.
        """
        import keras

        def array(value):
            return None if value is None else np.asarray(keras.ops.convert_to_numpy(value), np.float64)

        cell = layer.cell
        arrays = array(cell.kernel), array(cell.recurrent_kernel), array(cell.bias)
        if isinstance(layer, keras.layers.LSTM):
            return cls(*arrays)
        if getattr(cell, "kind", None) != "lstm" or callable(cell.time_gate.leak):
            raise ConfigError(f"expected an LSTM or a Phased LSTM with a constant leak, got {type(layer).__name__}")
        rhythm = tuple(array(value) for value in (layer.period, layer.shift, layer.ratio_on))
        return cls(*arrays, array(cell.peepholes), rhythm, float(cell.time_gate.leak), cell.time_gate.shape)

    @property
    def units(self):
        """H."""
        return len(self.recurrent_kernel)

    def openness(self, times, training=False):
        """k at times (T,): (T, H). Without a leak, as at inference, unless ``training=True``."""
        if self.rhythm is None:
            return np.ones((len(dates.numbers("times", times)), self.units))
        leak = self.leak if training else 0.0
        # In their own dtype: how coarse they are shows in it.
        return gate.time_gate(dates.array("times", times)[:, None], *self.rhythm, leak=leak, shape=self.shape)

    def step(self, x, h, c, k):
        """The states after one step, by ``plstm.reference``. x (B, D); h, c (B, H); k (H,)."""
        return reference.lstm_step(x, h, c, k, self.kernel, self.recurrent_kernel, self.bias, self.peepholes)

    def states(self, x, k, state=None):
        """h and c before the first step and after every step: two arrays (T + 1, B, H).

        Args:
            x: (T, B, D).
            k: (T, H).
            state: ``(h, c)`` to start from, each (B, H); zeros if not given.
        """
        h, c = np.zeros((2, x.shape[1], self.units)) if state is None else state
        hs, cs = [h], [c]
        for inputs, openness in zip(x, k):
            h, c = self.step(inputs, h, c, openness)
            hs.append(h)
            cs.append(c)
        return np.array(hs), np.array(cs)


class Slopes(NamedTuple):
    """Derivatives of a step's proposals, element by element; arrays of the shape of the states.

    ``forget`` is the forget gate itself; ``cell`` is d c~/d c', f plus the peephole's part; ``through`` is
    d h~/d c~; ``of_i``, ``of_f``, ``of_c`` are d c~/d z, ``of_o`` is d h~/d z_o, for the pre-activations z.
    """

    forget: np.ndarray
    cell: np.ndarray
    through: np.ndarray
    of_i: np.ndarray
    of_f: np.ndarray
    of_c: np.ndarray
    of_o: np.ndarray


def slopes(recurrence, x, h, c):
    """``Slopes`` of steps with inputs x (..., D) that begin in the states h and c (..., H)."""
    p_i, p_f, p_o = np.zeros((3, recurrence.units)) if recurrence.peepholes is None else recurrence.peepholes
    z_i, z_f, z_c, z_o = np.split(x @ recurrence.kernel + h @ recurrence.recurrent_kernel + recurrence.bias, 4, axis=-1)
    i, f, g = reference.sigmoid(z_i + p_i * c), reference.sigmoid(z_f + p_f * c), np.tanh(z_c)
    proposal = f * c + i * g
    o, squashed = reference.sigmoid(z_o + p_o * proposal), np.tanh(proposal)
    of_i, of_f, of_o = i * (1 - i) * g, f * (1 - f) * c, o * (1 - o) * squashed
    return Slopes(
        forget=f,
        cell=f + p_i * of_i + p_f * of_f,
        through=o * (1 - squashed**2) + p_o * of_o,
        of_i=of_i,
        of_f=of_f,
        of_c=i * (1 - g**2),
        of_o=of_o,
    )


def back(recurrence, k, slope, of_h, of_c):
    """One step backwards: from gradients for the state after a step to those for the state before and for the input.

    With the blend c = c' + k (c~ - c'), h = h' + k (h~ - h'), any number R of gradients at once:

    .. math::
        \\bar c' &= (1 - k)\\,\\bar c + \\bar{\\tilde c}\\;\\partial\\tilde c/\\partial c' \\\\
        \\bar h' &= (1 - k)\\,\\bar h + \\bar z\\, U^\\top \\\\
        \\bar x &= \\bar z\\, W^\\top

    Args:
        k: (H,).
        slope: ``Slopes`` of the step, (B, H).
        of_h: (B, R, H).
        of_c: (B, R, H).

    Returns:
        The gradients for h', c' and x: (B, R, H), (B, R, H), (B, R, D).
    """
    slope = Slopes(*(array[:, None] for array in slope))
    of_h_proposal = k * of_h
    of_c_proposal = k * of_c + of_h_proposal * slope.through
    of_z = np.concatenate(
        [
            of_c_proposal * slope.of_i,
            of_c_proposal * slope.of_f,
            of_c_proposal * slope.of_c,
            of_h_proposal * slope.of_o,
        ],
        axis=-1,
    )
    of_h_before = (1 - k) * of_h + of_z @ recurrence.recurrent_kernel.T
    of_c_before = (1 - k) * of_c + of_c_proposal * slope.cell
    return of_h_before, of_c_before, of_z @ recurrence.kernel.T
