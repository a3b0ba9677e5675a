"""Benchmarks of the layers and their alternatives: the measuring code behind ``plstm bench``."""

from typing import NamedTuple

from plstm.errors import ConfigError


class Shape(NamedTuple):
    """The size of one measured problem: a batch of B sequences of T steps with D features, read by H units."""

    batch: int
    steps: int
    features: int
    units: int

    @classmethod
    def parse(cls, text):
        """A shape from ``B,T,D,H``.

        Raises:
            ConfigError: not four integers >= 1.

        >>> Shape.parse("256,784,1,32")
        Shape(batch=256, steps=784, features=1, units=32)
        """
        try:
            sizes = [int(part) for part in text.split(",")]
        except ValueError:
            sizes = []
        if len(sizes) != 4 or min(sizes) < 1:
            raise ConfigError(f"expected a shape B,T,D,H of four integers >= 1, got {text!r}")
        return cls(*sizes)

    def __str__(self):
        return ",".join(map(str, self))


SHAPES = (Shape(256, 784, 1, 32), Shape(32, 1000, 2, 110), Shape(64, 1000, 128, 256), Shape(1, 10000, 16, 128))
SWEEP_STEPS = (500, 1000, 2000, 5000, 10000, 20000, 50000)
# The other sizes of the sweep over T, typical for users of long sequences (T = 20,000).
SWEEP = Shape(32, 0, 2, 110)
REPEATS = 7
WARMUPS = 2
QUICK_SHAPES = (Shape(16, 50, 1, 8),)
QUICK_STEPS = (50, 100)
QUICK_SWEEP = Shape(4, 0, 2, 8)
QUICK_REPEATS = 3
