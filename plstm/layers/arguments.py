"""The arguments of constructors: signatures name them all, so that editors show them, and bodies hand on a dict."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

# Of ``TimeGate``, by the same names for a cell and a layer.
GATE_ARGUMENTS = (
    "period_initializer",
    "shift_initializer",
    "ratio_on_initializer",
    "period_regularizer",
    "ratio_on_regularizer",
    "leak",
    "leak_at_inference",
    "origin",
    "parametrization",
    "frozen",
)
# Of every Keras layer.
LAYER_ARGUMENTS = ("activity_regularizer", "dtype", "input_dim", "input_shape", "name", "trainable")
# Of Keras' recurrent layers, which choose how they compute, never what: here that is the engine's affair.
WITHOUT_EFFECT = ("implementation", "unroll", "use_cudnn")


def given(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a constructor by name, from its ``locals()`` before it has others.

    A shape of inputs that is None is left out, as Keras wants it.
    """
    unset = [name for name in ("input_dim", "input_shape") if arguments.get(name) is None]
    return {name: value for name, value in arguments.items() if name not in ("self", "__class__", *unset)}


def of_layer(arguments: dict[str, Any]) -> dict[str, Any]:
    """What is for ``keras.layers.Layer`` among the arguments of a constructor."""
    return {name: value for name, value in given(arguments).items() if name in LAYER_ARGUMENTS}


def check_units(units: Any) -> int:
    """``units`` as an int, or an error that says what came instead."""
    if isinstance(units, bool) or not isinstance(units, (int, np.integer)):
        raise TypeError(f"expected units to be an integer, got {units!r}")
    if units <= 0:
        raise ValueError(f"expected units >= 1, got {units}")
    return int(units)


def choose(what: str, value: object, options: Collection[object]) -> None:
    """ValueError unless ``value`` is one of ``options``."""
    if value not in options:
        raise ValueError(f"expected {what} to be one of {', '.join(map(str, options))}, got {value!r}")
