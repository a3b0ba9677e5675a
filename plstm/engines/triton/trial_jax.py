"""The trial's two answers in JAX, on the default device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from plstm.engines import native, scan
from plstm.engines.spec import Asked, Gate, Weights
from plstm.engines.triton import function_jax
from plstm.engines.triton.trial import RHYTHM
from plstm.types import Array, Tensor


def answers(
    device: Any, dtype: str, asked: Asked, arguments: dict[str, Array], times: Array, mask: Array
) -> list[list[Array]]:
    """Of the Triton engine in ``dtype``, and of the portable one in 32 bits: outputs, states and all gradients."""
    clock = native.dtype_of_clock()

    def argument(name: str, kind: str) -> Tensor:
        values = jnp.asarray(arguments[name], clock if name in RHYTHM else dtype)
        return values if name in RHYTHM else values.astype(kind)

    # Now, even if the caller is being traced.
    with jax.ensure_compile_time_eval(), jax.default_device(device):
        return [
            answer(run, asked, {name: argument(name, kind) for name in arguments}, jnp.asarray(times, clock), mask)
            for run, kind in ((function_jax.run, dtype), (scan.run, "float32"))
        ]


def answer(run: Callable[..., Any], asked: Asked, given: dict[str, Tensor], times: Tensor, mask: Array) -> list[Array]:
    def loss(given: dict[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        weights = Weights(*(given.get(name) for name in Weights._fields))
        gate = Gate(times, *(given[name] for name in RHYTHM), leak=0.01, shape=asked.shape)
        state = [given[name] for name in ("h", "c") if name in given]
        outputs, states = run(asked.cell, weights, given["x"], gate, state, jnp.asarray(mask))
        found = [outputs, *states]
        return sum(jnp.square(part.astype(jnp.float32)).sum() for part in found), found

    (_, found), gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))(given)
    return [np.asarray(tensor, np.float64) for tensor in (*found, *(gradients[name] for name in given))]
