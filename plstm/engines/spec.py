"""Engines: how a whole sequence is computed. They know nothing of Keras layers, and all answer the same call::

    outputs, state = engine.run(cell, weights, inputs, gate, state, mask, recurrent_dropout, return_sequences)

============================  =======================================================================================
``cell``                      ``"lstm"`` or ``"gru"``
``weights``                   a ``Weights``: kernel, recurrent_kernel, bias (never None), peepholes (None without)
``inputs``                    (B, T, D), in the compute dtype
``gate``                      a ``Gate``: the clock, and the rhythm of every unit
``state``                     ``[h, c]`` or ``[h]``, each (B, H)
``mask``                      (B, T) booleans or None; a False step does not change the state
``recurrent_dropout``         (B, H) or None; multiplies h' where it enters the matrix product
``return_sequences``          whether ``outputs`` is (B, T, H) or the last (B, H)
============================  =======================================================================================

Gradients flow to weights, inputs, state and the rhythm's parameters; never to the clock or the mask.
``scan`` runs on every backend and device, ``native`` on CPUs, ``triton`` on NVIDIA GPUs under PyTorch, and
under JAX where jax-triton is installed.
``plstm.streaming`` has an engine for single events.
"""

from __future__ import annotations

from typing import NamedTuple

from plstm import gate as gates
from plstm.types import Cell, GateGradient, GateShape, Tensor


class Weights(NamedTuple):
    """What a cell has learned beside its rhythm. Orders: i, f, c, o (lstm); z, r, h (gru).

    Attributes:
        kernel: (D, 4H) of an LSTM, (D, 3H) of a GRU.
        recurrent_kernel: (H, 4H) or (H, 3H).
        bias: (4H,), or (2, 3H), input over recurrent.
        peepholes: (3, H) for i, f, o; None without, as in every GRU.
    """

    kernel: Tensor
    recurrent_kernel: Tensor
    bias: Tensor
    peepholes: Tensor = None


class Asked(NamedTuple):
    """The properties of a layer that decide whether the Triton engine can compute it."""

    cell: Cell
    units: int
    peepholes: bool
    shape: GateShape


class Gate(NamedTuple):
    """A clock and the rhythm that every unit follows on it, in the clock's unit of time.

    Attributes:
        times: (T,) for one clock shared by the batch, or (B, T), in float64 where the backend has it.
        period: tau (H,).
        shift: s (H,).
        ratio_on: r (H,), the open share of the period.
        leak: alpha, a float or a scalar tensor.
        shape: as in ``plstm.gate.openness``.
        gradient: ``"exact"``, ``"none"``, or ``"truncated"``, which is tf.contrib's: a period's gradient forgets the
            whole periods gone by.
    """

    times: Tensor
    period: Tensor
    shift: Tensor
    ratio_on: Tensor
    leak: Tensor = 0.0
    shape: GateShape = "triangle"
    gradient: GateGradient = "exact"

    def openness(self, dtype: str) -> Tensor:
        """k, differentiable: (T, H) for a shared clock, (B, T, H) for one a sample.

        Phases are computed in the clock's dtype, and k from them in 32 bits or more: in 16, a gate near the end of its
        window has no digit left.

        Args:
            dtype: of k.
        """
        from keras import backend, ops

        width = "float32" if backend.standardize_dtype(dtype) in ("float16", "bfloat16") else dtype
        times = ops.expand_dims(self.times, -1)
        period, shift = ops.cast(self.period, times.dtype), ops.cast(self.shift, times.dtype)
        ratio_on = ops.cast(self.ratio_on, width)
        if self.gradient == "none":
            period, shift, ratio_on = (ops.stop_gradient(p) for p in (period, shift, ratio_on))
        phase = gates.phase(times, period, shift, xp=ops)
        if self.gradient == "truncated":
            whole = ops.stop_gradient((times - shift) / period - phase)
            local = (times - shift - whole * ops.stop_gradient(period)) / period
            phase = ops.stop_gradient(phase) + (local - ops.stop_gradient(local))
        leak = ops.convert_to_tensor(self.leak, dtype=width)
        k = gates.openness(ops.cast(phase, width), ratio_on, leak, self.shape, xp=ops)
        return ops.cast(k, dtype)
