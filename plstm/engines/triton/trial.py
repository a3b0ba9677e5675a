"""One small sequence, forward and backward, by the Triton engine and the portable one, before the first is trusted.

``trial_torch`` and ``trial_jax`` compute it.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from typing import Any

import keras
import numpy as np

from plstm.engines.spec import Asked
from plstm.engines.triton import offer
from plstm.engines.triton.tiles import Tiles
from plstm.types import Array, Tensor

BATCH, STEPS, FEATURES = 17, 4, 2  # two programs
# Of a value of 1, how much may differ: some roundings to the dtype that products are computed in.
TOLERANCES = {"ieee": 1e-4, "tf32": 2e-2, "float16": 2e-2, "bfloat16": 1e-1}
RHYTHM = ("period", "shift", "ratio_on")


def failure(inputs: Tensor, asked: Asked) -> str | None:
    """None once both agree, on this device, for such a layer; else the reason, with one warning in a process."""
    plan = offer.tiles(inputs, asked)
    # The size that the kernels are compiled for: what differs below it is only filled up.
    units = plan.size - 1 if isinstance(plan, Tiles) else asked.units
    asked = asked._replace(units=units)
    return compared(offer.device_of(inputs), offer.dtype_of(inputs), offer.precision(inputs), asked)


@functools.cache
def compared(device: Any, dtype: str, precision: str, asked: Asked) -> str | None:
    try:
        difference = largest_difference(device, dtype, asked)
    # A compiler, a driver or a card may fail in any way, and the portable engine is there for all.
    except Exception as error:
        reason = f"the Triton engine does not run here: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    else:
        tolerance = TOLERANCES[precision if dtype == "float32" else dtype]
        if difference <= tolerance:
            return None
        reason = f"the Triton engine computes something else here: a difference of {difference:.1g} at a value of 1"
    warnings.warn(f"{reason}; using the portable engine, slower on a GPU", stacklevel=2)
    return reason


def largest_difference(device: Any, dtype: str, asked: Asked) -> float:
    """Between outputs, states and gradients of both, each in parts of its largest value where that is above 1."""
    compute = importlib.import_module(f"plstm.engines.triton.trial_{keras.backend.backend()}")
    found, wanted = compute.answers(device, dtype, asked, *problem(asked))
    worst = [np.max(np.abs(f - w)) / max(1.0, np.abs(w).max()) for f, w in zip(found, wanted, strict=True)]
    # A NaN counts as the largest of all.
    return float(np.max(np.nan_to_num(worst, nan=np.inf)))


def problem(asked: Asked) -> tuple[dict[str, Array], Array, Array]:
    """Arguments by name in 64 bits, of which gradients are asked for; times; mask."""
    rng = np.random.default_rng(0)
    units, gru = asked.units, asked.cell == "gru"
    blocks = 3 if gru else 4
    arguments = {
        "kernel": rng.normal(0.0, 0.5, (FEATURES, blocks * units)),
        "recurrent_kernel": rng.normal(0.0, units**-0.5, (units, blocks * units)),
        "bias": rng.normal(0.0, 0.5, (2, blocks * units) if gru else (blocks * units,)),
        "x": rng.normal(0.0, 0.5, (BATCH, STEPS, FEATURES)),
        "h": rng.normal(0.0, 0.5, (BATCH, units)),
    }
    if not gru:
        arguments["c"] = rng.normal(0.0, 0.5, (BATCH, units))
    if asked.peepholes:
        arguments["peepholes"] = rng.normal(0.0, 0.5, (3, units))
    for name, low, high in zip(RHYTHM, (3.0, -5.0, 0.4), (10.0, 5.0, 0.9)):
        arguments[name] = rng.uniform(low, high, units)
    return arguments, np.cumsum(rng.uniform(0.5, 2.0, (BATCH, STEPS)), axis=1), rng.random((BATCH, STEPS)) < 0.8
