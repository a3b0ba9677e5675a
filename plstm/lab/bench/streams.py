"""Many streams in one engine: throughput and memory of thousands of sessions whose events come mixed."""

import time

import numpy as np

from plstm.lab.bench.sweep import resident_bytes
from plstm.lab.experiments import provenance

FORMAT = "plstm-streams-1"
SETTINGS = {"sessions": 1000, "events": 1000, "units": 128, "features": 8, "ratio_on": 0.05, "at_once": 1000}
QUICK = {**SETTINGS, "sessions": 5, "events": 10, "units": 8, "at_once": 5}
PERIODS = (1.0, 1000.0)
CHECKED = 10


def run(settings=None, say=lambda line: None):
    """Feed ``events`` events to each of ``sessions`` streams, ``at_once`` at a time in random order; the report.

    Its one row has the ``settings``; ``seconds`` for all events and ``events_per_second``; the same ``one_by_one``,
    handed over with ``step``, for as many events as there are sessions; ``peak_growth``, by how many bytes the peak
    memory of the process rose from the second round of events to the last; ``bytes_per_session``; ``ratio``, the share
    of the dense multiply-adds; and ``largest_difference`` of the last outputs of some sessions from those of the whole
    sequence of each, computed alone.
    """
    import keras

    import plstm

    settings = {**SETTINGS, **(settings or {})}
    sessions, events, features = settings["sessions"], settings["events"], settings["features"]
    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(
        settings["units"],
        ratio_on_initializer=settings["ratio_on"],
        period_initializer=plstm.LogUniform(*PERIODS),
    )
    layer.build((None, None, features))
    engine = plstm.EventDriven(layer)
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.exponential(1.0, (sessions, events)), axis=1)
    x = rng.normal(size=(sessions, events, features)).astype(np.float32)
    names = [f"session {number}" for number in range(sessions)]
    for name in names:
        engine.open(name)
    say(f"{sessions} sessions, {events} events each")
    seconds, early, last = 0.0, 0, {}
    for number in range(events):
        order = rng.permutation(sessions)
        for chosen in np.array_split(order, -(-sessions // settings["at_once"])):
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
        engine.step(x[one, 0], t=later[one], session=name)
    one_by_one = sessions / (time.perf_counter() - start)
    row = {
        **settings,
        "seconds": seconds,
        "events_per_second": sessions * events / seconds,
        "one_by_one": one_by_one,
        "peak_growth": growth,
        "bytes_per_session": engine.bytes_per_session,
        "ratio": stats.ratio,
        "largest_difference": float(max(np.abs(last[one] - alone[one]).max() for one in last)),
    }
    return {"format": FORMAT, **provenance.stamp(), "settings": {"periods": PERIODS}, "rows": [row]}


def table(report):
    """Markdown: a line for each figure."""
    row = report["rows"][0]
    values = {
        "sessions x events": f"{row['sessions']:,} x {row['events']:,}",
        "units, features, r_on": f"{row['units']}, {row['features']}, {row['ratio_on']}",
        f"events a second, {row['at_once']:,} at a time": f"{row['events_per_second']:,.0f}",
        "events a second, one by one": f"{row['one_by_one']:,.0f}",
        "growth of the peak memory from the second round to the last": f"{row['peak_growth'] / 2**20:.1f} MiB",
        "memory of a session": f"{row['bytes_per_session']:,} bytes",
        "share of the dense multiply-adds": f"{row['ratio']:.4f}",
        "largest difference from each session alone": f"{row['largest_difference']:.1e}",
    }
    lines = [f"{report['date']} · {report['hardware']['processor']}, {report['threads']} threads", ""]
    return "\n".join([*lines, "| what | measured |", "|---|--:|", *(f"| {k} | {v} |" for k, v in values.items())])
