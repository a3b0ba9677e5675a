"""Floating-point operations a second: what a recurrent layer does of them, beside the most that this machine does."""

import os

import numpy as np

from plstm.lab.bench.measure import interleaved

# Of the dense products. A small one stays in cache, a large one is worth every preparation: which is faster, a machine
# decides.
SIZES = (256, 512, 1024, 2048)
GATES = {"keras-gru": 3}


def operations(name, shape):
    """{"train", "forward"}: operations of a contender's matrix products; a multiply-add counts as two.

    Forward: x and h' times all weights. Training: those, the gradients of all weights, and that of h'; x wants none.
    What an engine computes again to save memory does not count, nor does what is not a product.

    >>> from plstm.lab.bench import Shape
    >>> operations("keras-lstm", Shape(1, 1, 3, 2))
    {'train': 192, 'forward': 80}
    """
    batch, steps, features, units = shape[:4]
    of_input, of_state = (2 * batch * steps * GATES.get(name, 4) * units * rows for rows in (features, units))
    return {"train": 2 * of_input + 3 * of_state, "forward": of_input + of_state}


def peak(repeats, sizes=SIZES, say=lambda line: None):
    """Operations a second of dense products of float32 matrices, by each library at hand, on all threads.

    Returns:
        {library: operations a second}, from the fastest of ``repeats`` products. Of NumPy and the backend it is the
        most of some sizes of square matrices. ``"plstm"`` is the product of the native engine, with matrices that stay
        in the nearest caches: it comes nearest to what the processor can do.
    """
    say(f"products of {', '.join(map(str, sizes))} rows and columns")
    found = {}
    for calls, count in [*((_products(size), 2 * size**3) for size in sizes), _own()]:
        times, _ = interleaved(calls, repeats, 1)
        for library, (_, _, seconds) in times.items():
            found[library] = max(found.get(library, 0.0), count / min(seconds))
    return found


def _own(units=128, samples=32, times=500):
    """({"plstm": call}, operations of a call): the products of so many steps of a tile, in each thread."""
    from numba import njit

    from plstm.engines import launch, native
    from plstm.engines.kernels.products import ROWS, multiply
    from plstm.engines.kernels.vectors import OPTIONS
    from plstm.engines.packed_weights import whole

    rows, threads = whole(4 * units, ROWS), native.threads()
    weights, states = np.ones(rows * units, np.float32), np.ones(units * samples, np.float32)

    @njit(nogil=True, **OPTIONS)
    def steps(count, out):
        for _ in range(count):
            multiply(rows, samples, units, weights, ROWS * units, ROWS, states, 0, samples, out, 0, samples, False)

    def call():
        outs = [np.empty(rows * samples, np.float32) for _ in range(threads)]
        list(launch.pool(threads, os.getpid()).map(lambda out: steps(times, out), outs))

    return {"plstm": call}, 2 * rows * units * samples * times * threads


def _products(size):
    """{library: call}; each waits until its product is there."""
    import keras
    from keras import ops

    a, b = np.random.default_rng(0).normal(size=(2, size, size)).astype("float32")
    x, y = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    # Reading one number waits for the device.
    return {
        "numpy": lambda: a @ b,
        keras.backend.backend(): lambda: ops.convert_to_numpy(ops.matmul(x, y)[0, 0]),
    }
