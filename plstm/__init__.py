"""plstm: the Phased LSTM for Keras 3. Public names are loaded when first used, so that the import stays fast."""

import warnings
from importlib import import_module
from typing import Any

from plstm import _remedy, registration

__version__ = "0.1.0"

_HOMES = {
    "time_gate": "plstm.gate",
    "Bidirectional": "plstm.layers.bidirectional",
    "EventDriven": "plstm.streaming.event_driven",
    "LogUniform": "plstm.layers.initializers",
    "ChronoBias": "plstm.layers.initializers",
    "load_estimator": "plstm.estimators.loading",
    "PhasedLSTMClassifier": "plstm.estimators.classifier",
    "PhasedLSTMRegressor": "plstm.estimators.regressor",
    "PhasedGRU": "plstm.layers.gru",
    "PhasedGRUCell": "plstm.layers.gru_cell",
    "PhasedLSTM": "plstm.layers.lstm",
    "PhasedLSTMCell": "plstm.layers.lstm_cell",
    "TimeGate": "plstm.layers.time_gate",
    "presets": "plstm.layers.presets",
    "elapsed": "plstm.dates",
    "LogNormalMixture": "plstm.layers.next_event",
    "queries": "plstm.data.queries",
    "read_csv": "plstm.data.csv",
    "read_frame": "plstm.data.frame",
    "hold_missing": "plstm.data.missing",
    "coverage": "plstm.data.coverage",
    "pad": "plstm.data.padding",
    "UniformOverPeriod": "plstm.layers.initializers",
    "explore_gate": "plstm.lab.live.gate",
    "explore_integrator": "plstm.lab.live.integrator",
    "explore_keeping": "plstm.lab.live.keeping",
    "explore_memory": "plstm.lab.live.memory",
    "explore_neurons": "plstm.lab.live.neurons",
    "explore_population": "plstm.lab.live.population",
    "explore_sampling": "plstm.lab.live.sampling",
    "explore_savings": "plstm.lab.live.savings",
    "explore_step": "plstm.lab.live.step",
    "explore_training": "plstm.lab.live.training",
    "explore_digits": "plstm.lab.live.reader",
}
_FORMER_NAMES = {"read_digits": "explore_digits", "recipes": "presets"}

# Without those whose extra is not installed: ``help(plstm)`` and ``from plstm import *`` load every name here. Such a
# name still says what to install when it is used. __init__.pyi repeats all names for editors and type checkers.
__all__ = sorted(name for name, home in _HOMES.items() if _remedy.installed(home))


def __getattr__(name: str) -> Any:
    if name in _FORMER_NAMES:
        warnings.warn(f"plstm.{name} is now plstm.{_FORMER_NAMES[name]}", DeprecationWarning, stacklevel=2)
        name = _FORMER_NAMES[name]
    if name not in _HOMES:
        raise AttributeError(f"module 'plstm' has no attribute {name!r}")
    try:
        home = import_module(_HOMES[name])
    except ModuleNotFoundError as error:
        remedy = _remedy.of(error, _HOMES[name])
        if remedy is None:
            raise
        raise ImportError(f"plstm.{name} needs {remedy}") from error
    return getattr(home, name, home)  # presets is a module


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


registration.watch()
