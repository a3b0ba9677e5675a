"""The command ``plstm bench``, with its kinds of measurement."""

import json
import sys
from pathlib import Path

from plstm.errors import ConfigError

KINDS = {
    "train": "training steps and forward passes (default)",
    "infer": "one stream, event by event",
    "serve": "one sequence at a time, by every way into a model",
    "steps": "a training step of each model of the fair comparisons",
    "streams": "a thousand streams in one engine",
    "trade": "accuracy and cost of a sequence, for the runs below a directory",
}


def bench_arguments(command):
    from plstm.lab import bench

    shapes = "; ".join(map(str, bench.SHAPES))
    kinds = "; ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    command.add_argument("what", nargs="?", choices=KINDS, default="train", help=kinds)
    command.add_argument("runs", metavar="DIR", nargs="?", help="for trade: the directory with the runs")
    command.add_argument(
        "--shape", metavar="B,T,D,H", action="append", default=[], help=f"may be repeated; default: {shapes}"
    )
    command.add_argument(
        "--sweep",
        metavar="T,T,...",
        help="sequence lengths at which time and memory are measured; default: "
        f"{','.join(map(str, bench.SWEEP_STEPS))} where no --shape is given, else none",
    )
    command.add_argument("--repeats", type=int, help=f"measured rounds; default {bench.REPEATS}")
    command.add_argument("--warmups", type=int, help=f"unmeasured rounds before them; default {bench.WARMUPS}")
    command.add_argument("--threads", type=int, help="number of threads; default: all cores")
    command.add_argument(
        "--quick", action="store_true", help="tiny sizes, to test that it runs; the numbers mean nothing"
    )
    command.add_argument("--out", metavar="FILE", help="write all measurements to FILE, as JSON")
    command.add_argument("--show", metavar="FILE", help="measure nothing; print the table of a FILE written by --out")


def bench(options):
    from plstm._files import write_text
    from plstm.lab.bench import contenders, infer, report, serve, streams, trade
    from plstm.lab.cli.main import set_threads

    if options.show:
        print(report.table(report.read(options.show)))
        return
    training = _training(options)
    # Checked before an hour of measuring, not after it.
    if options.out and not Path(options.out).parent.is_dir():
        raise ConfigError(f"expected --out to be in an existing directory, got {options.out}")
    if options.what != "train" and (options.shape or options.sweep or options.repeats or options.warmups):
        raise ConfigError(f"expected no --shape, --sweep, --repeats or --warmups with {options.what}")
    if (options.what == "trade") != (options.runs is not None):
        raise ConfigError(f"expected a directory of runs with trade, and none otherwise, got {options.runs}")
    set_threads(options.threads)
    contenders.prepare_environment()
    measure = {
        "train": lambda: report.run(*training, say=_say),
        "infer": lambda: infer.run(**(infer.QUICK if options.quick else {}), say=_say),
        "serve": lambda: serve.run(**(serve.QUICK if options.quick else {}), say=_say),
        "steps": lambda: _steps(options.quick),
        "streams": lambda: streams.run(streams.QUICK if options.quick else None, say=_say),
        "trade": lambda: trade.run(options.runs, **(trade.QUICK if options.quick else {}), say=_say),
    }
    found = measure[options.what]()
    if options.out:
        write_text(options.out, json.dumps(found, indent=1) + "\n")
    print(report.table(found))


def _steps(quick):
    """The report of ``steps.run`` for all published comparisons at equal steps; quick: one round for one of them."""
    from plstm.lab.bench import steps
    from plstm.lab.verdicts import fair

    names = [name for name in fair.published() if fair.MEASURES[name].phased_of is None]
    comparisons = {name: fair.configs(name) for name in (names[:1] if quick else names)}
    return steps.run(comparisons, 1 if quick else steps.REPEATS, say=_say)


def _training(options):
    """Arguments of ``report.run``: shapes, lengths and sizes of the sweep, repeats and warmups."""
    from plstm.lab import bench

    quick = options.quick
    shapes = [bench.Shape.parse(text) for text in options.shape] or (bench.QUICK_SHAPES if quick else bench.SHAPES)
    if options.sweep is not None:
        steps = _lengths(options.sweep)
    else:
        steps = () if options.shape else bench.QUICK_STEPS if quick else bench.SWEEP_STEPS
    repeats = options.repeats if options.repeats is not None else bench.QUICK_REPEATS if quick else bench.REPEATS
    warmups = options.warmups if options.warmups is not None else bench.WARMUPS
    if repeats < 1 or warmups < 0:
        raise ConfigError(f"expected --repeats >= 1 and --warmups >= 0, got {repeats} and {warmups}")
    return shapes, steps, bench.QUICK_SWEEP if quick else bench.SWEEP, repeats, warmups


def _lengths(text):
    try:
        lengths = [int(part) for part in text.split(",")]
    except ValueError:
        lengths = [0]
    if min(lengths) < 1:
        raise ConfigError(f"expected --sweep T,T,... of integers >= 1, got {text!r}")
    return lengths


def _say(line):
    print(line, file=sys.stderr)
