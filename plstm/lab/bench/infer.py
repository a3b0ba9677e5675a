"""Inference event by event, one stream: the event-driven engine, the same engine computing densely, and alternatives.

Latency is the time of one event passed alone; throughput is that of a whole sequence passed at once.
"""

import time

import numpy as np

from plstm.lab import markdown
from plstm.lab.bench.contenders import one_line
from plstm.lab.experiments import provenance

FORMAT = "plstm-infer-1"
UNITS = (128, 256, 512, 1024, 2048)
RATIOS_ON = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
FEATURES = (1, 64)
EVENTS = 400
WARMUPS = 20
PERIODS = (1.0, 1000.0)
QUICK = {"units": (32,), "ratios_on": (0.05,), "features": (1,), "events": 30}
LABELS = {
    "event-driven": "plstm.EventDriven",
    "event-driven-dense": "plstm.EventDriven, closed units computed too",
    "plstm-native": "plstm.PhasedLSTM, native engine, called with its state",
    "keras-lstm": "keras.layers.LSTM, compiled function (no gate)",
    "keras-lstm-predict": "keras.layers.LSTM, predict_on_batch (no gate)",
    "torch-lstm": "torch.nn.LSTM (no gate)",
    "onnxruntime-lstm": "ONNX LSTM in onnxruntime (no gate)",
}
# Contenders whose work does not depend on r_on.
PEERS = ("plstm-native", "keras-lstm", "keras-lstm-predict", "torch-lstm", "onnxruntime-lstm")


def run(units=UNITS, ratios_on=RATIOS_ON, features=FEATURES, events=EVENTS, say=lambda line: None):
    """Measure every combination; returns the report.

    Its ``rows`` are dicts: contender, units, features, ratio_on (None where there is no gate, or its open share does
    not matter), and ``absent`` (why) or median and p99 of one event in seconds; for the event-driven engine also
    whole_sequence, the seconds for each event of a whole sequence, and the multiply-adds of an event.
    """
    stamp, rows = provenance.stamp(), []
    for D in features:
        for H in units:
            say(f"D = {D}, H = {H}")
            for name in PEERS:
                rows.append(
                    {"contender": name, "features": D, "units": H, "ratio_on": None, **_peer(name, D, H, events)}
                )
            for r in ratios_on:
                rows += [{"features": D, "units": H, "ratio_on": r, **row} for row in _phased(D, H, r, events)]
    return {
        "format": FORMAT,
        **stamp,
        "settings": {"events": events, "warmups": WARMUPS, "periods": PERIODS, "clock": "0, 1, 2, ...", "batch": 1},
        "rows": rows,
    }


def latency(step, x):
    """Median and p99 of the times of ``step(x[n], n)``, in seconds."""
    for n in range(WARMUPS):
        step(x[n], float(n))
    seconds = []
    for n in range(WARMUPS, len(x)):
        start = time.perf_counter()
        step(x[n], float(n))
        seconds.append(time.perf_counter() - start)
    return {"median": float(np.median(seconds)), "p99": float(np.quantile(seconds, 0.99))}


def _inputs(D, events):
    return np.random.default_rng(0).normal(size=(events + WARMUPS, D)).astype(np.float32)


def _phased(D, H, r, events):
    import keras

    import plstm

    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(H, ratio_on_initializer=r, period_initializer=plstm.LogUniform(*PERIODS))
    layer.build((None, None, D))
    x = _inputs(D, events)
    engines = {name: plstm.EventDriven(layer, skip_closed=name == "event-driven") for name in list(LABELS)[:2]}
    # Whole sequences alternate, so that a disturbance of the machine affects both.
    whole = {name: [] for name in engines}
    for _ in range(6):
        for name, engine in engines.items():
            start = time.perf_counter()
            engine.run(x[None], np.arange(float(len(x))))
            whole[name].append((time.perf_counter() - start) / len(x))
    rows = []
    for name, engine in engines.items():
        engine.clear_stats()
        found = latency(engine.step, x)
        stats = engine.stats
        rows.append(
            {
                "contender": name,
                **found,
                "whole_sequence": float(np.median(whole[name][1:])),
                "multiply_adds_per_event": stats.multiply_adds / stats.events,
                "dense_multiply_adds_per_event": stats.dense_multiply_adds / stats.events,
            }
        )
    return rows


def _peer(name, D, H, events):
    try:
        make = {"plstm-native": _native, "torch-lstm": _torch, "onnxruntime-lstm": _onnx}.get(name, _keras)
        return latency(make(D, H, name), _inputs(D, events))
    # If a contender fails, the reason is recorded beside the times of the others.
    except Exception as error:
        return {"absent": one_line(error)}


def _native(D, H, name):
    import plstm

    layer = plstm.PhasedLSTM(H, return_state=True, engine="native")
    state = [np.zeros((1, H), np.float32)] * 2

    def step(x, t):
        state[:] = layer(x[None, None], times=np.array([t]), initial_state=state)[1:]

    return step


def _keras(D, H, name):
    import keras
    import tensorflow as tf

    layer = keras.layers.LSTM(H, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(1, 1, D)), layer])
    if name == "keras-lstm-predict":
        return lambda x, t: model.predict_on_batch(x[None, None])
    compiled = tf.function(lambda x: layer(x), input_signature=[tf.TensorSpec((1, 1, D), tf.float32)])
    return lambda x, t: compiled(tf.constant(x[None, None])).numpy()


def _torch(D, H, name):
    import torch

    lstm, state = torch.nn.LSTM(D, H), None

    def step(x, t):
        nonlocal state
        with torch.inference_mode():
            outputs, state = lstm(torch.from_numpy(x)[None, None], state)
        return outputs.numpy()

    return step


def _onnx(D, H, name):
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    rng, shape = np.random.default_rng(0), {"x": [1, 1, D], "h": [1, 1, H], "c": [1, 1, H]}
    weights = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H)}
    values = [numpy_helper.from_array(rng.normal(0, 0.05, s).astype(np.float32), n) for n, s in weights.items()]
    node = helper.make_node("LSTM", ["x", "W", "R", "B", "", "h", "c"], ["", "h1", "c1"], hidden_size=H)
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shape.items()]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 1, H]) for n in ("h1", "c1")]
    graph = helper.make_graph([node], "lstm", inputs, outputs, values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    state = {"h": np.zeros((1, 1, H), np.float32), "c": np.zeros((1, 1, H), np.float32)}

    def step(x, t):
        state["h"], state["c"] = session.run(None, {"x": x[None, None], **state})

    return step


def table(report):
    """Markdown: for each D and H, one row for each contender and r_on."""
    machine = f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads"
    heads = ["D", "H", "r_on", "what", "median, µs", "p99, µs", "whole sequence, µs an event", "multiply-adds an event"]
    rows = []
    for row in report["rows"]:
        start = row["features"], row["units"], row["ratio_on"] or "-", LABELS[row["contender"]]
        if "absent" in row:
            rows.append([*start, f"absent: {row['absent']}", "", "", ""])
            continue
        whole = f"{1e6 * row['whole_sequence']:.2f}" if "whole_sequence" in row else "-"
        work = f"{row['multiply_adds_per_event']:.0f}" if "multiply_adds_per_event" in row else "-"
        rows.append([*start, f"{1e6 * row['median']:.2f}", f"{1e6 * row['p99']:.2f}", whole, work])
    return f"{machine}\n\n{markdown.table(heads, rows, 'rrrlr')}"
