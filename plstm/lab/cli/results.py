"""The commands for many runs and their results: ``plstm sweep``, ``results``, ``plot`` and ``inspect``."""

import sys

from plstm.errors import ConfigError


def sweep_arguments(command):
    command.add_argument("grid", metavar="GRID", help="a YAML file, see grids/")
    command.add_argument("--out", metavar="DIR", required=True, help="folder in which each run gets its own directory")
    command.add_argument(
        "--address", help="address of a Ray cluster, HOST:PORT or auto; default: the cores of this machine"
    )
    command.add_argument("--threads", type=int, default=1, help="threads of each run; default %(default)s")


def sweep(options):
    from plstm.lab.experiments import grid
    from plstm.lab.experiments.sweep import sweep

    if options.threads < 1:
        raise ConfigError(f"expected --threads >= 1, got {options.threads}")
    asked = grid.read_whole(options.grid)
    with _live() as show:
        states = sweep(asked.configs, options.out, options.address, options.threads, show)
    if asked.final and not any(state.startswith("failed") for state in states.values()):
        configs = _chosen(asked, options.out, states)
        with _live() as show:
            states |= sweep(configs, options.out, options.address, options.threads, show)
    others = {path: state for path, state in states.items() if state != "finished"}
    print(f"{len(states) - len(others)} of {len(states)} runs finished in {options.out}")
    for path, state in others.items():
        print(f"{path}: {state}", file=sys.stderr)
    return 1 if any(state.startswith("failed") for state in others.values()) else 0


def _chosen(asked, out, states):
    """The configs of the final stage, after the search is done; the choice is printed and saved."""
    from pathlib import Path

    from plstm.lab import results
    from plstm.lab.experiments import grid, selection

    found = []
    for config in asked.configs:
        path = Path(out).resolve() / grid.directory_name(config)
        finished = states[str(path)] == "finished"
        found.append((config, results.read(path / "result.json") if finished else None))
    choices = selection.choose_settings(found, asked.final.best)
    selection.write(Path(out) / results.CHOICE, asked.name, choices)
    for choice in choices:
        told = choice.as_dict()
        chosen = ", ".join(f"{name.removeprefix('options.')} {value}" for name, value in told["chosen"].items())
        print(f"{told['task']} {told['model']}: {chosen}: {told['reason']}")
    return selection.final_configs(choices, asked.final)


def _live():
    """A table of the runs that is redrawn on a terminal; without a terminal, a line for each change of state."""
    from contextlib import contextmanager

    @contextmanager
    def table():
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        if not console.is_terminal:
            known = {}

            def lines(states):
                for path, state in states.items():
                    kind = state.split(",")[0] if state.startswith("failed") else state.split(" ")[0]
                    if known.get(path) != kind:
                        known[path] = kind
                        print(f"{path.name}: {state}", file=sys.stderr, flush=True)

            yield lines
            return
        with Live(console=console, refresh_per_second=4) as live:
            yield lambda states: live.update(_table(states))

    return table()


def _table(states):
    from rich.table import Table

    done = sum(state == "finished" for state in states.values())
    table = Table("run", "state", title=f"{done} of {len(states)} finished", title_justify="left")
    at_work = {path: state for path, state in states.items() if state not in ("finished", "waiting")}
    for path, state in at_work.items():
        table.add_row(path.name, state)
    return table


def results_arguments(command):
    command.add_argument("source", metavar="NAME|DIR", nargs="?", help="published results, or a directory of runs")
    command.add_argument(
        "--runs", action="store_true", help="one row for each run; default: mean and std over the seeds"
    )
    command.add_argument("--csv", metavar="FILE", help="write all columns to FILE as CSV; - is the standard output")


def show_results(options):
    from plstm.lab import results
    from plstm.lab.results import table

    if options.source is None:
        print("\n".join(f"{name:<20} {len(results.published(name))} runs" for name in results.names()))
        return
    runs = table.runs(options.source)
    shown = runs if options.runs else table.over_seeds(runs)
    if options.csv:
        _write_csv(options.csv, shown)
    else:
        print(_aligned(runs, shown))


