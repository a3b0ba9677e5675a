"""Adding finished runs, single ones and whole sweeps, to the published results: all of them or none."""

import re
from pathlib import Path
from typing import NamedTuple

from plstm.errors import ResultError
from plstm.lab.results import store

# A run has its config from the start and its result at the end.
CONFIG, RESULT, CHOICE, DIVERGED = "config.json", "result.json", "choice.json", "diverged.json"
# The number of steps averaged into one point of a published training curve: for a final run, and for a run of a search,
# of which fewer points are enough.
TEST_STEPS, SEARCH_STEPS = 10, 100


class Publication(NamedTuple):
    """The result of ``publish``: the file, and the directories of the runs that are new in it, that replaced one with
    the same config, that diverged, and that were skipped because they are not finished."""

    path: Path
    new: list[Path]
    replaced: list[Path]
    diverged: list[Path]
    unfinished: list[Path]


def publish(directories, name, folder=store.FOLDER, check=None):
    """Add the finished runs in some directories to the published runs of that name.

    A run replaces one with the same config. The search of a grid with two stages is published with its final
    runs, and so is its ``choice.json``. Of a run that diverged it is published that it did, and at which step. Nothing
    is written if any file is damaged.

    Args:
        directories: directories of single runs, or of sweeps with all runs below them.
        name: lower-case letters, digits and ``_``.
        folder: the folder of the published runs; default: the package's own.
        check: called with the directory and the config (a dict) of every finished run before anything is written; it
            raises an error to refuse one.

    Returns:
        A ``Publication``.

    Raises:
        ResultError: no run there is finished, or a file of one is damaged; two runs have the same config; the name is
            not of that form.
    """
    if not re.fullmatch("[a-z0-9_]+", name) or name in store.RESERVED:
        raise ResultError(
            f"expected a name of lower-case letters, digits and _, not {' or '.join(store.RESERVED)}, got {name!r}"
        )
    directories = [Path(directory) for directory in directories]
    finished, diverged, unfinished = _find(directories)
    ended = {directory: store.read(directory / DIVERGED, "diverged") for directory in diverged}
    added = {directory: _read(directory, check) for directory in finished}
    new = {directory: run["result"]["config"] for directory, run in added.items()}
    new |= {directory: one["config"] for directory, one in ended.items()}
    _check_different(new)
    path = Path(folder) / f"{name}.json"
    old = store.read(path, "published") if path.exists() else {"runs": []}
    configs = [run["result"]["config"] for run in old["runs"]]
    replaced = [directory for directory, run in added.items() if run["result"]["config"] in configs]
    # Configs are compared unchanged: a missing setting is never filled in from today's defaults.
    configs = list(new.values())
    runs = [run for run in old["runs"] if run["result"]["config"] not in configs] + list(added.values())
    runs.sort(key=lambda run: tuple(run["result"]["config"][key] for key in ("evaluate", "model", "seed")))
    lists = {
        "choices": _choices(directories, old.get("choices", [])),
        "diverged": [one for one in old.get("diverged", []) if one["config"] not in configs] + list(ended.values()),
    }
    content = {"format": 1, "name": name, **{key: found for key, found in lists.items() if found}, "runs": runs}
    store.write_lines(path, content, "published", "runs")
    return Publication(path, [one for one in finished if one not in replaced], replaced, diverged, unfinished)


def _find(directories):
    """The directories of the finished runs in these, of those that diverged, and of those that are not finished."""
    found = {}
    for directory in directories:
        below = {path.parent.resolve(): path.parent for name in (CONFIG, RESULT) for path in directory.rglob(name)}
        if not below:
            raise ResultError(f"expected a run or a folder of runs at {directory}, found none")
        found |= below
    ordered = sorted(found.values())
    finished = [path for path in ordered if (path / RESULT).exists()]
    if not finished:
        raise ResultError(
            f"expected a finished run, with {RESULT}, in {', '.join(map(str, directories))}; "
            f"found {len(ordered)} that are not finished"
        )
    diverged = [path for path in ordered if path not in finished and (path / DIVERGED).exists()]
    return finished, diverged, [path for path in ordered if path not in (*finished, *diverged)]


def _read(directory, check):
    """A finished run as it is published: its result, and its training curve with fewer points."""
    result, history = store.read_run(directory)
    if check:
        check(directory, result["config"])
    return {
        "result": result,
        "history": store.thin(history, TEST_STEPS if "test" in result["metrics"] else SEARCH_STEPS),
    }


def _check_different(configs):
    """ResultError if two of the configs {directory: config} are the same."""
    known = []
    for directory, config in configs.items():
        twin = next((other for other, its_config in known if its_config == config), None)
        if twin is not None:
            raise ResultError(
                f"expected runs with different configs, got the same in {twin} and {directory}; leave one of them out"
            )
        known.append((directory, config))


def _choices(directories, old):
    """The published choices and those of these sweeps; a new one replaces an old one."""
    found = {(one["grid"], one["task"], one["model"]): one for one in old}
    for path in sorted({path.resolve() for directory in directories for path in directory.rglob(CHOICE)}):
        content = store.read(path, "choice")
        for one in content["choices"]:
            found[content["grid"], one["task"], one["model"]] = {"grid": content["grid"], **one}
    return list(found.values())
