"""Transforms around a layer: Jacobians, second derivatives, maps, compilers; right numbers or a clear no."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from tests.support import by_reference, close, numpy, raw_weights, slope

BACKEND = keras.backend.backend()
jax_only, torch_only, tensorflow_only = (
    pytest.mark.skipif(name != BACKEND, reason=f"about {name}") for name in ("jax", "torch", "tensorflow")
)
CELLS = {"lstm": plstm.PhasedLSTM, "gru": plstm.PhasedGRU}
ENGINES = ("auto", "scan", "scan-checkpointed")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5, 2))
T = np.cumsum(RNG.uniform(0.2, 3.0, (4, 5)), axis=1)
MASK = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 1, 1, 0, 1]], bool)
LATE = T + np.array([0.0, 0.0, 3e7, 0.0])[:, None]  # the third sample's clock is too coarse in float32
COARSE = "expected times fine enough for open windows of"
if BACKEND == "jax":
    import jax
    import jax as func
    from jax import jit
elif BACKEND == "torch":
    import torch
    from torch import func

    def jit(function):
        return function
else:
    import tensorflow as tf


def made(cell="lstm", **options):
    """A layer whose every weight counts."""
    rhythm = {"period_initializer": [5.0, 7.0, 11.0], "shift_initializer": [0.3, -1.0, 2.0], "leak": 0.05}
    layer = CELLS[cell](3, ratio_on_initializer=0.4, **rhythm, **options)
    layer.build(X.shape)
    values = np.random.default_rng(1)
    for variable in layer.trainable_variables:
        if len(variable.shape) == 2 or variable.name == "bias":
            variable.assign(values.normal(0.0, 0.5, variable.shape))
    return layer


def tensor(values, dtype="float32"):
    return ops.convert_to_tensor(values, dtype=dtype)


def last(layer, x, times, weights=None, mask=None, leak=0.05):
    """The last outputs (B, H) by the reference."""
    weights = raw_weights(layer) if weights is None else weights
    outputs, (h, *_) = by_reference(layer, weights, x, times, mask=mask, leak=leak)
    return h


def differences(function, x, step=1e-4):
    """The Jacobian of function(x) by central differences, shape of the answer + shape of x."""
    columns = []
    for direction in step * np.eye(x.size).reshape(x.size, *x.shape):
        columns.append((function(x + direction) - function(x - direction)) / (2 * step))
    return np.moveaxis(columns, 0, -1).reshape(*np.shape(columns[0]), *x.shape)


def sample(layer):
    """The layer on one sample without a batch, as transforms of functions want it."""
    return lambda x, t: layer(x[None], times=t[None], training=True)[0]


def jvp_columns(one, x, t):
    basis = np.eye(10, dtype="float32").reshape(10, 5, 2)
    columns = [func.jvp(lambda x: one(x, t), (x,), (tensor(v),))[1] for v in basis]
    return np.stack([numpy(c) for c in columns], -1).reshape(3, 5, 2)


def tape_jacobian(one, x, t, **options):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = one(x, t)
    return tape.jacobian(y, x, **options)


def accumulated_columns(one, x, t):
    columns = []
    for v in np.eye(10, dtype="float32").reshape(10, 5, 2):
        with tf.autodiff.ForwardAccumulator(x, tf.constant(v)) as accumulator:
            y = one(x, t)
        columns.append(accumulator.jvp(y).numpy())
    return np.stack(columns, -1).reshape(3, 5, 2)


def forward_ad_columns(one, x, t):
    columns = []
    for v in np.eye(10, dtype="float32").reshape(10, 5, 2):
        with torch.autograd.forward_ad.dual_level():
            y = one(torch.autograd.forward_ad.make_dual(x, tensor(v)), t)
            columns.append(numpy(torch.autograd.forward_ad.unpack_dual(y).tangent))
    return np.stack(columns, -1).reshape(3, 5, 2)


OF_FUNCTIONS = {
    "jacrev": lambda one, x, t: func.jacrev(one)(x, t),
    "jacfwd": lambda one, x, t: func.jacfwd(one)(x, t),
    "jvp": jvp_columns,
    "vmap of jacrev": lambda one, x, t: func.vmap(func.jacrev(one))(x[None], t[None])[0],
    "jacfwd of vmap": lambda one, x, t: func.jacfwd(lambda x: func.vmap(one)(x[None], t[None])[0])(x),
    "grad": lambda one, x, t: ops.stack([func.grad(lambda x, i=i: one(x, t)[i])(x) for i in range(3)]),
}
JACOBIANS = {
    "jax": {
        **OF_FUNCTIONS,
        "jit": lambda one, x, t: jit(func.jacrev(one))(x, t),
        "checkpoint": lambda one, x, t: func.jacrev(jax.checkpoint(one))(x, t),
        "linearize": lambda one, x, t: jvp_columns(lambda x, t: jax.linearize(one, x, t)[0], x, t),
    },
    "torch": {
        **OF_FUNCTIONS,
        "jacobian": lambda one, x, t: torch.autograd.functional.jacobian(lambda x: one(x, t), x),
        "forward_ad": forward_ad_columns,
    },
    "tensorflow": {
        "jacobian": tape_jacobian,
        "jacobian by a loop": lambda one, x, t: tape_jacobian(one, x, t, experimental_use_pfor=False),
        "jacobian in a graph": lambda one, x, t: tf.function(tape_jacobian)(one, x, t),
        "accumulator": accumulated_columns,
        "recompute_grad": lambda one, x, t: tape_jacobian(tf.recompute_grad(one), x, t),
    },
}[BACKEND]
# What an engine cannot do, and says, is tested below.
CANNOT = {
    ("torch", "scan-checkpointed"): ("jacrev", "vmap of jacrev", "grad"),
    ("tensorflow", "auto"): ("accumulator",),
    ("jax", "auto"): ("jacfwd", "jvp", "jacfwd of vmap", "linearize"),
}


@pytest.mark.parametrize(
    "engine, name", [(e, n) for e, n in itertools.product(ENGINES, JACOBIANS) if n not in CANNOT.get((BACKEND, e), ())]
)
@pytest.mark.parametrize("cell", CELLS)
def test_jacobians_equal_differences_of_the_reference(cell, engine, name):
    layer = made(cell, engine=engine)
    want = differences(lambda x: last(layer, x[None], T[:1])[0], X[0])
    close(JACOBIANS[name](sample(layer), tensor(X[0]), tensor(T[0], None)), want, 1e-4)


def hessian_by_tapes(loss, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = loss(x)
        slope = inner.gradient(value, x)
    return outer.jacobian(slope, x)


HESSIANS = {
    "jax": {"hessian": lambda loss, x: jax.hessian(loss)(x), "jit": lambda loss, x: jax.jit(jax.hessian(loss))(x)},
    "torch": {
        "hessian": lambda loss, x: func.hessian(loss)(x),
        "jacrev of jacrev": lambda loss, x: func.jacrev(func.jacrev(loss))(x),
        "twice backward": lambda loss, x: torch.autograd.functional.hessian(loss, x),
    },
    "tensorflow": {
        "tapes": hessian_by_tapes,
        "in a graph": lambda loss, x: tf.function(lambda x: hessian_by_tapes(loss, x))(x),
    },
}[BACKEND]


@pytest.mark.parametrize("name", HESSIANS)
@pytest.mark.parametrize("cell", CELLS)
def test_second_derivatives_equal_differences_of_the_reference(cell, name):
    """engine="auto" takes the portable engine where it can know; elsewhere the user must, and is told so below."""
    known = BACKEND == "torch" and name in ("hessian", "jacrev of jacrev")
    layer = made(cell, engine="auto" if known else "scan")
    gradient = lambda x: differences(lambda x: np.sum(last(layer, x[None], T[:1]) ** 2), x)  # noqa: E731
    want = differences(gradient, X[0], 1e-3)
    one = sample(layer)
    close(HESSIANS[name](lambda x: ops.sum(one(x, tensor(T[0], None)) ** 2), tensor(X[0])), want, 1e-3)


def pairs(layer, x, t):
    """Two samples a call, mapped over twice."""
    one = sample(layer)
    x, t = ops.reshape(x, (2, 2, 5, 2)), ops.reshape(t, (2, 2, 5))
    return ops.reshape(func.vmap(func.vmap(one))(x, t), (4, 3))


MAPS = {
    "jax": {
        "vmap": lambda layer, x, t: jax.vmap(sample(layer))(x, t),
        "jit of vmap": lambda layer, x, t: jax.jit(jax.vmap(sample(layer)))(x, t),
        "vmap in vmap": pairs,
        "scan": lambda layer, x, t: jax.lax.scan(lambda _, now: (0, sample(layer)(*now)), 0, (x, t))[1],
        "map": lambda layer, x, t: jax.lax.map(lambda now: sample(layer)(*now), (x, t)),
    },
    "torch": {
        "vmap": lambda layer, x, t: func.vmap(sample(layer))(x, t),
        "vmap in chunks": lambda layer, x, t: func.vmap(sample(layer), chunk_size=3)(x, t),
        "vmap in vmap": pairs,
    },
    "tensorflow": {
        "map": lambda layer, x, t: tf.map_fn(lambda now: sample(layer)(*now), (x, t), fn_output_signature="float32"),
        "vectorized map": lambda layer, x, t: tf.vectorized_map(lambda now: sample(layer)(*now), (x, t)),
    },
}[BACKEND]


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("cell, engine", itertools.product(CELLS, ENGINES))
def test_maps_over_samples_equal_the_reference(cell, engine, name):
    layer = made(cell, engine=engine)
    close(MAPS[name](layer, tensor(X), tensor(T, None)), last(layer, X, T), 1e-5)


@pytest.mark.skipif(BACKEND == "tensorflow", reason="maps of TensorFlow are loops, or need every size")
def test_maps_over_other_things_than_samples():
    """Masks; inputs on a clock that all share; clocks for one input; without any times; at inference."""
    layer = made()
    mapped = func.vmap(lambda x, t, m: layer(x[None], times=t[None], mask=m[None], training=True)[0])
    close(mapped(tensor(X), tensor(T, None), tensor(MASK, "bool")), last(layer, X, T, mask=MASK), 1e-5)
    shared = func.vmap(lambda x: layer(x[None], times=tensor(T[0], None), training=True)[0])
    close(shared(tensor(X)), last(layer, X, T[0]), 1e-5)
    clocks = func.vmap(lambda t: layer(tensor(X), times=t, training=True))
    close(clocks(tensor(T, None)), [last(layer, X, t) for t in T], 1e-5)
    untimed = func.vmap(lambda x: layer(x[None])[0])
    close(untimed(tensor(X)), last(layer, X, np.arange(5.0), leak=0.0), 1e-5)


@pytest.mark.skipif(BACKEND == "tensorflow", reason="TensorFlow has no functions of weights")
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_of_every_sample_for_the_weights(cell):
    layer = made(cell)

    def loss(weights, x, t):
        with keras.StatelessScope(state_mapping=list(zip(layer.trainable_variables, weights))):
            return ops.sum(ops.sin(layer(x[None], times=t[None], training=True)))

    weights = [v.value if BACKEND == "jax" else v.value.detach() for v in layer.trainable_variables]
    found = func.vmap(func.grad(loss), in_dims=(None, 0, 0)) if BACKEND == "torch" else None
    found = found or func.vmap(func.grad(loss), in_axes=(None, 0, 0))
    found = found(weights, tensor(X), tensor(T, None))
    for variable, gradients in zip(layer.trainable_variables, found):
        direction = np.random.default_rng(2).normal(size=variable.shape)
        for b in range(4):
            expected = lambda w, b=b: np.sum(np.sin(last(layer, X[b : b + 1], T[b : b + 1], w)))  # noqa: E731
            want = slope(expected, raw_weights(layer), variable.name, direction)
            close(np.sum(numpy(gradients)[b] * direction), want, 1e-3)


@jax_only
def test_a_coarse_clock_among_mapped_samples():
    """In training it fails with the reason; at inference, where nothing can fail, its sample alone answers NaN."""
    layer = made()
    with pytest.raises(Exception, match=f"(?s){COARSE}.*use jax.config.update"):
        jax.block_until_ready(jax.vmap(sample(layer))(tensor(X), tensor(LATE)))
    answers = numpy(jax.vmap(lambda x, t: layer(x[None], times=t[None])[0])(tensor(X), tensor(LATE)))
    np.testing.assert_array_equal(np.isnan(answers).all(-1), [False, False, True, False])
    np.testing.assert_array_equal(np.isnan(answers).any(-1), [False, False, True, False])


@torch_only
def test_a_coarse_clock_within_torch_transforms():
    """Where values can be looked at it is refused; a map cannot, and the sample answers NaN."""
    layer = made()
    late = tensor(LATE.astype("float32"), None)
    with pytest.raises(ValueError, match=COARSE):
        func.jacrev(sample(layer))(tensor(X[2]), late[2])
    with pytest.raises(ValueError, match=COARSE):
        func.jvp(lambda t: sample(layer)(tensor(X[2]), t), (late[2],), (late[2],))
    answers = numpy(func.vmap(sample(layer))(tensor(X), late))
    np.testing.assert_array_equal(np.isnan(answers).any(-1), [False, False, True, False])
    with pytest.raises(ValueError, match="expected finite times"):
        func.jacrev(sample(layer))(tensor(X[2]), late[2] * np.inf)


def second_gradient(layer, x):
    x = x.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(layer(x).pow(2).sum(), x, create_graph=True)
    return torch.autograd.grad(gradient.pow(2).sum(), x)


def penalty(layer, x):
    x = x.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(layer(x).sum(), x, create_graph=True)
    gradient.norm().backward()


def batch_of_gradients(layer, x):
    x = x.clone().requires_grad_(True)
    y = layer(x)
    return torch.autograd.grad(y, x, torch.ones(2, *y.shape), is_grads_batched=True)


def mapped_gradients(layer, x):
    x = x.clone().requires_grad_(True)
    y = layer(x)
    return func.vmap(lambda g: torch.autograd.grad(y, x, g)[0])(torch.ones(2, *y.shape))


REFUSED = {
    "a second gradient": second_gradient,
    "a penalty on the gradient": penalty,
    "hessian": lambda layer, x: torch.autograd.functional.hessian(lambda x: layer(x).sum(), x),
    "a batch of gradients": batch_of_gradients,
    "mapped gradients": mapped_gradients,
    "vectorized": lambda layer, x: torch.autograd.functional.jacobian(layer, x, vectorize=True),
} if BACKEND == "torch" else {}  # fmt: skip


@torch_only
@pytest.mark.parametrize("name", REFUSED)
def test_what_the_native_engine_learns_too_late_is_an_error_with_the_remedy(name):
    with pytest.raises(NotImplementedError, match="the native engine .*; use engine='scan'"):
        REFUSED[name](made(), tensor(X))
    REFUSED[name](made(engine="scan"), tensor(X))


@torch_only
def test_engines_that_were_asked_for_say_what_they_cannot_do():
    native, checkpointed = sample(made(engine="native")), sample(made(engine="scan-checkpointed"))
    for transform in (func.jacrev, func.jacfwd):
        with pytest.raises(ValueError, match="got a transform of torch.func; use engine='auto' or 'scan'"):
            transform(native)(tensor(X[0]), tensor(T[0], None))
    with pytest.raises(ValueError, match="got a transform of torch.func; use engine='auto' or 'scan'"):
        func.vmap(native)(tensor(X), tensor(T, None))
    refused = pytest.raises(ValueError, match="got forward-mode derivatives; use engine='auto' or 'scan'")
    with refused, torch.autograd.forward_ad.dual_level():
        native(tensor(X[0]), tensor(T[0], None))
    for transform in (func.jacrev, func.hessian):
        with pytest.raises(ValueError, match="cannot compute steps again; use engine='scan'"):
            transform(checkpointed)(tensor(X[0]), tensor(T[0], None))


@tensorflow_only
def test_forward_mode_is_refused_by_the_native_engine():
    with pytest.raises(NotImplementedError, match="no forward-mode .*; use engine='scan'"):
        accumulated_columns(sample(made()), tensor(X[0]), tensor(T[0], None))


@tensorflow_only
@pytest.mark.parametrize("engine", ENGINES)
def test_a_tape_may_ask_twice(engine):
    layer, x = made(engine=engine), tensor(X)
    for training in (True, False):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, times=T, training=training))
        want = differences(lambda x, leak=0.05 * training: np.sum(last(layer, x, T, leak=leak)), X)
        for _ in range(2):
            close(tape.gradient(loss, x), want, 1e-4)


COMPILED = {
    "times": {"times": T},
    "a shared clock": {"times": T[0]},
    "a mask": {"times": T, "mask": MASK},
    "no times": {},
}


@torch_only
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", COMPILED)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_torch_compiles_the_whole_graph(backend, cell, name):
    layer, arguments = made(cell), COMPILED[name]
    given = {key: tensor(value, None) for key, value in arguments.items()}
    torch._dynamo.reset()
    compiled = torch.compile(lambda x, **given: layer(x, **given), fullgraph=True, backend=backend)
    want = last(layer, X, arguments.get("times", np.arange(5.0)), mask=arguments.get("mask"), leak=0.0)
    close(compiled(tensor(X), **given), want, 1e-5)


@torch_only
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_compiled_training_steps_and_coarse_clocks():
    layer, x = made(), tensor(X).requires_grad_(True)
    torch._dynamo.reset()
    compiled = torch.compile(lambda x, t: layer(x, times=t, training=True), fullgraph=True, backend="aot_eager")
    compiled(x, tensor(T, None)).sum().backward()
    close(x.grad, differences(lambda x: np.sum(last(layer, x, T)), X), 1e-4)
    assert np.isnan(numpy(compiled(x, tensor(LATE.astype("float32"), None)))).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("return_sequences", [True, False])
def test_sequences_without_steps(cell, engine, return_sequences):
    layer = made(cell, engine=engine, return_sequences=return_sequences, return_state=True)
    states = [RNG.normal(size=(4, 3)).astype("float32") for _ in range(layer.cell.state_count)]
    for arguments in ({}, {"times": T[:, :0]}, {"times": T[0, :0]}, {"times": T[:, :0], "mask": MASK[:, :0]}):
        given = [tensor(s) for s in states]
        for training in (True, False):
            outputs, *new = layer(tensor(X[:, :0]), initial_state=given, training=training, **arguments)
            assert tuple(outputs.shape) == ((4, 0, 3) if return_sequences else (4, 3))
            for state, want in zip(new, states):
                np.testing.assert_array_equal(numpy(state), want)
