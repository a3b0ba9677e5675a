"""Readings on their clock, and the same readings as seen by a network that counts steps."""

import numpy as np

from plstm.lab.figures.style import FAINT, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def clock_and_steps(series, signals=None):
    """Readings over time on the left, the same readings by steps on the right; one row for each series, equal axes.

    Args:
        series: {label: (times, values)}.
        signals: {label: (times, values)} of the curve that was sampled, drawn faintly on the left, or None.

    >>> from plstm.lab import figures
    >>> figures.clock_and_steps({"fine": ([0.0, 0.5, 1.0], [0, 1, 0]), "coarse": ([0.0, 1.0], [0, 0])})
    <Figure size ...>
    """
    figure, axes = panels([1.45] * len(series), 2, sharex="col", sharey=True)
    for (left, right), (label, (times, values)) in zip(axes, series.items()):
        size = 4.5 if len(times) <= 60 else 2
        if label in (signals or {}):
            left.plot(*signals[label], color=FAINT, lw=1.2)
        left.plot(times, values, "o", color=COLOURS["output"], ms=size)
        steps = np.arange(1, len(values) + 1)
        right.plot(steps, values, "o-", color=COLOURS["lstm"], lw=1, ms=size)
        left.set(title=label)
        right.set(title=f"{len(values)} steps")
        left.margins(y=0.12)
        right.xaxis.get_major_locator().set_params(integer=True)
        tidy(left, right)
    axes[-1, 0].set_xlabel("time $t$")
    axes[-1, 1].set_xlabel("step")
    return figure
