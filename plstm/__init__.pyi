"""The public names, which ``__init__.py`` loads when they are first used."""

from plstm.data.coverage import coverage as coverage
from plstm.data.csv import read_csv as read_csv
from plstm.data.frame import read_frame as read_frame
from plstm.data.missing import hold_missing as hold_missing
from plstm.data.padding import pad as pad
from plstm.data.queries import queries as queries
from plstm.dates import elapsed as elapsed
from plstm.estimators.classifier import PhasedLSTMClassifier as PhasedLSTMClassifier
from plstm.estimators.loading import load_estimator as load_estimator
from plstm.estimators.regressor import PhasedLSTMRegressor as PhasedLSTMRegressor
from plstm.gate import time_gate as time_gate
from plstm.lab.live.gate import explore_gate as explore_gate
from plstm.lab.live.integrator import explore_integrator as explore_integrator
from plstm.lab.live.keeping import explore_keeping as explore_keeping
from plstm.lab.live.memory import explore_memory as explore_memory
from plstm.lab.live.neurons import explore_neurons as explore_neurons
from plstm.lab.live.population import explore_population as explore_population
from plstm.lab.live.reader import explore_digits as explore_digits
from plstm.lab.live.sampling import explore_sampling as explore_sampling
from plstm.lab.live.savings import explore_savings as explore_savings
from plstm.lab.live.step import explore_step as explore_step
from plstm.lab.live.training import explore_training as explore_training
from plstm.layers import presets as presets
from plstm.layers.bidirectional import Bidirectional as Bidirectional
from plstm.layers.gru import PhasedGRU as PhasedGRU
from plstm.layers.gru_cell import PhasedGRUCell as PhasedGRUCell
from plstm.layers.initializers import ChronoBias as ChronoBias
from plstm.layers.initializers import LogUniform as LogUniform
from plstm.layers.initializers import UniformOverPeriod as UniformOverPeriod
from plstm.layers.lstm import PhasedLSTM as PhasedLSTM
from plstm.layers.lstm_cell import PhasedLSTMCell as PhasedLSTMCell
from plstm.layers.next_event import LogNormalMixture as LogNormalMixture
from plstm.layers.time_gate import TimeGate as TimeGate
from plstm.streaming.event_driven import EventDriven as EventDriven

__version__: str
__all__: list[str]