def _write_csv(path, frame):
    from plstm._files import write_text

    # A range is written as a list, as in a grid.
    text = frame.map(lambda value: list(value) if isinstance(value, tuple) else value).to_csv(index=False)
    if path == "-":
        print(text, end="")
    else:
        write_text(path, text)


def _aligned(runs, shown):
    """Text with one line for each run, or for each mean over seeds: the settings that differ, and the accuracies."""
    from plstm.lab.results import table

    names = ["seed"] if "seed" in shown and shown["seed"].nunique() > 1 else []
    names = [*table.differing(runs), *names] or ["model"]
    # An option that a model lacks has no value; a clipnorm of null is one.
    lines = shown[names].astype(str)
    for name in names:
        lines.loc[shown[name].isna(), name] = "none" if name in table.SETTINGS else ""
    for metric in ("train_accuracy", "validation_accuracy", "test_accuracy"):
        if runs[metric].isna().all():
            continue
        if metric in shown:
            lines[metric] = shown[metric].map("{:.4f}".format)
        else:
            means, spreads = (shown[f"{metric}_{what}"].map("{:.4f}".format) for what in ("mean", "std"))
            lines[metric] = means + " +- " + spreads
    if "n" in shown:
        lines["n"] = shown["n"].astype(str)
    return lines.to_string(index=False)


def plot_arguments(command):
    command.add_argument("source", metavar="NAME|DIR", help="published results, or a directory of runs")
    command.add_argument("--out", metavar="FILE", required=True, help="the image file: .png, .svg or .pdf")
    command.add_argument("--metric", choices=("accuracy", "loss"), default="accuracy", help="default %(default)s")


def plot(options):
    from pathlib import Path

    from plstm._files import replacing
    from plstm.lab import figures
    from plstm.lab.results import table

    endings = (".png", ".svg", ".pdf")
    if Path(options.out).suffix not in endings:
        raise ConfigError(f"expected --out to end in {', '.join(endings)}, got {options.out}")
    runs, groups = table.runs(options.source), {}
    for label, model, history in zip(_labels(runs), runs["model"], table.histories(runs)):
        groups.setdefault(label, (model, []))[1].append(history)
    figure = figures.learning_bands(groups, metric=options.metric)
    with replacing(options.out) as file:
        figure.savefig(file, format=Path(options.out).suffix[1:], dpi=150, bbox_inches="tight")


def _labels(runs):
    """A name for each run: its model, and the settings in which it differs from most of the runs."""
    from collections import Counter

    from plstm.lab.results import table

    names = [name for name in table.differing(runs) if name != "model"]
    usual = {name: Counter(map(str, runs[name])).most_common(1)[0][0] for name in names}
    for _, run in runs.iterrows():
        told = [name for name in names if str(run[name]) != usual[name] and _has(run, name)]
        yield ", ".join([run["model"], *(f"{name.removeprefix('options.')} {run[name]}" for name in told)])


def _has(run, name):
    """Whether a run has a setting: a model may lack an option of another."""
    from plstm.lab.results import table

    return name in table.SETTINGS or run[name] == run[name]


def inspect_arguments(command):
    from plstm.lab.analysis import reports

    command.add_argument("directories", metavar="RUN_DIR", nargs="+", help="finished runs of LSTMs, phased or not")
    command.add_argument("--samples", type=int, default=reports.SAMPLES, help="test sequences; default %(default)s")
    command.add_argument("--out", metavar="FILE", help="write all measurements to FILE, as JSON")


def inspect(options):
    from pathlib import Path

    from plstm.lab.experiments import train

    # Checked before minutes of measuring, not after them.
    if options.out and not Path(options.out).parent.is_dir():
        raise ConfigError(f"expected --out to be in an existing directory, got {options.out}")
    train.load_keras()
    from plstm.lab.analysis import reports

    found = reports.inspect(options.directories, options.samples, say=lambda line: print(line, file=sys.stderr))
    if options.out:
        reports.write(options.out, found)
    print(reports.table(found))
