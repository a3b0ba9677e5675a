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
        batch_size: samples in a step of training.
        steps: how many steps of training.
        learning_rate: of Adam.
        clipnorm: the gradient of each weight is scaled down to this norm, as in ``keras.optimizers.Adam``; None for as
            it comes.
        seed: of the initial weights and of the order of the data.
        engine: as in ``plstm.PhasedLSTM``; ``"auto"`` for Keras' own layers.
        dtype: ``"float32"``, ``"float64"`` or ``"mixed_bfloat16"``.
        evaluate: ``"test"``, or ``"validation"``: to train without a part of the training set, be evaluated on that,
            and not look at the test set. For choosing settings.
        options: of the model, see ``plstm.lab.experiments.models.MODELS``; those left out take its defaults.

    Raises:
        ConfigError: an unknown name, or a value out of its range.

    Example:
        >>> Config(model="BasicLSTMCell", units=8).options
        {'bias': 'default', 'time': 'none', 'unit_forget_bias': True}
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
    clipnorm: float | None = None
    evaluate: str = "test"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        tasks.check_task(self.task)
        model = models.canonical(self.model)
        for name in ("units", "batch_size", "steps"):
            _check_integer(name, getattr(self, name), 1)
        _check_integer("seed", self.seed, 0)
        _check_positive("learning_rate", self.learning_rate)
        if self.clipnorm is not None:
            _check_positive("clipnorm", self.clipnorm, " or null")
            object.__setattr__(self, "clipnorm", float(self.clipnorm))
        allowed = {"engine": models.MODELS[model].engines, "dtype": models.DTYPES, "evaluate": tasks.PARTS}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ConfigError(
                    f"expected {name} of {model} to be {' or '.join(values)}, got {getattr(self, name)!r}"
                )
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "learning_rate", float(self.learning_rate))
        object.__setattr__(self, "options", models.complete(model, self.options))

    def as_dict(self):
        """The config as a JSON object; ``Config(**config.as_dict())`` is the config again."""
        return asdict(self)


def check_whole(settings):
    """ConfigError unless a stored config, a dict, has every setting and option that there is today."""
    whole = Config(**settings).as_dict()
    missing = [name for name in whole if name not in settings]
    missing += [f"options.{name}" for name in whole["options"] if name not in settings.get("options", {})]
    if missing:
        raise ConfigError(
            f"expected a config with all settings, got one without {', '.join(missing)}; "
            "a run that is older than one of its settings must be made again"
        )


def _check_integer(name, value, low):
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ConfigError(f"expected {name} to be an integer >= {low}, got {value!r}")


def _check_positive(name, value, more=""):
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ConfigError(f"expected {name} to be a number > 0{more}, got {value!r}")
