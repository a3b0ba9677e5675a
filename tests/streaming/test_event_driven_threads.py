"""``EventDriven`` in many threads, copies, pickles and forked processes: every stream as if it were alone."""

import copy
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

import plstm
from tests.streaming.chains import FEATURES, head

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STREAMS, EVENTS, THREADS = 256, 24, 8
NAMES = [f"sensor {number}" for number in range(STREAMS)]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return head(keras.layers.Dense(2), units=40)


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.exponential(1.0, (STREAMS, EVENTS)), axis=1)
    return rng.normal(size=(STREAMS, EVENTS, FEATURES)).astype("float32"), times


@pytest.fixture(scope="module")
def alone(model, events):
    """Every stream alone, one after the other: outputs (streams, events, 2), states after each event, and the stats."""
    engine, (x, times) = plstm.EventDriven(model), events
    outputs, states = [], []
    for stream in range(STREAMS):
        for event in range(EVENTS):
            outputs.append(engine.step(x[stream, event], times[stream, event]))
            states.append(engine.state["h0"][0])
        engine.reset()
    shape = (STREAMS, EVENTS, -1)
    return np.reshape(outputs, shape), np.reshape(states, shape), engine.stats


@pytest.fixture(autouse=True)
def threads_that_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def drive(engine, events, mine, rounds):
    """Opens streams among steps of others, feeds each by single and by common steps, closes and resets; the outputs."""
    x, times = events
    outputs = np.empty((STREAMS, EVENTS, 2), "float32")
    for number in range(rounds):
        for stream in mine:
            engine.open(NAMES[stream])
            outputs[stream, 0] = engine.step(x[stream, 0], times[stream, 0], NAMES[stream])
            if number == 0 and stream % 4 == 0:
                engine.reset(NAMES[stream])
                outputs[stream, 0] = engine.step(x[stream, 0], times[stream, 0], NAMES[stream])
        for event in range(1, EVENTS):
            if event % 3 == 0:
                names = [NAMES[stream] for stream in mine]
                outputs[mine, event] = engine.step_many(names, x[mine, event], times[mine, event])
            else:
                for stream in mine:
                    outputs[stream, event] = engine.step(x[stream, event], times[stream, event], NAMES[stream])
        if number < rounds - 1:
            for stream in mine:
                engine.close(NAMES[stream])
    return outputs[mine]


def in_threads(engine, events, rounds=1):
    """All streams, shared out to the threads; the outputs (streams, events, 2)."""
    outputs, begin = np.empty((STREAMS, EVENTS, 2), "float32"), threading.Barrier(THREADS)

    def work(first):
        begin.wait()
        mine = np.arange(first, STREAMS, THREADS)
        outputs[mine] = drive(engine, events, mine, rounds)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return outputs


def test_streams_in_threads_are_what_each_is_alone(model, events, alone):
    engine = plstm.EventDriven(model)
    outputs = in_threads(engine, events, rounds=3)
    assert np.abs(outputs - alone[0]).max() < 1e-6
    assert sorted(engine.streams) == sorted(NAMES)
    # A fourth of the first events came once more.
    again, twice = plstm.EventDriven(model), np.arange(0, STREAMS, 4)
    for stream in twice:
        again.reset()
        again.step(events[0][stream, 0], events[1][stream, 0])
    for name in ("events", "updates", "multiply_adds"):
        assert getattr(engine.stats, name) == 3 * getattr(alone[2], name) + getattr(again.stats, name)
    assert engine.stats.events == 3 * STREAMS * EVENTS + len(twice)


