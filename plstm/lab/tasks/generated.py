"""Tasks that are drawn rather than stored: sequences with a clock and a length each, new ones for every epoch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.base import content_hash
from plstm.lab.tasks.objective import Classification, Regression

# Validation sequences for each of the test: they cost no data, and choose the better the more they are.
VALIDATION = 4


@dataclass(frozen=True)
class Sampled:
    """A generator of sequences and what to say of each, with the interface of ``plstm.lab.tasks.Dataset``.

    Attributes:
        draw: ``(rng, count) -> x (N, T, D), times (N, T), mask (N, T), y (N,)``; a False step of the mask is padding.
        shape: (T, D) of the sequences.
        train: how many sequences an epoch has.
        test: how many the test set has, which is the same for every seed.
        classes: how many labels there are; None where y is not a label but an amount.
        time_scale: what the times are divided by where they are a feature.
        source: what is drawn, in words.
        tolerance: of an amount: how far from it an answer may be and still count as right.
        stream: names the random numbers that the test set is drawn from.
    """

    draw: Callable
    shape: tuple
    train: int
    test: int
    classes: int | None
    time_scale: float
    source: str
    tolerance: float | None = None
    stream: bytes = b"the test set"
    times = None

    @property
    def objective(self):
        """What is asked for: a label or an amount."""
        return Regression(self.tolerance) if self.classes is None else Classification(self.classes)

    def batch(self, seed, step, size):
        """Training batch number ``step`` (from 0) as ``(x, times, mask), y``; depends on nothing but its arguments."""
        epoch, number = divmod(step, self.train // size)
        *arrays, y = _epoch(self.draw, seed, epoch, self.train)
        rows = slice(number * size, (number + 1) * size)
        return tuple(array[rows] for array in arrays), y[rows]

    def inputs(self, x):
        """What the model is called with."""
        return list(x)

    def test_samples(self, rows):
        """The test sequences of these row numbers, as ``batch`` gives them."""
        return tuple(array[rows] for array in self._test[:-1])

    @property
    def y_test(self):
        return self._test[-1]

    @cached_property
    def _test(self):
        # No seed of a run is a string, so this stream of numbers is used by none.
        return self.draw(np.random.default_rng(list(self.stream)), self.test)

    def validation(self):
        """The same task with other sequences in the place of the test set, four times as many."""
        count = VALIDATION * self.test
        source = f"{self.source}, {count:,} other sequences for validation"
        return replace(self, test=count, stream=b"the validation set", source=source)

    @property
    def sha256(self):
        """Hash of the test set."""
        return content_hash(*self._test)

    def check_batch_size(self, size):
        """ConfigError unless an epoch holds at least one batch."""
        if size > self.train:
            raise ConfigError(f"expected batch_size <= {self.train}, the sequences of an epoch, got {size}")


@lru_cache(maxsize=2)
def _epoch(draw, seed, epoch, count):
    return draw(np.random.default_rng([seed, epoch]), count)
