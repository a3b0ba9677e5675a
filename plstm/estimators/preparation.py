"""What a network is given instead of raw values: standardised, missing values held and marked, times from an origin."""

from __future__ import annotations

from typing import Literal, NamedTuple, Self

import numpy as np

from plstm.data.missing import hold_missing
from plstm.estimators.forms import Pairs
from plstm.types import Array, Floats


class Preparation(NamedTuple):
    """Learned from the training set, applied to whole series or to one event.

    Attributes:
        mean: (D,), of the measured values of each feature; 0 for a feature that was never measured.
        spread: (D,), their standard deviation; 1 for a feature that never changes.
        indicators: whether a missing value was seen; then D more features say which values were measured.
        origin: the time to count from, or "first": the first event of each series.
    """

    mean: Floats
    spread: Floats
    indicators: bool
    origin: float | Literal["first"]

    @classmethod
    def of(cls, pairs: Pairs, origin: float | Literal["first"]) -> Self:
        """From the series of a training set."""
        values = np.concatenate([values for _, values in pairs])
        seen = ~np.isnan(values)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = np.where(seen, values, 0.0).sum(axis=0) / count
        with np.errstate(over="ignore"):
            spread = np.sqrt((np.where(seen, values - mean, 0.0) ** 2).sum(axis=0) / count)
        for feature in np.flatnonzero(~np.isfinite(spread))[:1]:
            largest = np.nanmax(np.abs(values[:, feature]))
            raise ValueError(f"expected values whose squares float64 holds, got {largest:g} in feature {feature}")
        # Rounding leaves a spread of about 1e-16 of the mean where nothing changes.
        constant = spread <= 1e-12 * np.abs(mean)
        return cls(mean, np.where(constant, 1.0, spread), not bool(seen.all()), origin)

    @property
    def features(self) -> int:
        """The number of features that the network gets."""
        return len(self.mean) * (2 if self.indicators else 1)

    def __call__(self, pairs: Pairs) -> Pairs:
        """Series as the network takes them: times from the origin, values (T_i, features) without NaN."""
        raw = [(np.asarray(times, np.float64), np.asarray(values, np.float64)) for times, values in pairs]
        held = hold_missing((times - self.start(times), self.standardised(values)) for times, values in raw)
        return [(np.asarray(times), values[:, : self.features]) for times, values in held]

    def start(self, times: Floats) -> float:
        """The time from which a series with these times counts."""
        if self.origin != "first":
            return float(self.origin)
        return float(times[0]) if len(times) else 0.0

    def standardised(self, values: Array) -> Floats:
        """(..., D) with mean 0 and spread 1 over the training set; NaN stays NaN."""
        return (values - self.mean) / self.spread

    def event(self, values: Array, held: Floats) -> tuple[Floats, Floats]:
        """One event (D,) as the network takes it, and what is held from now on; at first ``held`` is zeros (D,)."""
        values = self.standardised(values)
        seen = ~np.isnan(values)
        held = np.where(seen, values, held)
        return np.concatenate([held, seen])[: self.features], held
