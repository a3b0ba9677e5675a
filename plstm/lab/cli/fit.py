"""The command ``plstm fit``: from a CSV file to a trained model and a report."""

from pathlib import Path

from plstm.errors import ConfigError

REPORT, DATA, MODEL = "report.html", "report.json", "model.plstm"


def fit_arguments(command):
    command.add_argument("file", metavar="FILE", help="a CSV file with a time in every row")
    command.add_argument("--series", metavar="COLUMN", required=True, help="the column that names the series of a row")
    command.add_argument("--label", metavar="COLUMN", required=True, help="the column to predict, one label a series")
    command.add_argument("--time", metavar="COLUMN", default="time", help="numbers or dates; default %(default)s")
    command.add_argument("--values", metavar="A,B", help="the columns of values; default: all others")
    command.add_argument("--unit", default="s", help="us, ms, s, min, h or D, for dates; default %(default)s")
    command.add_argument("--zone", help="time zone of dates that name none, such as Europe/Zurich")
    command.add_argument("--sort", action="store_true", help="sort each series by time")
    command.add_argument("--equal-times", action="store_true", help="allow rows of a series at the same time")
    kind = command.add_mutually_exclusive_group()
    kind.add_argument("--numbers", action="store_true", help="predict a number; default: if the labels look like it")
    kind.add_argument("--classes", action="store_true", help="predict a class, whatever the labels look like")
    command.add_argument("--balanced", action="store_true", help="let rare classes weigh as much as frequent ones")
    command.add_argument(
        "--out", metavar="DIR", help="directory for report and model; default: FILE without its ending"
    )
    command.add_argument("--force", action="store_true", help="replace DIR if it exists")
    command.add_argument("--folds", type=int, default=5, help="of the cross-validation; default %(default)s")
    command.add_argument("--units", type=int, default=32, help="default %(default)s")
    command.add_argument("--epochs", type=int, default=50, help="passes over the data at most; default %(default)s")
    command.add_argument("--dropout", type=float, default=0.0, help="default %(default)s")
    command.add_argument("--learning-rate", type=float, default=5e-3, help="learning rate of Adam; default %(default)s")
    command.add_argument("--seed", type=int, default=0, help="default %(default)s")
    command.add_argument("--threads", type=int, help="number of threads; default: all cores")


def fit(options):
    import plstm
    from plstm.lab.cli.main import set_threads
    from plstm.lab.fit import folder

    if options.folds < 2:
        raise ConfigError(f"expected --folds >= 2, got {options.folds}")
    if not 0 <= options.seed < 2**32:
        raise ConfigError(f"expected --seed from 0 to 4294967295, got {options.seed}")
    out = Path(options.out) if options.out else Path(options.file).with_suffix("")
    folder.check_free(out, options.force)
    set_threads(options.threads)
    values = options.values and [name.strip() for name in options.values.split(",")]
    try:
        table = plstm.read_csv(
            options.file, options.time, options.series, values, options.label, options.unit, options.zone,
            options.sort, options.equal_times,
        )  # fmt: skip
    except ValueError as error:  # of the unit or the zone
        raise ConfigError(str(error)) from error
    done, told = _fitted(table, options)
    with folder.replacing(out) as new:
        done.estimator.save(new / MODEL)
        _write(new, told)
    for name, score in told["scores"].items():
        low, high, constant = (f"{score[part]:.4g}" for part in ("low", "high", "constant"))
        print(f"{name:<30} {score['value']:.4g} ({low} to {high}), a constant answer {constant}")
    print(f"{out}: {REPORT}, {DATA}, {MODEL}")


def _fitted(table, options):
    from plstm.lab.experiments import train
    from plstm.lab.fit import fitting, report

    numbers = options.numbers or (not options.classes and fitting.are_numbers(table.labels))
    if numbers and table.labels.dtype.kind not in "iufb":
        raise ConfigError(f"expected numbers in {options.label!r} for --numbers, got {str(table.labels[0])!r}")
    if numbers and options.balanced:
        raise ConfigError("expected --balanced with classes, got it with numbers")
    train.load_keras()
    arguments = {
        # With these the saved model reads a DataFrame as the file was read.
        "series": options.series,
        "time": options.time,
        "unit": options.unit,
        "units": options.units,
        "epochs": options.epochs,
        "dropout": options.dropout,
        "learning_rate": options.learning_rate,
        "class_weight": "balanced" if options.balanced else None,
        "random_state": options.seed,
    }
    done = fitting.fit(table, numbers, options.folds, arguments)
    asked = {"label": options.label, "folds": options.folds}
    return done, report.as_dict(done, Path(options.file).name, {**done.estimator.get_params(), **asked})


def _write(folder, told):
    from plstm._files import write_text
    from plstm.lab.fit import report

    write_text(folder / REPORT, report.as_html(told))
    write_text(folder / DATA, report.as_json(told))