def test_whole_sequences_in_threads_are_counted_and_leave_streams_alone(model, events, alone):
    engine, (x, times) = plstm.EventDriven(model), events

    def work(_):
        return engine.run(x, times)

    with ThreadPoolExecutor(THREADS) as pool:
        runs = [pool.submit(work, n) for n in range(2 * THREADS)]
        outputs = in_threads(engine, events)
    assert np.abs(outputs - alone[0]).max() < 1e-6
    assert all(np.abs(run.result() - alone[0][:, -1]).max() < 1e-6 for run in runs)
    extra = [engine.stats.events - (2 * THREADS + 1) * alone[2].events]
    assert extra == [STREAMS // 4]


def test_events_of_one_stream_from_many_threads_are_each_taken_once(model):
    engine = plstm.EventDriven(model, late="skip")
    engine.open("a")

    def work(first):
        for t in range(first, 2000, THREADS):
            engine.step(np.ones(FEATURES), float(t), "a")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert engine.stats.events + engine.stats.skipped == 2000
    assert engine.state["last_time"][1] == 1999.0


def test_one_of_many_threads_opens_a_name_and_none_steps_what_is_closed(model):
    engine = plstm.EventDriven(model)

    def work(_):
        opened = closed = 0
        for _ in range(300):
            try:
                engine.open("a")
                opened += 1
            except ValueError as error:
                assert "which is open" in str(error)
            try:
                engine.step(np.ones(FEATURES), 1.0, "a")
                engine.close("a")
                closed += 1
            except ValueError as error:
                assert "the name of an open stream" in str(error)
        return opened, closed

    with ThreadPoolExecutor(THREADS) as pool:
        opened, closed = np.sum(list(pool.map(work, range(THREADS))), axis=0)
    assert opened == closed + len(engine.streams)
    fresh = plstm.EventDriven(model)
    engine.open("b")
    expected = fresh.step(np.ones(FEATURES), 1.0)
    assert np.array_equal(engine.step(np.ones(FEATURES), 1.0, "b"), expected)


@pytest.mark.parametrize("how", ["state", "pickle", "deepcopy", "save"])
def test_a_copy_made_among_steps_is_of_one_moment(model, events, alone, how, tmp_path):
    engine, copies, done = plstm.EventDriven(model), [], threading.Event()

    def state(number):
        if how == "save":
            engine.save(tmp_path / f"{number}.npz")
            other = plstm.EventDriven(model)
            other.load(tmp_path / f"{number}.npz")
            return other.state, None
        if how == "state":
            return engine.state, None
        other = copy.deepcopy(engine) if how == "deepcopy" else pickle.loads(pickle.dumps(engine))
        return other.state, other.stats

    def watch():
        while not done.is_set() and len(copies) < 200:
            copies.append(state(len(copies)))

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        in_threads(engine, events)
        done.set()
        watching.result()
    assert len(copies) > 1
    for found, _ in copies:
        for name, last, h in zip(found["streams"], found["last_time"][1:], found["h0"][1:]):
            stream = NAMES.index(name)
            count = np.searchsorted(events[1][stream], last, side="right")
            expected = alone[1][stream, count - 1] if count else np.zeros_like(h)
            assert np.abs(h - expected).max() < 1e-6


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda engine: pickle.loads(pickle.dumps(engine))])
def test_a_copy_goes_on_by_itself(model, events, duplicate):
    engine, (x, times) = plstm.EventDriven(model, late="skip"), events
    for name in NAMES[:5]:
        engine.open(name)
    engine.close(NAMES[2])
    engine.step_many([None, *NAMES[:2]] * 3, x[0, :9], times[0, :9])
    engine.step(x[0, 0], 0.0)
    other = duplicate(engine)
    assert (other.streams, other.stats, other.fingerprint) == (engine.streams, engine.stats, engine.fingerprint)
    assert other.late == "skip" and other.stats.skipped == 1
    before = engine.state
    found = [other.step(x[0, n], times[0, n], NAMES[0]) for n in range(9, 20)]
    other.open("new")
    other.close(NAMES[1])
    assert all(np.array_equal(before[name], engine.state[name]) for name in before)
    assert np.array_equal(found, [engine.step(x[0, n], times[0, n], NAMES[0]) for n in range(9, 20)])
    assert "new" not in engine.streams and NAMES[1] in engine.streams


def test_a_copy_of_read_only_arrays_runs(model):
    """As object stores hand them over."""
    engine = plstm.EventDriven(model)
    expected = [engine.step(np.ones(FEATURES), t) for t in (0.0, 1.0)]
    engine.reset()
    buffers = []
    packed = pickle.dumps(engine, protocol=5, buffer_callback=buffers.append)
    other = pickle.loads(packed, buffers=[bytes(buffer.raw()) for buffer in buffers])
    assert np.array_equal([other.step(np.ones(FEATURES), t) for t in (0.0, 1.0)], expected)


def test_a_pickle_runs_in_another_process_without_keras(model, tmp_path):
    engine = plstm.EventDriven(model)
    engine.open("a")
    engine.step(np.ones(FEATURES), 1.0, "a")
    (tmp_path / "engine").write_bytes(pickle.dumps(engine))
    script = (
        "import pickle, sys; engine = pickle.load(open(sys.argv[1], 'rb')); "
        f"print(*engine.step([1.0] * {FEATURES}, 2.0, 'a').tolist()); assert 'keras' not in sys.modules"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "engine")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    expected = engine.step(np.ones(FEATURES), 2.0, "a")
    assert np.array_equal(np.array(printed.split()[-2:], float), expected.astype(float))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_fork_among_steps_finds_the_engine_free_and_whole(model, events, alone):
    engine, (x, times), done = plstm.EventDriven(model), events, threading.Event()
    engine.open("a")

    def keep_stepping():
        while not done.is_set():
            engine.reset("a")
            for event in range(EVENTS):
                engine.step_many(["a"], x[:1, event], times[:1, event])

    def in_child():
        state = engine.state
        count = np.searchsorted(times[0], state["last_time"][1], side="right")
        whole = np.abs(state["h0"][1] - (alone[1][0, count - 1] if count else 0)).max() < 1e-6
        engine.open("b")
        found = [engine.step(x[1, event], times[1, event], "b") for event in range(EVENTS)]
        engine.open("c")
        many = engine.step_many(["c", "a"], x[1, [0, 0]], [times[1, 0], 1e6])
        return whole and np.abs([*found, many[0]] - alone[0][1, [*range(EVENTS), 0]]).max() < 1e-6

    stepping = threading.Thread(target=keep_stepping)
    stepping.start()
    try:
        for _ in range(40):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                child = os.fork()
            if child == 0:
                signal.alarm(60)
                status = 1
                try:
                    status = 0 if in_child() else 1
                finally:
                    os._exit(status)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        done.set()
        stepping.join()
