"""Launching the compiled kernels: arrays in, arrays out; tiles, threads, and a word when compiling takes long."""

from __future__ import annotations

import functools
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from plstm.engines import border
from plstm.types import Array, Booleans, Floats, GateGradient, GateShape

# What a kernel calls a gate shape. Any other is computed outside, and the kernels are given k.
SHAPES: dict[GateShape, int] = {"triangle": 0, "square": 1, "gaussian": 2}
GRADIENTS = {"none": 0, "exact": 1, "truncated": 2}
PATIENCE = 2.0
# Bytes of a vector in the kernels.
LINE = 64
# At (256, 784, 1, 32) a training step takes 32 ms with tiles of 16, 26 of 32, 24 of 64 and of 128.
MAX_TILE = 64
# Samples go one by one where there are fewer than this share of a vector for every thread. With 128 units 4 samples
# take 4.5 ms one by one and 9.6 in one vector, 8 take 8.5 and 9.5, 16 take 16.5 and 9.7.
FEW = 0.25
NOTICE = "plstm: compiling the native engine, once for this machine (less than a minute)"


class NativeUnavailable(ImportError):
    """The native engine cannot run here: Numba does not import or does not compile, or the backend is another."""


class Problem(NamedTuple):
    """What both directions need. Arrays in the compute dtype but times and rhythm, which are float64.

    ``x (B, T, D)``, ``kernel``, ``recurrent_kernel``, ``bias``, ``peepholes`` as in ``Weights`` (never None: zeros);
    either ``k (B, T, H)``, or ``times (B, T)`` and ``rhythm (3, H)``: period, shift, ratio_on, where a 1 for B says
    that the batch shares them; what is not given is empty, as are an absent ``mask (B, T)`` and ``dropout (B, H)``.
    """

    gru: bool
    x: Array
    kernel: Array
    recurrent_kernel: Array
    bias: Array
    peepholes: Array
    k: Array
    times: Floats
    rhythm: Floats
    leak: float | Array
    shape: GateShape
    mask: Booleans
    dropout: Array
    sequences: bool


@functools.cache
def kernels() -> ModuleType:
    """The module of kernels, or NativeUnavailable with the reason."""
    try:
        from plstm.engines import kernels as module
    except Exception as error:
        raise NativeUnavailable(f"the native engine needs Numba: {error}") from error
    return module


