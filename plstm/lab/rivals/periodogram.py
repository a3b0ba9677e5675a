"""The summary that astronomers make of a light curve: its period, by Lomb and Scargle, and the shape when folded by it.

Lomb 1976, *Astrophysics and Space Science* 39:447; Scargle 1982, *The Astrophysical Journal* 263:835; as in astropy
(VanderPlas 2018, *The Astrophysical Journal Supplement Series* 236:16).
"""

import numpy as np

from plstm.errors import DataError
from plstm.lab.rivals.summaries import Summary
from plstm.lab.tasks.stars import DEVIATION, ERROR

FASTEST, SLOWEST = 5.0, 0.02  # cycles a day
PEAKS = 3
TERMS = 3
POINTS = 4  # frequencies in the width of a peak
SHAPE = (
    "log10 period",
    "power",
    "scatter",
    "amplitude",
    "R21",
    "cos phi21",
    "sin phi21",
    "R31",
    "cos phi31",
    "sin phi31",
)


def of_stars(x, times, mask):
    """The summary of light curves as in ``plstm.lab.tasks.stars``.

    Of the three highest peaks of the periodogram, the highest first: log10 of the period, the power, and, by a fit of
    three harmonics with that period: the scatter that it leaves beside the stated errors, the amplitude, R21, R31 and
    the cosines and sines of phi21 and phi31. Beside them the spread, skewness and range of the magnitudes, and the
    mean of the errors' logarithms.

    Args:
        x: (N, T, 2). times: (N, T) in days. mask: (N, T) bool.

    Returns:
        A ``Summary``.
    """
    rows = [of_star(one[steps], at[steps]) for one, at, steps in zip(x, times, mask)]
    names = [f"{name}, peak {peak + 1}" for peak in range(PEAKS) for name in SHAPE]
    names += ["spread", "skewness", "range", "error"]
    first = [name.endswith("peak 1") or "," not in name for name in names]
    return Summary(np.array(rows), names, first, ["peak" in name for name in names])


def of_star(x, times):
    """The summary of one light curve, x (T, 2) and times (T,)."""
    seen, errors = DEVIATION * x[:, 0].astype(np.float64), ERROR * np.exp(x[:, 1].astype(np.float64))
    found = []
    for frequency, power in peaks(seen, errors, times):
        found += [-np.log10(frequency), power, *shape(seen, errors, times, frequency)]
    away = seen - np.average(seen, weights=errors**-2.0)
    spread = away.std()
    skewness = np.mean(away**3) / max(spread, 1e-12) ** 3
    return [*found, spread, skewness, np.diff(np.percentile(away, [5, 95]))[0], x[:, 1].mean()]


def peaks(seen, errors, times):
    """The frequencies (cycles a day) and powers of the highest ``PEAKS`` peaks, no two within one peak's width.

    Raises:
        DataError: astropy is not installed.
    """
    try:
        from astropy.timeseries import LombScargle
    except ImportError as error:
        raise DataError(
            f"expected the package astropy, which computes periodograms: pip install 'plstm[real]' ({error})"
        ) from error
    width = 1 / np.ptp(times)
    frequencies = np.arange(SLOWEST, FASTEST, width / POINTS)
    powers = LombScargle(times, seen, errors).power(frequencies, method="fast", assume_regular_frequency=True)
    found, left = [], powers.copy()
    for _ in range(PEAKS):
        best = int(np.argmax(left))
        found.append((frequencies[best], powers[best]))
        left[max(0, best - 2 * POINTS) : best + 2 * POINTS + 1] = -np.inf
    return found


def shape(seen, errors, times, frequency):
    """Scatter beside the errors, amplitude, R21, cos and sin of phi21, and the same of the third term, of a fit."""
    angles = 2 * np.pi * frequency * times[:, None] * np.arange(1, TERMS + 1)
    design = np.concatenate([np.ones((len(times), 1)), np.cos(angles), np.sin(angles)], axis=1) / errors[:, None]
    # A little ridge: at a period as long as the record, the terms are nearly one another's sums.
    normal = design.T @ design
    weights = np.linalg.solve(normal + 1e-6 * np.trace(normal) * np.eye(len(normal)), design.T @ (seen / errors))
    left = seen / errors - design @ weights
    # a cos(u) + b sin(u) = c cos(u + phi) with c exp(i phi) = a - ib.
    terms = weights[1 : 1 + TERMS] - 1j * weights[1 + TERMS :]
    sizes, phases = np.abs(terms), np.angle(terms)
    found = [np.sqrt(np.mean(left**2)), sizes[0]]
    for k in (2, 3):
        turned = phases[k - 1] - k * phases[0]
        found += [min(sizes[k - 1] / max(sizes[0], 1e-9), 10.0), np.cos(turned), np.sin(turned)]
    return found
