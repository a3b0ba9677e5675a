"""Floating-point operations a second: what a recurrent layer does of them, beside the most that this machine does."""

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
    """Operations a second of a dense product of two square float32 matrices, by each library at hand.

    Returns:
        {library: operations a second}, the most of all sizes, from the fastest of ``repeats`` products of each.
    """
    say(f"products of {', '.join(map(str, sizes))} rows and columns")
    found = {}
    for size in sizes:
        times, _ = interleaved(_products(size), repeats, 1)
        for library, (_, _, seconds) in times.items():
            found[library] = max(found.get(library, 0.0), 2 * size**3 / min(seconds))
    return found


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
