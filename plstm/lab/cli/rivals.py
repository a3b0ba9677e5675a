"""The command ``plstm rivals``: what a task is worth to models without a network."""

import sys

from plstm.errors import ConfigError


def rivals_arguments(command):
    from plstm.lab.rivals.reports import TASKS

    command.add_argument("task", help=f"the task: {', '.join(TASKS)}")
    command.add_argument("--out", metavar="FILE", help="write the report to FILE, as JSON")


def rivals(options):
    from pathlib import Path

    from plstm.lab import rivals
    from plstm.lab.experiments import train

    # Checked before minutes of fitting, not after them.
    if options.out and not Path(options.out).parent.is_dir():
        raise ConfigError(f"expected --out to be in an existing directory, got {options.out}")
    train.load_keras()
    report = rivals.measure(options.task, say=lambda line: print(line, flush=True))
    if options.out:
        rivals.write(options.out, report)
        print(f"written to {options.out}", file=sys.stderr)
