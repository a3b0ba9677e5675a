"""Sensors that report at their own rates: readings, and the values held between them."""

from plstm.lab.figures.style import panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def readings(times, sensors, xlabel):
    """Readings as dots and the values held between them as a line, one row for each sensor.

    Args:
        times: (T,).
        sensors: {label: (read (T,), held (T,))}; read is NaN where the sensor did not report.
        xlabel: the name of the time axis, with its unit.

    >>> from plstm.lab import figures
    >>> figures.readings([0.0, 1.0, 2.5], {"temperature": ([4.0, float("nan"), 5.0], [4.0, 4.0, 5.0])}, "hours")
    <Figure size ...>
    """
    figure, axes = panels([1.35] * len(sensors), sharex=True)
    for ax, (label, (read, held)) in zip(axes[:, 0], sensors.items()):
        ax.step(times, held, where="post", color=COLOURS["output"], lw=1.2, label="held")
        ax.plot(times, read, "o", color=COLOURS["lstm"], ms=3.5, label="read")
        ax.set(title=label)
        ax.margins(x=0.01, y=0.12)
        tidy(ax)
    axes[0, 0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[-1, 0].set_xlabel(xlabel)
    return figure
