"""The compiled kernels as NumPy functions: against the reference and its finite differences, at any size."""

import itertools
import os
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plstm import gate, reference
from plstm.engines import launch, workspace
from plstm.engines.kernel_inputs import CONSTANTS, KernelInputs, Options
from plstm.engines.kernels import openness

LEAK = 0.02
CLOCKS = "shared", "own", "computed", "shared computed"
THREADS = 2


def make(
    cell, b, t, d, h, clock="shared", shape="triangle", mask=False, dropout=False, sequences=True, dtype=np.float64,
):  # fmt: skip
    """KernelInputs with their options, and their float64 values by name for the reference."""
    rng = np.random.default_rng(0)
    blocks = 4 if cell == "lstm" else 3
    q = {
        "x": rng.normal(size=(b, t, d)),
        "kernel": rng.normal(0, 0.4, (d, blocks * h)),
        "recurrent_kernel": rng.normal(0, 0.7 / h**0.5, (h, blocks * h)),
        "bias": rng.normal(0, 0.4, (blocks * h,) if cell == "lstm" else (2, blocks * h)),
        "peepholes": rng.normal(0, 0.4 if cell == "lstm" else 0, (3, h)),
        "period": rng.uniform(3, 30, h),
        "shift": rng.uniform(-5, 5, h),
        "ratio_on": rng.uniform(0.3, 0.9, h),
        "h": rng.normal(0, 0.5, (b, h)),
        "c": rng.normal(0, 0.5, (b, h)),
    }
    times = np.cumsum(rng.uniform(0.2, 2.0, (b, t)), axis=1)
    times = times[:1] if clock in ("shared", "shared computed") else times
    masks = rng.random((b, t)) < 0.6 if mask else None
    drops = (rng.random((b, h)) < 0.7) / 0.7 if dropout else None
    empty = {"k": np.zeros((0, 0, 0), dtype), "times": np.zeros((0, 0)), "rhythm": np.zeros((3, h))}
    if "computed" in clock:
        empty |= {"times": times, "rhythm": np.stack([q["period"], q["shift"], q["ratio_on"]])}
    else:
        empty["k"] = reference.gates(times, q["period"], q["shift"], q["ratio_on"], LEAK, shape).astype(dtype)
    arrays = {name: q[name].astype(dtype) for name in ("x", "kernel", "recurrent_kernel", "bias", "peepholes")}
    inputs = KernelInputs(
        leak=LEAK, h=q["h"], c=q["c"], **arrays, **empty,
        mask=np.zeros((0, 0), bool) if masks is None else masks,
        recurrent_dropout=np.zeros((0, 0), dtype) if drops is None else drops.astype(dtype),
    )  # fmt: skip
    return (inputs, Options(cell, shape, "exact", sequences)), q, (cell, times, shape, masks, drops)


def by_reference(q, cell, times, shape, mask, dropout, k=None):
    """Outputs, h and c (None for a GRU) of the reference."""
    names = ("kernel", "recurrent_kernel", "bias") + (("peepholes",) if cell == "lstm" else ())
    k = reference.gates(times, q["period"], q["shift"], q["ratio_on"], LEAK, shape) if k is None else k
    state = [q["h"], q["c"]][: 2 if cell == "lstm" else 1]
    outputs, state = reference.run(cell, q["x"], k, {name: q[name] for name in names}, state, mask, dropout)
    return outputs, *state, *([None] if cell == "gru" else [])


def differentiate(call, d_outputs, d_h, d_c, wants_x=True):
    """Forward and backward; the results, and the gradients by name."""
    results = launch.forward(*call, THREADS)
    found = launch.backward(*call, results[3], d_outputs, d_h, d_c, THREADS, wants_x)._asdict()
    assert not any(found.pop(name) is not None for name in CONSTANTS)
    return results, found


CASES = list(itertools.product(("lstm", "gru"), CLOCKS, (False, True), (False, True), (False, True)))


