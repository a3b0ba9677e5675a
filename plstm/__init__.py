"""plstm: the Phased LSTM for Keras 3. The public names, loaded when first used so that the import stays light."""

from importlib import import_module

from plstm import registration

__version__ = "0.1.0"

_HOMES = {
    "time_gate": "plstm.gate",
    "Bidirectional": "plstm.layers.bidirectional",
    "EventDriven": "plstm.streaming.event_driven",
    "LogUniform": "plstm.layers.initializers",
    "PhasedGRU": "plstm.layers.sequence",
    "PhasedGRUCell": "plstm.layers.cells",
    "PhasedLSTM": "plstm.layers.sequence",
    "PhasedLSTMCell": "plstm.layers.cells",
    "TimeGate": "plstm.layers.time_gate",
    "elapsed": "plstm.dates",
    "read_csv": "plstm.data.csv",
    "hold_missing": "plstm.data.csv",
    "coverage": "plstm.data.coverage",
    "pad": "plstm.data.padding",
    "UniformOverPeriod": "plstm.layers.initializers",
    "explore_gate": "plstm.lab.live.gate",
    "explore_integrator": "plstm.lab.live.integrator",
    "explore_memory": "plstm.lab.live.memory",
    "explore_neurons": "plstm.lab.live.neurons",
    "explore_population": "plstm.lab.live.population",
    "explore_sampling": "plstm.lab.live.sampling",
    "explore_savings": "plstm.lab.live.savings",
    "explore_digits": "plstm.lab.live.reader",
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'plstm' has no attribute {name!r}")


def __dir__():
    return [*globals(), *__all__]


registration.watch()
