"""Base class of the Phased LSTM and Phased GRU cells: the time gate, the clock and the count of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from plstm.engines import Weights
from plstm.engines.steps import project
from plstm.layers import clock
from plstm.layers.arguments import GATE_ARGUMENTS, check_units, given_only
from plstm.layers.initial_values import made_untraced
from plstm.layers.time_gate import TimeGate
from plstm.types import Cell, GateGradient, GateShape, LayerConfig, Shape, Tensor, Times

# The number of steps that a cell has taken, (B, 4): digits to this base, the lowest first. Keras keeps every state in
# the compute dtype, and bfloat16 cannot hold all whole numbers above 256. Digits are exact in every dtype, up to 2^32
# steps.
DIGITS, BASE = 4, 256.0


def _count(digits: Tensor) -> Tensor:
    """The number of steps (B,) from its digits (B, 4), in the clock's dtype."""
    places = ops.convert_to_tensor(BASE ** np.arange(DIGITS), dtype=clock.dtype())
    return ops.sum(ops.cast(digits, clock.dtype()) * places, axis=-1)


def _next(digits: Tensor) -> Tensor:
    """The digits (B, 4) of the next number of steps."""
    carry, new = ops.ones_like(digits[:, :1]), []
    for place in range(DIGITS):
        digit = digits[:, place : place + 1] + carry
        carry = ops.cast(digit >= BASE, digit.dtype)
        new.append(digit - BASE * carry)
    return ops.concatenate(new, axis=-1)


class PhasedCell(keras.layers.Layer):
    """Base class of the two cells: a time gate beside the weights of the Keras cell that they extend."""

    kind: ClassVar[Cell]
    step: ClassVar[Callable[..., list[Tensor]]]
    state_count: ClassVar[int]

    def __init__(
        self, units: int, *, gate_shape: GateShape, gate_gradient: GateGradient, trainable_gate: bool, **kwargs: Any
    ):
        rhythm = {name: kwargs.pop(name) for name in GATE_ARGUMENTS}
        # No autocast, because Keras would cast the times too; ``call`` casts the inputs.
        super().__init__(check_units(units), autocast=False, **kwargs)
        # One dropout mask for all gates of a unit, as in the layers. Keras may draw one for each gate.
        self.dropout_mask_count = None
        self.time_gate = TimeGate(
            units,
            shape=gate_shape,
            gradient=gate_gradient,
            trainable=trainable_gate,
            dtype=self.dtype_policy,
            name="time_gate",
            **rhythm,
        )
        self.state_size = [self.units] * self.state_count + [DIGITS]

    def build(self, input_shape: Shape) -> None:
        with made_untraced():
            super().build(input_shape)
        # The cell is built only after its gate: if a build fails in a trace, Keras tries again and then reports why.
        self.built = False
        self.time_gate.build()

    def __call__(
        self,
        inputs: Tensor,
        states: Sequence[Tensor],
        times: Times | Tensor = None,
        *,
        training: bool | None = None,
    ) -> Any:
        if times is not None:
            times = clock.from_user(times)
        return super().__call__(inputs, states, **given_only(times=times, training=training))

    def sequence_weights(self) -> Weights:
        """``plstm.engines.Weights`` in the compute dtype."""
        raise NotImplementedError

    def call(
        self, inputs: Tensor, states: Sequence[Tensor], times: Tensor = None, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """One step. inputs (B, D), states as returned before, times a scalar or (B,). Returns h and the new states."""
        states = list(states) if isinstance(states, (list, tuple)) else [states]
        states, steps = states[: self.state_count], states[self.state_count :]
        self._check(inputs, states, steps, times)
        if times is None:
            if not steps:
                raise ValueError(
                    f"expected times, or {self.state_count + 1} states of which the last is the count of steps, got no "
                    f"times and {len(states)} states; get_initial_state makes all of them"
                )
            times = _count(steps[0])
        times = ops.reshape(times if ops.is_tensor(times) else ops.cast(times, clock.dtype()), (-1,))
        k = self.time_gate.gate(times, training).openness(self.compute_dtype)
        weights = self.sequence_weights()
        inputs = ops.cast(inputs, self.compute_dtype)
        states = [ops.cast(s, self.compute_dtype) for s in states]
        recurrent_dropout = None
        if training:
            # Keras keeps these masks from step to step; its RNN layer resets them for every sequence.
            recurrent_dropout = self._cast(self.get_recurrent_dropout_mask(states[0]))
            dropout = self._cast(self.get_dropout_mask(inputs))
            inputs = inputs if dropout is None else inputs * dropout
        states = type(self).step(
            project(inputs, weights),
            states,
            k,
            weights,
            self.activation,
            self.recurrent_activation,
            recurrent_dropout,
        )
        return states[0], [*states, *map(_next, steps)]

    def _check(self, inputs: Tensor, states: list[Tensor], steps: list[Tensor], times: Tensor) -> None:
        """ValueError if a known shape does not fit, or a time is not finite."""
        batch, count = inputs.shape[0], self.state_count
        given = len(states) + len(steps)
        if given not in (count, count + 1):
            raise ValueError(f"expected {count} states, or {count + 1} with a count of steps, got {given}")
        sizes = [self.units] * count + [DIGITS]
        for name, tensor, size in zip(["state"] * count + ["count of steps"], states + steps, sizes):
            shape = tuple(tensor.shape)
            if len(shape) != 2 or shape[1] != size or (None not in (shape[0], batch) and shape[0] != batch):
                raise ValueError(f"expected a {name} of shape ({batch}, {size}), got {shape}")
        if times is not None:
            shape = tuple(times.shape)
            if len(shape) > 1 or (shape and None not in (shape[0], batch) and shape[0] not in (1, batch)):
                raise ValueError(f"expected one time or times of shape ({batch},), got {shape}")
            clock.check_values(times)

    def get_initial_state(self, batch_size: Tensor = None) -> list[Tensor]:
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> LayerConfig:
        gate = self.time_gate.get_config()
        return {
            **super().get_config(),
            **{name: gate[name] for name in GATE_ARGUMENTS},
            "gate_shape": gate["shape"],
            "gate_gradient": gate["gradient"],
            "trainable_gate": self.time_gate.trainable,
        }

    def _cast(self, weight: Tensor) -> Tensor:
        return None if weight is None else ops.cast(weight, self.compute_dtype)
