"""The native engine in JAX's transforms: numbers of the portable engine, or a clear no."""

import threading

import keras
import numpy as np
import pytest

import plstm
from tests.support import by_reference, close, raw_weights, slope

if keras.backend.backend() != "jax":
    pytest.skip("about JAX", allow_module_level=True)

import jax
import jax.numpy as jnp
from jax import export

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 7, 2)).astype("float32")
T = np.cumsum(RNG.uniform(0.2, 2.0, (5, 7)), axis=1).astype("float32")
RHYTHM = {"period_initializer": [3.0, 5.0, 8.0, 13.0], "shift_initializer": 0.3, "ratio_on_initializer": 0.4}
CELLS = {"lstm": plstm.PhasedLSTM, "gru": plstm.PhasedGRU}


def pair(cell="lstm", **options):
    """Two layers of the same weights, one on each engine."""
    layers = [CELLS[cell](4, leak=0.05, engine=engine, **RHYTHM, **options) for engine in ("native", "scan")]
    for layer in layers:
        layer.build(X.shape)
    values = np.random.default_rng(1)
    layers[1].set_weights([w if w.shape == (4,) else values.normal(0, 0.5, w.shape) for w in layers[0].get_weights()])
    layers[0].set_weights(layers[1].get_weights())
    return layers


def weights_of(layer):
    return [v.value for v in layer.trainable_variables]


def loss_of(layer):
    """A function of weights, inputs and times."""
    fixed = [v.value for v in layer.non_trainable_variables]

    def loss(weights, x, times):
        outputs, _ = layer.stateless_call(weights, fixed, x, times=times, training=True)
        return jnp.sum(jnp.sin(outputs))

    return loss


def equal(found, expected, tolerance=2e-6):
    leaves, wanted = jax.tree.leaves(found), jax.tree.leaves(expected)
    assert len(leaves) == len(wanted) > 0
    for a, b in zip(leaves, wanted):
        assert a.dtype == b.dtype
        close(a, np.asarray(b, np.float64), tolerance)


def in_a_scan(gradient):
    def walk(weights, x, times):
        return jax.lax.scan(lambda c, _: (c + 1, gradient(weights, x * c, times)), 1.0, None, length=3)

    return walk


TRANSFORMS = {
    "eager": lambda gradient: gradient,
    "jit": jax.jit,
    "jit of jit": lambda gradient: jax.jit(jax.jit(gradient)),
    "scan": lambda gradient: jax.jit(in_a_scan(gradient)),
    "donated": lambda gradient: jax.jit(gradient, donate_argnums=1),
    "vmap of inputs": lambda gradient: jax.vmap(lambda w, x, t: gradient(w, jnp.stack([x, 2 * x]), t), (None, 0, None)),
    "vmap of weights": lambda g: (
        lambda w, x, t: jax.vmap(g, (0, None, None))([jnp.stack([v, 1.1 * v]) for v in w], x, t)
    ),
    "vmap of all": lambda g: (
        lambda w, x, t: jax.jit(jax.vmap(g))(
            [jnp.stack([v, 1.1 * v]) for v in w], jnp.stack([x, -x]), jnp.stack([t, t + 1])
        )
    ),
}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_gradients_in_transforms_equal_the_portable_engine(transform, cell):
    found = []
    for layer in pair(cell):
        function = TRANSFORMS[transform](jax.value_and_grad(loss_of(layer), (0, 1)))
        times = T[0] if transform == "vmap of inputs" else T
        found.append(function(weights_of(layer), jnp.array(X), jnp.array(times)))
        assert layer.engine == layer.requested_engine
    equal(*found, 5e-6)


def test_recomputed_in_the_backward_pass():
    found = [jax.grad(jax.checkpoint(loss_of(layer)), (0, 1))(weights_of(layer), X, T) for layer in pair()]
    equal(*found)


