"""Every static figure of the book, drawn with matplotlib and seaborn from arrays; nothing here computes a model."""

from plstm.lab.figures.ablations import ablation
from plstm.lab.figures.adding import convergence, marked_sum
from plstm.lab.figures.bands import learning_bands
from plstm.lab.figures.curves import learning_curves
from plstm.lab.figures.diagram import cell_diagram
from plstm.lab.figures.digits import digit_sequence, readers
from plstm.lab.figures.events import event_cloud, scan
from plstm.lab.figures.fourier import harmonics, phases, teeth
from plstm.lab.figures.frequency import sampled_sines, scores
from plstm.lab.figures.gate import basins, drift, parameters, rhythm, slopes
from plstm.lab.figures.mechanisms import against_lag, frequency_response, half_lives, periods_moved
from plstm.lab.figures.neurons import integrator, raster, three_neurons
from plstm.lab.figures.own_data import readings
from plstm.lab.figures.population import covered, octaves, open_at_once, update_rates
from plstm.lab.figures.records import intervals, landmark, reliability, timeline
from plstm.lab.figures.series import clock_and_steps
from plstm.lab.figures.speed import against_length, speedup
from plstm.lab.figures.stars import confusion, light_curve
from plstm.lab.figures.traces import clocks, fading, traces
from plstm.lab.figures.trade import trade

__all__ = [
    "ablation",
    "against_lag",
    "against_length",
    "basins",
    "cell_diagram",
    "clock_and_steps",
    "clocks",
    "confusion",
    "convergence",
    "covered",
    "digit_sequence",
    "drift",
    "event_cloud",
    "fading",
    "half_lives",
    "harmonics",
    "frequency_response",
    "integrator",
    "intervals",
    "landmark",
    "learning_bands",
    "learning_curves",
    "light_curve",
    "marked_sum",
    "octaves",
    "open_at_once",
    "parameters",
    "periods_moved",
    "phases",
    "raster",
    "readers",
    "readings",
    "reliability",
    "rhythm",
    "sampled_sines",
    "scan",
    "scores",
    "slopes",
    "speedup",
    "teeth",
    "three_neurons",
    "timeline",
    "traces",
    "trade",
    "update_rates",
]
