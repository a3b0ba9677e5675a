"""The command that puts finished runs among the results of the package: ``plstm publish``."""

import sys

from plstm.errors import ConfigError


def publish_arguments(command):
    command.add_argument(
        "directories", metavar="DIR", nargs="+", help="a run, or a folder of runs as plstm sweep makes"
    )
    command.add_argument("--name", required=True, help="the published set that they belong to")


def publish(options):
    from plstm.lab import results

    done = results.publish(options.directories, options.name, check=_check)
    counts = f"{len(done.new)} new, {len(done.replaced)} replaced, {len(done.unfinished)} skipped"
    print(f"{done.path}: {counts}")
    for directory in done.unfinished:
        print(f"{directory}: skipped, not finished", file=sys.stderr)


def _check(directory, config):
    from plstm.lab.experiments.config import check_whole

    try:
        check_whole(config)
    except ConfigError as error:
        raise ConfigError(f"{directory}: {error}") from error
