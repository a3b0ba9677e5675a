"""The command ``plstm publish``, which adds finished runs to the results of the package."""

import sys

from plstm.errors import ConfigError


def publish_arguments(command):
    command.add_argument("directories", metavar="DIR", nargs="+", help="a run, or a folder of runs made by plstm sweep")
    command.add_argument("--name", required=True, help="name of the published set of runs")


def publish(options):
    from plstm.lab import results

    done = results.publish(options.directories, options.name, check=_check)
    counts = (
        f"{len(done.new)} new, {len(done.replaced)} replaced, {len(done.diverged)} diverged, "
        f"{len(done.unfinished)} skipped"
    )
    print(f"{done.path}: {counts}")
    for directory in done.unfinished:
        print(f"{directory}: skipped, not finished", file=sys.stderr)


def _check(directory, config):
    from plstm.lab.experiments.config import check_whole

    try:
        check_whole(config)
    except ConfigError as error:
        raise ConfigError(f"{directory}: {error}") from error
