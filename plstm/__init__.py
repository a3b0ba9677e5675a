"""plstm: the Phased LSTM for Keras 3. The public names, loaded when first used so that the import stays light."""

from importlib import import_module

from plstm import registration

__version__ = "0.1.0"

_HOMES = {
    "time_gate": "plstm.gate",
    "Bidirectional": "plstm.bidirectional",
    "EventDriven": "plstm.event_driven",
    "LogUniform": "plstm.initializers",
    "PhasedGRU": "plstm.layer",
    "PhasedGRUCell": "plstm.cell",
    "PhasedLSTM": "plstm.layer",
    "PhasedLSTMCell": "plstm.cell",
    "TimeGate": "plstm.rhythm",
    "read_csv": "plstm.recordings",
    "hold_missing": "plstm.recordings",
    "coverage": "plstm.diagnostics",
    "pad": "plstm.ragged",
    "UniformOverPeriod": "plstm.initializers",
    "explore_gate": "plstm.live.gate",
    "explore_integrator": "plstm.live.integrator",
    "explore_memory": "plstm.live.memory",
    "explore_neurons": "plstm.live.neurons",
    "explore_population": "plstm.live.population",
    "explore_sampling": "plstm.live.sampling",
    "explore_savings": "plstm.live.savings",
    "read_digits": "plstm.live.reader",
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'plstm' has no attribute {name!r}")


def __dir__():
    return [*globals(), *__all__]


registration.watch()
