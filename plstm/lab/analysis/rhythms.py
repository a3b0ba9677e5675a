"""Which frequencies the units listen to, from their rhythms alone."""

import numpy as np

from plstm import gate


def frequency_response(period, shift, ratio_on, frequencies, duration, samples=2048):
    """How loudly each unit hears each frequency, over a stretch of time that begins at 0.

    .. math::
        R_u(f) = \\left| \\int_0^{D} k_u(t)\\, e^{-2\\pi i f t}\\, dt \\right| \\Big/ \\int_0^{D} k_u(t)\\, dt

    It is 1 at f = 0, and at frequencies that meet every opening at the same phase; 0 where the openings cancel. A unit
    that never opens hears nothing.

    Args:
        period: (H,), in the clock's unit.
        shift: (H,), in the clock's unit.
        ratio_on: (H,), the open share of the period.
        frequencies: (F,), in cycles a unit of time.
        duration: D.
        samples: of the integral; several an opening and a cycle.

    Returns:
        (H, F), between 0 and 1.

    Example:
        A unit of period 5 hears a fifth of a cycle a unit of time, and a tenth not at all:

        >>> frequency_response([5.0], [0.0], [0.05], [0.2, 0.1], duration=100.0).round(2).tolist()
        [[1.0, 0.0]]
    """
    times = (np.arange(samples) + 0.5) * duration / samples
    k = gate.time_gate(times[:, None], period, shift, ratio_on)
    total = k.sum(axis=0)
    answers = np.abs(k.T @ np.exp(-2j * np.pi * times[:, None] * np.asarray(frequencies)))
    return np.divide(answers, total[:, None], out=np.zeros_like(answers), where=total[:, None] > 0)
