"""Results as a pandas DataFrame with one row for each run; selections from it, and means over the seeds."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from plstm.errors import ResultError
from plstm.lab.results import store

METRICS = (
    "train_accuracy", "train_loss", "test_accuracy", "test_loss", "test_with_leak_accuracy", "test_with_leak_loss",
    "validation_accuracy", "validation_loss", "wall_seconds",
)  # fmt: skip
# The fields of a config. Every option of a model is a setting, too.
SETTINGS = (
    "task", "model", "units", "batch_size", "steps", "learning_rate", "seed", "engine", "dtype", "clipnorm", "evaluate",
)  # fmt: skip


def runs(source):
    """The runs published under a name, or all finished ones below a directory, as a DataFrame with a row for each.

    Its columns: the settings of the config, with an option as ``options.NAME`` and a range as a tuple; the number of
    ``parameters``; accuracies and losses (in training, means over the last ``train_steps``); ``wall_seconds``; and its
    provenance, with ``run``, the hash of its result, and ``source``, the published name or the run's directory. Scores
    that a run does not have, and options of other models, are missing (NaN). Nothing is filled in.

    >>> from plstm.lab.results import table
    >>> table.runs("mnist_seed").groupby("model")["test_accuracy"].mean().round(2)
    model
    lstm              0.25
    lstm-with-time    0.23
    phased-lstm       0.90
    Name: test_accuracy, dtype: float64

    Raises:
        ResultError: no such name or directory, no finished run there, or a damaged file.
    """
    if not Path(source).is_dir():
        return frame((run["result"], source) for run in store.published(source))
    paths = sorted(Path(source).rglob("result.json"))
    if not paths:
        raise ResultError(f"expected finished runs below {source}, found none")
    return frame((store.read(path), str(path.parent)) for path in paths)


def frame(results):
    """The DataFrame of some results, given as pairs of a result and its source; see ``runs``."""
    rows = [_row(result, source) for result, source in results]
    # Columns of objects, so that null (no clipping) stays a value and is not treated as missing.
    found = pd.DataFrame(rows).assign(clipnorm=pd.Series([row["clipnorm"] for row in rows], dtype=object))
    first = settings(found)
    return found[[*first, *found.columns.difference(first, sort=False)]]


def histories(runs):
    """The training curves of the runs in such a DataFrame, in its order, as ``results.published`` has them."""
    published, found = {}, []
    for run, source in zip(runs["run"], runs["source"]):
        if Path(source).is_dir():
            found.append(store.thin(store.read_run(source)[1]))
            continue
        if source not in published:
            published[source] = {one["result"][store.HASH]: one["history"] for one in store.published(source)}
        found.append(published[source][run])
    return found


def settings(runs):
    """The columns that hold a run's settings, its seed included."""
    return [name for name in runs if name in SETTINGS or name.startswith("options.")]


def differing(runs):
    """The settings, except the seed, that differ between runs that have them. A model may lack an option of another.

    >>> runs = pd.DataFrame({"model": ["lstm", "phased-lstm"], "units": 8, "options.leak": [math.nan, 0.0], "seed": 0})
    >>> differing(runs)
    ['model']
    """
    return [name for name in settings(runs) if name != "seed" and runs[name].nunique(dropna=name not in SETTINGS) > 1]


def select(runs, wanted, over=()):
    """The runs with the wanted settings, which may differ only in their seeds and in the settings named in ``over``.

    Args:
        runs: a DataFrame as from ``runs``. wanted: {setting: value}. over: names of settings.

    Raises:
        ValueError: no run has these settings, a setting does not exist, or the runs differ in another setting.
    """
    known = settings(runs)
    unknown = [name for name in (*wanted, *over) if name not in known]
    if unknown:
        raise ValueError(f"expected settings among {', '.join(known)}, got {', '.join(unknown)}")
    found = runs
    for name, value in wanted.items():
        value = _fixed(value)
        same = found[name].isna() if value is None else [one == value for one in found[name]]
        found = found[np.array(same, bool)]
    where = " of " + ", ".join(dict.fromkeys(map(str, runs["source"]))) if "source" in runs else ""
    if found.empty:
        raise ValueError(f"expected runs{where} with {wanted}, found none")
    for name in known:
        # A run without the setting differs from one that has it.
        values = list(found[name].drop_duplicates())
        if len(values) > 1 and name not in ("seed", *over):
            raise ValueError(
                f"expected runs{where} that differ only in their seeds, but with {wanted} {name} is "
                f"{' or '.join(map(str, values))}; choose one"
            )
    return found


def over_seeds(runs):
    """One row for each setting: mean and standard deviation (n - 1) of every metric over its n seeds.

    >>> runs = pd.DataFrame({"model": "lstm", "seed": [0, 1], "test_accuracy": [0.5, 0.7]})
    >>> over_seeds(runs).round(4).to_dict("records")
    [{'model': 'lstm', 'n': 2, 'test_accuracy_mean': 0.6, 'test_accuracy_std': 0.1414}]
    """
    by = [name for name in (*settings(runs), "parameters") if name in runs and name != "seed"]
    groups = runs.groupby(by, dropna=False, sort=False)
    found = groups[[name for name in METRICS if name in runs]].agg(["mean", "std"])
    found.columns = ["_".join(name) for name in found.columns]
    found.insert(0, "n", groups.size())
    return found.reset_index()


def _row(result, source):
    config, metrics, provenance = dict(result["config"]), result["metrics"], result["provenance"]
    options = {f"options.{name}": _fixed(value) for name, value in config.pop("options").items()}
    scores = {
        f"{part}_{name}": (metrics.get(part) or {}).get(name, math.nan)
        for part in ("train", "test", "test_with_leak", "validation")
        for name in ("accuracy", "loss")
    }
    # Scores that only some tasks have, and only where they are there: a column of nothing tells nobody anything.
    more = {
        f"{part}_{name}": score
        for part in ("test", "test_with_leak", "validation")
        for name, score in (metrics.get(part) or {}).items()
        if f"{part}_{name}" not in scores and not isinstance(score, list)
    }
    return {
        **config,
        **options,
        "parameters": result["parameters"]["total"],
        "trainable_parameters": result["parameters"]["trainable"],
        **scores,
        **more,
        "train_steps": metrics["train"]["steps"],
        "wall_seconds": provenance["wall_seconds"],
        "data": result["data"]["source"],
        "data_sha256": result["data"]["sha256"],
        "train_samples": result["data"]["train"],
        "test_samples": result["data"]["test"],
        "engine_used": provenance["engine"],
        "threads": provenance["threads"],
        "commit": provenance["git"] and provenance["git"]["commit"],
        "finished": provenance["finished"],
        "run": result[store.HASH],
        "source": source,
    }


def _fixed(value):
    """A setting's value in a form that pandas can compare and group: a list becomes a tuple."""
    return tuple(map(_fixed, value)) if isinstance(value, list) else value
