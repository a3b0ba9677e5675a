"""Launching the compiled kernels: arrays in, arrays out; tiles, threads, and a message if compiling takes long."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from plstm.engines import bounds
from plstm.engines.kernel_inputs import (
    CELLS,
    GATE_GRADIENTS,
    GATE_SHAPES,
    Gradients,
    KernelInputs,
    Options,
    PreparedInputs,
    Results,
)
from plstm.engines.packed_weights import LINE, stack, unstack
from plstm.engines.workspace import (
    backward_space_of,
    checkpoints_shape,
    kept,
    pack_backward,
    pack_forward,
    segment_length,
    space_of,
    tile_of,
    tile_size,
    tiles,
    unpad,
)
from plstm.types import Array

Arguments: TypeAlias = tuple[Any, ...]

PREPARED: set[tuple[Any, Any]] = set()  # kernels and dtypes that are compiled
PATIENCE = 2.0
NOTICE = "plstm: compiling the native engine, once for this machine (less than a minute)"


class NativeUnavailable(ImportError):
    """The native engine cannot run here: Numba does not import or does not compile, or the backend is another."""


@functools.cache
def kernels() -> ModuleType:
    """The module of kernels, or NativeUnavailable with the reason."""
    try:
        from plstm.engines import kernels as module
    except Exception as error:
        raise NativeUnavailable(f"the native engine needs Numba: {error}") from error
    return module


def frozen(array: Array, dtype: DTypeLike | None = None) -> Array:
    """A contiguous, read-only view or copy, as in the kernels' signature, so that one compilation fits all arrays."""
    array = np.ascontiguousarray(array, dtype).view()
    array.flags.writeable = False
    return array


def sequence_of(inputs: KernelInputs, options: Options) -> PreparedInputs:
    """The input of both kernels."""
    dtype = inputs.x.dtype
    return PreparedInputs(
        frozen(inputs.x),
        frozen(inputs.peepholes, dtype),
        frozen(inputs.k, dtype),
        frozen(inputs.times, np.float64),
        frozen(inputs.rhythm, np.float64),
        float(inputs.leak),
        frozen(inputs.mask, np.bool_),
        frozen(inputs.recurrent_dropout, dtype),
        CELLS[options.cell],
        GATE_SHAPES.get(options.gate_shape, 0),
        GATE_GRADIENTS[options.gate_gradient],
        bool(options.return_sequences),
    )


def forward(inputs: KernelInputs, options: Options, threads: int) -> tuple[Array, Array, Array, Array]:
    """(outputs, h, c, checkpoints). outputs is (B, T, H); empty without ``return_sequences``: then h is the output."""
    bounds.check_inputs(inputs, options)
    dtype, units = inputs.x.dtype, len(inputs.recurrent_kernel)
    batch, steps, _ = inputs.x.shape
    lanes, rows_at_once = LINE // dtype.itemsize, kernels().ROWS
    (count, size), segment = tiles(batch, lanes, threads), segment_length(steps)
    outputs = np.empty((batch, steps if options.return_sequences else 0, units), dtype)
    h, c = np.array(inputs.h, dtype), np.array(inputs.c, dtype)
    checkpoints = np.empty(checkpoints_shape(inputs.x.shape, units, dtype, threads), dtype)
    sequence, results = sequence_of(inputs, options), Results(outputs, h[:, None], c[:, None], checkpoints)
    weights = stack(options.cell, inputs.kernel, inputs.recurrent_kernel, inputs.bias)
    packed = pack_forward(weights, tile_of(0, size, inputs, rows_at_once), rows_at_once)

    def arguments(number: int) -> Arguments:
        tile = tile_of(number, size, inputs, rows_at_once)
        return tile, segment, sequence, space_of(tile, units, 1, packed), results

    launch("forward", dtype, threads, count, arguments)
    return outputs, h, c, checkpoints


