"""Pictures of records of people: who is asked about, one record with a network's units, probabilities, intervals."""

import numpy as np

from plstm.lab.figures.neurons import shade
from plstm.lab.figures.style import FAINT, INK, panels, styled, tidy
from plstm.lab.palette import COLOURS


@styled
def landmark(people, horizon):
    """Records about a landmark at 0: a line for each person, dots where anything was measured, and how it ended.

    Args:
        people: a list of (measured (n,), end, died), in years; ``end`` is the last day that is known of the person.
        horizon: years after the landmark for which is asked.

    >>> from plstm.lab import figures
    >>> figures.landmark([([-3.0, -1.0, 0.5], 2.0, True), ([-2.0], 7.0, False)], horizon=5.0)
    <Figure size ...>
    """
    figure, axes = panels([0.5 + 0.27 * len(people)])
    ax = axes[0, 0]
    ax.axvspan(0.0, horizon, color=COLOURS["openness"], alpha=0.08, lw=0)
    ax.axvline(0.0, color=INK, lw=1.2)
    for row, (measured, end, died) in enumerate(people):
        measured = np.asarray(measured)
        ax.plot([measured[0], end], [row, row], color=FAINT, lw=0.8, zorder=1)
        shown = measured < 0
        ax.plot(measured[shown], np.full(shown.sum(), row), "o", color=COLOURS["openness"], ms=3.5)
        ax.plot(measured[~shown], np.full((~shown).sum(), row), "o", color=FAINT, ms=2.5)
        ax.plot(end, row, "X" if died else "|", color=COLOURS["period"] if died else INK, ms=8, clip_on=False)
    ax.plot([], [], "o", color=COLOURS["openness"], ms=3.5, label="measured, shown")
    ax.plot([], [], "o", color=FAINT, ms=2.5, label="measured, hidden")
    ax.plot([], [], "X", color=COLOURS["period"], ms=8, ls="none", label="death")
    ax.plot([], [], "|", color=INK, ms=8, ls="none", label="last seen, alive")
    ax.set(xlabel="years from the landmark", yticks=[], ylim=(len(people) - 0.4, -0.6))
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure


@styled
def timeline(times, tests, openness, periods, answers, xlabel="years before the landmark", answer="risk"):
    """One record over time: what was measured, which units were open, and a network's answer after each event.

    Args:
        times: (T,) of the events.
        tests: {label: values (T,)}, NaN where not measured; a row each.
        openness: (times (N,), k (N, H)) on a fine grid.
        periods: (H,), which sort the units; the shortest at the bottom.
        answers: (T,), after each event.
        xlabel: the name of the time axis. answer: that of the answer.

    >>> from plstm.lab import figures
    >>> grid = np.linspace(0.0, 2.0, 9)
    >>> figures.timeline([0.0, 2.0], {"pulse": [70.0, 75.0]}, (grid, np.ones((9, 3))), [1.0, 2.0, 3.0], [0.1, 0.2])
    <Figure size ...>
    """
    times, (grid, k) = np.asarray(times), openness
    figure, axes = panels([0.75] * len(tests) + [2.6, 1.0], sharex=True)
    *above, middle, below = axes[:, 0]
    for ax, (label, values) in zip(above, tests.items()):
        values = np.asarray(values, float)
        seen = ~np.isnan(values)
        ax.plot(times[seen], values[seen], "o", color=COLOURS["lstm"], ms=3.5, clip_on=False)
        ax.set_title(label)
        ax.margins(y=0.25)
    shade(middle, grid, k, periods, labels=5, digits=2)
    for t in times:
        middle.axvline(t, color=INK, lw=0.5, alpha=0.6)
    middle.set_title(r"units, by period $\tau$; blue is open")
    below.step(times, answers, where="post", color=COLOURS["output"], lw=1.4)
    below.plot(times, answers, "o", color=COLOURS["output"], ms=3)
    below.set(title=answer, xlabel=xlabel, ylim=(0.0, max(0.1, 1.15 * float(np.max(answers)))))
    below.set_xlim(grid[0], grid[-1])
    tidy(*axes[:, 0])
    return figure


@styled
def reliability(groups):
    """What models said beside what came: a line for each model, a dot for each group of people, the diagonal dotted.

    Args:
        groups: {label: [(mean probability, share that came, how many), ...]}, as of ``metrics.reliability``.

    >>> from plstm.lab import figures
    >>> figures.reliability({"trees": [(0.01, 0.0, 50), (0.4, 0.5, 50)]})
    <Figure size ...>
    """
    figure, axes = panels([3.4])
    ax, marks = axes[0, 0], "osD^v"
    colours = [COLOURS[name] for name in ("period", "lstm", "openness", "ratio_on", "shift")]
    top = 0.0
    for number, (label, rows) in enumerate(groups.items()):
        said, came, _ = np.array(rows, float).T
        top = max(top, said.max(), came.max())
        ax.plot(said, came, marks[number % 5] + "-", color=colours[number % 5], ms=4.5, lw=1.0, label=label)
    ax.plot([0, top], [0, top], color=INK, ls=":", lw=1.2, label="as said")
    ax.set(xlabel="probability that was said, mean of a tenth", ylabel="share that died", aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    tidy(ax)
    return figure


@styled
def intervals(rows, xlabel, chance=None):
    """Means with intervals, one below the other: {label: (mean, low, high)}; labels of one model stand together.

    Args:
        rows: {model: {label: (mean, low, high)}}.
        xlabel: what is shown.
        chance: a dotted line there, or None.

    >>> from plstm.lab import figures
    >>> figures.intervals({"trees": {"with times": (0.88, 0.85, 0.91)}}, "AUROC")
    <Figure size ...>
    """
    lines = [(model, label, *found) for model, some in rows.items() for label, found in some.items()]
    figure, axes = panels([0.6 + 0.3 * len(lines)])
    ax = axes[0, 0]
    for place, (model, _, mean, low, high) in enumerate(lines):
        colour = COLOURS["phased-lstm" if model.startswith("Phased") else "lstm"]
        ax.plot([low, high], [place, place], color=colour, lw=2.2, alpha=0.6)
        ax.plot(mean, place, "o", color=colour, ms=6)
    if chance is not None:
        ax.axvline(chance, color=FAINT, ls=":", lw=1.2)
    ax.set_yticks(range(len(lines)), [f"{model}, {label}" for model, label, *_ in lines])
    ax.set(xlabel=xlabel, ylim=(len(lines) - 0.5, -0.5))
    ax.grid(axis="y", visible=False)
    tidy(ax)
    return figure
