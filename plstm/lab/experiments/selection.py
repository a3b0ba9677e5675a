"""The choice of settings: which settings of a grid's ``search`` are used for its ``final`` runs, and why.

A grid with two stages says how every model is treated alike: all settings of the search are tried on held-out training
data; for each task and model the best of them alone is run again, on fresh seeds, and meets the test set once.
"""

import json
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from plstm._files import write_text
from plstm.errors import ConfigError
from plstm.lab.experiments.config import Config

# How a mean over the seeds is judged: accuracies rise, losses fall.
SIGNS = {"accuracy": 1.0, "loss": -1.0}


class Tried(NamedTuple):
    """A setting of the search (a ``Config``; the seed is ignored) and its validation scores, NaN where diverged."""

    config: Config
    scores: tuple

    @property
    def mean(self):
        """Over the seeds; NaN if a run has diverged."""
        return float(np.mean(self.scores))


@dataclass(frozen=True)
class Choice:
    """What a search found for one task and model: the settings tried, the best first; those that diverged last."""

    best: str
    ranking: tuple[Tried, ...]

    @property
    def config(self):
        """The setting that is used for the final runs."""
        return self.ranking[0].config

    @property
    def reason(self):
        """Why this one, in words."""
        first, *rest = self.ranking
        word = "highest" if SIGNS[self.best] > 0 else "lowest"
        following = f"; the next has {rest[0].mean:.4f}" if rest else ""
        return (
            f"{word} mean {self.best} on the validation data, {first.mean:.4f} over {len(first.scores)} seeds, "
            f"of {len(self.ranking)} settings{following}"
        )

    def as_dict(self):
        """The choice as a JSON object, with all settings that differ between those tried."""
        tried = [_settings(one.config) for one in self.ranking]
        differing = [name for name in tried[0] if any(one.get(name) != tried[0][name] for one in tried)]
        rows = [
            {
                "settings": {name: one[name] for name in differing},
                "scores": [None if math.isnan(score) else score for score in row.scores],
            }
            for one, row in zip(tried, self.ranking)
        ]
        config = self.config
        chosen = rows[0]["settings"]
        return {"task": config.task, "model": config.model, "chosen": chosen, "reason": self.reason, "tried": rows}


def choose_settings(found, best):
    """One ``Choice`` for each task and model of a search, in its order.

    Args:
        found: pairs of a ``Config`` and its result, a dict as in result.json; None where the run has diverged.
        best: ``"accuracy"`` or ``"loss"``. Of equal settings the one that the grid names first is better.

    Raises:
        ConfigError: all settings of a model have diverged.
    """
    groups = {}
    for config, result in found:
        score = result["metrics"]["validation"][best] if result else math.nan
        settings = groups.setdefault((config.task, config.model), {})
        settings.setdefault(json.dumps(_settings(config)), []).append((config, score))
    choices = []
    for (task, model), settings in groups.items():
        tried = [Tried(rows[0][0], tuple(score for _, score in rows)) for rows in settings.values()]
        tried.sort(key=lambda one: math.inf if math.isnan(one.mean) else -SIGNS[best] * one.mean)
        if math.isnan(tried[0].mean):
            raise ConfigError(f"expected a setting of {model} for {task} that does not diverge, found none")
        choices.append(Choice(best, tuple(tried)))
    return choices


def final_configs(choices, final):
    """The configs of the final runs: each choice on every seed and with the settings of ``final``, on the test set."""
    return [
        Config(**{**choice.config.as_dict(), **final.settings, "evaluate": "test", "seed": seed})
        for choice in choices
        for seed in final.seeds
    ]


def write(path, name, choices):
    """Write the choices of a grid and their reasons as JSON."""
    content = {"grid": name, "choices": [choice.as_dict() for choice in choices]}
    write_text(path, json.dumps(content, indent=1) + "\n")


def _settings(config):
    settings = config.as_dict()
    del settings["seed"]
    options = settings.pop("options")
    return {**settings, **{f"options.{name}": value for name, value in options.items()}}
