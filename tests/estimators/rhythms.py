"""Small sets of series for the tests of the estimators: two rhythms, of which only the times tell."""

import numpy as np

import plstm

QUICK = {"units": 3, "epochs": 2, "random_state": 0}


def rhythms(count=24, missing=0.0, unit=1.0, start=0.0):
    """Pairs and labels: a sine of period 5 or 7 read at irregular times, and a second feature of noise."""
    rng, pairs, labels = np.random.default_rng(0), [], []
    for number in range(count):
        steps = rng.integers(6, 12)
        times = np.cumsum(rng.exponential(1.0, steps))
        slow = number % 2
        values = np.stack([np.sin(2 * np.pi * times / (5 + 2 * slow)), rng.normal(size=steps)], axis=1)
        values[rng.random(values.shape) < missing] = np.nan
        pairs.append((start + unit * times, values))
        labels.append(["fast", "slow"][slow])
    return pairs, np.array(labels)


def classifier(**more):
    return plstm.PhasedLSTMClassifier(**{**QUICK, **more})


def regressor(**more):
    return plstm.PhasedLSTMRegressor(**{**QUICK, **more})
