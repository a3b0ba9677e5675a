"""The Triton engine on JAX against the reference and the portable engine, in JAX's transforms; and what it refuses."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from jax import export

import plstm
from plstm.engines import Gate, Weights, scan
from plstm.engines.triton import function_jax, host_jax, plan, tiles
from tests.engines.test_matrix import check, data, make
from tests.engines.triton.problem import LEAK, MISFITS, misfit, problem, reference_outputs
from tests.support import by_reference, close, raw_weights

RHYTHM = ("period", "shift", "ratio_on")
# Every case is compiled anew: each value of every option, not all their combinations, which PyTorch has.
CASES = [
    ("triton", "lstm", "shared", "none", "zeros", "triangle"),
    ("triton", "lstm", "own", "scattered", "given", "gaussian"),
    ("triton", "lstm with peepholes", "own", "padded", "given", "triangle"),
    ("triton", "lstm with peepholes", "shared", "scattered", "given", "square"),
    ("triton", "gru", "own", "scattered", "given", "triangle"),
    ("triton", "gru", "shared", "padded", "zeros", "gaussian"),
    ("triton-checkpointed", "lstm", "own", "scattered", "given", "triangle"),
    ("triton-checkpointed", "lstm with peepholes", "own", "none", "given", "triangle"),
    ("triton-checkpointed", "gru", "own", "padded", "given", "triangle"),
]


@pytest.fixture(autouse=True)
def in_32_bits(kernels_on_jax):
    with jax.default_matmul_precision("highest"):
        yield


@pytest.mark.parametrize("engine, cell, clock, mask, state, shape", CASES)
def test_engine_equals_reference(engine, cell, clock, mask, state, shape):
    layer = make(engine, cell, shape)
    check(layer, *data(clock, mask, state, cell), forward=1e-5, backward=1e-4)
    assert layer.engine == engine


@pytest.mark.parametrize("cell", ["lstm with peepholes", "gru"])
def test_half_precision_equals_reference_to_its_digits(cell):
    layer = make("triton", cell, "triangle", dtype="mixed_float16")
    check(layer, *data("own", "scattered", "given", cell), forward=8 * 2.0**-11, backward=20 * 2.0**-11)
    assert layer.engine == "triton"


def answers(run, dtype, cell, arguments, times, mask, drop, sequences=True, gradient="exact", **how):
    """Outputs and state, and the gradients by name of a sum in which all of them count differently."""
    given = {name: jnp.asarray(value, dtype) for name, value in arguments.items() if value is not None}
    if cell == "gru":
        del given["c"]
    clock = jnp.asarray(times)  # in the widest dtype that there is

    def loss(given):
        weights = Weights(*(given.get(name) for name in Weights._fields))
        rhythm = [jnp.asarray(given[name], clock.dtype) for name in RHYTHM]
        gate = Gate(clock, *rhythm, LEAK, "triangle", gradient)
        state = [given[name] for name in "hc" if name in given]
        outputs, state = run(cell, weights, given["x"], gate, state, jnp.asarray(mask), drop, sequences, **how)
        rng = np.random.default_rng(1)
        found = [outputs, *state]
        return sum((jnp.asarray(rng.normal(size=part.shape), dtype) * part).sum() for part in found), found

    (_, found), gradients = jax.jit(jax.value_and_grad(loss, has_aux=True))(given)
    return found, gradients


def same(cell, data, sequences=True, gradient="exact", **how):
    """The engine's answers and gradients are those of the portable engine in 64 bits, and of the reference."""
    found, gradients = answers(function_jax.run, "float32", cell, *data, sequences, gradient, **how)
    with jax.enable_x64(True):
        wanted, wanted_gradients = answers(scan.run, "float64", cell, *data, sequences, gradient)
    for got, want in zip(found, wanted, strict=True):
        assert got.dtype == "float32"
        close(got, np.asarray(want), 1e-5)
    for name, want in wanted_gradients.items():
        scale = max(1.0, float(np.abs(want).max()))
        np.testing.assert_allclose(gradients[name] / scale, np.asarray(want) / scale, atol=1e-4, err_msg=name)
    outputs = reference_outputs(cell, *data)
    close(found[0], outputs if sequences else outputs[:, -1], 1e-5)


