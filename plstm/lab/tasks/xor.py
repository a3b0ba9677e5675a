"""Bit-stream XOR: is the number of ones in this word odd? Its bits come one by one, or only where they change.

A word has 2 to 31 bits, its length uniform, every bit 0 or 1 with equal chances. Bit n comes at time n, from 1. Where
one bit is not seen the answer is a coin's: no part of a word says anything about its label.

``dense``
    A step for each bit.

``events``
    A step for each bit that differs from the one before, the first one too; and one for the last bit, so that the end
    of the last run is told. How many bits a run has, only the clock tells.

So the repository of the ODE-LSTM (Lechner & Hasani 2020, arXiv:2006.04418) describes its task of 32-bit words, with
100,000 words for training and 10,000 for the test, and so do tables that quote it.
"""

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.stored import Events, Recorded

ENCODINGS = ("dense", "events")
LONGEST = 32
LENGTHS = (2, 31)
WORDS = (100_000, 10_000)


def load(encoding, train=WORDS[0], test=WORDS[1]):
    """The task as ``plstm.lab.tasks.stored.Recorded``: the same words on every machine and in both encodings.

    Args:
        encoding: ``"dense"`` or ``"events"``.
        train: how many words there are for training.
        test: how many for the test.

    Returns:
        x (N, 32, 1) float32, the bit; times (N, 32), 1 to 31; mask (N, 32); y (N,), 1 where the number of ones is odd.

    Raises:
        ConfigError: no such encoding.

    Example:
        >>> (x, times, mask), y = load("dense", train=64, test=8).batch(seed=0, step=0, size=32)
        >>> x.shape, bool(np.all(np.sum(x, axis=(1, 2)) % 2 == y)), times[0, :3].tolist()
        ((32, 32, 1), True, [1.0, 2.0, 3.0])
    """
    if encoding not in ENCODINGS:
        raise ConfigError(f"expected an encoding of the words among {', '.join(ENCODINGS)}, got {encoding!r}")
    parts = [
        encode(*words(np.random.default_rng(list(name)), count), encoding)
        for name, count in ((b"words for training", train), (b"words for the test", test))
    ]
    source = f"bit-stream XOR, {encoding}, words of {LENGTHS[0]} to {LENGTHS[1]} bits"
    return Recorded(*parts, 2, float(LONGEST), source)


def words(rng, count):
    """Bits (N, 32) of 0 and 1, 0 after the end, and lengths (N,)."""
    lengths = rng.integers(*LENGTHS, count, endpoint=True)
    bits = rng.integers(0, 2, (count, LONGEST))
    return np.where(np.arange(LONGEST) < lengths[:, None], bits, 0), lengths


def encode(bits, lengths, encoding):
    """``Events`` of words.

    >>> encode(np.array([[1, 1, 0, 0, 0]]), np.array([4]), "events").times
    array([[1., 3., 4., 4., 4.]])
    """
    place = np.arange(bits.shape[1])
    shown = place < lengths[:, None]
    if encoding == "events":
        changes = np.diff(bits, axis=1, prepend=-1) != 0
        shown = shown & (changes | (place == lengths[:, None] - 1))
    # The steps that are shown come first, in their order.
    order = np.argsort(~shown, axis=1, kind="stable")
    mask = np.take_along_axis(shown, order, axis=1)
    times = np.where(mask, 1.0 + order, lengths[:, None])
    x = np.where(mask, np.take_along_axis(bits, order, axis=1), 0).astype(np.float32)
    return Events(x[..., None], times, mask, (bits.sum(axis=1) % 2).astype(np.uint8))
