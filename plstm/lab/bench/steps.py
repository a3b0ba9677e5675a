"""A training step of each model of the fair comparisons, with the settings and on the data of its published runs."""

import tempfile

from plstm.lab import markdown
from plstm.lab.bench.measure import interleaved, summary
from plstm.lab.experiments import provenance

FORMAT = "plstm-steps-1"
REPEATS = 20
WARMUPS = 3


def run(comparisons, repeats=REPEATS, say=lambda line: None):
    """Measure ``train_on_batch`` of every model of some comparisons, all models of a comparison in turns; the report.

    Args:
        comparisons: {name: {model: Config}}, as ``verdicts.fair.configs`` answers for each name.

    Returns:
        A dict whose ``rows`` have ``comparison``, ``model``, ``engine``, and a step's ``median`` and quartiles in
        seconds.
    """
    rows = []
    for name, configs in comparisons.items():
        say(name)
        rows += _rows(name, configs, repeats)
    return {
        "format": FORMAT,
        **provenance.stamp(),
        "settings": {"repeats": repeats, "warmups": WARMUPS},
        "rows": rows,
    }


def _rows(name, configs, repeats):
    from plstm.lab import tasks
    from plstm.lab.experiments import models
    from plstm.lab.experiments.run_directory import RunDirectory
    from plstm.lab.experiments.train import Training

    trainings = {}
    with tempfile.TemporaryDirectory() as folder:
        for model, config in configs.items():
            dataset = tasks.load(config.task, config.evaluate)
            trainings[model] = Training(config, dataset, RunDirectory(f"{folder}/{model}"))
        times, failed = interleaved({model: _step(one) for model, one in trainings.items()}, repeats, WARMUPS)
        engines = {model: models.engine_of(one.model) for model, one in trainings.items()}
    if failed:
        raise RuntimeError(f"a step of {name} failed: {failed}")
    found = {model: summary(*of) for model, of in times.items()}
    kept = ("median", "lower_quartile", "upper_quartile")
    return [
        {"comparison": name, "model": model, "engine": engines[model], **{key: of[key] for key in kept}}
        for model, of in found.items()
    ]


def _step(training):
    """A step on one batch, drawn before: reading the data is no part of it."""
    dataset, config = training.dataset, training.config
    x, y = dataset.batch(config.seed, 0, config.batch_size)
    inputs = dataset.inputs(x)
    return lambda: training.model.train_on_batch(inputs, y)


def table(report):
    """Markdown: one row for each comparison and model."""
    machine = f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads"
    heads, rows = ["comparison", "model", "engine", "a training step, ms", "quartiles, ms"], []
    for row in report["rows"]:
        low, middle, high = (f"{1e3 * row[key]:.2f}" for key in ("lower_quartile", "median", "upper_quartile"))
        rows.append([row["comparison"], row["model"], row["engine"] or "-", middle, f"{low} to {high}"])
    return f"{machine}\n\n{markdown.table(heads, rows, 'lllr')}"
