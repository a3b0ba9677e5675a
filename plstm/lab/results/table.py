"""Many results as a table: a row a run, and mean, standard deviation and number over the seeds."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments.config import Config

METRICS = (
    "train_accuracy", "test_accuracy", "test_with_leak_accuracy", "validation_accuracy", "validation_loss",
    "wall_seconds",
)  # fmt: skip


def collect(source):
    """The results of a published name, or of all finished runs below a directory, as ``(result, where)``.

    Raises:
        ResultError: neither, or nothing finished there, or a file that is not whole.
    """
    if Path(source).is_dir():
        found = [(results.read(path), str(path.parent)) for path in sorted(Path(source).rglob("result.json"))]
        if not found:
            raise ResultError(f"expected finished runs below {source}, found none")
        return found
    return [(run["result"], source) for run in results.published(source)]


def row(result):
    """One run as a flat dict: its settings, options as ``options.NAME``, and its metrics.

    A metric that the run does not have is NaN. Only a run on held-out training data has ``validation_accuracy`` and
    ``validation_loss``.
    """
    # A run that was made before an option existed did what is now its default.
    config, metrics = Config(**result["config"]).as_dict(), result["metrics"]
    options = {f"options.{name}": value for name, value in config.pop("options").items()}
    test, leaky, chosen_by = (metrics.get(name) for name in ("test", "test_with_leak", "validation"))
    return {
        **config,
        **options,
        "parameters": result["parameters"]["total"],
        "train_accuracy": metrics["train"]["accuracy"],
        "test_accuracy": test["accuracy"] if test else math.nan,
        "test_with_leak_accuracy": leaky["accuracy"] if leaky else math.nan,
        **({f"validation_{name}": value for name, value in chosen_by.items()} if chosen_by else {}),
        "wall_seconds": result["provenance"]["wall_seconds"],
    }


def over_seeds(rows):
    """Rows grouped by all settings but the seed: the settings, ``n``, and for each metric its mean and std (n - 1).

    >>> rows = [{"model": "lstm", "seed": s, "test_accuracy": a} for s, a in ((0, 0.5), (1, 0.7))]
    >>> [found] = over_seeds(rows)
    >>> found["n"], found["test_accuracy_mean"], round(found["test_accuracy_std"], 4)
    (2, 0.6, 0.1414)
    """
    groups = {}
    for one in rows:
        settings = {name: value for name, value in one.items() if name not in (*METRICS, "seed")}
        groups.setdefault(json.dumps(settings, sort_keys=True), (settings, []))[1].append(one)
    found = []
    for settings, members in groups.values():
        summary = {**settings, "n": len(members)}
        for metric in METRICS:
            if metric in members[0]:
                values = np.array([member[metric] for member in members])
                summary[f"{metric}_mean"] = float(values.mean())
                summary[f"{metric}_std"] = float(values.std(ddof=1)) if len(values) > 1 else math.nan
        found.append(summary)
    return found


def as_csv(rows):
    """Tidy CSV: a column for every name in any row, empty where a row has none."""
    names = list(dict.fromkeys(name for one in rows for name in one))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for one in rows:
        writer.writerow({name: json.dumps(v) if isinstance(v, list | bool) else v for name, v in one.items()})
    return text.getvalue()


def varying(rows):
    """The names whose values differ between rows that have them.

    >>> varying([{"model": "lstm", "units": 8}, {"model": "phased-lstm", "units": 8, "options.leak": 0.0}])
    ['model']
    """
    names = dict.fromkeys(name for one in rows for name in one)
    return [name for name in names if len({json.dumps(one[name]) for one in rows if name in one}) > 1]
