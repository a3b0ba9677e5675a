"""One small sequence, forward and backward, by the Triton engine and the portable one, before the first is trusted."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from plstm.engines import scan
from plstm.engines.spec import Asked, Gate, Weights
from plstm.engines.triton import offer
from plstm.types import Tensor

BATCH, STEPS, FEATURES = 17, 4, 2  # two programs
# Of a value of 1, how much may differ: some roundings to the dtype that products are computed in.
TOLERANCES = {"ieee": 1e-4, "tf32": 2e-2, torch.float16: 2e-2, torch.bfloat16: 1e-1}


def failure(inputs: Tensor, asked: Asked) -> str | None:
    """None once both agree, on this device, for such a layer; else the reason, with one warning in a process."""
    plan = offer.tiles(inputs, asked)
    # The size that the kernels are compiled for: what differs below it is only filled up.
    units = asked.units if isinstance(plan, str) else plan.size - 1
    return compared(inputs.device, inputs.dtype, offer.precision(inputs), asked._replace(units=units))


@functools.cache
def compared(device: torch.device, dtype: torch.dtype, precision: str, asked: Asked) -> str | None:
    try:
        difference = largest_difference(device, dtype, asked)
    # A compiler, a driver or a card may fail in any way, and the portable engine is there for all.
    except Exception as error:
        reason = f"the Triton engine does not run here: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    else:
        tolerance = TOLERANCES[precision if dtype == torch.float32 else dtype]
        if difference <= tolerance:
            return None
        reason = f"the Triton engine computes something else here: a difference of {difference:.1g} at a value of 1"
    warnings.warn(f"{reason}; using the portable engine, many times slower on a GPU", stacklevel=2)
    return reason


def largest_difference(device: torch.device, dtype: torch.dtype, asked: Asked) -> float:
    """Between outputs, states and gradients of both, each in parts of its largest value where that is above 1."""
    from plstm.engines.triton import function

    # Whatever mode the caller is in.
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device.type, enabled=False):
        found, wanted = (
            answers(engine, kind, device, dtype, asked)
            for engine, kind in ((function.run, dtype), (scan.run, torch.float32))
        )
        worst = [((f.double() - w.double()).abs() / w.abs().max().clamp(min=1.0)).max() for f, w in zip(found, wanted)]
        # A NaN counts as the largest of all.
        return float(torch.stack(worst).nan_to_num(float("inf")).max())


def answers(
    engine: Callable[..., Any], kind: torch.dtype, device: torch.device, dtype: torch.dtype, asked: Asked
) -> list[Tensor]:
    """Outputs, states, and gradients of all arguments, computed in ``kind`` from arguments rounded to ``dtype``."""
    rng = np.random.default_rng(0)
    units, blocks = asked.units, 3 if asked.cell == "gru" else 4

    def argument(*shape: int, scale: float = 0.5) -> Tensor:
        values = torch.tensor(rng.normal(0.0, scale, shape), device=device)
        return values.to(dtype).to(kind).requires_grad_(True)

    def of_rhythm(low: float, high: float) -> Tensor:
        return torch.tensor(rng.uniform(low, high, units), device=device).requires_grad_(True)

    weights = Weights(
        argument(FEATURES, blocks * units),
        argument(units, blocks * units, scale=units**-0.5),
        argument(*((2, blocks * units) if asked.cell == "gru" else (blocks * units,))),
        argument(3, units) if asked.peepholes else None,
    )
    x, state = argument(BATCH, STEPS, FEATURES), [argument(BATCH, units) for _ in range(blocks - 2)]
    period, shift, ratio_on = of_rhythm(3.0, 10.0), of_rhythm(-5.0, 5.0), of_rhythm(0.4, 0.9)
    times = torch.tensor(np.cumsum(rng.uniform(0.5, 2.0, (BATCH, STEPS)), axis=1), device=device)
    mask = torch.tensor(rng.random((BATCH, STEPS)) < 0.8, device=device)
    gate = Gate(times, period, shift, ratio_on, 0.01, asked.shape)
    outputs, states = engine(asked.cell, weights, x, gate, state, mask)
    loss = torch.stack([(answer.float() * answer.float()).sum() for answer in (outputs, *states)]).sum()
    arguments = [a for a in (*weights, x, *state, period, shift, ratio_on) if a is not None]
    return [t.detach() for t in (outputs, *states, *torch.autograd.grad(loss, arguments))]
