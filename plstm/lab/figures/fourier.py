"""Pictures of a gate's response: harmonics of its window, and its response to frequencies and phases."""

import numpy as np

from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS

# Many rings are on the axis, and must not be clipped there.
RING = {"mfc": "none", "color": INK, "mew": 0.9, "clip_on": False, "zorder": 3}


@styled
def harmonics(spectra):
    """Sizes of Fourier coefficients by harmonic: stems as measured, rings from the formula; one panel for each gate.

    Args:
        spectra: {label: (formula, measured)}, sizes of the harmonics 0, 1, 2, ...

    >>> from plstm.lab import figures
    >>> figures.harmonics({"square": ([0.2, 0.19], [0.2, 0.19])})
    <Figure size ...>
    """
    figure, axes = panels([1.7] * len(spectra), sharex=True)
    for ax, (label, (formula, measured)) in zip(axes[:, 0], spectra.items()):
        number = np.arange(len(formula))
        ax.vlines(number, 0.0, measured, color=COLOURS["openness"], lw=1.6, label="FFT")
        ax.plot(number, formula, "o", ms=4, label="formula", **RING)
        ax.set(title=label, ylabel="$|a_n|$", ylim=(0.0, None))
        tidy(ax)
    axes[0, 0].legend(loc="upper right")
    axes[-1, 0].set_xlabel("harmonic $n$")
    return figure


@styled
def teeth(frequencies, responses, predicted):
    """The response of a unit to every frequency, with rings at the predicted teeth; one panel for each gate.

    Args:
        frequencies: (F,).
        responses: {label: (F,)}.
        predicted: {label: (frequencies, heights)}, under the same labels.

    >>> from plstm.lab import figures
    >>> figures.teeth([0.0, 0.1, 0.2], {"square": [1.0, 0.0, 0.9]}, {"square": ([0.0, 0.2], [1.0, 0.9])})
    <Figure size ...>
    """
    figure, axes = panels([1.7] * len(responses), sharex=True)
    for ax, (label, response) in zip(axes[:, 0], responses.items()):
        ax.plot(frequencies, response, color=COLOURS["cell"], lw=1.2, label="running unit")
        ax.plot(*predicted[label], "o", ms=5, label="$|a_n| / a_0$", **RING)
        ax.set(title=label, ylabel="response", ylim=(0.0, 1.08), yticks=[0, 0.5, 1])
        tidy(ax)
    axes[0, 0].legend(loc="upper right")
    axes[-1, 0].set(xlabel="frequency of the input", xlim=(-0.01 * frequencies[-1], frequencies[-1]))
    return figure


@styled
def phases(angles, answers):
    """Responses of units to one frequency against its phase: {label: (values, quantity of the palette)}.

    >>> from plstm.lab import figures
    >>> figures.phases([0.0, 3.14], {"one unit": ([1.0, -1.0], "cell")})
    <Figure size ...>
    """
    figure, axes = panels([2.5])
    ax = axes[0, 0]
    ax.axhline(0.0, color=FAINT, lw=1)
    for label, (values, quantity) in answers.items():
        ax.plot(angles, values, "o-", color=COLOURS[quantity], ms=3.5, lw=1.4, label=label, clip_on=False, zorder=3)
    ax.set(xlabel="phase of the input, in radians", ylabel="answer")
    ax.set_xticks(np.arange(5) * np.pi / 2, ["0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$", r"$2\pi$"])
    ax.set_xlim(angles[0], angles[-1])
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure
