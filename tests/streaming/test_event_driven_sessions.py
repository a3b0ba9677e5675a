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
    with pytest.raises(ValueError, match="expected (the name of a session to be a string|a session that can be saved)"):
        engine.open(name)
    assert engine.sessions == []


@pytest.mark.parametrize(
    "name", [3, np.int64(0), 0, False, b"a", ("a",), ["a"], {}, np.array(["a"]), "b", float("nan")]
)
def test_a_session_that_is_not_open(model, name):
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
        with pytest.raises(ValueError, match="a session that is open, got"):
            call()
    assert all(np.array_equal(before[key], engine.state[key]) for key in before)
    assert engine.stats.events == 0


@pytest.mark.parametrize("sessions", ["a", b"a", None, 1])
def test_sessions_that_are_no_list(model, sessions):
    engine = plstm.EventDriven(model)
    engine.open("a")
    with pytest.raises(ValueError, match="a list with a session for each event"):
        engine.step_many(sessions, np.ones((1, FEATURES)), [1.0])


@pytest.mark.parametrize("sessions", [("a",), np.array(["a"]), {"a": 1}.keys(), iter(["a"])], ids=str)
def test_sessions_that_are_a_list(model, sessions):
    engine = plstm.EventDriven(model)
    engine.open("a")
    expected = plstm.EventDriven(model).step(np.ones(FEATURES), 1.0)
    assert np.array_equal(engine.step_many(sessions, np.ones((1, FEATURES)), [1.0])[0], expected)


def test_a_state_that_is_no_dict(model):
    engine = plstm.EventDriven(model)
    for state in (None, [], "state", engine):
        with pytest.raises(plstm.errors.StateError, match="a state to be a dict of arrays"):
            engine.state = state
