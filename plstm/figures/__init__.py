"""Every static figure of the book, drawn with matplotlib and seaborn from arrays; nothing here computes a model."""

from plstm.figures.ablations import ablation
from plstm.figures.adding import convergence, marked_sum
from plstm.figures.bands import learning_bands
from plstm.figures.curves import learning_curves
from plstm.figures.diagram import cell_diagram
from plstm.figures.digits import digit_sequence, readers
from plstm.figures.events import event_cloud, scan
from plstm.figures.fourier import harmonics, phases, teeth
from plstm.figures.frequency import sampled_sines, scores
from plstm.figures.gate import basins, drift, parameters, rhythm, slopes
from plstm.figures.mechanisms import against_lag, half_lives, heard, periods_moved
from plstm.figures.neurons import integrator, raster, three_neurons
from plstm.figures.own_data import readings
from plstm.figures.population import covered, octaves, open_at_once, update_rates
from plstm.figures.series import clock_and_steps
from plstm.figures.speed import against_length, speedup
from plstm.figures.traces import clocks, fading, traces
from plstm.figures.trade import trade

__all__ = [
    "ablation",
    "against_lag",
    "against_length",
    "basins",
    "cell_diagram",
    "clock_and_steps",
    "clocks",
    "convergence",
    "covered",
    "digit_sequence",
    "drift",
    "event_cloud",
    "fading",
    "half_lives",
    "harmonics",
    "heard",
    "integrator",
    "learning_bands",
    "learning_curves",
    "marked_sum",
    "octaves",
    "open_at_once",
    "parameters",
    "periods_moved",
    "phases",
    "raster",
    "readers",
    "readings",
    "rhythm",
    "sampled_sines",
    "scan",
    "scores",
    "slopes",
    "speedup",
    "teeth",
    "three_neurons",
    "traces",
    "trade",
    "update_rates",
]