@pytest.mark.parametrize("cell, clock, mask, dropout, sequences", CASES)
def test_values_and_gradients_equal_the_reference(cell, clock, mask, dropout, sequences):
    call, q, how = make(cell, 3, 11, 2, 4, clock, "triangle", mask, dropout, sequences)
    rng = np.random.default_rng(1)
    d_outputs, dh, dc = rng.normal(size=(3, 11, 4)) * sequences, rng.normal(size=(3, 4)), rng.normal(size=(3, 4))

    def loss(q):
        outputs, h, c = by_reference(q, *how)
        return np.sum(d_outputs * outputs) + np.sum(dh * h) + (0 if c is None else np.sum(dc * c))

    (outputs, h, c, _), g = differentiate(call, d_outputs if sequences else np.zeros((3, 0, 4)), dh, dc)
    expected = by_reference(q, *how)
    np.testing.assert_allclose(h, expected[1], rtol=0, atol=1e-12)
    if sequences:
        np.testing.assert_allclose(outputs, expected[0], rtol=0, atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(c, expected[2], rtol=0, atol=1e-12)
    names = ["x", "kernel", "recurrent_kernel", "bias", "h"] + ["peepholes", "c"] * (cell == "lstm")
    if "computed" in clock:
        g |= dict(zip(("period", "shift", "ratio_on"), g["rhythm"]))
        names += ["period", "shift", "ratio_on"]
    for name in names:
        along = rng.normal(size=q[name].shape)
        step = 1e-6
        slope = (loss(q | {name: q[name] + step * along}) - loss(q | {name: q[name] - step * along})) / (2 * step)
        np.testing.assert_allclose(np.sum(g[name] * along), slope, rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("clock", ["shared", "own"])
def test_gradient_of_k(cell, clock):
    call, q, how = make(cell, 3, 9, 2, 4, clock, mask=True)
    rng = np.random.default_rng(2)
    d_outputs = rng.normal(size=(3, 9, 4))
    _, g = differentiate(call, d_outputs, np.zeros((3, 4)), np.zeros((3, 4)))
    along = rng.normal(size=call[0].k.shape)
    up, down = (np.sum(d_outputs * by_reference(q, *how, k=call[0].k + s * along)[0]) for s in (1e-6, -1e-6))
    np.testing.assert_allclose(np.sum(g["k"] * along), (up - down) / 2e-6, rtol=1e-6, atol=1e-7)


@settings(max_examples=40)
@given(
    cell=st.sampled_from(["lstm", "gru"]), clock=st.sampled_from(CLOCKS),
    shape=st.sampled_from(gate.SHAPES), b=st.integers(0, 150), t=st.integers(0, 12),
    d=st.integers(1, 5), h=st.integers(1, 70), mask=st.booleans(), dropout=st.booleans(),
    dtype=st.sampled_from(["f4", "f8"]),
)  # fmt: skip
def test_any_size(cell, clock, shape, b, t, d, h, mask, dropout, dtype):
    """Values against the reference; gradients against float64's, which another test compares with the reference."""
    h, b = (h, b) if h * b * t < 20_000 else (h % 7 + 1, b % 130)
    call, q, how = make(cell, b, t, d, h, clock, shape, mask, dropout, True, np.dtype(dtype).type)
    rng = np.random.default_rng(3)
    d_outputs, dh, dc = rng.normal(size=(b, t, h)), rng.normal(size=(b, h)), rng.normal(size=(b, h))
    (outputs, last, c, _), g = differentiate(call, d_outputs, dh, dc)
    expected = by_reference(q, *how)
    tolerance = 1e-5 if dtype == "f4" else 1e-11
    np.testing.assert_allclose(outputs, expected[0], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(last, expected[1], rtol=tolerance, atol=tolerance)
    exact, _, _ = make(cell, b, t, d, h, clock, shape, mask, dropout, True)
    _, g64 = differentiate(exact, d_outputs, dh, dc)
    for name, gradient in g.items():
        scale = max(1.0, np.abs(g64[name]).max(initial=0.0))
        np.testing.assert_allclose(gradient / scale, g64[name] / scale, rtol=0, atol=1e-4, err_msg=name)


def test_one_compilation_serves_all_sizes():
    compiled = []
    for b, t, d, h in ((1, 5, 1, 1), (70, 3, 4, 9)):
        call, _, _ = make("lstm", b, t, d, h, "computed", mask=True)
        differentiate(call, np.ones((b, t, h)), np.ones((b, h)), np.ones((b, h)))
        module = launch.kernels()
        compiled.append([list(kernel.overloads) for kernel in (module.forward, module.backward)])
    assert all(compiled[0]) and compiled[0] == compiled[1]


def test_bitwise_the_same_twice():
    call, _, _ = make("lstm", 200, 30, 3, 20, "computed", dtype=np.float32)
    ones = np.ones((200, 20))
    (*first, _), g = differentiate(call, np.ones((200, 30, 20)), ones, ones)
    (*again, _), g_again = differentiate(call, np.ones((200, 30, 20)), ones, ones)
    for a, b in zip([*first, *g.values()], [*again, *g_again.values()]):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("clock", ["own", "computed"])
def test_a_masked_step_may_hold_anything(clock):
    call, q, how = make("lstm", 3, 11, 2, 4, clock, mask=True)
    inputs, options = call
    spoilt = inputs._replace(
        x=np.where(inputs.mask[..., None], inputs.x, np.nan),
        times=np.where(inputs.mask, inputs.times, np.nan) if inputs.times.size else inputs.times,
        k=np.where(inputs.mask[..., None], inputs.k, np.nan) if inputs.k.size else inputs.k,
    )
    given = np.ones((3, 11, 4)), np.ones((3, 4)), np.ones((3, 4))
    (outputs, *_), g = differentiate(call, *given)
    (spoilt_outputs, *_), spoilt_g = differentiate((spoilt, options), *given)
    np.testing.assert_array_equal(spoilt_outputs, outputs)
    for name in g:
        np.testing.assert_array_equal(spoilt_g[name], g[name], err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_comes_out_as_nan(dtype):
    call, _, _ = make("lstm", 3, 5, 2, 4, dtype=dtype)
    call[0].x[1, 2, 0] = np.nan
    outputs, *_ = launch.forward(*call, THREADS)
    assert np.isnan(outputs[1, 3:]).all() and np.isfinite(outputs[[0, 2]]).all()


def test_saturated_gates_stay_exact():
    """Beyond where the rational tanh is cut off, and at any size of argument, it is 1 to rounding."""
    call, q, how = make("lstm", 2, 3, 1, 5, dtype=np.float32)
    q["x"][:] = 1e4 * np.sign(q["x"])
    call[0].x[:] = q["x"]
    outputs, *_ = launch.forward(*call, THREADS)
    np.testing.assert_allclose(outputs, by_reference(q, *how)[0], rtol=0, atol=1e-5)


def test_policies_of_the_gradient():
    """None sends nothing to the rhythm; truncated forgets the whole periods, of which a short time has none."""
    (inputs, options), _, _ = make("lstm", 3, 6, 2, 4, "computed")
    inputs.rhythm[0], inputs.rhythm[1], ones = 1.5, 0.0, np.ones((3, 4))
    given = np.ones((3, 6, 4)), ones, ones
    *_, none = differentiate((inputs, options._replace(gate_gradient="none")), *given)
    assert not none["rhythm"].any()
    *_, exact = differentiate((inputs, options), *given)
    *_, truncated = differentiate((inputs, options._replace(gate_gradient="truncated")), *given)
    np.testing.assert_array_equal(truncated["rhythm"][1:], exact["rhythm"][1:])
    assert np.abs(truncated["rhythm"][0] - exact["rhythm"][0]).max() > 1e-3
    inputs.rhythm[0] = 1e3
    *_, exact = differentiate((inputs, options), *given)
    *_, truncated = differentiate((inputs, options._replace(gate_gradient="truncated")), *given)
    np.testing.assert_allclose(truncated["rhythm"], exact["rhythm"])


def test_inputs_gradient_can_be_left_out():
    call, _, _ = make("gru", 3, 6, 2, 4)
    given = np.ones((3, 6, 4)), np.ones((3, 4)), np.ones((3, 4))
    *_, full = differentiate(call, *given)
    *_, part = differentiate(call, *given, wants_x=False)
    assert part.pop("x") is None
    for name in part:
        np.testing.assert_allclose(part[name], full[name], rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("threads", [1, 3])
def test_callers_share_the_threads(monkeypatch, threads):
    """Whoever calls, and however many at once: never more tiles at work than threads allowed."""
    state, lock, most = [0], threading.Lock(), []

    class Kernels:
        @staticmethod
        def forward(number):
            with lock:
                state[0] += 1
                most.append(state[0])
            time.sleep(0.01)
            with lock:
                state[0] -= 1

    monkeypatch.setattr(launch, "kernels", lambda: Kernels)
    monkeypatch.setattr(launch, "prepare", lambda *_: None)
    arguments = ("forward", "float32", threads, 8, lambda number: (number,))
    callers = [threading.Thread(target=launch.launch, args=arguments) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(most) == 32 and max(most) == threads


def test_callers_do_not_disturb_each_other():
    inputs_and_options, q, how = make("lstm", 70, 10, 2, 8)
    expected, found = by_reference(q, *how)[0], []

    def call():
        found.append(launch.forward(*inputs_and_options, THREADS)[0])

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 4
    for outputs in found:
        np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-12)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own():
    assert launch.pool(2, os.getpid()) is launch.pool(2, os.getpid())
    launch.pool(2, os.getpid()).submit(int).result()
    child, answer = os.fork(), 1
    if child == 0:
        try:
            answer = launch.pool(2, os.getpid()).submit(int, 7).result(timeout=60)
        finally:
            os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_every_sample_is_in_one_tile():
    for batch, lanes, threads in itertools.product(range(1, 300), (8, 16), (1, 2, 3, 8)):
        count, size = workspace.tiles(batch, lanes, threads)
        assert (count - 1) * size < batch <= count * size, (batch, lanes, threads)
        assert size == 1 or size % lanes == 0 and size <= workspace.MAX_TILE
        # Backward knows the count alone.
        assert workspace.tile_size(batch, lanes, count) == size


@pytest.mark.parametrize("threads", [1, 3])
def test_gradients_do_not_depend_on_how_many_threads_there_are_now(threads):
    call, _, _ = make("lstm", 150, 10, 3, 5, "own")
    given = np.ones((150, 10, 5)), np.ones((150, 5)), np.ones((150, 5))
    _, expected = differentiate(call, *given)
    checkpoints = launch.forward(*call, THREADS)[3]
    found = launch.backward(*call, checkpoints, *given, threads)
    for name, want in expected.items():
        np.testing.assert_array_equal(getattr(found, name), want, err_msg=name)


def test_memory_for_training_grows_as_the_square_root_of_time():
    """Checkpoints and the recomputed segment, in floats for each sample and unit."""
    for steps in (100, 10_000, 1_000_000):
        segment = workspace.segment_length(steps)
        assert -(-steps // segment) * 2 + segment * 9 < 12 * steps**0.5


def test_speaks_up_only_when_compiling_takes_long(monkeypatch, capsys):
    class Slow:
        overloads = {}

        def compile(self, signature):
            threading.Event().wait(0.2)

    launch.say_once.cache_clear()
    launch.prepare(Slow(), (1.0,))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(launch, "PATIENCE", 0.01)
    launch.prepare(Slow(), (1.0,))
    assert capsys.readouterr().err == launch.NOTICE + "\n"


def test_a_failed_compilation_is_named():
    class Broken:
        overloads = {}

        def compile(self, signature):
            raise RuntimeError("no LLVM")

    with pytest.raises(launch.NativeUnavailable, match="does not compile here: no LLVM"):
        launch.prepare(Broken(), (1.0,))


@pytest.mark.parametrize("cycles", [0.25, -0.25, -1e-20, 2.0**52 - 0.5, 2.0**63, -(2.0**63), 1e19, -1e24, 1e300])
def test_a_phase_after_however_many_cycles(cycles):
    """A period may shrink to 1e-12 in training: at t = 1e7 that is more cycles than a 64-bit integer counts."""
    assert openness.phase_of(cycles) == gate.phase(np.float64(cycles), 1.0, 0.0)
