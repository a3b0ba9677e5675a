"""Verdicts about the inside of a network, from the published measurements of ``plstm.lab.analysis``."""

import numpy as np

from plstm.lab import analysis
from plstm.lab.tasks.frequency import TARGET
from plstm.lab.verdicts.finding import HOLDS, IN_PART, NOT_HERE, REPOSITORY, Finding

CHAPTER = "memory_and_gradients"


def _measured(name, gated):
    """The runs of a published report: those with a time gate, or the others."""
    return [run for run in analysis.published(name)["measured"] if (run["rhythm"] is not None) == gated]


def shortcut():
    reach, no_open_unit = {}, []
    for gated in (True, False):
        found = [run["weights"]["initial"]["gradients"]["inference"] for run in _measured("mnist", gated)]
        reach[gated] = np.array([one["state"][-1][1] for one in found])
        no_open_unit = [one["no_open_unit"] for one in found] if gated else no_open_unit
        lag = found[0]["lag"][-1]
    missed = np.mean(no_open_unit)
    further = reach[True].min() > 1000 * reach[False].max()
    return Finding(
        "Closed gates are a shortcut to the past for gradients",
        REPOSITORY,
        f"MNIST, before training: over {lag} steps and more a gradient for the state keeps "
        f"{np.mean(reach[True]):.3f} of it, in an LSTM {reach[False].max():.0e} at most. But {missed:.0%} of "
        "the inputs come when no unit is open, and get no gradient.",
        NOT_HERE if not further else IN_PART if missed > 0.01 else HOLDS,
        CHAPTER,
    )


def persistent_dropout():
    meetings = [run["weights"]["trained"]["meetings"] for run in _measured("mnist", gated=True)]
    again, by_lot = (np.mean([one[kind]["again"] for one in meetings]) for kind in ("rhythm", "drawn"))
    return Finding(
        "The time gate is a kind of persistent dropout",
        REPOSITORY,
        f"If a digit is read again, {again:.0%} of the units that were open at a step are open at that step again, "
        f"in every epoch; with random sets it would be {by_lot:.0%}. And a closed unit is not silent: it keeps "
        "its output.",
        NOT_HERE if again > 0.99 else HOLDS,
        CHAPTER,
    )


def fourier_transform():
    inside = {}
    for when in ("initial", "trained"):
        periods = [np.array(run["rhythm"][when]["period"]) for run in _measured("frequency", gated=True)]
        inside[when] = np.mean([np.mean((TARGET[0] <= one) & (one <= TARGET[1])) for one in periods])
        inside[when, "all"] = np.concatenate(periods)
    moved = np.median(np.abs(inside["trained", "all"] / inside["initial", "all"] - 1))
    tuned = inside["trained"] > 2 * inside["initial"]
    return Finding(
        "A layer is a learnable, gated Fourier transform",
        REPOSITORY,
        f"Gated: a unit does respond to the frequencies of its comb. Learnable: in networks that tell sines of "
        f"{TARGET[0]:g} to {TARGET[1]:g} ms from others, {inside['initial']:.1%} of the periods began in that range "
        f"and {inside['trained']:.1%} ended there; the median period moved by {moved:.1%}.",
        HOLDS if tuned else IN_PART,
        "population",
    )
