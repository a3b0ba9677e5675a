"""The config of a run: all that decides what it computes, checked."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from plstm.errors import ConfigError
from plstm.lab import tasks
from plstm.lab.experiments import models


@dataclass(frozen=True)
class Config:
    """What a run computes; where and how fast is no part of it. Two runs of one config have the same history.

    Args:
        task: a name in ``plstm.lab.tasks.TASKS``.
        model: a name in ``plstm.lab.experiments.models.MODELS``, or one of its other names.
        units: H, of the recurrent layer.
        batch_size, steps: samples in a step of training, and how many steps.
        learning_rate: of Adam.
        seed: of the initial weights and of the order of the data.
        engine: as in ``plstm.PhasedLSTM``; ``"auto"`` for Keras' own layers.
        dtype: ``"float32"``, ``"float64"`` or ``"mixed_bfloat16"``.
        options: of the model, see ``plstm.lab.experiments.models.MODELS``; those left out take its defaults.

    Raises:
        ConfigError: an unknown name, or a value out of its range.

    Example:
        >>> Config(model="BasicLSTMCell", units=8).options
        {'unit_forget_bias': True}
    """

    task: str = "mnist"
    model: str = "phased-lstm"
    units: int = 32
    batch_size: int = 256
    steps: int = 2500
    learning_rate: float = 1e-3
    seed: int = 0
    engine: str = "auto"
    dtype: str = "float32"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        tasks.check_task(self.task)
        model = models.canonical(self.model)
        for name in ("units", "batch_size", "steps"):
            _check_integer(name, getattr(self, name), 1)
        _check_integer("seed", self.seed, 0)
        rate = self.learning_rate
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < math.inf:
            raise ConfigError(f"expected learning_rate to be a number > 0, got {rate!r}")
        for name, allowed in (("engine", models.MODELS[model].engines), ("dtype", models.DTYPES)):
            if getattr(self, name) not in allowed:
                raise ConfigError(
                    f"expected {name} of {model} to be {' or '.join(allowed)}, got {getattr(self, name)!r}"
                )
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "learning_rate", float(rate))
        object.__setattr__(self, "options", models.complete(model, self.options))

    def as_dict(self):
        """The config as a JSON object; ``Config(**config.as_dict())`` is the config again."""
        return asdict(self)


def _check_integer(name, value, low):
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ConfigError(f"expected {name} to be an integer >= {low}, got {value!r}")
