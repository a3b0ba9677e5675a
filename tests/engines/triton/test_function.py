"""The Triton engine against the reference, over what a layer can be asked for; and what it refuses."""

import itertools

import keras
import numpy as np
import pytest
import torch

import plstm
from plstm import gate
from plstm.engines import Gate, Weights, scan
from plstm.engines.triton import offer, tiles
from tests.engines.test_matrix import LAYERS, MASKS, check, data, make
from tests.engines.triton.problem import LEAK, MISFITS, misfit, problem, reference_outputs
from tests.support import by_reference, close, numpy, raw_weights

CASES = [
    *itertools.product(["triton"], LAYERS, ("shared", "own"), MASKS, ("zeros", "given"), gate.SHAPES),
    *itertools.product(["triton-checkpointed"], LAYERS, ("own",), MASKS, ("given",), ("triangle",)),
]


@pytest.mark.parametrize("engine, cell, clock, mask, state, shape", CASES)
def test_engine_equals_reference(engine, cell, clock, mask, state, shape):
    layer = make(engine, cell, shape)
    check(layer, *data(clock, mask, state, cell), forward=1e-5, backward=1e-4)
    assert layer.engine == engine


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("engine", ["triton", "triton-checkpointed"])
def test_half_precision_equals_reference_to_its_digits(cell, engine):
    layer = make(engine, cell, "triangle", dtype="mixed_float16")
    check(layer, *data("own", "scattered", "given", cell), forward=8 * 2.0**-11, backward=20 * 2.0**-11)
    assert layer.engine == engine


def answers(run, dtype, cell, arguments, times, mask, drop, sequences=True, gradient="exact", shape="triangle", **how):
    """Outputs and state, and the gradients by name of a sum in which all of them count differently."""
    kinds = dict.fromkeys(("period", "shift", "ratio_on"), torch.float64)
    given = {
        name: torch.tensor(value, dtype=kinds.get(name, dtype), requires_grad=True)
        for name, value in arguments.items()
        if value is not None and (name != "c" or cell == "lstm")
    }
    weights = Weights(*(given.get(name) for name in Weights._fields))
    clock = Gate(torch.tensor(times), *(given[name] for name in kinds), LEAK, shape, gradient)
    state = [given[name] for name in "hc" if name in given]
    drop = None if drop is None else torch.tensor(drop, dtype=dtype)
    outputs, state = run(cell, weights, given["x"], clock, state, torch.tensor(mask), drop, sequences, **how)
    generator = torch.Generator().manual_seed(1)
    loss = sum((a.double() * torch.randn(a.shape, generator=generator)).sum() for a in (outputs, *state))
    found = torch.autograd.grad(loss, list(given.values()), allow_unused=True, materialize_grads=True)
    return [outputs, *state], dict(zip(given, found))


def same(cell, data, sequences=True, **how):
    """The engine's answers and gradients are those of the portable engine in 64 bits, and of the reference."""
    from plstm.engines.triton import function

    of_both = {name: how[name] for name in ("gradient", "shape") if name in how}
    found, gradients = answers(function.run, torch.float32, cell, *data, sequences, **how)
    wanted, wanted_gradients = answers(scan.run, torch.float64, cell, *data, sequences, **of_both)
    for got, want in zip(found, wanted, strict=True):
        close(got.detach(), numpy(want.detach()), 1e-5)
    for name, want in wanted_gradients.items():
        scale = max(1.0, float(want.abs().max()))
        np.testing.assert_allclose(numpy(gradients[name]) / scale, numpy(want) / scale, atol=1e-4, err_msg=name)
    outputs = reference_outputs(cell, *data)
    if how.get("shape", "triangle") == "triangle":
        close(found[0].detach(), outputs if sequences else outputs[:, -1], 1e-5)


needs_no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="tensors of these tests are on the CPU")


@needs_no_gpu
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("checkpoint", [True, False])
@pytest.mark.parametrize("cell, peepholes", [("lstm", False), ("lstm", True), ("gru", False)])
def test_dropout_many_features_and_two_programs(cell, peepholes, checkpoint, sequences):
    same(cell, problem(cell, tiles.ROWS + 2, 5, 9, 5, peepholes, True), sequences, checkpoint=checkpoint)


@needs_no_gpu
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_weights_read_in_parts(cell):
    same(cell, problem(cell, 3, 4, 2, 70, False, True))


@needs_no_gpu
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("cell, stays", [("lstm", n) for n in range(5)] + [("gru", n) for n in range(4)])
def test_however_a_kernel_is_cut_it_computes_the_same(monkeypatch, cell, stays, ahead, sequences):
    tile = tiles.Tile(stays, 4, None, ahead, depth=16)
    monkeypatch.setattr(offer, "tiles_for", lambda *_: tiles.Tiles(32, tile, tile))
    same(cell, problem(cell, 3, 4, 2, 20, cell == "lstm"), sequences)


@needs_no_gpu
@pytest.mark.parametrize("gradient", ["none", "truncated"])
def test_gradients_of_the_rhythm_by_choice(gradient):
    same("lstm", problem("lstm", 3, 6, 2, 4), gradient=gradient)


@needs_no_gpu
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_segments_do_not_change_results(cell, monkeypatch):
    from plstm.engines.triton import plan

    monkeypatch.setattr(plan, "WORKSPACE", 3 * 3 * 4 * 32 * 4)  # three steps of three samples
    same(cell, problem(cell, 3, 7, 9, 4))
    same(cell, problem(cell, 3, 7, 2, 4), sequences=False)


@needs_no_gpu
def test_training_memory_grows_with_the_root_of_the_steps(monkeypatch):
    from plstm.engines.triton import function, host

    kept = []
    forward = host.forward
    monkeypatch.setattr(host, "forward", lambda *a: kept.append((result := forward(*a))[3]) or result)
    data = problem("lstm", 2, 16, 2, 3)
    for checkpoint in (False, True):
        answers(function.run, torch.float32, "lstm", *data, sequences=False, checkpoint=checkpoint)
    assert [(len(saved.h), len(saved.c)) for saved in kept] == [(17, 17), (4, 4)]


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("batch, steps", [(3, 0), (0, 4), (1, 1)])
def test_empty_sequences_and_batches(cell, batch, steps):
    from plstm.engines.triton import function

    x = torch.zeros((batch, steps, 2), device=keras.src.backend.torch.core.get_device(), requires_grad=True)
    layer = make("scan", cell, "triangle")
    weights, clock = layer.cell.sequence_weights(), layer.cell.time_gate.gate(torch.arange(steps).double())
    state = [torch.ones((batch, 4), device=x.device, requires_grad=True) for _ in range(1 if cell == "gru" else 2)]
    outputs, last = function.run(layer.cell.kind, weights, x, clock, state)
    assert outputs.shape == (batch, steps, 4)
    (outputs.sum() + sum(s.sum() for s in last)).backward()
    assert x.grad.shape == x.shape
    if steps == 0:
        close(last[0].detach(), np.ones((batch, 4)), 0.0)
        close(state[0].grad, np.ones((batch, 4)), 0.0)


def test_seconds_since_1970_keep_their_phase():
    layer = make("triton", "lstm", "triangle", parametrization="natural")
    x = np.random.default_rng(3).normal(size=(3, 7, 2)).astype("float32")
    times = 1.7e9 + np.cumsum(np.random.default_rng(4).uniform(0.1, 3.0, (3, 7)), axis=1)
    outputs, *_ = layer(x, times=times)
    close(outputs, by_reference(layer, raw_weights(layer), x.astype(float), times)[0], 1e-5)


def test_a_rematerialized_layer_keeps_few_states():
    with keras.RematScope(mode="full"):
        layer = plstm.PhasedLSTM(4, engine="triton")
    layer(np.zeros((2, 5, 2), "float32"))
    assert layer.engine == "triton-checkpointed"


def layer_and_input(engine="triton"):
    layer = plstm.PhasedLSTM(4, engine=engine)
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32"))
    return layer, x.requires_grad_(True)


