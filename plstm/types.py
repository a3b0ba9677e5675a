"""The types that signatures name. Tensors are Any: those of TensorFlow, JAX and PyTorch have no type in common."""

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
Dates: TypeAlias = ArrayLike | date | timedelta | Sequence[Any]  # what ``plstm.elapsed`` makes numbers of
Unit: TypeAlias = Literal["us", "ms", "s", "min", "h", "D"]

NamedShape: TypeAlias = Literal["triangle", "square", "gaussian"]
GateShape: TypeAlias = NamedShape | Callable[[Tensor, Tensor], Tensor]
GateGradient: TypeAlias = Literal["exact", "truncated", "none"]
Cell: TypeAlias = Literal["lstm", "gru"]
Engine: TypeAlias = Literal["auto", "native", "scan", "scan-checkpointed"]
Late: TypeAlias = Literal["error", "skip"]
