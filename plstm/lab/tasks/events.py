"""Event-based MNIST: a digit as a list of changes with their times, in two encodings, or as recorded in N-MNIST.

``runs``
    The digit is scanned pixel by pixel, row by row, and is black and white: ink where the grey value is 128 or more.
    An event says that a run of equal pixels begins: 1 for ink, -1 for paper. Its time is the index of the first pixel;
    only the times tell how long a run is. The first event is that of pixel 0. The events contain the whole digit.

``saccades``
    An event camera sees the digit while it moves along three saccades of 100 ms (module ``saccades``): place and
    polarity of each event, and its time in ms. A digit makes about 700 events; 128 of them, drawn at random, are kept,
    always the same ones.

``nmnist``
    The real recordings of N-MNIST, if you have them (``plstm.lab.tasks.nmnist``), with 128 events of each kept.

Every sample has its own clock. Short ones are padded, with a mask.
"""

import zlib

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks import mnist
from plstm.lab.tasks.stored import Recorded, features, pad, thin

ENCODINGS = ("runs", "saccades", "nmnist")
INK = 128
KEPT = 128

_encoded = {}


def load(encoding):
    """The task as ``plstm.lab.tasks.stored.Recorded``, encoded once in each process. All 70,000 digits take seconds.

    Args:
        encoding: ``"runs"``, ``"saccades"`` or ``"nmnist"``. The digits of the first two are those that
            ``plstm.lab.tasks.mnist.load`` finds.

    Returns:
        x (N, T, D) float32, times (N, T), mask (N, T), y (N,), the digit. ``runs``: D = 1, the colour as 1 or -1; times
        in pixels, 0 to 783; T is the largest number of runs of any digit. ``saccades``, ``nmnist``: D = 3, column and
        row from -1 to 1 and the polarity as 1 or -1; times in ms, 0 to about 300; T = 128.

    Raises:
        ConfigError: an unknown encoding.
        DataError: the digits cannot be read.

    Example:
        >>> (x, times, mask), y = load("runs").batch(seed=0, step=0, size=32)
        >>> x.shape == (*times.shape, 1), float(times[:, 0].max()), bool(mask[:, 0].all())
        (True, 0.0, True)
    """
    if encoding not in ENCODINGS:
        raise ConfigError(f"expected an encoding among {', '.join(ENCODINGS)}, got {encoding!r}")
    if encoding == "nmnist":
        from plstm.lab.tasks import nmnist

        return nmnist.load(KEPT)
    digits = mnist.load()
    key = encoding, digits.sha256
    if key not in _encoded:
        _encoded[key] = {"runs": _all_runs, "saccades": _all_saccades}[encoding](digits)
    return _encoded[key]


def runs(image):
    """The events of one digit in the encoding ``runs``.

    Args:
        image: (28, 28), from 0 to 255.

    Returns:
        colour (n, 1), 1 for ink and -1 for paper, and times (n,): the index of the pixel where it begins.

    >>> colour, times = runs(np.array([[0, 0, 200, 255, 90]]))
    >>> colour[:, 0].tolist(), times.tolist()
    ([-1.0, 1.0, -1.0], [0.0, 2.0, 4.0])
    """
    ink = np.ravel(image) >= INK
    begins = np.flatnonzero(np.diff(ink, prepend=~ink[:1]))
    return np.where(ink[begins], 1.0, -1.0)[:, None], begins.astype(float)


def saccades(image):
    """The kept events of one digit in the encoding ``saccades``.

    Args:
        image: (28, 28), whole numbers from 0 to 255.

    Returns:
        values (n, 3): column and row of the pixel, from -1 to 1, and the polarity; times (n,) in ms.
    """
    from plstm.lab.tasks import saccades as camera

    t, x, y, polarity = camera.events(image)
    # The kept events depend only on the digit, not on its position in a file.
    rows = thin(len(t), KEPT, np.random.default_rng(zlib.crc32(np.asarray(image).astype(np.uint8).tobytes())))
    return features(x[rows], y[rows], polarity[rows], camera.SIDE), t[rows]


def _all_runs(digits):
    parts = [[runs(image) for image in _images(x)] for x in (digits.x_train, digits.x_test)]
    longest = max(len(times) for part in parts for _, times in part)
    training, testing = (pad(part, y, longest) for part, y in zip(parts, (digits.y_train, digits.y_test)))
    return Recorded(training, testing, 10, 784.0, f"{digits.source}, as runs of pixels")


def _all_saccades(digits):
    from plstm.lab.tasks.saccades import DURATION

    training, testing = (
        pad([saccades(image) for image in _images(x)], y, KEPT)
        for x, y in ((digits.x_train, digits.y_train), (digits.x_test, digits.y_test))
    )
    return Recorded(training, testing, 10, DURATION, f"{digits.source}, as events of a simulated camera, {KEPT} kept")


def _images(pixels):
    return np.rint(pixels.reshape(-1, 28, 28) * 255).astype(np.uint8)
