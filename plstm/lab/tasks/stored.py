"""Tasks with stored data: sequences of events with their own clocks and lengths."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plstm.dates import numbers
from plstm.errors import ConfigError
from plstm.lab.tasks.base import VALIDATION, content_hash, held_out, training_rows
from plstm.lab.tasks.objective import Classification

TEST_SHARE, VALIDATION_SHARE = 0.25, 0.2


@dataclass(frozen=True)
class Events:
    """Sequences of events of one data set, padded at the end to the length of the longest.

    Attributes:
        x: (N, T, D) float32, 0 where padded.
        times: (N, T) float64, not decreasing; padding repeats the last time.
        mask: (N, T) bool, False where padded.
        y: (N,) integer labels.
    """

    x: np.ndarray
    times: np.ndarray
    mask: np.ndarray
    y: np.ndarray

    def __getitem__(self, rows):
        """``(x, times, mask)`` of some sequences."""
        return self.x[rows], self.times[rows], self.mask[rows]

    def only(self, rows):
        """These sequences, with their labels."""
        return Events(*self[rows], self.y[rows])


@dataclass(frozen=True)
class Recorded:
    """Labelled sequences of events, with the interface of ``plstm.lab.tasks.Dataset``.

    Attributes:
        training: ``Events``.
        testing: ``Events`` of the same T and D.
        classes: number of labels.
        time_scale: the divisor of times that are used as a feature.
        source: the origin of the data and its encoding, in words.
    """

    training: Events
    testing: Events
    classes: int
    time_scale: float
    source: str
    times = None

    @property
    def objective(self):
        """The objective: classification."""
        return Classification(self.classes)

    def batch(self, seed, step, size):
        """Training batch number ``step`` (from 0) as ``(x, times, mask), y``; depends only on its arguments."""
        rows = training_rows(seed, step, size, self.train)
        return self.training[rows], self.training.y[rows]

    @property
    def shape(self):
        """(T, D)."""
        return self.training.x.shape[1:]

    @property
    def train(self):
        """The number of training samples."""
        return len(self.training.y)

    @property
    def y_test(self):
        return self.testing.y

    def inputs(self, x):
        """The inputs of the model."""
        return list(x)

    def test_samples(self, rows):
        """The test sequences of these row numbers, as ``batch`` gives them."""
        return self.testing[rows]

    def validation(self):
        """A dataset made of the training set only, in which a tenth of the sequences replaces the test set."""
        held, rest = held_out(self.train)
        source = f"{self.source}, {VALIDATION}"
        return replace(self, training=self.training.only(rest), testing=self.training.only(held), source=source)

    @property
    def sha256(self):
        """Hash of the test set and of the labels for training."""
        test = self.testing
        return content_hash(test.x, test.times, test.mask, test.y, self.training.y)

    def check_batch_size(self, size):
        """ConfigError unless an epoch holds at least one batch."""
        if size > self.train:
            raise ConfigError(f"expected batch_size <= {self.train}, the number of training samples, got {size}")


@dataclass(frozen=True)
class Split(Recorded):
    """As ``Recorded``, of things that have names (people, stars), which say who is for validation; see ``parts``.

    Attributes:
        held: (train,) bool, those of the training set that are held out for validation.
        asked: the objective.
        indicated: the first so many features are values that may be missing, the next so many say where they are there.
    """

    held: np.ndarray
    asked: Any
    indicated: int = 0

    @property
    def objective(self):
        """The objective that the task was made with."""
        return self.asked

    def validation(self):
        """A dataset made of the training set only, in which those held out replace the test set."""
        held, rest = np.flatnonzero(self.held), np.flatnonzero(~self.held)
        return replace(
            self,
            training=self.training.only(rest),
            testing=self.training.only(held),
            held=np.zeros(len(rest), bool),
            source=f"{self.source}, {VALIDATION_SHARE:.0%} of the training set for validation",
        )

    @property
    def sha256(self):
        """Hash of everything: both sets, and who is held out."""
        of_parts = [
            array for part in (self.training, self.testing) for array in (part.x, part.times, part.mask, part.y)
        ]
        return content_hash(*of_parts, self.held)


def parts(shares):
    """Who is for the test, and who of the others for validation, by numbers from 0 to 1 as of ``packaged.share``.

    A quarter is for the test; a fifth of the others for validation.

    >>> parts(np.array([0.1, 0.3, 0.39, 0.41]))
    (array([ True, False, False, False]), array([False,  True,  True, False]))
    """
    test = shares < TEST_SHARE
    return test, ~test & (shares < TEST_SHARE + VALIDATION_SHARE * (1 - TEST_SHARE))


def pad(events, y, length):
    """``Events`` of this length from a list of (values (n, D), times (n,)) with n <= length.

    >>> pad([(np.ones((2, 1)), np.array([3.0, 5.0]))], np.array([7]), length=4).times
    array([[3., 5., 5., 5.]])
    """
    width = events[0][0].shape[1]
    x = np.zeros((len(events), length, width), np.float32)
    times = np.zeros((len(events), length))
    mask = np.zeros((len(events), length), bool)
    for row, (values, at) in enumerate(events):
        x[row, : len(at)] = values
        at = numbers("times", at)
        times[row, : len(at)] = at
        times[row, len(at) :] = at[-1] if len(at) else 0.0
        mask[row, : len(at)] = True
    return Events(x, times, mask, y)


def features(x, y, polarity, side):
    """Column and row of pixels of a square sensor, from -1 to 1 between its edges, and the polarity: (n, 3).

    >>> features(np.array([0, 1]), np.array([1, 1]), np.array([1, -1]), side=2).tolist()
    [[-0.5, 0.5, 1.0], [0.5, 0.5, -1.0]]
    """
    return np.stack([(2 * x + 1) / side - 1, (2 * y + 1) / side - 1, polarity], axis=1)


def thin(count, keep, rng):
    """The numbers of the events kept out of ``count``, at most ``keep``: all, or a random choice in order.

    >>> thin(3, 5, None).tolist(), thin(9, 3, np.random.default_rng(0)).tolist()
    ([0, 1, 2], [4, 5, 7])
    """
    return np.arange(count) if count <= keep else np.sort(rng.choice(count, keep, replace=False))
