"""Grids: YAML files that name the runs to make, and the configs in them."""

import hashlib
import itertools
import json
import math
import reprlib
from dataclasses import dataclass
from pathlib import Path

from plstm.errors import ConfigError
from plstm.lab.experiments.config import Config

KEYS = ({"name", "runs"}, {"name", "search", "final"})
PARTS = ("set", "over")
MOST_RUNS = 10_000
MOST_VALUES = 100_000  # with every alias written out, as a message does that repeats them


@dataclass(frozen=True)
class Final:
    """The second stage of a grid: what is chosen by the first runs again, on these seeds and with these settings.

    Attributes:
        best: ``"accuracy"`` or ``"loss"`` on the validation data, which decides.
        settings: of a ``Config``; in place of the search's.
        seeds: fresh ones.
    """

    best: str
    settings: dict
    seeds: list


@dataclass(frozen=True)
class Grid:
    """A grid file: its name, the configs that it asks for at once, and the ``Final`` stage, if it has one."""

    name: str
    configs: list
    final: Final | None


def read(path):
    """The configs of a grid file, in its order, without repetitions; of one with two stages those of the search.

    A grid is a ``name`` and a list of ``runs``. Each of these has ``set``, settings of a ``Config`` that all its runs
    share, and ``over``, settings with a list of values each, of which every combination is a run.
    A model's option is ``options.NAME``::

        name: mnist_seed
        runs:
          - set: {task: mnist, steps: 2500}
            over: {model: [phased-lstm, lstm], seed: [0, 1, 2, 3, 4]}

    A grid with two stages has ``search``, a list as ``runs``, of runs on validation data, and ``final``, what is done
    with the best setting of each task and model (``plstm.lab.experiments.selection``)::

        name: fair
        search:
          - set: {task: mnist, model: lstm, steps: 1000, evaluate: validation}
            over: {learning_rate: [0.001, 0.01], options.bias: [default, chrono], seed: [0, 1]}
        final: {best: accuracy, set: {steps: 2500}, seeds: [100, 101, 102, 103, 104]}

    Raises:
        ConfigError: the file is not a grid, a config in it is wrong, or a name is in it twice. Names the file.
        OSError: it cannot be read.
    """
    return read_whole(path).configs


def read_whole(path):
    """A grid file as a ``Grid``, its ``final`` stage included; see ``read``."""
    import yaml

    try:
        content = _load(Path(path).read_text(encoding="utf-8"))
        configs = expand(content)
        return Grid(content["name"], configs, _final(content["final"], configs) if "final" in content else None)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"expected YAML in {path}, got {' '.join(str(error).split())}") from error


def expand(content):
    """The configs of a grid that has been read.

    >>> grid = {"name": "a", "runs": [{"set": {"steps": 5}, "over": {"seed": [0, 1]}}]}
    >>> [(config.steps, config.seed) for config in expand(grid)]
    [(5, 0), (5, 1)]
    """
    if not isinstance(content, dict) or set(content) not in KEYS:
        raise ConfigError("expected a grid with name and runs, or with name, search and final")
    entries = content.get("runs", content.get("search"))
    if not isinstance(entries, list):
        raise ConfigError(f"expected a list of runs, got {reprlib.repr(entries)}")
    configs, combinations = {}, 0
    for entry in entries:
        if not isinstance(entry, dict) or not set(entry) <= set(PARTS) or not entry:
            raise ConfigError(f"expected runs with {' and '.join(PARTS)}, got {reprlib.repr(entry)}")
        for part in PARTS:
            if not isinstance(entry.get(part) or {}, dict):
                raise ConfigError(f"expected names and values in {part}, got {reprlib.repr(entry[part])}")
        over = entry.get("over") or {}
        for name, values in over.items():
            if not isinstance(values, list) or not values:
                raise ConfigError(f"expected a list of values for {name} in over, got {reprlib.repr(values)}")
        combinations += math.prod(map(len, over.values()))
        if combinations > MOST_RUNS:
            raise ConfigError(f"expected at most {MOST_RUNS} runs in a grid, got {combinations} or more")
        for values in itertools.product(*over.values()):
            config = _config({**(entry.get("set") or {}), **dict(zip(over, values))})
            configs.setdefault(directory_name(config), config)
    if not configs:
        raise ConfigError("expected at least one run in the grid, got none")
    return list(configs.values())


def _final(content, configs):
    """The ``Final`` stage that a grid asks for. ConfigError: it is none, or a test set would be seen before."""
    parts = {"best", "set", "seeds"}
    if not isinstance(content, dict) or set(content) != parts or not isinstance(content["set"], dict):
        raise ConfigError(f"expected final with best, set (names and values) and seeds, got {reprlib.repr(content)}")
    best, seeds = content["best"], content["seeds"]
    if best not in ("accuracy", "loss"):
        raise ConfigError(f"expected best to be accuracy or loss, got {best!r}")
    searched = {config.seed for config in configs}
    if not isinstance(seeds, list) or not seeds or any(seed in searched for seed in seeds):
        raise ConfigError(
            f"expected final with a list of seeds that the search has not used, got {reprlib.repr(seeds)}"
        )
    seen = next((config for config in configs if config.evaluate != "validation"), None)
    if seen is not None:
        raise ConfigError(f"expected a search with evaluate: validation, got {seen.evaluate} of {seen.model}")
    fixed = [name for name in content["set"] if name in ("task", "model", "seed", "evaluate") or "." in name]
    if fixed:
        raise ConfigError(f"expected final to leave {', '.join(fixed)} as in the search")
    for config in configs:
        for seed in seeds:
            _config({**content["set"], "task": config.task, "model": config.model, "seed": seed})
    return Final(best, content["set"], seeds)


def directory_name(config):
    """A name for the run's directory: what it is, and a hash of everything that it is.

    >>> directory_name(Config(seed=3)).rsplit("-", 1)[0]
    'mnist-phased-lstm-3'
    """
    content = json.dumps(config.as_dict(), sort_keys=True)
    return f"{config.task}-{config.model}-{config.seed}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _load(text):
    """The content of a YAML text, read as data. ConfigError: a name twice in a mapping, or more than fits a grid."""
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            names = [self.construct_object(key, deep=True) for key, _ in node.value]
            for name in names:
                if isinstance(name, str) and names.count(name) > 1:
                    raise ConfigError(f"expected each name once, got {name!r} twice{str(node.start_mark).rstrip()}")
            return super().construct_mapping(node, deep)

    try:
        loader = Loader(text)
        try:
            content = loader.get_single_data()
        finally:
            loader.dispose()
        size = _size(content, {})
    except RecursionError:
        raise ConfigError("expected a grid, got lists in lists deeper than Python reads") from None
    if size > MOST_VALUES:
        raise ConfigError(f"expected at most {MOST_VALUES} values in a grid, got {size}")
    return content


def _size(value, sizes):
    """The number of values with every alias written out. RecursionError if one contains itself."""
    if not isinstance(value, list | dict):
        return 1
    if id(value) not in sizes:
        parts = value.values() if isinstance(value, dict) else value
        sizes[id(value)] = 1 + sum(_size(part, sizes) for part in parts)
    return sizes[id(value)]


def _config(settings):
    options = {}
    for name in [name for name in settings if isinstance(name, str) and name.startswith("options.")]:
        options[name.removeprefix("options.")] = settings.pop(name)
    known = Config.__dataclass_fields__
    for name in settings:
        if name not in known or name == "options":
            names = ", ".join(n for n in known if n != "options")
            raise ConfigError(f"expected a setting out of {names} or options.NAME, got {name!r}")
    return Config(**settings, options=options)