@pytest.mark.parametrize(
    "cell, peepholes, checkpoint, sequences",
    [
        ("lstm", True, True, True),
        ("lstm", False, False, False),
        ("gru", False, True, False),
        ("gru", False, False, True),
    ],
)
def test_dropout_many_features_and_two_programs(cell, peepholes, checkpoint, sequences):
    same(cell, problem(cell, tiles.ROWS + 2, 5, 9, 5, peepholes, True), sequences, checkpoint=checkpoint)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_weights_read_in_parts(cell):
    same(cell, problem(cell, 3, 4, 2, 70, False, True))


@pytest.mark.parametrize("gradient", ["none", "truncated"])
def test_gradients_of_the_rhythm_by_choice(gradient):
    same("lstm", problem("lstm", 3, 6, 2, 4), gradient=gradient)


@pytest.mark.parametrize("cell, features, sequences", [("lstm", 9, True), ("gru", 2, False)])
def test_segments_do_not_change_results(cell, features, sequences, monkeypatch):
    monkeypatch.setattr(plan, "WORKSPACE", 3 * 3 * 4 * 32 * 4)  # three steps of three samples
    same(cell, problem(cell, 3, 7, features, 4), sequences)


def test_times_and_rhythm_in_64_bits_where_jax_has_them():
    with jax.enable_x64(True):
        layer = make("triton", "lstm", "triangle", parametrization="natural")
        x = np.random.default_rng(3).normal(size=(3, 7, 2)).astype("float32")
        times = 1.7e9 + np.cumsum(np.random.default_rng(4).uniform(0.1, 3.0, (3, 7)), axis=1)
        outputs, *_ = layer(x, times=times)
        close(outputs, by_reference(layer, raw_weights(layer), x.astype(float), times)[0], 1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("batch, steps, checkpoint", [(3, 0, False), (0, 4, False), (3, 0, True)])
def test_empty_sequences_and_batches(cell, batch, steps, checkpoint):
    arguments, times, mask, _ = problem(cell, batch, steps, 2, 4, peepholes=cell == "lstm")
    found, gradients = answers(
        function_jax.run, "float32", cell, arguments, times, mask, None, steps > 0, checkpoint=checkpoint
    )
    assert found[0].shape == ((batch, steps, 4) if steps else (batch, 4))
    for name, gradient in gradients.items():
        assert gradient.shape == arguments[name].shape and np.isfinite(gradient).all()
    if steps == 0:
        close(found[0], arguments["h"], 1e-7)
        assert np.abs(gradients["h"]).min() > 0
        close(gradients["kernel"], np.zeros_like(arguments["kernel"]), 0.0)


def test_training_memory_grows_with_the_root_of_the_steps():
    [arguments, *_] = problem("lstm", 2, 16, 2, 3)
    kept = []
    for checkpoint in (False, True):
        cut = tiles.tiles_for(3, False, False, "float32", (9, 0))
        call = plan.Call("lstm", "triangle", "exact", False, checkpoint, "ieee", cut)
        rhythm = np.stack([arguments[name] for name in RHYTHM])
        names = ("x", "kernel", "recurrent_kernel", "bias", "h", "c")
        given = {name: jnp.asarray(arguments[name], "float32") for name in names}
        given |= {"peepholes": None, "mask": None, "dropout": None, "leak": jnp.zeros(()), "times": jnp.zeros((1, 16))}
        tensors = function_jax.Tensors(**given, rhythm=jnp.asarray(rhythm, "float32"))
        *_, saved = jax.eval_shape(lambda tensors, call=call: host_jax.forward(call, tensors, True), tensors)
        kept.append((len(saved.h), len(saved.c)))
    assert kept == [(17, 17), (4, 4)]


def layers(**options):
    """Two layers of the same weights, one on each engine, and a loss of weights and input for each."""
    found = []
    for engine in ("triton", "scan"):
        keras.utils.set_random_seed(1)
        layer = plstm.PhasedLSTM(4, engine=engine, period_initializer=[3.0, 5.0, 8.0, 13.0], **options)
        layer.build((3, 5, 2))
        fixed = [v.value for v in layer.non_trainable_variables]

        def loss(weights, x, layer=layer, fixed=fixed):
            outputs, _ = layer.stateless_call(weights, fixed, x, training=True)
            return jnp.sum(jnp.sin(outputs))

        found.append((layer, loss))
    return found, [v.value for v in layer.trainable_variables]


X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
TRANSFORMS = {
    "jit": lambda g: jax.jit(g),
    "vmap of inputs": lambda g: lambda w, x: jax.jit(jax.vmap(g, (None, 0)))(w, jnp.stack([x, 2 * x])),
    "vmap of weights": lambda g: lambda w, x: jax.vmap(g, (0, None))([jnp.stack([v, 1.1 * v]) for v in w], x),
    "loop": lambda g: lambda w, x: jax.lax.scan(lambda c, _: (c + 1, g(w, c * x)), 1.0, None, length=2),
}


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_gradients_in_transforms_equal_the_portable_engine(transform):
    pair, weights = layers()
    found, wanted = (
        jax.tree.leaves(TRANSFORMS[transform](jax.value_and_grad(loss, (0, 1)))(weights, X)) for _, loss in pair
    )
    assert [layer.engine for layer, _ in pair] == ["triton", "scan"]
    for got, want in zip(found, wanted, strict=True):
        close(got, np.asarray(want), 5e-6)


def test_recomputed_in_the_backward_pass():
    pair, weights = layers()
    found, wanted = (jax.tree.leaves(jax.grad(jax.checkpoint(loss), (0, 1))(weights, X)) for _, loss in pair)
    for got, want in zip(found, wanted, strict=True):
        close(got, np.asarray(want), 5e-6)


def test_other_derivatives_are_refused():
    [(_, loss), _], weights = layers()
    with pytest.raises(NotImplementedError, match="no second derivatives; use engine='scan'"):
        jax.grad(lambda x: jnp.sum(jax.grad(loss, 1)(weights, x) ** 2))(X)
    with pytest.raises(TypeError, match="custom_vjp"):
        jax.jvp(lambda x: loss(weights, x), (X,), (X,))


def test_an_exported_function_is_portable():
    """Not through a layer: in training those call back to Python to check the times."""
    arguments, *rest = problem("lstm", 3, 5, 2, 4, peepholes=True, dropout=True)
    given = {name: value.astype("float32") for name, value in arguments.items()}

    def function(run):
        return jax.jit(lambda given: answers(run, "float32", "lstm", given, *rest))

    shapes = {name: jax.ShapeDtypeStruct(value.shape, value.dtype) for name, value in given.items()}
    saved = export.export(function(function_jax.run))(shapes)
    found, wanted = (
        jax.tree.leaves(f(given)) for f in (export.deserialize(saved.serialize()).call, function(scan.run))
    )
    for got, want in zip(found, wanted, strict=True):
        close(got, np.asarray(want), 1e-5)
    assert "callback" not in saved.mlir_module()


@pytest.mark.parametrize(
    "arguments, got",
    [
        ({"activation": "relu"}, "activations other than tanh and sigmoid"),
        ({"gate_shape": lambda phase, ratio_on: phase * 0 + 1}, "a gate shape that is a function"),
        ({"units": 129}, "129 units on JAX, more than 128"),
        ({"units": 65, "peepholes": True}, "65 units with peepholes, more than 64"),
    ],
)
def test_it_says_what_it_cannot_compute(arguments, got):
    with pytest.raises(ValueError, match=f"expected what the Triton engine can compute, got {got}; use engine='auto'"):
        plstm.PhasedLSTM(**{"units": 4, **arguments}, engine="triton")(X)


def test_it_computes_no_64_bits():
    with jax.enable_x64(True), pytest.raises(ValueError, match="got compute dtype float64; use engine='auto'"):
        plstm.PhasedLSTM(4, dtype="float64", engine="triton")(X)


def test_a_batch_of_unknown_size_has_no_kernel():
    (size,) = export.symbolic_shape("batch")
    with pytest.raises(ValueError, match="got a symbolic shape"):
        export.export(jax.jit(plstm.PhasedLSTM(4, engine="triton")))(jax.ShapeDtypeStruct((size, 5, 2), "float32"))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(
    "name, cut, message",
    [
        ("kernel", slice(1), r"expected kernel of shape \(3, \d+\), got \(1, \d+\)"),
        ("bias", slice(1), "expected bias of shape"),
        ("h", slice(1), r"expected h of shape \(2, 5\), got \(1, 5\)"),
        ("recurrent_kernel", slice(4), "expected kernel of shape"),
    ],
)
def test_tensors_that_do_not_fit_never_reach_the_kernel(cell, name, cut, message):
    arguments, times, mask, drop = problem(cell, 2, 4, 3, 5, dropout=True)
    arguments[name] = arguments[name][cut]
    with pytest.raises(ValueError, match=message):
        answers(function_jax.run, "float32", cell, arguments, times, mask, drop)


@pytest.mark.parametrize("change, message", MISFITS)
def test_clocks_masks_and_dropout_that_do_not_fit(change, message):
    with pytest.raises(ValueError, match=message):
        answers(function_jax.run, "float32", "lstm", *misfit(change))
