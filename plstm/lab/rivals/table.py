"""A report on rivals as a page prints it: a row a model, the best loss first, with intervals over people or stars."""

from plstm.lab.markdown import table
from plstm.lab.rivals import reports

# What is shown of each task, and how it is called; the loss decides the order.
COLUMNS = {
    "nafld": {"auroc": "AUROC", "auprc": "AUPRC", "brier": "Brier score", "calibration_error": "calibration error"},
    "nafld-next": {"loss": "negative log-likelihood", "mae": "mean error, mg/dl", "coverage": "in the middle .9"},
    "stars": {"balanced_accuracy": "balanced accuracy", "accuracy": "accuracy", "loss": "cross-entropy"},
}
# Their intervals would mislead: resampling raises a sum of distances.
ALONE = ("calibration_error",)


def markdown(name):
    """The table of the report on a task that ships with the package, in Markdown."""
    report = reports.published(name)
    columns = COLUMNS[report["task"]]
    rows = [
        [one["model"], *(_cell(column, one["test"][column]) for column in columns)]
        for one in sorted(report["measured"], key=lambda one: one["test"]["loss"]["mean"])
    ]
    of = "stars" if report["task"] == "stars" else "people"
    below = f"On {report['data']['test']:,} {of} of the test set; in brackets the 95 % interval over them."
    return f"{table(['model', *columns.values()], rows, 'l')}\n\n{below}"


def _cell(name, found):
    shown = f"{found['mean']:.3f}"
    return shown if name in ALONE else f"{shown} [{found['low']:.3f}, {found['high']:.3f}]"
