"""Type aliases for signatures. Tensors are Any: those of TensorFlow, JAX and PyTorch have no common type."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Tensor: TypeAlias = Any
Array: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]
Floats32: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]

Times: TypeAlias = ArrayLike  # real numbers
Dates: TypeAlias = ArrayLike | date | timedelta | Sequence[Any]  # what ``plstm.elapsed`` converts to numbers
Unit: TypeAlias = Literal["us", "ms", "s", "min", "h", "D"]

NamedShape: TypeAlias = Literal["triangle", "square", "gaussian"]
GateShape: TypeAlias = NamedShape | Callable[[Tensor, Tensor], Tensor]
GateGradient: TypeAlias = Literal["exact", "truncated", "none"]
Cell: TypeAlias = Literal["lstm", "gru"]
Engine: TypeAlias = Literal["auto", "native", "triton", "triton-checkpointed", "scan", "scan-checkpointed"]
Late: TypeAlias = Literal["error", "skip"]

Merge: TypeAlias = Literal["concat", "sum", "mul", "ave"] | None
Parametrization: TypeAlias = Literal["natural", "log"]
GateParameter: TypeAlias = Literal["period", "shift", "ratio_on"]

# Arguments of Keras layers: a name, an object or function, or its config.
LayerConfig: TypeAlias = dict[str, Any]
Activation: TypeAlias = str | Callable[[Tensor], Tensor] | LayerConfig | None
Initializer: TypeAlias = str | Callable[..., Tensor] | LayerConfig
Regularizer: TypeAlias = str | Callable[[Tensor], Tensor] | LayerConfig | None
Constraint: TypeAlias = str | Callable[[Tensor], Tensor] | LayerConfig | None
Policy: TypeAlias = Any  # the name of a dtype or of a policy, or a keras.DTypePolicy
Seed: TypeAlias = Any  # an integer, a keras.random.SeedGenerator or None
Shape: TypeAlias = tuple[int | None, ...]

Initial: TypeAlias = Initializer | ArrayLike  # initial values of period, shift or ratio_on
Leak: TypeAlias = float | Callable[[Tensor], Tensor] | LayerConfig  # a number, or one of keras.optimizers.schedules
