"""Reports on finished runs: all measurements with their initial and their trained weights, and their provenance.

The file is described by ``plstm/lab/results/schema.json`` and names each run by the hash of its result.
"""

import json
import math
import warnings
from datetime import UTC, datetime

import numpy as np

from plstm.errors import ConfigError
from plstm.lab import markdown, results
from plstm.lab.analysis import openings, unrolled
from plstm.lab.analysis.recurrence import KINDS, Recurrence

SAMPLES = 16
# The memories are changed after this share of the sequence, so that they are not empty.
START = 0.25
QUANTILES = (0.1, 0.5, 0.9)
# Gate parameters that are set back to their initial values, to measure how much the learned ones matter.
PUT_BACK = {"rhythm": (0, 1, 2), "period_and_shift": (0, 1), "ratio_on": (2,)}


def inspect(directories, samples=SAMPLES, say=lambda line: None):
    """Measure finished runs of ``plstm train``; returns the report.

    Args:
        directories: the directories of the runs, with their weights.
        samples: number of test sequences to measure on; the first ones are taken.
        say: called with a line for each run.

    Returns:
        A dict: ``format``, ``date``, ``git``, ``versions``, ``hardware``, ``threads``, ``settings`` and ``measured``, a
        list with a dict for each run: ``run`` (the hash of its result), ``config``, ``accuracy`` (``test``, and under
        ``initial`` the accuracy with all gate parameters, only periods and shifts, or only open shares set back to
        their initial values), ``rhythm`` and ``weights``, the last two for ``initial`` and ``trained``. Entries without
        a meaning for a network without gates are None.

    Raises:
        ConfigError: fewer than one sample, or a model without the memory of an LSTM.
        ResultError: a run that is not finished.
    """
    from plstm.lab.experiments import provenance

    if samples < 1:
        raise ConfigError(f"expected samples >= 1, got {samples}")
    report = {
        "format": 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": provenance.git(),
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "threads": provenance.threads(),
        "settings": {"samples": samples, "start": START, "quantiles": list(QUANTILES)},
        "measured": [],
    }
    for directory in directories:
        say(f"{directory}")
        report["measured"].append(_run(directory, samples))
    return report


def write(path, report):
    """Write a report of ``inspect`` with its content hash; returns what was written."""
    return results.write_lines(path, report, "analysis", "measured")


def published(name):
    """The report that ships with the package: ``"mnist"`` or ``"frequency"``.

    >>> from plstm.lab import analysis
    >>> sorted(analysis.published("mnist")["measured"][0]["weights"])
    ['initial', 'trained']
    """
    return results.read(results.FOLDER / "analysis" / f"{name}.json", kind="analysis")


def table(report):
    """Markdown: a row for each run and weights; gradients are for the largest lag that half of the sequences have."""
    heads = "task", "model", "seed", "weights", "state gradient", "cell path", "updates a unit", "half-life of a memory"
    rows = []
    for run in report["measured"]:
        for name, found in run["weights"].items():
            gradient, memory = found["gradients"]["inference"], found["memory"]
            last = max(n for n, found in enumerate(gradient["state"]) if found)
            lives = [math.inf if life is None else life for life in memory["half_life"]]
            cells = [run["config"]["task"], run["config"]["model"], run["config"]["seed"], name]
            cells += [f"{gradient[part][last][1]:.2g}" for part in ("state", "cell")]
            cells += [f"{np.mean(memory['updates']):.1f}", f"{np.median(lives):.0f}"]
            rows.append(cells)
    return markdown.table(heads, rows, "llrlr")


def _run(directory, samples):
    from plstm.lab import tasks
    from plstm.lab.experiments import models, train
    from plstm.lab.experiments.config import Config
    from plstm.lab.experiments.run_directory import RunDirectory

    result = results.read(RunDirectory(directory).result)
    config = Config(**result["config"])
    if config.model not in KINDS:
        raise ConfigError(f"expected a run of one of {', '.join(KINDS)}, got one of {config.model} in {directory}")
    dataset = tasks.load(config.task)
    both = {"initial": models.build(config, dataset), "trained": train.load_model(directory)}
    recurrences = {name: Recurrence.of(model.get_layer("recurrent")) for name, model in both.items()}
    rhythm = accuracy = None
    if recurrences["trained"].rhythm is not None:
        names = ("period", "shift", "ratio_on")
        rhythm = {name: dict(zip(names, map(_short, found.rhythm))) for name, found in recurrences.items()}
    weights = {name: _weights(both[name], recurrences[name], dataset, samples) for name in both}
    if rhythm is not None:
        accuracy = _with_rhythms_put_back(both, dataset, config.batch_size)
    return {
        "run": result[results.HASH],
        "config": result["config"],
        "accuracy": {"test": result["metrics"]["test"]["accuracy"], "initial": accuracy},
        "rhythm": rhythm,
        "weights": weights,
    }


def _with_rhythms_put_back(both, dataset, batch_size):
    """Test accuracy of the trained network with some gate parameters set back to their initial values, by name."""
    import keras

    from plstm.lab.experiments import train

    initial, trained = (model.get_layer("recurrent").cell.time_gate._weights_of_rhythm for model in both.values())
    learned = [keras.ops.convert_to_numpy(weight) for weight in trained]
    found = {}
    for name, parts in PUT_BACK.items():
        for part, (weight, value) in enumerate(zip(trained, learned)):
            weight.assign(initial[part] if part in parts else value)
        found[name] = train.evaluate(both["trained"], dataset, batch_size)["accuracy"]
    return found


