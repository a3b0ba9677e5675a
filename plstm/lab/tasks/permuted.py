"""Permuted MNIST: the pixels of all digits in the same random order, so that neighbours are far apart."""

from dataclasses import replace

import numpy as np

from plstm.lab.tasks import mnist
from plstm.lab.tasks.base import content_hash

SEED = 92916


def load():
    """The digits of ``plstm.lab.tasks.mnist``, found in the same order, with their 784 pixels permuted.

    The permutation is drawn once, from ``numpy.random.default_rng(92916)``.

    >>> load().shape
    (784, 1)
    """
    digits = mnist.load()
    order = permutation()
    x_train, x_test = digits.x_train[:, order], digits.x_test[:, order]
    return replace(
        digits, x_train=x_train, x_test=x_test, source=f"{digits.source}, permuted", sha256=content_hash(order, x_test)
    )


def permutation():
    """The order in which the pixels are read, (784,)."""
    return np.random.default_rng(SEED).permutation(784)