@pytest.mark.parametrize("cell", CELLS)
def test_64_bits_equal_the_reference_and_its_finite_differences(cell):
    with jax.enable_x64(True):
        layer, _ = pair(cell, dtype="float64", return_sequences=True)
        x, times = X.astype("float64"), T.astype("float64")
        outputs = layer(x, times=times, training=True)
        assert outputs.dtype == "float64"
        values = {**raw_weights(layer), "x": x}

        def expected(values):
            return by_reference(layer, values, values["x"], times, leak=0.05)[0]

        close(outputs, expected(values), 1e-10)
        of_weights, of_x = jax.jit(jax.grad(loss_of(layer), (0, 1)))(weights_of(layer), x, times)
        gradients = dict(zip(raw_weights(layer), of_weights)) | {"x": of_x}
        for name, gradient in gradients.items():
            along = np.random.default_rng(3).normal(size=gradient.shape)
            want = slope(lambda v: np.sum(np.sin(expected(v))), values, name, along)
            close(np.sum(np.asarray(gradient) * along), want, 1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_portable(policy):
    layer = plstm.PhasedLSTM(4, dtype=policy)
    layer(X)
    assert layer.engine == "scan"
    with pytest.raises(ValueError, match="got compute dtype"):
        plstm.PhasedLSTM(4, dtype=policy, engine="native")(X)


def test_other_derivatives_are_refused():
    layer, _ = pair()
    loss, weights = loss_of(layer), weights_of(layer)
    with pytest.raises(NotImplementedError, match="no second derivatives; use engine='scan'"):
        jax.grad(lambda x: jnp.sum(jax.grad(loss, 1)(weights, x, T) ** 2))(X)
    with pytest.raises(NotImplementedError, match="no second derivatives; use engine='scan'"):
        jax.jvp(jax.grad(lambda x: loss(weights, x, T)), (X,), (X,))
    with pytest.raises(TypeError, match="custom_vjp"):
        jax.jvp(lambda x: loss(weights, x, T), (X,), (X,))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"gate_shape": lambda phase, r: phase * r}])
def test_an_exported_function_is_portable(cell, options):
    layer, twin = pair(cell, **options)
    mask = np.arange(7) < np.array([[7], [3], [1], [6], [2]])

    def call(x, times):
        return layer(x, times=times, mask=mask)

    saved = export.export(jax.jit(call))(*(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (X, T))).serialize()
    equal(export.deserialize(saved).call(X, T), twin(X, times=T, mask=mask))
    with pytest.raises(ValueError, match="expected a function without gradients to export"):
        export.export(jax.jit(jax.grad(loss_of(layer), 1)))(weights_of(layer), X, T)


def test_a_batch_of_unknown_size_is_exported_by_the_portable_engine():
    layer, twin = plstm.PhasedLSTM(4), plstm.PhasedLSTM(4, engine="scan")
    layer(X), twin(X)
    twin.set_weights(layer.get_weights())
    (size,) = export.symbolic_shape("batch")
    saved = export.export(jax.jit(layer))(jax.ShapeDtypeStruct((size, 7, 2), "float32"))
    assert layer.engine == "scan"
    equal(saved.call(X[:3]), twin(X[:3]))


def test_many_calls_at_once_do_not_wait_for_each_other():
    """Large arrays, from more threads than there are processors."""
    layer, _ = pair()
    x = np.zeros((64, 200, 2), "float32")
    call = jax.jit(jax.grad(loss_of(layer), 1))
    weights, times, done = weights_of(layer), np.arange(200.0, dtype="float32"), []

    def work():
        for _ in range(5):
            done.append(np.asarray(call(weights, x, times)).shape)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=300)
    assert done == [x.shape] * 40


def test_training_by_keras_takes_it():
    layer = plstm.PhasedLSTM(4, **RHYTHM)
    model = keras.Sequential([keras.Input((7, 2)), layer, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    for run in (model.fit, model.evaluate):
        layer._engine_name = None
        run(X, np.zeros((5, 1)), verbose=0)
        assert layer.engine == "native"
