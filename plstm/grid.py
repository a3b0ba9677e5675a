"""Grids: a YAML file that says which runs to make, and the configs that it stands for."""

import hashlib
import itertools
import json
from pathlib import Path

from plstm.config import Config
from plstm.errors import ConfigError

KEYS = ("name", "runs")
PARTS = ("set", "over")


def read(path):
    """The configs of a grid file, in its order, without repetitions.

    A grid is a ``name`` and a list of ``runs``. Each of these has ``set``, settings of a ``plstm.config.Config`` that
    all its runs share, and ``over``, settings with a list of values each, of which every combination is a run.
    A model's option is ``options.NAME``::

        name: mnist_seed
        runs:
          - set: {task: mnist, steps: 2500}
            over: {model: [phased-lstm, lstm], seed: [0, 1, 2, 3, 4]}

    Raises:
        ConfigError: naming the file, where it is no grid or one of its configs is wrong. OSError: it cannot be read.
    """
    import yaml

    text = Path(path).read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
        return expand(content)
    except yaml.YAMLError as error:
        raise ConfigError(f"expected YAML in {path}, got {' '.join(str(error).split())}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def expand(content):
    """The configs of a grid that has been read.

    >>> grid = {"name": "a", "runs": [{"set": {"steps": 5}, "over": {"seed": [0, 1]}}]}
    >>> [(config.steps, config.seed) for config in expand(grid)]
    [(5, 0), (5, 1)]
    """
    if not isinstance(content, dict) or set(content) != set(KEYS) or not isinstance(content["runs"], list):
        raise ConfigError(f"expected a grid with {' and '.join(KEYS)} (a list)")
    configs = []
    for entry in content["runs"]:
        if not isinstance(entry, dict) or not set(entry) <= set(PARTS) or not entry:
            raise ConfigError(f"expected runs with {' and '.join(PARTS)}, got {entry!r}")
        over = entry.get("over") or {}
        for name, values in over.items():
            if not isinstance(values, list) or not values:
                raise ConfigError(f"expected a list of values for {name} in over, got {values!r}")
        for values in itertools.product(*over.values()):
            config = _config({**(entry.get("set") or {}), **dict(zip(over, values))})
            if config not in configs:
                configs.append(config)
    if not configs:
        raise ConfigError("expected at least one run in the grid, got none")
    return configs


def directory_name(config):
    """A name for the run's directory: what it is, and a hash of everything that it is.

    >>> directory_name(Config(seed=3)).rsplit("-", 1)[0]
    'mnist-phased-lstm-3'
    """
    content = json.dumps(config.as_dict(), sort_keys=True)
    return f"{config.task}-{config.model}-{config.seed}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


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