def test_second_derivatives_are_refused():
    layer, x = layer_and_input()
    (slope,) = torch.autograd.grad(layer(x).sum(), x, create_graph=True)
    with pytest.raises(NotImplementedError, match="no second derivatives; use engine='scan'"):
        slope.sum().backward()


def test_batches_of_gradients_are_refused():
    layer, x = layer_and_input()
    outputs = layer(x)
    with pytest.raises(NotImplementedError, match="no batches of gradients; use engine='scan'"):
        torch.autograd.grad(outputs, x, torch.ones((3, *outputs.shape), device=x.device), is_grads_batched=True)


def test_outputs_that_were_written_over_are_no_silent_wrong_gradient():
    layer = plstm.PhasedLSTM(4, engine="triton", return_sequences=True)
    x = layer_and_input()[1]
    with pytest.raises(RuntimeError, match="inplace|in-place"):
        outputs = layer(x)
        outputs.mul_(2.0)
        outputs.sum().backward()


@pytest.mark.parametrize(
    "arguments, got",
    [
        ({"dtype": "float64"}, "compute dtype float64"),
        ({"activation": "relu"}, "activations other than tanh and sigmoid"),
        ({"gate_shape": lambda phase, ratio_on: phase * 0 + 1}, "a gate shape that is a function"),
        ({"units": 513}, "513 units, more than 512"),
        ({"units": 65, "peepholes": True}, "65 units with peepholes, more than 64"),
    ],
)
def test_it_says_what_it_cannot_compute(arguments, got):
    x = np.zeros((1, 3, 2), "float32")
    arguments = {"units": 4, **arguments}
    with pytest.raises(ValueError, match=f"expected what the Triton engine can compute, got {got}"):
        plstm.PhasedLSTM(engine="triton", **arguments)(x)


@needs_no_gpu
def test_without_a_gpu_it_says_so(monkeypatch):
    monkeypatch.delenv("TRITON_INTERPRET")
    with pytest.raises(ValueError, match="got device cpu; use engine='auto'"):
        plstm.PhasedLSTM(4, engine="triton")(np.zeros((1, 3, 2), "float32"))


@needs_no_gpu
@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(
    "name, cut, message",
    [
        ("kernel", (slice(1), slice(None)), r"expected kernel of shape \(3, \d+\), got \(1, \d+\)"),
        ("bias", (slice(1),), "expected bias of shape"),
        ("h", (slice(1),), r"expected h of shape \(2, 5\), got \(1, 5\)"),
        ("period", (slice(4),), ""),
        ("x", (0,), r"expected x of shape \(batch, steps, features\)"),
        ("recurrent_kernel", (slice(4),), "expected kernel of shape|expected recurrent_kernel of shape"),
    ],
)
def test_tensors_that_do_not_fit_never_reach_the_kernel(cell, name, cut, message):
    from plstm.engines.triton import function

    arguments, times, mask, drop = problem(cell, 2, 4, 3, 5, dropout=True)
    arguments[name] = arguments[name][cut]
    with pytest.raises((ValueError, RuntimeError), match=message):
        answers(function.run, torch.float32, cell, arguments, times, mask, drop)


@needs_no_gpu
def test_tensors_of_another_device_never_reach_the_kernel():
    from plstm.engines.triton import function

    arguments, times, *_ = problem("gru", 2, 4, 3, 5)
    given = {name: torch.tensor(value, dtype=torch.float32) for name, value in arguments.items() if value is not None}
    weights = Weights(given["kernel"].to("meta"), given["recurrent_kernel"], given["bias"])
    clock = Gate(torch.tensor(times), *(given[name] for name in ("period", "shift", "ratio_on")))
    with pytest.raises(ValueError, match="expected kernel on cpu, where x is, got meta"):
        function.run("gru", weights, given["x"], clock, [given["h"]])


@needs_no_gpu
@pytest.mark.parametrize("change, message", MISFITS)
def test_clocks_masks_and_dropout_that_do_not_fit(change, message):
    from plstm.engines.triton import function

    with pytest.raises(ValueError, match=message):
        answers(function.run, torch.float32, "lstm", *misfit(change))