def tiles(batch: int, lanes: int, threads: int) -> tuple[int, int]:
    """(number of tiles, samples in each but the last) for vectors of ``lanes`` samples.

    As many tiles for each thread, of whole vectors and at most MAX_TILE samples; of one sample where there are few.

    >>> tiles(256, 16, 2), tiles(100, 16, 2), tiles(3, 16, 2)
    ((4, 64), (2, 64), (3, 1))
    """
    if batch < FEW * lanes * threads:
        return batch, 1
    vectors = -(-batch // lanes)
    count = -(-vectors * lanes // (MAX_TILE * threads)) * threads
    # As many as are filled.
    count = -(-vectors // -(-vectors // count))
    return count, tile_size(batch, lanes, count)


def tile_size(batch: int, lanes: int, count: int) -> int:
    """Samples in each of ``count`` tiles but the last."""
    vectors = -(-batch // lanes)
    return 1 if count in (0, batch) else -(-vectors // count) * lanes


def segment_length(steps: int) -> int:
    """Steps between two checkpoints. A step of a segment holds about eight checkpoints and should stay in cache.

    At the shapes of ``plstm bench`` half as many take up to 6 % longer, twice as many from 3 % less to 10 % more.
    """
    return max(1, round((steps / 16) ** 0.5))


def kept(units: int, size: int, lanes: int) -> int:
    """Numbers in a checkpoint of one tile: c and h, each in whole vectors."""
    return 2 * (-(-units * size // lanes) * lanes)


def stack(p: Problem) -> Array:
    """All weights as one (4H, D + 1 + H), for columns x, 1, h'; a GRU's blocks are z, r, x_h, h_h."""
    if not p.gru:
        return np.ascontiguousarray(np.concatenate([p.kernel, p.bias[None], p.recurrent_kernel]).T)
    units = p.recurrent_kernel.shape[0]
    u = 2 * units
    top = np.concatenate([p.kernel, np.zeros((p.kernel.shape[0], units), p.kernel.dtype)], axis=1)
    bias = np.concatenate([p.bias[0, :u] + p.bias[1, :u], p.bias[0, u:], p.bias[1, u:]])
    low = np.concatenate(
        [p.recurrent_kernel[:, :u], np.zeros((units, units), p.kernel.dtype), p.recurrent_kernel[:, u:]], axis=1
    )
    return np.ascontiguousarray(np.concatenate([top, bias[None], low]).T)


def unstack(p: Problem, gradient: Array) -> tuple[Array, Array, Array]:
    """Gradients of kernel, recurrent_kernel and bias out of that of the stacked weights."""
    features, units = p.kernel.shape[0], p.recurrent_kernel.shape[0]
    top, bias, low = gradient.T[:features], gradient.T[features], gradient.T[features + 1 :]
    if not p.gru:
        return top, low, bias
    u = 2 * units
    both = np.stack([bias[: 3 * units], np.concatenate([bias[:u], bias[3 * units :]])])
    return top[:, : 3 * units], np.concatenate([low[:, :u], low[:, 3 * units :]], axis=1), both


def frozen(array: Array, dtype: DTypeLike | None = None) -> Array:
    """The array as the kernels' signature has it: contiguous and read-only, so that one compilation serves all."""
    array = np.ascontiguousarray(array, dtype).view()
    array.flags.writeable = False
    return array


def common(p: Problem) -> tuple[Any, ...]:
    """The arguments that both kernels take in the same order, from the weights' peepholes on."""
    dtype = p.x.dtype
    return (
        frozen(p.peepholes, dtype), frozen(p.k, dtype), frozen(p.times, np.float64), frozen(p.rhythm, np.float64),
        float(p.leak), SHAPES.get(p.shape, 0), frozen(p.mask, np.bool_), frozen(p.dropout, dtype), bool(p.sequences),
    )  # fmt: skip


def forward(p: Problem, h: Array, c: Array, threads: int) -> tuple[Array, Array, Array, Array]:
    """(outputs, h, c, checkpoints): outputs (B, T, H), or empty if only the last is wanted, which is h."""
    border.check_sequence(p, h=h, c=c)
    dtype = p.x.dtype
    batch, steps, _ = p.x.shape
    units = p.recurrent_kernel.shape[0]
    lanes = LINE // dtype.itemsize
    (count, size), segment = tiles(batch, lanes, threads), segment_length(steps)
    h, c = np.array(h, dtype), np.array(c, dtype)
    outputs = np.empty((batch, steps if p.sequences else 0, units), dtype)
    checkpoints = np.empty((count, -(-steps // segment), kept(units, size, lanes)), dtype)
    launch(
        "forward", threads, count, size, segment, bool(p.gru), frozen(p.x), stack(p), *common(p),
        outputs, h, c, checkpoints,
    )  # fmt: skip
    return outputs, h, c, checkpoints


def backward(
    p: Problem,
    checkpoints: Array,
    d_outputs: Array,
    dh: Array,
    dc: Array,
    gradient: GateGradient,
    threads: int,
    inputs: bool = True,
) -> tuple[Array | None, *tuple[Array, ...]]:
    """Gradients of x (or None), kernel, recurrent_kernel, bias, peepholes, k, rhythm, h and c.

    ``gradient`` as in ``Gate``: ``"none"`` leaves those of k and rhythm at zero. ``inputs``: whether x wants one.
    """
    border.check_sequence(p, dh=dh, dc=dc)
    dtype = p.x.dtype
    batch, steps, _ = p.x.shape
    units = p.recurrent_kernel.shape[0]
    count, lanes = border.tiles_of(checkpoints), LINE // dtype.itemsize
    size, segment = tile_size(batch, lanes, count), segment_length(steps)
    border.check_way_back(p, checkpoints, d_outputs, size, segment, kept(units, size, lanes))
    weights = stack(p)
    dh, dc = np.array(dh, dtype), np.array(dc, dtype)
    d_weights = np.zeros((count,) + weights.shape, dtype)
    d_peepholes = np.zeros((count, 3, units), dtype)
    dx = np.zeros(p.x.shape if inputs else (0, 0, 0), dtype)
    wanted = gradient != "none"
    shared = p.k.shape[0] == 1
    dk = np.zeros(((count if shared else batch), steps, units) if wanted and p.k.size else (0, 0, 0), dtype)
    d_rhythm = np.zeros((count, 3, units))
    launch(
        "backward", threads, count, size, segment, bool(p.gru), frozen(p.x), weights, *common(p),
        frozen(d_outputs, dtype), dh, dc, frozen(checkpoints), GRADIENTS[gradient],
        d_weights, d_peepholes, dx, dk, d_rhythm,
    )  # fmt: skip
    if not dk.size:
        dk = np.zeros(p.k.shape, dtype)
    elif shared:
        dk = dk.sum(axis=0, keepdims=True)
    of_weights = (*unstack(p, d_weights.sum(axis=0)), d_peepholes.sum(axis=0))
    return dx if inputs else None, *of_weights, dk, d_rhythm.sum(axis=0), dh, dc


def launch(name: str, threads: int, count: int, *arguments: Any) -> None:
    """Runs a kernel on every tile, each on one thread.

    Plain threads rather than Numba's prange: as fast, and it compiles in less than half the time.
    """
    kernel = getattr(kernels(), name)
    prepare(kernel, (0, arguments))
    list(pool(threads, os.getpid()).map(lambda tile: kernel(tile, arguments), range(count)))


@functools.cache
def pool(threads: int, process: int) -> ThreadPoolExecutor:
    """The threads of this process, which all launches share: however many layers run at once, no core has two."""
    return ThreadPoolExecutor(threads, thread_name_prefix="plstm")


def prepare(kernel: Any, arguments: tuple[Any, ...]) -> None:
    """Compiles a kernel, or reads it from the cache on disk, unless that is done; speaks up if it takes long."""
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
    """Both kernels take long; one line tells of both."""
    print(NOTICE, file=sys.stderr, flush=True)
