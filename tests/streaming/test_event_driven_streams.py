"""The names of the streams of ``EventDriven``: what they may be, and that a refusal leaves all as it was."""

import keras
import numpy as np
import pytest

import plstm
from tests.streaming.chains import FEATURES, head

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def model():
    return head(keras.layers.Dense(2))


@pytest.mark.parametrize("name", [None, 3, np.int64(3), b"a", ("a",), ["a"], 1.5, np.array("a"), "a\0"])
def test_a_name_that_cannot_be_opened(model, name):
    engine = plstm.EventDriven(model)
    with pytest.raises(ValueError, match="expected the name of a stream (to be a string|not to end with a zero)"):
        engine.open(name)
    assert engine.streams == []


@pytest.mark.parametrize(
    "name", [3, np.int64(0), 0, False, b"a", ("a",), ["a"], {}, np.array(["a"]), "b", float("nan")]
)
def test_a_stream_that_is_not_open(model, name):
    engine = plstm.EventDriven(model)
    engine.open("a")
    before = engine.state
    calls = (
        lambda: engine.step(np.ones(FEATURES), 1.0, name),
        lambda: engine.step_many(["a", name], np.ones((2, FEATURES)), [1.0, 1.0]),
        lambda: engine.close(name),
        lambda: engine.reset(name),
    )
    for call in calls:
        with pytest.raises(ValueError, match="the name of an open stream, got"):
            call()
    assert all(np.array_equal(before[key], engine.state[key]) for key in before)
    assert engine.stats.events == 0


def test_a_state_saved_under_the_former_name_of_streams(model):
    engine, other = plstm.EventDriven(model), plstm.EventDriven(model)
    engine.open("a")
    engine.step(np.ones(FEATURES), 1.0, "a")
    state = engine.state
    other.state = {"sessions": state.pop("streams"), **state}
    assert other.streams == ["a"]
    assert all(np.array_equal(engine.state[name], other.state[name]) for name in engine.state)


@pytest.mark.parametrize("streams", ["a", b"a", None, 1])
def test_streams_that_are_no_list(model, streams):
    engine = plstm.EventDriven(model)
    engine.open("a")
    with pytest.raises(ValueError, match="a list with the name of a stream for each event"):
        engine.step_many(streams, np.ones((1, FEATURES)), [1.0])


@pytest.mark.parametrize("streams", [("a",), np.array(["a"]), {"a": 1}.keys(), iter(["a"])], ids=type)
def test_streams_that_are_a_list(model, streams):
    engine = plstm.EventDriven(model)
    engine.open("a")
    expected = plstm.EventDriven(model).step(np.ones(FEATURES), 1.0)
    assert np.array_equal(engine.step_many(streams, np.ones((1, FEATURES)), [1.0])[0], expected)


def test_a_state_that_is_no_dict(model):
    engine = plstm.EventDriven(model)
    for state in (None, [], "state", engine):
        with pytest.raises(plstm.errors.StateError, match="a state to be a dict of arrays"):
            engine.state = state
