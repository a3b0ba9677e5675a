"""An example of every figure, and how far apart two colours are."""

import numpy as np
from matplotlib.colors import to_rgb

from plstm.gate import time_gate
from plstm.lab import figures

T = np.linspace(0.0, 10.0, 101)
K = time_gate(T[:, None], np.array([2.0, 5.0, 4.0]), 0.0, 0.3)
HISTORY = {"step": np.arange(10, 110, 10), "loss": np.linspace(2, 1, 10), "accuracy": np.linspace(0.1, 0.9, 10)}
LEFT = ([0, 1, 2, 4], [1, 0.5, 1e-9, 0], [1, 0.6, 0.1, 0], [1, 0.7, 0.2, 1e-3])
EXAMPLES = {
    "ablation": lambda: figures.ablation({"as it is": [0.84, 0.82, 0.83], "square gate": [0.80, 0.81]}),
    "against_lag": lambda: figures.against_lag(
        {"at the start": {"LSTM": [LEFT], "Phased LSTM": [LEFT, LEFT]}, "trained": {"Phased LSTM": [LEFT]}}, "left"
    ),
    "half_lives": lambda: figures.half_lives([2.0, 20.0, 200.0], [90.0, 80.0, np.inf], rate=0.01, until=500),
    "periods_moved": lambda: figures.periods_moved({"a": ([3, 9], [4, 8]), "b": ([3, 9], [3, 9])}, target=(5.0, 6.0)),
    "frequency_response": lambda: figures.frequency_response(
        T, {"at the start": np.sin(T) ** 2, "trained": np.cos(T) ** 2}, target=(1.0, 2.0)
    ),
    "against_length": lambda: figures.against_length({"a": ("lstm", [5, 10], [1, 2], [3e6, 4e6])}),
    "learning_bands": lambda: figures.learning_bands({"LSTM": ("lstm", [HISTORY, HISTORY])}, chance=0.1),
    "sampled_sines": lambda: figures.sampled_sines({"every 1 ms": (T, np.sin(T)), "at any time": (T, np.sin(T))}),
    "scores": lambda: figures.scores({"fine": {"Phased LSTM": [0.9, 0.8], "LSTM": [0.5]}}, {"fine": {"LSTM": 0.6}}),
    "speedup": lambda: figures.speedup({"8 units": ([0.05, 0.5], [10.0, 2.0]), "16 units": ([0.05], [12.0])}),
    "basins": lambda: figures.basins([9.0, 10.0, 11.0], {50: [1.0, 0.0, 1.0], 500: [2.0, 0.0, 2.0]}, target=10.0),
    "convergence": lambda: figures.convergence(
        {
            "short": {
                "low": ("phased-lstm", [HISTORY, HISTORY]),
                "high": ("phased-lstm", [HISTORY]),
                "a": ("lstm", [HISTORY]),
            }
        },
        guess=1.5,
    ),
    "covered": lambda: figures.covered([1, 2, 3], [[0.05, 0.1, 0.2], [0.15, 0.2, 0.3]], [0.1, 0.15, 0.25]),
    "harmonics": lambda: figures.harmonics({"a": ([3, 2, 1], [3.1, 2.1, 1.1]), "b": ([1, 0, 1], [1, 0, 1])}),
    "marked_sum": lambda: figures.marked_sum(T, np.sin(T) / 2, (np.arange(101) % 60 == 30).astype(float)),
    "octaves": lambda: figures.octaves([1, 2, 4], {"a": [0.5, 0.5], "b": [0.3, 0.7]}),
    "open_at_once": lambda: figures.open_at_once([0.5, 0.3, 0.2], [0.45, 0.35, 0.2]),
    "phases": lambda: figures.phases(T, {"one": (np.sin(T), "cell"), "four": (np.ones(101), "openness")}),
    "teeth": lambda: figures.teeth(T, {"a": np.cos(T) ** 2}, {"a": ([0.0, 5.0], [1.0, 0.5])}),
    "update_rates": lambda: figures.update_rates(
        {"a": ([2.0, 20.0], [0.05, 0.04]), "b": ([3.0, 30.0], [0.06, 0.0])}, ratio_on=0.05
    ),
    "cell_diagram": lambda: figures.cell_diagram(),
    "clock_and_steps": lambda: figures.clock_and_steps(
        {"one": (T, np.sin(T)), "two": (T[:5], np.cos(T[:5]))}, {"one": (2 * T, np.sin(2 * T))}
    ),
    "clocks": lambda: figures.clocks({"slow": ([0, 5, 9], [1, 2, 1], "black"), "fast": ([0, 1], [1, 2], "black")}),
    "digit_sequence": lambda: figures.digit_sequence(np.eye(28), label=7),
    "drift": lambda: figures.drift(10.0, 10.5),
    "event_cloud": lambda: figures.event_cloud(
        [5.0, 50.0, 150.0], [1, 2, 3], [4, 5, 6], [1, -1, 1], {"first": (0, 100), "second": (100, 200)}
    ),
    "fading": lambda: figures.fading({"a": (T, np.exp(-T), "black")}, "x", "y", logarithmic=True),
    "integrator": lambda: figures.integrator(T, np.sin(T), K[:, 0], np.cumsum(K[:, 0]), np.cumsum(T)),
    "learning_curves": lambda: figures.learning_curves({"lstm": [(T, T)], "phased-lstm": [(T, T), (T, T)]}, chance=0.1),
    "parameters": lambda: figures.parameters(period=10.0),
    "raster": lambda: figures.raster(T, K, np.array([2.0, 5.0, 4.0])),
    "readers": lambda: figures.readers(np.zeros((2, 2)), np.array([[1, 1], [0, 0.5], [0, 0], [1, 0]])),
    "readings": lambda: figures.readings(T, {"a": (np.where(T % 1 < 0.5, T, np.nan), T), "b": (T, T)}, "hours"),
    "rhythm": lambda: figures.rhythm(period=4.0, ratio_on=0.25, until=9.0, samples=[0.5, 3.0]),
    "scan": lambda: figures.scan(np.eye(28) * 255, np.array([1, -1]), np.array([0.0, 29.0])),
    "slopes": lambda: figures.slopes(T, {"period": T, "shift": -T, "ratio_on": T**2}),
    "three_neurons": lambda: figures.three_neurons(T, K, 2 * K, 3 * K, samples=[1.0, 2.0]),
    "trade": lambda: figures.trade(
        {"chosen": {"0.05": [(0.8, 1e5, 1e-3)], "0.5": [(0.9, 1e6, 5e-3)]}, "priced": {"1": [(0.85, 2e5, 2e-3)]}}
    ),
    "landmark": lambda: figures.landmark([([-3.0, -1.0, 0.5], 2.0, True), ([-2.0], 7.0, False)], horizon=5.0),
    "timeline": lambda: figures.timeline(
        [1.0, 5.0, 9.0], {"a": [2.0, np.nan, 3.0], "b": [1.0, 1.0, 1.0]}, (T, K), [2.0, 5.0, 4.0], [0.1, 0.05, 0.4]
    ),
    "reliability": lambda: figures.reliability({"trees": [(0.01, 0.0, 9), (0.4, 0.5, 9)], "LSTM": [(0.2, 0.3, 18)]}),
    "intervals": lambda: figures.intervals(
        {"trees": {"a": (0.8, 0.7, 0.85)}, "Phased LSTM": {"a": (0.7, 0.6, 0.75), "b": (0.6, 0.5, 0.7)}}, "x", 0.5
    ),
    "light_curve": lambda: figures.light_curve(T, np.sin(T), np.full(101, 0.1), 2.0, (T / 10, np.cos(T))),
    "confusion": lambda: figures.confusion([[0.9, 0.1], [0.25, 0.75]], ["RRab", "RRc"]),
    "traces": lambda: figures.traces(T, {"x": (T, "black"), "y": [(T, "red", "one"), (2 * T, "blue", "two")]}),
}


def contrast(one, other):
    """That of WCAG 2.2 between two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
