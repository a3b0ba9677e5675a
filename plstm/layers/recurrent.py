"""Base class of the Phased LSTM and Phased GRU layers: Keras' recurrent layer with one more input, the times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import keras
import numpy as np
from keras import ops

from plstm import dates
from plstm.engines import select
from plstm.layers import clock, shapes
from plstm.layers.arguments import LAYER_ARGUMENTS, WITHOUT_EFFECT, check_option, given_only
from plstm.layers.engine_choice import EngineChoice
from plstm.layers.masks import mask_inputs, mask_outputs
from plstm.layers.recurrent_cell import PhasedCell
from plstm.types import Engine, Floats, LayerConfig, Shape, Tensor, Times


class PhasedRNN(EngineChoice, keras.layers.RNN):
    """Base class of the two layers."""

    cell_class: ClassVar[type[PhasedCell]]
    keras_class: ClassVar[type[keras.layers.RNN]]

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool,
        return_state: bool,
        go_backwards: bool,
        stateful: bool,
        zero_output_for_mask: bool,
        engine: Engine,
        **kwargs: Any,
    ):
        check_option("engine", engine, select.ENGINES)
        autocast = kwargs.pop("autocast")
        if autocast not in (False,):
            raise ValueError(f"expected autocast=False, because autocast would round the times, got {autocast!r}")
        for name in WITHOUT_EFFECT:
            del kwargs[name]
        of_layer = {name: kwargs.pop(name) for name in LAYER_ARGUMENTS if name in kwargs}
        cell = self.cell_class(units, dtype=of_layer.get("dtype"), name="cell", **kwargs)
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            zero_output_for_mask=zero_output_for_mask,
            autocast=False,
            **of_layer,
        )
        # Without the cell's count of steps, because a layer has times.
        self.state_size = self.cell.state_size[: self.cell.state_count]
        self.requested_engine: Engine = engine
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def __call__(
        self,
        sequences: Tensor,
        times: Times | Tensor = None,
        *,
        initial_state: Tensor | Sequence[Tensor] = None,
        mask: Tensor = None,
        training: bool | None = None,
    ) -> Any:
        if times is not None:
            times = clock.from_user(times, sequences)
        dates.check_rectangular("sequences", sequences)
        asked = given_only(times=times, initial_state=initial_state, mask=mask, training=training)
        return super().__call__(sequences, **asked)

    def build(self, sequences_shape: Shape, times_shape: Shape | None = None, initial_state_shape: Any = None) -> None:
        super().build(sequences_shape)

    def get_initial_state(self, batch_size: Tensor) -> list[Tensor]:
        return super().get_initial_state(batch_size)[: self.cell.state_count]

    def _create_state_variables(self, batch_size: int) -> None:
        """Create ``states`` and ``steps_seen``, the whole state; as in Keras' layers they are not weights."""
        super()._create_state_variables(batch_size)
        steps = keras.Variable(0.0, dtype=clock.dtype(), trainable=False, autocast=False, name="steps_seen")
        object.__setattr__(self, "steps_seen", steps)

    def load_own_variables(self, store: Any) -> None:
        """Load weights from a file. Version 0.1 saved ``steps_seen``, a scalar, without h and c: it is ignored."""
        if list(store.keys()) != ["0"] or np.shape(store["0"]) != ():
            super().load_own_variables(store)

    def call(
        self,
        sequences: Tensor,
        times: Tensor = None,
        initial_state: Tensor | Sequence[Tensor] = None,
        mask: Tensor = None,
        training: bool = False,
    ) -> Any:
        if mask is None:
            mask = getattr(sequences, "_keras_mask", None)
        if mask is not None:
            mask = ops.cast(mask, "bool")
        sequences, times, mask, state, fit = self._fitting(sequences, times, mask, self._state(initial_state))
        inputs = ops.cast(sequences, self.compute_dtype)
        times = self._clock(times, inputs, mask, fit)
        if mask is not None:
            inputs = mask_inputs(inputs, mask)
        if self.go_backwards:
            inputs, times = ops.flip(inputs, 1), ops.flip(times, -1)
            mask = None if mask is None else ops.flip(mask, 1)
        inputs, recurrent_dropout = self._dropout(inputs, training)
        starts_at_zero = initial_state is None and not self.stateful
        outputs, state = self._engine(inputs, training)(
            self.cell.kind,
            self.cell.sequence_weights(),
            inputs,
            self.cell.time_gate.gate(times, training),
            state,
            mask,
            recurrent_dropout,
            self.return_sequences,
        )
        if mask is not None and (self.zero_output_for_mask or not starts_at_zero):
            outputs = mask_outputs(outputs, mask, self.zero_output_for_mask, self.return_sequences)
        if self.stateful:
            for variable, value in zip(self.states, state):
                variable.assign(value)
        return (outputs, *state) if self.return_state else outputs

    def _clock(self, times: Tensor, inputs: Tensor, mask: Tensor, fit: Tensor) -> Tensor:
        """times as a checked tensor, 0 at masked steps."""
        if times is None:
            times = ops.cast(ops.arange(ops.shape(inputs)[1]), clock.dtype())
            if self.stateful:
                times = times + self.steps_seen
                steps = ops.cast(ops.shape(inputs)[1], clock.dtype())
                # A call that fails only when the graph runs must not advance the count.
                self.steps_seen.assign_add(steps if fit is None else ops.where(fit, steps, ops.zeros_like(steps)))
            return times
        seen = mask if mask is None or len(times.shape) == 2 else ops.any(mask, 0)
        clock.check_values(times, seen)
        return times if seen is None else ops.where(seen, times, ops.zeros_like(times))

    def _state(self, initial_state: Any) -> list[Tensor]:
        """The initial state as a list in the compute dtype; an empty list means zeros."""
        if initial_state is None and not self.stateful:
            return []
        if initial_state is None:
            # A copy, because PyTorch overwrites the old state, which the gradient still needs.
            initial_state = [ops.copy(ops.convert_to_tensor(s)) for s in self.states]
        initial_state = list(initial_state) if isinstance(initial_state, (list, tuple)) else [initial_state]
        if len(initial_state) != self.cell.state_count:
            raise ValueError(f"expected an initial state of {self.cell.state_count} tensors, got {len(initial_state)}")
        return [ops.cast(s, self.compute_dtype) for s in initial_state]

    def _fitting(
        self, sequences: Tensor, times: Tensor, mask: Tensor, state: list[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor, list[Tensor], Tensor]:
        """The call's arguments after their shapes are checked, with a state and a mask for every sample.

        Last comes whether the shapes fit, if only the running graph can tell, else None. If they do not, and the graph
        cannot raise an error, the state is NaN.
        """
        cell, stored = self.cell, self.states[0].shape[0] if self.stateful else None
        sequences, times, mask, state, fit = shapes.settle(
            sequences, times, mask, state, cell.kernel.shape[0], cell.units, stored
        )
        state = state or self.get_initial_state(ops.shape(sequences)[0])
        if fit is not None:
            state = [ops.where(fit, s, float("nan")) for s in state]
        return sequences, times, mask, state, fit

    def _dropout(self, inputs: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """Inputs with dropout, and the recurrent dropout's mask: one for each sample, the same at every step."""
        cell, batch = self.cell, ops.shape(inputs)[0]

        def mask(rate: float, size: int) -> Tensor:
            ones = ops.ones((batch, size), dtype=self.compute_dtype)
            return keras.random.dropout(ones, rate, seed=cell.seed_generator)

        if training and cell.dropout > 0:
            inputs = inputs * ops.expand_dims(mask(cell.dropout, inputs.shape[-1]), 1)
        recurrent = mask(cell.recurrent_dropout, cell.units) if training and cell.recurrent_dropout > 0 else None
        return inputs, recurrent

    def compute_output_shape(
        self, sequences_shape: Shape, times_shape: Shape | None = None, initial_state_shape: Any = None
    ) -> Any:
        if times_shape is not None:
            clock.check_shape(times_shape, sequences_shape)
        return super().compute_output_shape(sequences_shape)

    def reset_state(self) -> None:
        super().reset_state()
        if self.states is not None:
            self.steps_seen.assign(0.0)

    @property
    def period(self) -> Tensor:
        """tau (H,), in the clock's unit."""
        return self.cell.time_gate.period

    @property
    def shift(self) -> Tensor:
        """s (H,), in the clock's unit, counted from the origin."""
        return self.cell.time_gate.shift

    @property
    def ratio_on(self) -> Tensor:
        """r_on (H,), the open share of the period."""
        return self.cell.time_gate.ratio_on

    def openness(self, times: Times) -> Floats:
        """k at inference as a float64 NumPy array, ``times.shape + (H,)``.

        Args:
            times: any shape, in the unit of the periods.
        """
        return self.cell.time_gate.openness(times)

    def update_rate(self, times: Times) -> Floats:
        """The share of the given times at which each unit is open at inference, (H,).

        Args:
            times: any shape, in the unit of the periods.
        """
        k = self.openness(times)
        return (k > 0).reshape(-1, k.shape[-1]).mean(axis=0)

    def get_config(self) -> LayerConfig:
        config = super().get_config()
        for inherited in ("cell", "unroll"):
            del config[inherited]
        of_cell = self.cell.get_config()
        return {
            **{name: of_cell[name] for name in of_cell if name not in LAYER_ARGUMENTS},
            **config,
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            "engine": self.requested_engine,
        }

    @classmethod
    def from_config(cls, config: LayerConfig) -> Self:
        return cls(**config)

    @classmethod
    def from_keras(cls, layer: keras.layers.RNN, **changes: Any) -> Self:
        """A phased layer with the arguments and weights of a built ``keras.layers.LSTM`` (or GRU) and a new time gate.

        With ``gate_shape="square", ratio_on_initializer=1.0`` its gate is always open, and it computes what that layer
        computes. The state of a stateful one starts at zero.

        Args:
            layer: the Keras layer.
            **changes: arguments of this class that replace those of the Keras layer or the defaults.

        Raises:
            TypeError: a layer of another class, or an unknown argument.
            ValueError: a layer without weights, or a GRU with ``reset_after=False``.
        """
        if type(layer) is not cls.keras_class:
            what = f"a keras.layers.{cls.keras_class.__name__}"
            raise TypeError(f"expected {what}, got {layer.__class__.__name__}")
        if not layer.built:
            raise ValueError(f"expected a built layer, got {layer.name}, which has no weights yet; call it once first")
        phased = cls.from_config({**layer.get_config(), "name": None, **changes})
        phased.build((layer.states[0].shape[0] if layer.stateful else None, None, layer.cell.kernel.shape[0]))
        for name in ("kernel", "recurrent_kernel", "bias"):
            if getattr(phased.cell, name) is not None:
                getattr(phased.cell, name).assign(getattr(layer.cell, name))
        return phased
