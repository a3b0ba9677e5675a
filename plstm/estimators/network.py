"""The network of the estimators: phased layers and a dense one, and its training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import keras
import numpy as np

from plstm.data.padding import Batch, pad
from plstm.estimators.forms import Pairs
from plstm.layers.gru import PhasedGRU
from plstm.layers.initializers import LogUniform, UniformOverPeriod
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
                batch = pad([(times, times) for times, _ in pairs])
                found = LogUniform.from_times(batch.times, batch.mask)
                periods = found.low, found.high
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
        self.length = max(1, *(len(times) for times, _ in pairs))
        self._rng = None if seed is None else np.random.default_rng(seed)
        self._order = np.arange(len(pairs))
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.pairs) // self.size)

    def __getitem__(self, number: int) -> tuple[tuple[Array, Array, Array], Array, Array]:
        rows = self._order[number * self.size : (number + 1) * self.size]
        batch = padded([self.pairs[row] for row in rows], self.length)
        weights = self.weights[rows].astype(np.float32)
        return (batch.values, batch.times, batch.mask), self.targets[rows], weights

    def on_epoch_end(self) -> None:
        if self._rng is not None:
            self._rng.shuffle(self._order)


def padded(pairs: Pairs, length: int | None = None) -> Batch:
    """``plstm.pad`` of prepared series, with at least one step, so that series without events have an answer too."""
    length = max(1, *(len(times) for times, _ in pairs)) if length is None else length
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
    found = []
    for first in range(0, len(pairs), AT_ONCE):
        batch = padded(pairs[first : first + AT_ONCE])
        output = model([batch.values, batch.times, batch.mask], training=False)
        found.append(keras.ops.convert_to_numpy(output))
    return np.concatenate(found).astype(np.float64)
