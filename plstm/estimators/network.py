"""The network of the estimators: phased layers and a dense one, and its training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import keras
import numpy as np

from plstm.data.padding import Batch, pad
from plstm.estimators.forms import Pairs
from plstm.layers.gru import PhasedGRU
from plstm.layers.initializers import LogUniform, UniformOverPeriod, supported
from plstm.layers.lstm import PhasedLSTM
from plstm.types import Array, Cell, Floats

HEARD = 8  # events of a typical series at which a unit should be open
OPEN = (0.05, 1.0)  # the smallest and the largest open share that is chosen
AT_ONCE = 256  # series in one call for answers
Head = Literal["softmax", "linear"]


class Rhythm(NamedTuple):
    """The range of the periods, in the unit of the times, and the open share."""

    low: float
    high: float
    ratio_on: float

    @classmethod
    def of(cls, pairs: Pairs, periods: tuple[float, float] | None, ratio_on: float | None) -> Rhythm:
        """What was asked for; where that is None, what the times of the training set support."""
        if periods is None:
            try:
                periods = supported(times for times, _ in pairs)
            except ValueError:
                # No series has two different times, so no rhythm is better than another.
                periods = 1.0, 1.0
        if ratio_on is None:
            ratio_on = float(np.clip(HEARD / max(np.median([len(times) for times, _ in pairs]), 1), *OPEN))
        return cls(*periods, ratio_on)


def build(
    features: int, outputs: int, head: Head, units: int, layers: int, cell: Cell, rhythm: Rhythm, dropout: float,
    seeds: Iterator[int],
) -> keras.Model:  # fmt: skip
    """A model with the inputs values (B, T, features), times (B, T) and mask (B, T), and the output (B, outputs)."""
    x = values = keras.Input((None, features), name="values")
    times, mask = keras.Input((None,), dtype="float64", name="times"), keras.Input((None,), dtype="bool", name="mask")
    kind = PhasedLSTM if cell == "lstm" else PhasedGRU
    for number in range(layers):
        x = kind(
            units,
            return_sequences=number < layers - 1,
            period_initializer=LogUniform(rhythm.low, rhythm.high, seed=next(seeds)),
            shift_initializer=UniformOverPeriod(seed=next(seeds)),
            ratio_on_initializer=rhythm.ratio_on,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
            # A step of the optimiser then changes a period by the same share, whatever the unit of time.
            parametrization="log",
        )(x, times=times, mask=mask)
    if dropout:
        x = keras.layers.Dropout(dropout, seed=next(seeds))(x)
    initializer = keras.initializers.GlorotUniform(seed=next(seeds))
    answer = keras.layers.Dense(outputs, activation=head, kernel_initializer=initializer)(x)
    return keras.Model([values, times, mask], answer)


class Batches(keras.utils.PyDataset):
    """Batches of prepared series, in a new order in every epoch. (Keras would round arrays of times to float32.)"""

    def __init__(self, pairs: Pairs, targets: Array, weights: Floats, size: int, seed: int | None):
        super().__init__()
        self.pairs, self.targets, self.weights, self.size = pairs, targets, weights, size
        self.longest = max(1, *(len(times) for times, _ in pairs))
        self._rng = None if seed is None else np.random.default_rng(seed)
        self._order = np.arange(len(pairs))
        # With TensorFlow, Keras takes the length of the first two batches for that of all, unless they differ.
        lengths = {rounded([len(times)], self.longest) for times, _ in pairs}
        self._first_two_differ = keras.backend.backend() == "tensorflow" and len(lengths) > 1
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.pairs) // self.size)

    def __getitem__(self, number: int) -> tuple[tuple[Array, Array, Array], Array, Array]:
        rows, steps = self._rows(number), self._steps(number)
        steps += self._first_two_differ and number == 1 and steps == self._steps(0)
        batch = padded([self.pairs[row] for row in rows], steps)
        weights = self.weights[rows].astype(np.float32)
        return (batch.values, batch.times, batch.mask), self.targets[rows], weights

    def _rows(self, number: int) -> Array:
        return self._order[number * self.size : (number + 1) * self.size]

    def _steps(self, number: int) -> int:
        return rounded([len(self.pairs[row][0]) for row in self._rows(number)], self.longest)

    def on_epoch_end(self) -> None:
        if self._rng is not None:
            self._rng.shuffle(self._order)


def rounded(lengths: list[int], longest: int) -> int:
    """The number of steps to which series of these lengths are padded: 1, 2, 3, 4, 6, 8, 12, 16, 24, ...

    A compiled graph is for one number of steps. So there are few of them, and a batch gets at most half as many steps
    more as its longest series has.

    Args:
        lengths: of the series of a batch.
        longest: the length of the longest series of all; more is never needed.

    >>> [rounded([1, length], 100) for length in (0, 1, 5, 6, 7, 9, 90)]
    [1, 1, 6, 6, 8, 12, 96]
    >>> rounded([2, 97], 100)
    100
    """
    length = max(1, *lengths)
    power = 1 << (length - 1).bit_length()
    return min(power * 3 // 4 if length <= power * 3 // 4 else power, max(longest, 1))


def padded(pairs: Pairs, length: int) -> Batch:
    """``plstm.pad`` of prepared series. Series without events, of which ``pad`` knows no features, have theirs."""
    batch = pad(pairs, length)
    features = pairs[0][1].shape[1]
    if batch.values.shape[2] == features:
        return batch
    return batch._replace(values=np.zeros((*batch.mask.shape, features), np.float32))


def train(
    model: keras.Model, training: Batches, validation: Batches | None, loss: str, learning_rate: float, epochs: int,
    patience: int, verbose: int,
) -> dict[str, list[float]]:  # fmt: skip
    """Train a model; with a validation set, until its loss has not fallen for ``patience`` epochs.

    Returns:
        For each epoch loss and, with a validation set, val_loss. The weights are those of the best epoch.
    """
    model.compile(keras.optimizers.Adam(learning_rate, clipnorm=1.0), loss)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    callbacks = [] if validation is None else [stop]
    done = model.fit(
        training, validation_data=validation, epochs=epochs, callbacks=callbacks, verbose=verbose, shuffle=False
    )
    return {name: [float(value) for value in values] for name, values in done.history.items()}


def answers(model: Any, pairs: Pairs) -> Floats:
    """The model's output for prepared series, (n, outputs) in float64."""
    # Series of about the same length together, so that a long one lengthens few others.
    lengths = [len(times) for times, _ in pairs]
    order, found = np.argsort(lengths, kind="stable"), []
    for first in range(0, len(pairs), AT_ONCE):
        rows = order[first : first + AT_ONCE]
        batch = padded([pairs[row] for row in rows], rounded([lengths[row] for row in rows], max(lengths)))
        output = model([batch.values, batch.times, batch.mask], training=False)
        found.append(keras.ops.convert_to_numpy(output))
    return np.concatenate(found).astype(np.float64)[np.argsort(order)]
