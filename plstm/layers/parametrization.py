"""The two parametrizations of the time gate: from weights to period and ratio_on in natural units, within bounds."""

from __future__ import annotations

import numpy as np
from keras import ops

from plstm.layers import clock
from plstm.layers.initial_values import LOGIT_BOUND
from plstm.types import Parametrization, Tensor

PARAMETRIZATIONS = ("natural", "log")
# Outside these bounds a phase stands still or is noise, and float32 gradients would overflow.
PERIOD_BOUNDS = (1e-12, 1e12)
RATIO_BOUNDS = (1e-6, 1.0)


def period_of(weight: Tensor, parametrization: Parametrization, initial_period: Tensor = None) -> Tensor:
    """tau (H,) in the clock's dtype, from a weight ``period`` or, with ``"log"``, ``log_period_change``."""
    weight = ops.cast(ops.convert_to_tensor(weight), clock.dtype())
    if parametrization == "log":
        period = initial_period * ops.exp(ops.clip(weight, *np.log(PERIOD_BOUNDS)))
    else:
        period = ops.abs(weight)
    return ops.clip(period, *PERIOD_BOUNDS)


def ratio_on_of(weight: Tensor, parametrization: Parametrization) -> Tensor:
    """r_on (H,) in the weight's dtype, from a weight ``ratio_on`` or, with ``"log"``, ``logit_ratio_on``."""
    weight = ops.convert_to_tensor(weight)
    if parametrization == "log":
        weight = ops.sigmoid(ops.clip(weight, -LOGIT_BOUND, LOGIT_BOUND))
    return ops.clip(ops.abs(weight), *RATIO_BOUNDS)