def sequences(model, dataset, samples):
    """Inputs of the recurrent layer for the first test samples: pairs ``x (T, B, D), times (T,)``.

    Samples with a common clock come as one pair, others one by one, without their padding.
    """
    import keras

    inputs = dataset.inputs(dataset.test_samples(np.arange(min(samples, len(dataset.y_test)))))
    fed = model.get_layer("recurrent").input
    before = keras.Model(model.inputs, fed[0] if isinstance(fed, list) else fed)
    x = np.asarray(keras.ops.convert_to_numpy(before(inputs)), np.float64)
    if dataset.times is not None:
        return [(x.swapaxes(0, 1), dataset.times)]
    _, times, mask = inputs
    return [(one[seen][:, None], clock[seen]) for one, clock, seen in zip(x, times, mask)]


def _weights(model, recurrence, dataset, samples):
    pairs = sequences(model, dataset, samples)
    edges = unrolled.lag_edges(max(len(x) for x, _ in pairs))
    gated = recurrence.rhythm is not None
    is_open = [recurrence.openness(times) > 0 for _, times in pairs]
    return {
        "gradients": {
            "inference": _gradients(recurrence, pairs, edges, training=False),
            "training": _gradients(recurrence, pairs, edges, training=True) if gated else None,
        },
        "memory": _memory(recurrence, pairs, edges),
        "meetings": _meetings(is_open, edges) if gated else None,
    }


def _gradients(recurrence, pairs, edges, training):
    found = [unrolled.gradient_norms(recurrence, x, times, training) for x, times in pairs]
    whole = {"lag": edges[:-1].tolist()}
    for name in ("state", "cell", "input"):
        whole[name] = _quantiles([_binned(one[name], edges) for one in found])
    whole["never_open"] = _mean([_binned(one["never_open"][None], edges) for one in found])
    # The share of steps without an open unit, at which no gradient reaches the input.
    whole["no_open_unit"] = _short(np.mean(np.concatenate([(one["input"] == 0).ravel() for one in found])))
    return whole


def _binned(values, edges):
    """``unrolled.in_bins`` for as many bins as the values fill, NaN beyond."""
    full = int(np.searchsorted(edges, values.shape[1], side="right")) - 1
    bins = np.full((len(values), len(edges) - 1), np.nan)
    bins[:, :full] = unrolled.in_bins(values, edges[: full + 1])
    return bins


def _memory(recurrence, pairs, edges):
    kept, product, lives, updates, forget = [], [], [], [], []
    for x, times in pairs:
        found = unrolled.memory_kept(recurrence, x, times, start=int(START * len(x)))
        reached = edges[edges < found["kept"].shape[2]]
        for rows, name in ((kept, "kept"), (product, "product")):
            at = np.full((*found[name].shape[:2], len(edges)), np.nan)
            at[..., : len(reached)] = found[name][..., reached]
            rows.append(at.reshape(-1, len(edges)))
        below = found["kept"] < 0.5
        lives.append(np.where(below.any(axis=2), below.argmax(axis=2), np.inf))
        updates.append(found["updates"][:, -1])
        forget.append(found["forget"])
    return {
        "lag": edges.tolist(),
        "kept": _quantiles(kept),
        "kept_mean": _mean(kept),
        "product": _quantiles(product),
        "half_life": _short(np.median(np.concatenate(lives), axis=0)),
        "updates": _short(np.mean(updates, axis=0)),
        # A unit that never opens has no meaningful forget gate.
        "forget": _short(np.nanquantile(np.concatenate(forget), QUANTILES)),
    }


def _meetings(is_open, edges):
    found = [openings.meetings(one, seed) for seed, one in enumerate(is_open)]
    lags = [int(lag) for lag in edges if 0 < lag < min(map(len, is_open))]
    return {
        **{
            kind: {name: _short(_nanmean([one[kind][name] for one in found])) for name in found[0][kind]}
            for kind in ("rhythm", "drawn")
        },
        "lag": lags,
        "persistence": _short(_nanmean([openings.persistence(one, lags) for one in is_open])),
        "rate": _short(np.mean([one.mean() for one in is_open])),
    }


def _quantiles(rows):
    """Quantiles over all samples, three for each bin; None for bins that fewer than half of the samples have."""
    rows = np.concatenate(rows)
    enough = np.mean(np.isfinite(rows), axis=0) >= 0.5
    return [_short(np.nanquantile(rows[:, n], QUANTILES)) if enough[n] else None for n in range(rows.shape[1])]


def _mean(rows):
    rows = np.concatenate(rows)
    enough = np.mean(np.isfinite(rows), axis=0) >= 0.5
    return [_short(np.nanmean(rows[:, n])) if enough[n] else None for n in range(rows.shape[1])]


def _nanmean(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=0)


def _short(values):
    """Numbers rounded to five digits for JSON: floats, or None where not finite; arrays become lists."""
    if np.ndim(values):
        return [_short(value) for value in values]
    return json.loads(f"{values:.5g}") if np.isfinite(values) else None
