"""The frequency response of units, from their periods, shifts and open shares."""

import numpy as np

from plstm import gate


def frequency_response(period, shift, ratio_on, frequencies, duration, samples=2048):
    """The response of each unit's gate to each frequency, over a stretch of time that begins at 0.

    .. math::
        R_u(f) = \\left| \\int_0^{D} k_u(t)\\, e^{-2\\pi i f t}\\, dt \\right| \\Big/ \\int_0^{D} k_u(t)\\, dt

    It is 1 at f = 0, and at frequencies that meet every opening at the same phase; 0 where the openings cancel, and for
    a unit that never opens.

    Args:
        period: (H,), in the clock's unit.
        shift: (H,), in the clock's unit.
        ratio_on: (H,), the open share of the period.
        frequencies: (F,), in cycles per unit of time.
        duration: D.
        samples: number of samples for the integral; there should be several in each opening and each cycle.

    Returns:
        (H, F), between 0 and 1.

    Example:
        A unit of period 5 responds fully to 0.2 cycles per unit of time, and not at all to 0.1:

        >>> frequency_response([5.0], [0.0], [0.05], [0.2, 0.1], duration=100.0).round(2).tolist()
        [[1.0, 0.0]]
    """
    times = (np.arange(samples) + 0.5) * duration / samples
    k = gate.time_gate(times[:, None], period, shift, ratio_on)
    total = k.sum(axis=0)
    answers = np.abs(k.T @ np.exp(-2j * np.pi * times[:, None] * np.asarray(frequencies)))
    return np.divide(answers, total[:, None], out=np.zeros_like(answers), where=total[:, None] > 0)