def backward(
    inputs: KernelInputs,
    options: Options,
    checkpoints: Array,
    d_outputs: Array,
    d_h: Array,
    d_c: Array,
    threads: int,
    wants_x: bool = True,
) -> KernelInputs:
    """The gradients of the inputs; None for constants, and for x unless ``wants_x``.

    Args:
        inputs: those of ``forward``.
        options: those of ``forward``; the gate's gradient ``"none"`` leaves those of k and rhythm at zero.
        checkpoints: those that ``forward`` returned.
        d_outputs: the gradient of its outputs.
        d_h: that of its last h.
        d_c: that of its last c.
        threads: the largest number of threads.
        wants_x: whether x wants a gradient.
    """
    bounds.check_inputs(inputs, options)
    dtype, units, k = inputs.x.dtype, len(inputs.recurrent_kernel), inputs.k
    batch, steps, features = inputs.x.shape
    count, lanes, rows_at_once = bounds.tiles_of(checkpoints), LINE // dtype.itemsize, kernels().ROWS
    size, segment = tile_size(batch, lanes, count), segment_length(steps)
    bounds.check_gradients(inputs, options, checkpoints, d_outputs, d_h, d_c, size, segment, kept(units, size, lanes))
    like = tile_of(0, size, inputs, rows_at_once)
    weights = stack(options.cell, inputs.kernel, inputs.recurrent_kernel, inputs.bias)
    packed = pack_forward(weights, like, rows_at_once)
    # If x wants no gradient, only the rows of h' are computed. The row of ones lies between x and h'.
    at_h = features + 1 if wants_x else 0
    packed_back, rows = pack_backward(weights, like, features + 1 - at_h, rows_at_once)
    shared, wants_k = len(k) == 1, k.size > 0 and options.gate_gradient != "none"
    d_h, d_c = np.array(d_h, dtype), np.array(d_c, dtype)
    sequence, gradients = sequence_of(inputs, options), Gradients(
        checkpoints=frozen(checkpoints),
        d_outputs=frozen(d_outputs, dtype),
        d_h=d_h[:, None],
        d_c=d_c[:, None],
        d_weights=np.zeros((count, like.columns * like.rows), dtype),
        d_peepholes=np.zeros((count, 3, units), dtype),
        d_x=np.zeros(inputs.x.shape if wants_x else (0, 0, 0), dtype),
        d_k=np.zeros((count if shared else batch, steps, units) if wants_k else (0, 0, 0), dtype),
        d_rhythm=np.zeros((count, 3, units)),
    )  # fmt: skip

    def arguments(number: int) -> Arguments:
        tile = tile_of(number, size, inputs, rows_at_once)
        space = space_of(tile, units, segment, packed)
        return tile, segment, sequence, space, backward_space_of(tile, packed_back, rows, at_h), gradients

    launch("backward", dtype, threads, count, arguments)
    d_weights = unpad(gradients.d_weights.sum(axis=0), like, features, units)
    d_kernel, d_recurrent_kernel, d_bias = unstack(options.cell, features, d_weights)
    d_k = gradients.d_k.sum(axis=0, keepdims=True) if shared and wants_k else gradients.d_k
    return KernelInputs(
        x=gradients.d_x if wants_x else None, kernel=d_kernel, recurrent_kernel=d_recurrent_kernel, bias=d_bias,
        peepholes=gradients.d_peepholes.sum(axis=0), k=d_k if wants_k else np.zeros(k.shape, dtype), times=None,
        rhythm=gradients.d_rhythm.sum(axis=0), leak=None, mask=None, recurrent_dropout=None, h=d_h, c=d_c,
    )  # fmt: skip


def launch(name: str, dtype: Any, threads: int, count: int, arguments: Callable[[int], Arguments]) -> None:
    """Runs a kernel on ``count`` tiles. The thread that computes a tile also makes its arguments.

    Plain threads are as fast as Numba's prange, which takes more than twice as long to compile.
    """
    if not count:
        return
    kernel, first = getattr(kernels(), name), arguments(0)
    # ``frozen`` leaves the dtype as the only difference between signatures.
    if (kernel, dtype) not in PREPARED:
        prepare(kernel, first)
        PREPARED.add((kernel, dtype))
    calls = pool(threads, os.getpid()).map(lambda n: kernel(*(arguments(n) if n else first)), range(count))
    list(calls)


@functools.cache
def pool(threads: int, process: int) -> ThreadPoolExecutor:
    """The threads of this process. All launches share them, so layers that run at once do not compete for cores."""
    return ThreadPoolExecutor(threads, thread_name_prefix="plstm")


def prepare(kernel: Any, arguments: tuple[Any, ...]) -> None:
    """Compiles a kernel or reads it from the cache on disk, if it is not loaded; with a message if that takes long."""
    from numba import typeof

    signature = tuple(map(typeof, arguments))
    if signature in kernel.overloads:
        return
    notice = threading.Timer(PATIENCE, say_once)
    notice.daemon = True
    notice.start()
    try:
        kernel.compile(signature)
    except Exception as error:
        raise NativeUnavailable(f"the native engine does not compile here: {error}") from error
    finally:
        notice.cancel()


@functools.cache
def say_once() -> None:
    """Print the message; cached, because one line is enough for both kernels."""
    print(NOTICE, file=sys.stderr, flush=True)
