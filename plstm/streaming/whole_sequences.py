"""Whole sequences through all layers, from states of zero: what ``EventDriven.run`` computes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plstm.streaming import sparse
from plstm.streaming.sparse import Rows
from plstm.streaming.stream_state import LayerState, rest
from plstm.types import Array, Booleans, Floats, Integers


def advance(
    layers: Sequence[Rows],
    x: Array,
    times: Floats,
    mask: Booleans,
    starts: Integers,
    slots: Integers,
    state: Sequence[LayerState],
    sequences: bool,
    skip: bool,
) -> tuple[Array, list[int]]:
    """All layers over the events of some groups. Changes ``state`` in place; other arguments as in ``sparse.run``.

    Returns:
        The last layer's outputs, and the number of updates of each layer.
    """
    counts: list[int] = []
    for number, (rows, now) in enumerate(zip(layers, state)):
        wanted = sequences or number < len(layers) - 1
        x, updates = sparse.run(rows, x, times, mask, starts, slots, *now, wanted, skip)
        counts.append(updates)
    return x, counts


def run(
    layers: Sequence[Rows], x: Array, times: Floats, mask: Booleans, sequences: bool, skip: bool
) -> tuple[Array, list[int]]:
    """A batch of sequences.

    Args:
        layers: the weights of each layer.
        x: (B, T, D).
        times: (T,) or (B, T) float64, not decreasing.
        mask: (B, T) booleans; a False step changes nothing.
        sequences: whether to return the outputs of all steps instead of the last one.
        skip: whether closed units are skipped.

    Returns:
        (B, H) or (B, T, H), and the number of updates of each layer.
    """
    compute = _one_clock if times.ndim == 1 else _own_clocks
    return compute(layers, x, times, mask, sequences, skip)


def _one_clock(
    layers: Sequence[Rows], x: Array, times: Floats, mask: Booleans, sequences: bool, skip: bool
) -> tuple[Array, list[int]]:
    """Samples that share a clock, side by side in at least as many groups as there are threads."""
    batch, steps, _ = x.shape
    groups, size = sparse.groups(batch)
    # The last group is padded with samples that are masked at every step.
    missing = groups * size - batch
    x, mask = np.pad(x, ((0, missing), (0, 0), (0, 0))), np.pad(mask, ((0, missing), (0, 0)))
    x, mask = (_side_by_side(array.reshape(groups, size, *array.shape[1:])) for array in (x, mask))
    state = _at_rest(layers, groups, size)
    starts, slots = np.arange(groups + 1) * steps, np.arange(groups)
    outputs, updates = advance(layers, x, np.tile(times, groups), mask, starts, slots, state, sequences, skip)
    if not sequences:
        return state[-1][1].reshape(groups * size, -1)[:batch], updates
    units = outputs.shape[-1]
    outputs = outputs.reshape(groups, steps, size, units).swapaxes(1, 2).reshape(groups * size, steps, units)
    return outputs[:batch], updates


def _own_clocks(
    layers: Sequence[Rows], x: Array, times: Floats, mask: Booleans, sequences: bool, skip: bool
) -> tuple[Array, list[int]]:
    """Samples with a clock each: every sample is a group of its own."""
    batch, steps, features = x.shape
    state = _at_rest(layers, batch, 1)
    starts, slots = np.arange(batch + 1) * steps, np.arange(batch)
    flat = x.reshape(batch * steps, 1, features), times.ravel(), mask.reshape(-1, 1)
    outputs, updates = advance(layers, *flat, starts, slots, state, sequences, skip)
    return (outputs.reshape(batch, steps, outputs.shape[-1]) if sequences else state[-1][1][:, 0]), updates


def _at_rest(layers: Sequence[Rows], slots: int, streams: int) -> list[LayerState]:
    return rest([rows.units for rows in layers], layers[0].weights.dtype, slots, streams)


def _side_by_side(array: Array) -> Array:
    """(groups, size, T, ...) to (groups * T, size, ...): the samples of a group next to each other at every step."""
    array = array.swapaxes(1, 2)
    return np.ascontiguousarray(array.reshape(-1, *array.shape[2:]))
