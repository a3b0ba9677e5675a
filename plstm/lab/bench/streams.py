"""Many streams in one engine: throughput and memory of a thousand streams whose events come mixed."""

import time

import numpy as np

from plstm.lab import markdown
from plstm.lab.bench.sweep import resident_bytes
from plstm.lab.experiments import provenance

FORMAT = "plstm-streams-1"
SETTINGS = {"streams": 1000, "events": 1000, "units": 128, "features": 8, "ratio_on": 0.05, "at_once": 1000}
QUICK = {**SETTINGS, "streams": 5, "events": 10, "units": 8, "at_once": 5}
PERIODS = (1.0, 1000.0)
CHECKED = 10


def run(settings=None, say=lambda line: None):
    """Give ``events`` events to each of ``streams`` streams, ``at_once`` at a time in random order; returns the report.

    Its one row has the ``settings``; ``seconds`` for all events and ``events_per_second``; ``one_by_one``, the events
    per second with ``step``, over one event for each stream; ``peak_growth``, the growth in bytes of the peak memory of
    the process from the second round of events to the last; ``bytes_per_stream``; ``ratio``, the share of the dense
    multiply-adds; and ``largest_difference`` between the last outputs of some streams and those of their whole
    sequences, computed alone.
    """
    import keras

    import plstm

    settings = {**SETTINGS, **(settings or {})}
    streams, events, features = settings["streams"], settings["events"], settings["features"]
    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(
        settings["units"],
        ratio_on_initializer=settings["ratio_on"],
        period_initializer=plstm.LogUniform(*PERIODS),
    )
    layer.build((None, None, features))
    engine = plstm.EventDriven(layer)
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.exponential(1.0, (streams, events)), axis=1)
    x = rng.normal(size=(streams, events, features)).astype(np.float32)
    names = [f"stream {number}" for number in range(streams)]
    for name in names:
        engine.open(name)
    say(f"{streams} streams, {events} events each")
    seconds, early, last = 0.0, 0, {}
    for number in range(events):
        order = rng.permutation(streams)
        for chosen in np.array_split(order, -(-streams // settings["at_once"])):
            batch = [names[one] for one in chosen], x[chosen, number], times[chosen, number]
            start = time.perf_counter()
            outputs = engine.step_many(*batch)
            seconds += time.perf_counter() - start
            last.update(zip(chosen[:CHECKED].tolist(), outputs[:CHECKED]) if number == events - 1 else ())
        early = resident_bytes("VmHWM") if number == 1 else early
    growth = resident_bytes("VmHWM") - early
    alone = {one: engine.run(x[one][None], times[one])[0] for one in last}
    stats, later = engine.stats, times[:, -1] + 1.0
    start = time.perf_counter()
    for one, name in enumerate(names):
        engine.step(x[one, 0], t=later[one], stream=name)
    one_by_one = streams / (time.perf_counter() - start)
    row = {
        **settings,
        "seconds": seconds,
        "events_per_second": streams * events / seconds,
        "one_by_one": one_by_one,
        "peak_growth": growth,
        "bytes_per_stream": engine.bytes_per_stream,
        "ratio": stats.ratio,
        "largest_difference": float(max(np.abs(last[one] - alone[one]).max() for one in last)),
    }
    return {"format": FORMAT, **provenance.stamp(), "settings": {"periods": PERIODS}, "rows": [row]}


def table(report):
    """Markdown: a line for each figure."""
    row = report["rows"][0]
    values = {
        "streams x events": f"{row['streams']:,} x {row['events']:,}",
        "units, features, r_on": f"{row['units']}, {row['features']}, {row['ratio_on']}",
        f"events a second, {row['at_once']:,} at a time": f"{row['events_per_second']:,.0f}",
        "events a second, one by one": f"{row['one_by_one']:,.0f}",
        "growth of the peak memory from the second round to the last": f"{row['peak_growth'] / 2**20:.1f} MiB",
        "memory of a stream": f"{row['bytes_per_stream']:,} bytes",
        "share of the dense multiply-adds": f"{row['ratio']:.4f}",
        "largest difference from each stream alone": f"{row['largest_difference']:.1e}",
    }
    machine = f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads"
    return f"{machine}\n\n{markdown.table(['what', 'measured'], values.items())}"
