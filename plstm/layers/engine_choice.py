"""The part of a recurrent layer that chooses the engine, tells it, and recomputes instead of keeping all states."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from plstm.engines import select
from plstm.engines.spec import Asked
from plstm.layers.recurrent_cell import PhasedCell
from plstm.types import Engine, Tensor


class EngineChoice(keras.layers.Layer):
    """Base class of layers that an engine computes.

    Attributes:
        cell: the cell with the weights and the activations.
        requested_engine: the engine that the user asked for.
    """

    cell: PhasedCell
    requested_engine: Engine
    _engine_name: str | None = None
    _engine_reason: str | None = None
    _computes_again = False

    @property
    def engine(self) -> select.EngineName | None:
        """The name of the engine that computed the last call; its ``reason`` says why no faster one was chosen."""
        return None if self._engine_name is None else select.EngineName(self._engine_name, self._engine_reason)

    def _engine(self, inputs: Tensor, training: bool) -> Callable[..., tuple[Tensor, list[Tensor]]]:
        activations = (self.cell.activation, self.cell.recurrent_activation)
        plain = activations == (keras.activations.tanh, keras.activations.sigmoid)
        cell = self.cell
        peepholes = getattr(cell, "peepholes", None) is not None
        asked = Asked(cell.kind, cell.units, peepholes, cell.time_gate.shape)
        name, reason = select.select_engine(self.requested_engine, inputs, plain, training, asked)
        if name in ("scan", "triton") and self._computes_again and inputs.shape[1] is not None:
            name = f"{name}-checkpointed"
        self._engine_name, self._engine_reason = name, reason
        if name in ("triton", "triton-checkpointed"):
            from plstm.engines import triton

            return functools.partial(triton.wrapper().run, checkpoint=name == "triton-checkpointed")
        if name == "native":
            from plstm.engines import native

            return native.run
        from plstm.engines import scan

        checkpoint = name == "scan-checkpointed"
        keep = training and not self._computes_again
        return functools.partial(scan.run, activations=activations, checkpoint=checkpoint, training=keep)

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Rematerialization for ``keras.RematScope``, done by the engines: they keep few states and recompute others.

        Keras would call the whole layer twice. On TensorFlow that fails in every graph, and if a call changes
        something (dropout's seeds, the state of a stateful layer, the step of a leak's schedule) the second differs.
        """
        again = super().rematerialized_call(layer_call, *args, **kwargs) is not layer_call

        def call(*args: Any, **kwargs: Any) -> Any:
            self._computes_again = again
            try:
                return layer_call(*args, **kwargs)
            finally:
                self._computes_again = False

        return call
