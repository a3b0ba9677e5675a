"""Accuracy against cost: the test accuracy of trained models, and the cost of a sequence event by event."""

import time
from pathlib import Path

import numpy as np

from plstm.errors import ConfigError
from plstm.lab import markdown, results
from plstm.lab.experiments import provenance

FORMAT = "plstm-trade-1"
SAMPLES = 1000
TIMED = 20
QUICK = {"samples": 5}


def run(directory, samples=SAMPLES, say=lambda line: None):
    """Run every finished phased model below a directory with ``plstm.EventDriven``, but those of a search.

    Returns the report.

    Args:
        directory: a folder with runs of ``plstm train`` or ``plstm sweep``.
        samples: number of test samples, the first ones; 20 of them are timed, one sequence at a time.

    Returns:
        A dict whose ``rows`` have the run's ``config`` and the hash of its ``result``; ``test_accuracy``, on the whole
        test set; and for one sequence, as means over the samples: ``updates``, ``multiply_adds``, both also as
        ``dense_...`` for a dense engine; ``seconds``, and ``dense_seconds`` of the same engine with all units computed.

    Raises:
        ConfigError: there is no such run.
        ResultError: a result is damaged.
    """
    found = [(path.parent, results.read(path)) for path in sorted(Path(directory).rglob("result.json"))]
    # The runs of a search have not met the test set.
    tested = [(path, result) for path, result in found if "test" in result["metrics"]]
    phased = [(path, result) for path, result in tested if result["config"]["model"].startswith("phased")]
    if not phased:
        raise ConfigError(f"expected finished runs of phased models below {directory}, found none")
    rows = []
    for path, result in phased:
        say(path.name)
        rows.append({"config": result["config"], "result": result[results.HASH], **_measure(path, result, samples)})
    return {"format": FORMAT, **provenance.stamp(), "settings": {"samples": samples, "timed": TIMED}, "rows": rows}


def _measure(path, result, samples):
    import plstm
    from plstm.lab import tasks
    from plstm.lab.experiments.train import load_model

    dataset, model = tasks.load(result["config"]["task"]), load_model(path)
    x, times, *mask = dataset.inputs(dataset.test_samples(slice(0, samples)))
    engines = {name: plstm.EventDriven(model, skip_closed=name == "seconds") for name in ("seconds", "dense_seconds")}
    sparse = engines["seconds"]
    sparse.run(x, times, *mask)
    stats = sparse.stats
    seconds = {name: [] for name in engines}
    # The two take turns, so that a disturbance of the machine affects both.
    for number in range(min(TIMED, len(x))):
        one = [array if array.ndim == 1 else array[number : number + 1] for array in (x, times, *mask)]
        for name, engine in engines.items():
            start = time.perf_counter()
            engine.run(*one)
            seconds[name].append(time.perf_counter() - start)
    counts = ("updates", "dense_updates", "multiply_adds", "dense_multiply_adds")
    return {
        "test_accuracy": result["metrics"]["test"]["accuracy"],
        **{name: getattr(stats, name) / len(x) for name in counts},
        **{name: float(np.median(spent)) for name, spent in seconds.items()},
    }


def table(report):
    """Markdown: one row for each run, the cheapest first."""
    machine = f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads"
    heads = ["task", "model", "r_on at the start", "cost of r_on", "seed", "test accuracy"]
    heads += ["multiply-adds a sequence", "of dense", "ms a sequence", "times faster"]
    rows = []
    for row in sorted(report["rows"], key=lambda row: row["multiply_adds"]):
        config, options = row["config"], row["config"]["options"]
        cells = [config["task"], config["model"], options["ratio_on"], options["ratio_on_cost"], config["seed"]]
        cells += [f"{row['test_accuracy']:.4f}", f"{row['multiply_adds']:.0f}"]
        cells += [f"{row['multiply_adds'] / row['dense_multiply_adds']:.3f}", f"{1e3 * row['seconds']:.3f}"]
        rows.append([*cells, f"{row['dense_seconds'] / row['seconds']:.1f}"])
    return f"{machine}\n\n{markdown.table(heads, rows, 'llr')}"
