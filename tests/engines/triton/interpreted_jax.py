"""Triton's interpreter in the place of jax-triton, which has none: kernels launched by a callback from JAX."""

import threading

import jax
import numpy as np

ONE_AT_A_TIME = threading.Lock()  # the interpreter keeps the number of the program that it is at in one place


def launch(kernel, count, arguments, results, aliases=None, **how):
    """What ``host_jax.launch`` answers. Results are NaN where the kernel writes nothing."""
    arrays = [a for a in arguments if not isinstance(a, int)]
    numbers = arguments[len(arrays) :]
    assert all(isinstance(n, int) for n in numbers)

    def call(*values):
        import torch

        given = [torch.from_numpy(np.array(value)) for value in values]
        made = [torch.from_numpy(np.full(result.shape, np.nan, result.dtype)) for result in results]
        for argument, result in (aliases or {}).items():
            made[result] = given[argument]
        with ONE_AT_A_TIME:
            if count:
                kernel[(count,)](*given, *numbers, *made, **how)
        return [array.numpy() for array in made]

    return jax.pure_callback(call, list(results), *arrays)
