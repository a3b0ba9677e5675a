"""The sets of open units at each step, compared with sets drawn at random at each step."""

import numpy as np


def meetings(is_open, seed=0):
    """Statistics of the sets of open units, and of random sets that are drawn at each step.

    The random sets have the same rate for each unit: unit u is open with the same probability as in ``is_open``,
    independently of all other units and of earlier steps. Dropout with a new mask at every step has this effect on the
    updates of a unit.

    Args:
        is_open: (T, H) booleans.
        seed: seed of the random sets.

    Returns:
        dict of two dicts, ``rhythm`` and ``drawn``, each with

        * ``stays``: of the units open at one step, the share that is open at the next;
        * ``sets``: how many different sets of open units there are, divided by the number of steps;
        * ``never_together``: the share of pairs of units that are never open together;
        * ``unevenness``: standard deviation over mean of the number of meetings of a pair;
        * ``again``: of the units open at one step, the share that is open at it when the sequence is read again.

        NaN where no unit is ever open.

    Example:
        Two units that take turns of two steps never meet:

        >>> found = meetings(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool))
        >>> found["rhythm"]["never_together"], found["rhythm"]["sets"], found["rhythm"]["again"]
        (1.0, 0.5, 1.0)
    """
    is_open = np.asarray(is_open, bool)
    rng = np.random.default_rng(seed)
    first, second = (rng.uniform(size=is_open.shape) < is_open.mean(axis=0) for _ in range(2))
    return {"rhythm": _describe(is_open, is_open), "drawn": _describe(first, second)}


def _describe(sets, again):
    steps, units = sets.shape
    together = sets.T.astype(int) @ sets.astype(int)
    pairs = together[np.triu_indices(units, 1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "stays": np.sum(sets[1:] & sets[:-1]) / np.float64(np.sum(sets[:-1])),
            "sets": len(np.unique(np.packbits(sets, axis=1), axis=0)) / steps,
            "never_together": np.mean(pairs == 0) if len(pairs) else np.nan,
            "unevenness": np.std(pairs) / np.mean(pairs) if len(pairs) else np.nan,
            "again": np.sum(sets & again) / np.float64(np.sum(sets)),
        }
    return {name: float(value) for name, value in found.items()}


def persistence(is_open, lags):
    """Of the units open at one step, the share that is open ``lag`` steps later, for each of ``lags``.

    >>> persistence(np.array([[1], [0], [1], [0], [1]], bool), [1, 2]).tolist()
    [0.0, 1.0]
    """
    is_open = np.asarray(is_open, bool)
    with np.errstate(invalid="ignore"):
        return np.array([np.sum(is_open[lag:] & is_open[:-lag]) / np.float64(np.sum(is_open[:-lag])) for lag in lags])
