"""The commands that make many runs and look at what came out: ``plstm sweep``, ``results``, ``plot``, ``inspect``."""

import math
import sys

from plstm.errors import ConfigError


def sweep_arguments(command):
    command.add_argument("grid", metavar="GRID", help="a YAML file, see grids/")
    command.add_argument("--out", metavar="DIR", required=True, help="where every run gets a directory of its own")
    command.add_argument(
        "--address", help="a Ray cluster to run on, HOST:PORT or auto; default: the cores of this machine"
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
    """The configs of the final stage, now that the search is done; the choice is printed and written down."""
    from pathlib import Path

    from plstm.lab import results
    from plstm.lab.experiments import grid, selection

    found = []
    for config in asked.configs:
        path = Path(out).resolve() / grid.directory_name(config)
        finished = states[str(path)] == "finished"
        found.append((config, results.read(path / "result.json") if finished else None))
    choices = selection.choose(found, asked.final.best)
    selection.write(Path(out) / selection.FILE, asked.name, choices)
    for choice in choices:
        told = choice.as_dict()
        chosen = ", ".join(f"{name.removeprefix('options.')} {value}" for name, value in told["chosen"].items())
        print(f"{told['task']} {told['model']}: {chosen}: {told['reason']}")
    return selection.final_configs(choices, asked.final)


def _live():
    """A table of the runs that is drawn again and again on a terminal; elsewhere a line for each change of state."""
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
    command.add_argument("--runs", action="store_true", help="a row a run; default: mean and std over the seeds")
    command.add_argument("--csv", metavar="FILE", help="write all columns there as CSV; - is the standard output")


def show_results(options):
    from plstm._files import write_text
    from plstm.lab import results
    from plstm.lab.results import table as aggregate

    if options.source is None:
        print("\n".join(f"{name:<20} {len(results.published(name))} runs" for name in results.names()))
        return
    rows = [aggregate.row(result) for result, _ in aggregate.collect(options.source)]
    if not options.runs:
        rows = aggregate.over_seeds(rows)
    if options.csv == "-":
        print(aggregate.as_csv(rows), end="")
    elif options.csv:
        write_text(options.csv, aggregate.as_csv(rows))
    else:
        _print_rows(rows, options.runs)


def _print_rows(rows, runs):
    from plstm.lab.results import table as aggregate

    ending = "" if runs else "_mean"
    metrics = [
        metric
        for metric in ("train_accuracy", "validation_accuracy", "test_accuracy")
        if any(math.isfinite(one.get(f"{metric}{ending}", math.nan)) for one in rows)
    ]
    hidden = {f"{metric}{end}" for metric in aggregate.METRICS for end in ("", "_mean", "_std")}
    settings = [name for name in aggregate.varying(rows) if name not in hidden | {"n", "parameters"}] or ["model"]
    print("  ".join([*(f"{name:<16}" for name in settings), *(f"{metric:<16}" for metric in metrics), "n"]))
    for one in rows:
        cells = [f"{str(one.get(name, '')):<16}" for name in settings]
        for metric in metrics:
            spread = "" if runs else f" +- {one.get(f'{metric}_std', math.nan):.4f}"
            text = f"{one.get(f'{metric}{ending}', math.nan):.4f}{spread}"
            cells.append(f"{text:<16}")
        print("  ".join([*cells, str(one.get("n", 1))]))


def plot_arguments(command):
    command.add_argument("source", metavar="NAME|DIR", help="published results, or a directory of runs")
    command.add_argument("--out", metavar="FILE", required=True, help="a picture: .png, .svg or .pdf")
    command.add_argument("--metric", choices=("accuracy", "loss"), default="accuracy", help="default %(default)s")


def plot(options):
    from collections import Counter
    from pathlib import Path

    from plstm._files import replacing
    from plstm.lab import figures, results
    from plstm.lab.results import table as aggregate

    endings = (".png", ".svg", ".pdf")
    if Path(options.out).suffix not in endings:
        raise ConfigError(f"expected --out to end in {', '.join(endings)}, got {options.out}")
    if Path(options.source).is_dir():
        found = aggregate.collect(options.source)
        read = [results.read_run(where) for _, where in found]
        runs = [(result, results.thin(history)) for result, history in read]
    else:
        runs = [(run["result"], run["history"]) for run in results.published(options.source)]
    rows = [aggregate.row(result) for result, _ in runs]
    names = [n for n in aggregate.varying(rows) if n not in (*aggregate.METRICS, "seed", "parameters", "model")]
    # A label says what is unlike most of the runs.
    usual = {name: Counter(str(row.get(name)) for row in rows).most_common(1)[0][0] for name in names}
    groups = {}
    for row, (result, history) in zip(rows, runs):
        told = [f"{n.removeprefix('options.')} {row[n]}" for n in names if n in row and str(row[n]) != usual[n]]
        label = ", ".join([row["model"], *told])
        groups.setdefault(label, (result["config"]["model"], []))[1].append(history)
    figure = figures.learning_bands(groups, metric=options.metric)
    with replacing(options.out) as file:
        figure.savefig(file, format=Path(options.out).suffix[1:], dpi=150, bbox_inches="tight")


def inspect_arguments(command):
    from plstm.lab.analysis import reports

    command.add_argument("directories", metavar="RUN_DIR", nargs="+", help="finished runs of LSTMs, phased or not")
    command.add_argument("--samples", type=int, default=reports.SAMPLES, help="test sequences; default %(default)s")
    command.add_argument("--out", metavar="FILE", help="write everything that was measured there, as JSON")


def inspect(options):
    from pathlib import Path

    from plstm.lab.experiments import train

    # Before minutes of measuring, not after them.
    if options.out and not Path(options.out).parent.is_dir():
        raise ConfigError(f"expected --out in a directory that exists, got {options.out}")
    train.load_keras()
    from plstm.lab.analysis import reports

    found = reports.inspect(options.directories, options.samples, say=lambda line: print(line, file=sys.stderr))
    if options.out:
        reports.write(options.out, found)
    print(reports.table(found))
