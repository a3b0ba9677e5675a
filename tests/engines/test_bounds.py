"""Checks before compiled code runs: what does not fit is refused before anything runs, and nothing dies of it."""

import os
import subprocess
import sys

import numpy as np
import pytest

from plstm.engines import bounds, launch
from plstm.streaming import sparse
from tests.engines.test_kernels import make

CASES = int(os.environ.get("PLSTM_FUZZ_CASES", 1500))
SEED = int(os.environ.get("PLSTM_FUZZ_SEED", 16))


def test_thousands_of_mismatched_arrays():
    """In a process of its own, as the fault would end it. PLSTM_FUZZ_CASES and PLSTM_FUZZ_SEED ask for others."""
    command = [sys.executable, "-m", "tests.engines.fuzz", "--cases", str(CASES), "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, f"seed {SEED} ends with {done.returncode}: {done.stderr[-3000:]}"
    lines = done.stdout.splitlines()
    assert lines[0] == f"seed {SEED}"
    counts = {line.split(":")[0]: line.split()[1:] for line in lines[1:]}
    assert {"forward", "backward", "events", "eager"} <= set(counts)
    assert sum(int(line.split()[1]) for line in lines[1:]) == CASES
    assert sum(int(line.split()[1]) for line in lines[1:] if line.endswith("right")) > CASES / 10


def floats(*shape):
    return np.zeros(shape, np.float32)


WRONG = {
    "a mask of one row": (
        "mask",
        np.ones((1, 11), bool),
        r"expected mask of shape \(3, 11\) or \(0, 0\), got \(1, 11\)",
    ),
    "a mask of numbers": ("mask", np.ones((3, 11)), "expected mask of dtype bool, got float64"),
    "one state": ("h", floats(1, 4), r"expected h of shape \(3, 4\), got \(1, 4\)"),
    "a state of more samples": ("c", floats(64, 4), r"expected c of shape \(3, 4\), got \(64, 4\)"),
    "fewer times": ("times", np.zeros((3, 10)), r"expected times of shape \(3, 11\) or \(1, 11\), got \(3, 10\)"),
    "times in 32 bits": ("times", floats(3, 11), "expected times of dtype float64, got float32"),
    "features": ("kernel", floats(3, 16), r"expected kernel of shape \(2, 16\), got \(3, 16\)"),
    "three blocks": ("recurrent_kernel", floats(4, 12), r"expected recurrent_kernel of shape \(4, 16\), got \(4, 12\)"),
    "a GRU's bias": ("bias", floats(2, 16), r"expected bias of shape \(16,\), got \(2, 16\)"),
    "peepholes": ("peepholes", floats(1, 4), r"expected peepholes of shape \(3, 4\), got \(1, 4\)"),
    "rhythm": ("rhythm", np.ones((3, 5)), r"expected rhythm of shape \(3, 4\), got \(3, 5\)"),
    "dropout": (
        "recurrent_dropout",
        floats(3, 5),
        r"expected recurrent_dropout of shape \(3, 4\) or \(0, 0\), got \(3, 5\)",
    ),
    "k and times": ("k", floats(1, 11, 4), r"expected times of shape \(0, 0\), got \(3, 11\)"),
    "dtypes": ("kernel", np.zeros((2, 16)), "expected kernel of dtype float32, got float64"),
    "whole numbers": ("x", np.zeros((3, 11, 2), int), "expected x of dtype float32 or float64, got int64"),
    "two axes": ("x", floats(3, 11), r"expected x of shape \(batch, steps, features\), got \(3, 11\)"),
    "leak": ("leak", np.zeros(2), r"expected leak to be a number, got an array of shape \(2,\)"),
}


@pytest.mark.parametrize("name, array, message", WRONG.values(), ids=WRONG)
def test_a_launch_that_does_not_fit_is_refused(name, array, message, monkeypatch):
    monkeypatch.setattr(launch, "launch", None)  # nothing runs
    (inputs, options), _, _ = make("lstm", 3, 11, 2, 4, "computed", dtype=np.float32)
    with pytest.raises(ValueError, match=message):
        launch.forward(inputs._replace(**{name: array}), options, threads=2)


def gradients(**other):
    call, _, _ = make("lstm", 40, 20, 2, 4, "computed", dtype=np.float32)
    outputs, h, c, checkpoints = launch.forward(*call, 2)
    given = {"checkpoints": checkpoints, "d_outputs": outputs, "d_h": h, "d_c": c, **other}
    return launch.backward(*call, *given.values(), 2)


GRADIENTS = {
    "gradients of more samples": ({"d_h": floats(41, 4)}, r"expected d_h of shape \(40, 4\), got \(41, 4\)"),
    "gradients of one": ({"d_c": floats(1, 4)}, r"expected d_c of shape \(40, 4\), got \(1, 4\)"),
    "fewer steps": ({"d_outputs": floats(40, 19, 4)}, r"expected d_outputs of shape \(40, 20, 4\), got \(40, 19, 4\)"),
    "fewer checkpoints": ({"checkpoints": floats(2, 19, 256)}, r"expected checkpoints of shape \(2, 20, 256\), got"),
    "tiles of nobody": (
        {"checkpoints": floats(5, 20, 128)},
        "expected checkpoints of all 40 samples, got 5 tiles of 16",
    ),
    "no axes": ({"checkpoints": floats(2)}, r"expected checkpoints of shape \(tiles, segments, numbers\), got \(2,\)"),
    "no tile": ({"checkpoints": floats(0, 20, 8)}, "expected checkpoints"),
}


@pytest.mark.parametrize("other, message", GRADIENTS.values(), ids=GRADIENTS)
def test_gradients_that_do_not_fit_are_refused(other, message):
    assert gradients().kernel.shape == (2, 16)
    with pytest.raises(ValueError, match=message):
        gradients(**other)


def test_k_of_a_gate_shape_that_is_not_compiled_is_missing():
    (inputs, options), _, _ = make("lstm", 3, 11, 2, 4, "computed")
    with pytest.raises(ValueError, match="expected k for the gate shape 'hump', which is not compiled, got none"):
        launch.forward(inputs, options._replace(gate_shape="hump"), 2)


@pytest.mark.parametrize("clock", ["own", "shared", "computed", "shared computed"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308, 5e-324])
def test_no_time_leads_out_of_an_array(clock, value):
    """What times hold may spoil the answer of their sample, but no other memory."""
    (inputs, options), _, _ = make("lstm", 9, 11, 2, 4, clock, dropout=True)
    name = "times" if "computed" in clock else "k"
    array = getattr(inputs, name).copy()
    array[0, 5] = value
    spoilt = inputs._replace(**{name: array})
    outputs, h, c, checkpoints = launch.forward(spoilt, options, 2)
    launch.backward(spoilt, options, checkpoints, outputs, h, c, 2)
    whole = launch.forward(inputs, options, 2)[0]
    np.testing.assert_array_equal(outputs[:, :5], whole[:, :5])
    if "shared" not in clock:
        np.testing.assert_array_equal(outputs[1:], whole[1:])


def rows():
    weights = [np.ones((2, 16)), np.ones((4, 16)), np.ones(16), np.ones((3, 4))]
    return sparse.Rows.of("lstm", *weights, np.array([[7.0], [0.5], [0.9]]) * np.ones(4), "triangle")


def events(**other):
    given = {
        "x": np.ones((6, 1, 2)), "times": np.arange(6.0), "mask": np.ones((6, 1), bool), "starts": np.array([0, 2, 6]),
        "slots": np.array([1, 3]), "wake": np.full((4, 4), -np.inf), "h": np.zeros((4, 1, 4)), "c": np.zeros((4, 1, 4)),
        **other,
    }  # fmt: skip
    return sparse.run(rows(), **given, sequences=False), given


READ_ONLY = np.broadcast_to(0.0, (4, 1, 4))
OUTSIDE = {
    "a slot that is not there": (
        {"slots": np.array([1, 4])},
        r"from 0 to 3 at most, got \[1 4\]",
    ),
    "a slot before the first": ({"slots": np.array([-1, 0])}, "expected slots that rise, each another"),
    "slots that fall": ({"slots": np.array([3, 1])}, "expected slots that rise, each another"),
    "a slot twice": ({"slots": np.array([1, 1])}, "expected slots that rise, each another"),
    "starts beyond the end": ({"starts": np.array([0, 2, 7])}, r"expected starts that rise from 0 to 6, got \[0 2 7\]"),
    "starts that fall": ({"starts": np.array([0, 7, 6])}, "expected starts that rise from 0 to 6"),
    "events before the first": ({"starts": np.array([1, 2, 6])}, "expected starts that rise from 0 to 6"),
    "too few starts": ({"starts": np.array([0, 6])}, r"expected starts of shape \(3,\), got \(2,\)"),
    "slots in 32 bits": ({"slots": np.array([1, 3], np.int32)}, "expected slots of dtype int64, got int32"),
    "features": ({"x": np.ones((6, 1, 3))}, r"expected x of shape \(6, 1, 2\), got \(6, 1, 3\)"),
    "a mask for one": ({"mask": np.ones((1, 1), bool)}, r"expected mask of shape \(6, 1\), got \(1, 1\)"),
    "streams": ({"h": np.zeros((4, 2, 4))}, r"expected x of shape \(6, 2, 2\), got \(6, 1, 2\)"),
    "wake": ({"wake": np.zeros((3, 4))}, r"expected wake of shape \(4, 4\), got \(3, 4\)"),
    "dtypes": ({"c": floats(4, 1, 4)}, "expected c of dtype float64, got float32"),
    "read-only": ({"c": READ_ONLY}, "expected c that can be written to, got a read-only array"),
    "axes": ({"times": np.zeros((6, 1))}, r"expected times and slots of one dimension, got \(6, 1\) and \(2,\)"),
    "axes of h": ({"h": np.zeros((4, 4))}, r"expected h of shape \(slots, streams, 4\), got \(4, 4\)"),
}


@pytest.mark.parametrize("other, message", OUTSIDE.values(), ids=OUTSIDE)
def test_events_that_do_not_fit_are_refused(other, message, monkeypatch):
    (_, updates), given = events()
    assert updates > 0 and given["h"][[1, 3]].any() and not given["h"][[0, 2]].any()
    monkeypatch.setattr(sparse, "advance", None)  # nothing runs
    with pytest.raises(ValueError, match=message):
        events(**other)


def test_weights_of_another_cell_are_refused():
    with pytest.raises(ValueError, match=r"expected recurrent_kernel of shape \(4, 12\), got \(4, 16\)"):
        sparse.Rows.of("gru", np.ones((2, 16)), np.ones((4, 16)), np.ones((2, 12)), None, np.ones((3, 4)), "square")
    with pytest.raises(ValueError, match=r"expected weights of shape \(units, 3, features \+ 1 \+ units\), got"):
        bounds.check_rows(rows()._replace(gru=True))
    with pytest.raises(ValueError, match=r"expected weights of shape .*, got \(4, 4\)"):
        bounds.check_rows(rows()._replace(weights=np.ones((4, 4))))
    with pytest.raises(ValueError, match="expected weights of dtype float32 or float64, got float16"):
        bounds.check_rows(rows()._replace(weights=np.ones((4, 4, 7), np.float16)))
    with pytest.raises(ValueError, match=r"expected extra of shape \(4, 3\), got \(4, 1\)"):
        bounds.check_rows(rows()._replace(extra=np.ones((4, 1))))


def test_a_layer_that_does_not_read_what_the_one_below_writes_is_refused():
    bounds.check_stack([rows()])
    with pytest.raises(
        ValueError, match="expected a layer that reads 4 features of dtype float64, got one that reads 2"
    ):
        bounds.check_stack([rows(), rows()])
