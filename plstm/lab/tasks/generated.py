"""Tasks with generated data: sequences with their own clocks and lengths, new ones for every epoch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.base import content_hash
from plstm.lab.tasks.objective import Classification, Regression

# The number of validation sequences per test sequence. More of them cost no data and choose better.
VALIDATION = 4


@dataclass(frozen=True)
class Sampled:
    """A generator of labelled sequences, with the interface of ``plstm.lab.tasks.Dataset``.

    Attributes:
        draw: ``(rng, count) -> x (N, T, D), times (N, T), mask (N, T), y (N,)``; a False step of the mask is padding.
        shape: (T, D) of the sequences.
        train: number of sequences in an epoch.
        test: number of sequences in the test set, which is the same for every seed.
        classes: number of labels; None for a regression.
        time_scale: the divisor of times that are used as a feature.
        source: the generator, in words.
        tolerance: for a regression, the largest error of an answer that counts as right.
        stream: name of the stream of random numbers for the test set.
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
        """The objective: classification or regression."""
        return Regression(self.tolerance) if self.classes is None else Classification(self.classes)

    def batch(self, seed, step, size):
        """Training batch number ``step`` (from 0) as ``(x, times, mask), y``; depends only on its arguments."""
        epoch, number = divmod(step, self.train // size)
        *arrays, y = _epoch(self.draw, seed, epoch, self.train)
        rows = slice(number * size, (number + 1) * size)
        return tuple(array[rows] for array in arrays), y[rows]

    def inputs(self, x):
        """The inputs of the model."""
        return list(x)

    def test_samples(self, rows):
        """The test sequences of these row numbers, as ``batch`` gives them."""
        return tuple(array[rows] for array in self._test[:-1])

    @property
    def y_test(self):
        return self._test[-1]

    @cached_property
    def _test(self):
        # The seed is a string, so that no run uses the same random numbers.
        return self.draw(np.random.default_rng(list(self.stream)), self.test)

    def validation(self):
        """The same task with other sequences, four times as many, instead of the test set."""
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
