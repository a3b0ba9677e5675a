"""Both directions in time: a phased layer and its mirror image, on the same absolute clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import keras
from keras import ops

from plstm import dates
from plstm.layers import clock
from plstm.layers.arguments import check_option, given_only, of_layer
from plstm.layers.gru import PhasedGRU
from plstm.layers.lstm import PhasedLSTM
from plstm.layers.recurrent import PhasedRNN
from plstm.types import LayerConfig, Merge, Policy, Regularizer, Shape, Tensor, Times

MERGES = ("concat", "sum", "mul", "ave", None)
# Attributes that must be equal in the two layers.
COMMON = ("return_sequences", "return_state", "stateful")


@keras.saving.register_keras_serializable(package="plstm")
class Bidirectional(keras.layers.Layer):
    """Reads a sequence forwards and backwards with two phased layers that share its clock.

    ``keras.layers.Bidirectional`` cannot pass times on. The backward layer sees the steps in reverse order with their
    own times, so its units open at the same moments as if it ran forwards.

    Args:
        layer: a ``PhasedLSTM`` or ``PhasedGRU``; the forward layer is made from its config.
        merge_mode: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"`` or None (a tuple of both).
        weights: initial weights of the two layers as arrays, the forward layer's before the backward layer's.
        backward_layer: the layer that reads backwards; default: made from ``layer``'s config, with weights of its own.
        name: the layer's name; default: made from the class name.
        dtype: the name of a dtype or policy, or a ``keras.DTypePolicy``; default: Keras' own setting.
        trainable: whether the weights are trained.
        activity_regularizer: of the outputs.
        input_shape: (T, D) of the inputs, for the first layer of a ``keras.Sequential``; ``keras.Input`` is better.
        input_dim: n for ``input_shape=(n,)``.

    Call arguments:
        sequences: (B, T, D).
        times: (T,) or (B, T), in the unit of the periods; default 0, 1, ..., T-1.
        mask: (B, T) booleans, or (1, T) for the whole batch.
        training: whether leak and dropout act.
        initial_state: the states of the forward layer, then those of the backward layer.

    Returns:
        (B, 2H) for ``"concat"``, (B, H) otherwise; with ``return_sequences`` (B, T, 2H) and (B, T, H), 0 at masked
        steps, as in Keras. With ``return_state`` a tuple of that and the states in the order of ``initial_state``.

    Raises:
        TypeError: a layer is not a phased one; an argument that does not exist.
        ValueError: the two layers have different options, or read in the same direction.

    Example:
        >>> import numpy as np, plstm
        >>> both = plstm.Bidirectional(plstm.PhasedLSTM(3, return_sequences=True))
        >>> both(np.zeros((2, 5, 1), "float32"), times=np.arange(5.0)).shape
        TensorShape([2, 5, 6])
    """

    def __init__(
        self,
        layer: PhasedRNN,
        merge_mode: Merge = "concat",
        weights: Iterable[Tensor] | None = None,
        backward_layer: PhasedRNN | None = None,
        *,
        name: str | None = None,
        dtype: Policy = None,
        trainable: bool = True,
        activity_regularizer: Regularizer = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
    ):
        super().__init__(autocast=False, **of_layer(locals()))
        for one in (layer, backward_layer or layer):
            if not isinstance(one, (PhasedLSTM, PhasedGRU)):
                raise TypeError(f"expected a PhasedLSTM or PhasedGRU, got {type(one).__name__}")
        check_option("merge_mode", merge_mode, MERGES)
        self.merge_mode = merge_mode
        self.supports_masking = True
        self.forward_layer = self._copy(layer, name="forward")
        self.backward_layer = backward_layer or self._copy(layer, name="backward", go_backwards=True)
        self._check_pair()
        for name in COMMON:
            setattr(self, name, getattr(layer, name))
        for one in self._pair:
            one.zero_output_for_mask = self.return_sequences
        self._given_weights = weights

    @staticmethod
    def _copy(layer: PhasedRNN, **changes: Any) -> PhasedRNN:
        return type(layer).from_config({**layer.get_config(), **changes})

    @property
    def _pair(self) -> tuple[PhasedRNN, PhasedRNN]:
        return self.forward_layer, self.backward_layer

    def _check_pair(self) -> None:
        for name in COMMON:
            ahead, back = (getattr(one, name) for one in self._pair)
            if ahead != back:
                raise ValueError(f"expected two layers with the same {name}, got {ahead} forwards and {back} backwards")
        if self.forward_layer.go_backwards == self.backward_layer.go_backwards:
            raise ValueError(
                f"expected one layer that reads forwards and one that reads backwards, got "
                f"go_backwards={self.forward_layer.go_backwards} for both; give layer with go_backwards=False, and "
                "backward_layer with go_backwards=True or not at all"
            )

    def __call__(
        self,
        sequences: Tensor,
        times: Times | Tensor = None,
        *,
        mask: Tensor = None,
        training: bool | None = None,
        initial_state: Sequence[Tensor] | None = None,
    ) -> Any:
        if times is not None:
            times = clock.from_user(times, sequences)
        dates.check_rectangular("sequences", sequences)
        asked = given_only(times=times, mask=mask, training=training, initial_state=initial_state)
        return super().__call__(sequences, **asked)

    def build(self, sequences_shape: Shape, times_shape: Shape | None = None, initial_state_shape: Any = None) -> None:
        for one in self._pair:
            if not one.built:
                one.build(sequences_shape)
        if self._given_weights is not None:
            weights, self._given_weights = list(self._given_weights), None
            half = len(self.forward_layer.weights)
            self.forward_layer.set_weights(weights[:half])
            self.backward_layer.set_weights(weights[half:])

    def call(
        self,
        sequences: Tensor,
        times: Tensor = None,
        initial_state: Sequence[Tensor] | None = None,
        mask: Tensor = None,
        training: bool = False,
    ) -> Any:
        answers = [
            one(sequences, times=times, initial_state=state, mask=mask, training=training)
            for one, state in zip(self._pair, self._halves(initial_state))
        ]
        states = ()
        if self.return_state:
            states = (*answers[0][1:], *answers[1][1:])
            answers = [answer[0] for answer in answers]
        ahead, back = (ops.cast(answer, self.compute_dtype) for answer in answers)
        merged = self._merge(ahead, ops.flip(back, 1) if self.return_sequences else back)
        if not self.return_state:
            return merged
        return (*merged, *states) if self.merge_mode is None else (merged, *states)

    def _halves(self, initial_state: Any) -> tuple[Any, Any]:
        """The initial states of the two layers."""
        if initial_state is None:
            return None, None
        half, count = self.forward_layer.cell.state_count, sum(one.cell.state_count for one in self._pair)
        if not isinstance(initial_state, (list, tuple)) or len(initial_state) != count:
            got = len(initial_state) if isinstance(initial_state, (list, tuple)) else type(initial_state).__name__
            raise ValueError(f"expected {count} initial states, the forward layer's before the backward's, got {got}")
        return initial_state[:half], initial_state[half:]

    def _merge(self, ahead: Tensor, back: Tensor) -> Any:
        if self.merge_mode is None:
            return ahead, back
        if self.merge_mode == "concat":
            return ops.concatenate([ahead, back], axis=-1)
        if self.merge_mode == "mul":
            return ahead * back
        return (ahead + back) / (2.0 if self.merge_mode == "ave" else 1.0)

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """In a ``keras.RematScope`` the two layers recompute what they need themselves."""
        return layer_call

    @property
    def states(self) -> tuple[Tensor, ...] | None:
        """The states of both layers, None unless stateful and built."""
        states = [one.states for one in self._pair]
        return None if None in states else (*states[0], *states[1])

    def reset_state(self) -> None:
        """Set states and counts of steps to zero."""
        for one in self._pair:
            one.reset_state()

    reset_states = reset_state

    def compute_output_shape(
        self, sequences_shape: Shape, times_shape: Shape | None = None, initial_state_shape: Any = None
    ) -> Any:
        shapes, states = [one.compute_output_shape(sequences_shape, times_shape) for one in self._pair], ()
        if self.return_state:
            states = (*shapes[0][1:], *shapes[1][1:])
            shapes = [shape[0] for shape in shapes]
        if self.merge_mode is None:
            return (*shapes, *states)
        ahead, back = shapes
        merged = (*ahead[:-1], ahead[-1] + back[-1]) if self.merge_mode == "concat" else ahead
        return (merged, *states) if self.return_state else merged

    def compute_mask(self, sequences: Tensor, mask: Tensor = None) -> Any:
        mask = mask if self.return_sequences else None
        masks = (mask, mask) if self.merge_mode is None else (mask,)
        if self.return_state:
            masks += (None,) * sum(one.cell.state_count for one in self._pair)
        return masks if len(masks) > 1 else mask

    def get_config(self) -> LayerConfig:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "layer": serialize(self.forward_layer),
            "backward_layer": serialize(self.backward_layer),
            "merge_mode": self.merge_mode,
        }

    @classmethod
    def from_config(cls, config: LayerConfig) -> Self:
        deserialize = keras.saving.deserialize_keras_object
        backward = config.get("backward_layer")
        layers: LayerConfig = {
            "layer": deserialize(config["layer"]),
            "backward_layer": backward and deserialize(backward),
        }
        return cls(**{**config, **layers})
