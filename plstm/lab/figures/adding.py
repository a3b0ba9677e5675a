"""The adding task: a marked sequence, and curves of the error."""

import numpy as np
import seaborn as sns
from matplotlib.ticker import NullFormatter

from plstm.lab.figures.curves import smooth
from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS

DASHES = ("-", "--", ":", "-.")


@styled
def marked_sum(times, values, markers):
    """One sequence: a small dot for every value, large dots with numbers for the two marked ones, and their sum.

    Args:
        times: (T,).
        values: (T,).
        markers: (T,), 1 at the two steps that count.

    >>> from plstm.lab import figures
    >>> figures.marked_sum([0, 1, 2], [0.1, -0.2, 0.4], [1, 0, 1])
    <Figure size ...>
    """
    times, values, markers = map(np.asarray, (times, values, markers))
    marked = markers == 1
    figure, axes = panels([2.3])
    ax = axes[0, 0]
    ax.plot(times[~marked], values[~marked], ".", color=FAINT, ms=3)
    ax.vlines(times[marked], 0.0, values[marked], color=COLOURS["cell"], lw=1.4)
    ax.plot(times[marked], values[marked], "o", color=COLOURS["cell"], ms=8)
    for time, value in zip(times[marked], values[marked]):
        ax.annotate(
            f"{value:+.2f}", (time, value), (0, 11 if value > 0 else -11), textcoords="offset points",
            ha="center", va="bottom" if value > 0 else "top", color=INK, fontsize=10,
            # A frame, because a small dot beside the digits would look like a full stop.
            bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": COLOURS["cell"], "lw": 0.8},
        )  # fmt: skip
    ax.axhline(0.0, color=FAINT, lw=0.8)
    ax.set(xlabel="time, in mean steps", ylabel="value", ylim=(-0.72, 0.72), yticks=[-0.5, 0, 0.5])
    ax.set_title(f"target at the end: {values[marked].sum():+.2f}")
    tidy(ax)
    return figure


@styled
def convergence(found, guess, window=10):
    """Squared error against steps, a panel for each task: the mean of the runs, a band from the lowest to the highest.

    Args:
        found: {task: {label: (model, list of histories)}}; histories as from ``results.published``, of equal length
            in each panel. A label looks the same in all panels: with a gate it has the gate's colour, darker for later
            labels; without one it is grey, with its own dashes.
        guess: the error of always answering the mean, drawn as a dotted line.
        window: number of points of a history that each point averages.

    >>> from plstm.lab import figures
    >>> history = {"step": [10, 20], "loss": [0.2, 0.1], "accuracy": [0.1, 0.5]}
    >>> figures.convergence({"short": {"LSTM": ("lstm", [history, history])}}, guess=1 / 6)
    <Figure size ...>
    """
    figure, axes = panels([2.4] * len(found))
    labels = {label: model for groups in found.values() for label, (model, _) in groups.items()}
    gated = [label for label, model in labels.items() if model.startswith("phased")]
    shades = sns.light_palette(COLOURS["phased-lstm"], len(gated) + 1)[1:]
    looks = {label: {"color": shade} for label, shade in zip(gated, shades)}
    plain = [label for label in labels if label not in looks]
    looks |= {label: {"color": COLOURS["lstm"], "ls": DASHES[n % len(DASHES)]} for n, label in enumerate(plain)}
    handles = {}
    for ax, (task, groups) in zip(axes[:, 0], found.items()):
        for label, (_, histories) in groups.items():
            curves = np.array([smooth(history["loss"], window) for history in histories])
            steps, look = histories[0]["step"], looks[label]
            ax.fill_between(
                steps, curves.min(axis=0), curves.max(axis=0), color=look["color"], alpha=0.18, lw=0
            )  # fmt: skip
            handles[label] = ax.plot(steps, curves.mean(axis=0), label=label, **look)[0]
        level = "the mean, always"
        handles[level] = ax.axhline(guess, color=INK, ls=":", lw=1.2, label=level)
        ax.set(title=task, ylabel="squared error", yscale="log")
        # At least a decade, because noise around the guess would look important if it filled the whole height.
        ax.set_ylim(min(ax.get_ylim()[0], guess / 20), max(ax.get_ylim()[1], 2 * guess))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.margins(x=0)
        tidy(ax)
    order = [*labels, level]
    axes[0, 0].legend([handles[label] for label in order], order, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[-1, 0].set_xlabel("training steps")
    return figure
