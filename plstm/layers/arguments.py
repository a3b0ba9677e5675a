"""Arguments of layers: signatures name all of them, so that editors show them; bodies pass them on as a dict."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from plstm.types import GateParameter

# Arguments of ``TimeGate`` that cells and layers take under the same names.
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
# Arguments of every Keras layer.
LAYER_ARGUMENTS = ("activity_regularizer", "dtype", "input_dim", "input_shape", "name", "trainable")
# Arguments of Keras' recurrent layers that choose how to compute, never what. Here the engine decides that.
WITHOUT_EFFECT = ("implementation", "unroll", "use_cudnn")


def given(arguments: dict[str, Any]) -> dict[str, Any]:
    """A constructor's arguments by name, from ``locals()`` called before it has other variables.

    ``input_dim`` and ``input_shape`` are left out where they are None: Keras expects that.
    """
    unset = [name for name in ("input_dim", "input_shape") if arguments.get(name) is None]
    return {name: value for name, value in arguments.items() if name not in ("self", "__class__", *unset)}


def of_layer(arguments: dict[str, Any]) -> dict[str, Any]:
    """Those of a constructor's arguments that ``keras.layers.Layer`` takes."""
    return {name: value for name, value in given(arguments).items() if name in LAYER_ARGUMENTS}


def given_only(**arguments: Any) -> dict[str, Any]:
    """A call's arguments without those that are None: Keras fills in what is not given, ``training`` for example."""
    return {name: value for name, value in arguments.items() if value is not None}


def check_units(units: Any) -> int:
    """``units`` as an int. TypeError or ValueError unless it is an integer >= 1."""
    if isinstance(units, bool) or not isinstance(units, (int, np.integer)):
        raise TypeError(f"expected units to be an integer, got {units!r}")
    if units <= 0:
        raise ValueError(f"expected units >= 1, got {units}")
    return int(units)


def check_option(what: str, value: object, options: Collection[object]) -> None:
    """ValueError unless ``value`` is one of ``options``."""
    if value not in options:
        raise ValueError(f"expected {what} to be one of {', '.join(map(str, options))}, got {value!r}")


def check_leak(leak: Any) -> None:
    """ValueError unless ``leak`` is a finite number >= 0 or a schedule."""
    try:
        fits = callable(leak) or 0.0 <= leak < np.inf
    except (TypeError, ValueError):  # no number; an array of several
        fits = False
    if not fits:
        raise ValueError(f"expected leak to be a number >= 0 or a schedule, got {leak!r}")


def frozen_names(frozen: Any, options: Collection[GateParameter]) -> list[GateParameter]:
    """``frozen``, one name or several, as a list. ValueError unless all are among ``options``."""
    if not np.iterable(frozen):
        raise ValueError(
            f"expected frozen to be names out of {', '.join(options)}, got {frozen!r}; trainable_gate=False "
            "(TimeGate: trainable=False) freezes all"
        )
    names: list[Any] = [frozen] if isinstance(frozen, str) else list(frozen)
    for name in names:
        check_option("each name in frozen", name, options)
    return names
