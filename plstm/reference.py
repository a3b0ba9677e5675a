"""The reference forward pass of the Phased LSTM and the Phased GRU: float64 NumPy, one step after another.

Every engine is tested against this module. It shares no code with them, not even the gate. It is plain, not fast.

Symbols: B samples, T steps, D features, H units; t time, k openness, h output, c cell state; a tilde (``proposal``)
marks the new state that the unit would have if its gate were fully open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from plstm.dates import numbers
from plstm.types import Cell, Floats, GateShape, Times


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + exp(-z)), written so that no exponential overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def gate(
    t: float, period: float, shift: float, ratio_on: float, leak: float = 0.0, shape: GateShape = "triangle"
) -> float:
    """Openness k of one unit at one time, as three if-branches (paper, equations 6 and 7).

    Args:
        t: the time, in any unit.
        period: tau > 0, in the unit of ``t``.
        shift: s, in the unit of ``t``.
        ratio_on: r, the open share of the period.
        leak: alpha, slope of the closed gate.
        shape: ``"triangle"``, ``"square"`` or ``"gaussian"``.
    """
    phase = ((float(numbers("t", t)) - shift) / period) % 1.0
    if phase >= ratio_on:
        return leak * phase
    if shape == "square":
        return 1.0
    if shape == "gaussian":
        return np.exp(-0.5 * ((phase / ratio_on - 0.5) / (1 / 6)) ** 2)
    if phase < ratio_on / 2:
        return 2.0 * phase / ratio_on
    return 2.0 - 2.0 * phase / ratio_on


def gates(
    times: Times,
    period: Sequence[float] | Floats,
    shift: Sequence[float] | Floats,
    ratio_on: Sequence[float] | Floats,
    leak: float = 0.0,
    shape: GateShape = "triangle",
) -> Floats:
    """Openness of H units at times of any shape: ``times.shape + (H,)``.

    Args:
        times: any shape, any unit.
        period: (H,), tau > 0, in the unit of ``times``.
        shift: (H,), s, in the unit of ``times``.
        ratio_on: (H,), r, the open share of the period.
        leak: alpha, slope of the closed gates.
        shape: ``"triangle"``, ``"square"`` or ``"gaussian"``.
    """
    times = numbers("times", times)
    k = [[gate(t, *unit, leak, shape) for unit in zip(period, shift, ratio_on)] for t in times.ravel()]
    return np.array(k).reshape(times.shape + (len(period),))


def lstm_step(
    x: Floats,
    h: Floats,
    c: Floats,
    k: Floats,
    kernel: Floats,
    recurrent_kernel: Floats,
    bias: Floats,
    peepholes: Floats | None = None,
) -> tuple[Floats, Floats]:
    """One step of the Phased LSTM.

    .. math::
        i, f &= \\sigma(x W + h' U + b + p \\odot c') \\\\
        \\tilde c &= f \\odot c' + i \\odot \\tanh(x W_c + h' U_c + b_c) \\\\
        o &= \\sigma(x W_o + h' U_o + b_o + p_o \\odot \\tilde c) \\\\
        \\tilde h &= o \\odot \\tanh \\tilde c \\\\
        c &= c' + k \\odot (\\tilde c - c') \\\\
        h &= h' + k \\odot (\\tilde h - h')

    Args:
        x: (B, D), the inputs.
        h: (B, H), the last output h'.
        c: (B, H), the last cell state c'.
        k: (H,) or (B, H), the openness.
        kernel: (D, 4H), gates in the order i, f, c, o.
        recurrent_kernel: (H, 4H), in the same order.
        bias: (4H,), in the same order.
        peepholes: (3, H) for i, f, o; None without.

    Returns:
        The new h and c, each (B, H).
    """
    p_i, p_f, p_o = np.zeros((3, h.shape[-1])) if peepholes is None else peepholes
    z_i, z_f, z_c, z_o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    i = sigmoid(z_i + p_i * c)
    f = sigmoid(z_f + p_f * c)
    c_proposal = f * c + i * np.tanh(z_c)
    o = sigmoid(z_o + p_o * c_proposal)
    h_proposal = o * np.tanh(c_proposal)
    return h + k * (h_proposal - h), c + k * (c_proposal - c)


def gru_step(x: Floats, h: Floats, k: Floats, kernel: Floats, recurrent_kernel: Floats, bias: Floats) -> Floats:
    """One step of the Phased GRU, in Keras' ``reset_after`` form.

    .. math::
        z, r &= \\sigma(x W + b + h' U + d) \\\\
        \\hat h &= \\tanh\\big(x W_h + b_h + r \\odot (h' U_h + d_h)\\big) \\\\
        \\tilde h &= z \\odot h' + (1 - z) \\odot \\hat h \\\\
        h &= h' + k \\odot (\\tilde h - h')

    Args:
        x: (B, D), the inputs.
        h: (B, H), the last output h'.
        k: (H,) or (B, H), the openness.
        kernel: (D, 3H), gates in the order z, r, h.
        recurrent_kernel: (H, 3H), in the same order.
        bias: (2, 3H), b (input) over d (recurrent).

    Returns:
        The new h, (B, H).
    """
    x_z, x_r, x_h = np.split(x @ kernel + bias[0], 3, axis=-1)
    h_z, h_r, h_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    z = sigmoid(x_z + h_z)
    r = sigmoid(x_r + h_r)
    h_proposal = z * h + (1.0 - z) * np.tanh(x_h + r * h_h)
    return h + k * (h_proposal - h)


def run(
    cell: Cell,
    x: ArrayLike,
    k: ArrayLike,
    weights: Mapping[str, ArrayLike | None],
    state: Sequence[ArrayLike] | None = None,
    mask: ArrayLike | None = None,
    recurrent_dropout: ArrayLike | None = None,
) -> tuple[Floats, list[Floats]]:
    """A whole sequence.

    Args:
        cell: ``"lstm"`` or ``"gru"``.
        x: (B, T, D), the inputs.
        k: the openness, (T, H) for a clock shared by the batch, or (B, T, H).
        weights: the arrays that the step takes after k, as a dict.
        state: ``[h, c]`` or ``[h]``, each (B, H); zeros if not given.
        mask: (B, T) booleans; a False step leaves the state unchanged, whatever the values of x and k there.
        recurrent_dropout: (B, H), multiplies h' in the matrix product and nowhere else.

    Returns:
        outputs (B, T, H), and the last state as a list.
    """
    x = np.asarray(x, np.float64)
    batch, steps, _ = x.shape
    arrays = {name: np.asarray(w, np.float64) for name, w in weights.items() if w is not None}
    recurrent = arrays["recurrent_kernel"]
    units = len(recurrent)
    k = np.broadcast_to(k, (batch, steps, units))
    mask = np.ones((batch, steps), bool) if mask is None else np.asarray(mask, bool)
    state_count = {"lstm": 2, "gru": 1}
    state = [np.zeros((batch, units)) for _ in range(state_count[cell])] if state is None else state
    state = [np.asarray(s, np.float64) for s in state]
    outputs = np.zeros((batch, steps, units))
    for b in range(batch):
        now = [s[b] for s in state]
        drop = 1.0 if recurrent_dropout is None else np.asarray(recurrent_dropout, np.float64)[b]
        step_weights = {**arrays, "recurrent_kernel": np.reshape(drop, (-1, 1)) * recurrent}
        for t in range(steps):
            if mask[b, t]:
                if cell == "lstm":
                    now = list(lstm_step(x[b, t], *now, k[b, t], **step_weights))
                else:
                    now = [gru_step(x[b, t], *now, k[b, t], **step_weights)]
            outputs[b, t] = now[0]
        state = [np.concatenate([s[:b], [n], s[b + 1 :]]) for s, n in zip(state, now)]
    return outputs, state
