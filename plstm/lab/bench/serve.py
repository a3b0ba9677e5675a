"""One sequence at a time, by every way into a trained model: Keras' calls, an exported model, the streaming engine."""

import tempfile
from pathlib import Path

import numpy as np

from plstm.lab import markdown
from plstm.lab.bench.contenders import one_line
from plstm.lab.bench.measure import interleaved
from plstm.lab.experiments import provenance

FORMAT = "plstm-serve-1"
STEPS = (1, 10, 100, 1000)
UNITS = (32, 128)
FEATURES = 1
REPEATS = 15
WARMUPS = 3
QUICK = {"steps": (2,), "units": (4,), "repeats": 1}
WAYS = {
    "predict": "`model.predict(x)`",
    "predict-on-batch": "`model.predict_on_batch(x)`",
    "call": "`model(x)`",
    "exported": "`model.export(path)`, then serve it",
    "event-driven": "`plstm.EventDriven(model).run(x)`",
}
LAYERS = {"phased-lstm": "plstm.PhasedLSTM", "keras-lstm": "keras.layers.LSTM"}


def run(steps=STEPS, units=UNITS, repeats=REPEATS, say=lambda line: None):
    """Give one sequence of T steps to a recurrent layer with a dense one behind it, by every way; the report.

    All ways and both layers take turns. The ``rows`` of the report are dicts: way, layer, steps, units, and
    ``absent`` (why) or the median and quartiles of a call, in seconds.
    """
    rows = []
    for H in units:
        for T in steps:
            say(f"H = {H}, T = {T}")
            rows += _rows(T, H, repeats)
    return {
        "format": FORMAT,
        **provenance.stamp(),
        "settings": {"batch": 1, "features": FEATURES, "repeats": repeats, "warmups": WARMUPS},
        "rows": rows,
    }


def _rows(T, H, repeats):
    x = np.random.default_rng(0).normal(size=(1, T, FEATURES)).astype(np.float32)
    calls, rows = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for layer in LAYERS:
            model = _model(layer, H)
            for way in WAYS:
                try:
                    calls[way, layer] = _call(way, layer, model, x, Path(folder) / layer)
                # If a layer cannot be called in a way, the reason is recorded beside the times of the others.
                except Exception as error:
                    rows.append({"way": way, "layer": layer, "steps": T, "units": H, "absent": one_line(error)})
        times, failed = interleaved(calls, repeats, WARMUPS)
    for (way, layer), (first, _, seconds) in times.items():
        low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
        found = {"first_call": first, "median": middle, "lower_quartile": low, "upper_quartile": high}
        rows.append({"way": way, "layer": layer, "steps": T, "units": H, **found})
    for (way, layer), why in failed.items():
        rows.append({"way": way, "layer": layer, "steps": T, "units": H, "absent": why})
    return rows


def _model(layer, H):
    import keras

    import plstm

    keras.utils.set_random_seed(0)
    recurrent = plstm.PhasedLSTM(H) if layer == "phased-lstm" else keras.layers.LSTM(H)
    return keras.Sequential([keras.Input((None, FEATURES)), recurrent, keras.layers.Dense(10)])


def _call(way, layer, model, x, path):
    """A function without arguments that answers the sequence in this way, and waits for the numbers."""
    import plstm

    if way == "predict":
        return lambda: model.predict(x, verbose=0)
    if way == "predict-on-batch":
        return lambda: model.predict_on_batch(x)
    if way == "call":
        return lambda: np.asarray(model(x))
    if way == "exported":
        import tensorflow as tf

        model.export(path, verbose=False)
        loaded = tf.saved_model.load(path)
        return lambda: loaded.serve(x).numpy()
    engine = plstm.EventDriven(model)
    # As the layer that is given no times: the numbers of the steps are the clock.
    return lambda: engine.run(x, np.arange(float(x.shape[1])))


def table(report):
    """Markdown: for each number of units a table with a row for each layer and way, and a column for each length."""
    measured = report["rows"]
    lines = [f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads"]
    lengths = sorted({row["steps"] for row in measured})
    heads = ["layer", "way", *(f"T = {T:,}" for T in lengths)]
    for H in sorted({row["units"] for row in measured}):
        rows = []
        for layer in LAYERS:
            for way in WAYS:
                found = {
                    row["steps"]: row for row in measured if (row["layer"], row["way"], row["units"]) == (layer, way, H)
                }
                if all("absent" in row for row in found.values()):
                    continue
                cells = [f"{1e3 * found[T]['median']:.3g}" if "median" in found.get(T, {}) else "-" for T in lengths]
                rows.append([LAYERS[layer], WAYS[way], *cells])
        lines += ["", f"{H} units, ms a call", "", markdown.table(heads, rows, "llr")]
    absent = {(row["layer"], row["way"]): row["absent"] for row in measured if "absent" in row}
    lines += ["", *(f"- {LAYERS[layer]}, {WAYS[way]}: absent: {why}" for (layer, way), why in absent.items())]
    return "\n".join(lines).rstrip()
