"""Layers built in a trace: wherever Keras' own recurrent layers can be, with the values they have outside."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from tests.support import close, numpy

BACKEND = keras.backend.backend()
RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 12, 2)).astype("float32")
Y = RNG.normal(size=(8, 1)).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
DECAY = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
MAKERS = {
    "lstm": lambda: plstm.PhasedLSTM(4, peepholes=True, **RHYTHM),
    "logarithms": lambda: plstm.PhasedLSTM(4, parametrization="log", leak=DECAY, **RHYTHM),
    "gru": lambda: plstm.PhasedGRU(4, **RHYTHM),
    "lstm-cell": lambda: keras.layers.RNN(plstm.PhasedLSTMCell(4, peepholes=True, **RHYTHM)),
    "gru-cell": lambda: keras.layers.RNN(plstm.PhasedGRUCell(4, **RHYTHM)),
    "stacked-cells": lambda: keras.layers.RNN([plstm.PhasedLSTMCell(4, **RHYTHM), plstm.PhasedGRUCell(3, **RHYTHM)]),
    "both-ways": lambda: plstm.Bidirectional(plstm.PhasedGRU(4, **RHYTHM)),
}
# Where building is over after the first call, a few stand for all.
few = pytest.mark.parametrize("make", [MAKERS[name] for name in ("logarithms", "lstm-cell", "both-ways")])
makers = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


class Wrapper(keras.layers.Layer):
    """A layer as people write it: without ``build``."""

    def __init__(self, layer):
        super().__init__()
        self.inner = layer

    def call(self, x):
        return self.inner(x)


class Net(keras.Model):
    """A model as people write it."""

    def __init__(self, layer):
        super().__init__()
        self.recurrent, self.head = layer, keras.layers.Dense(1)

    def call(self, x):
        return self.head(self.recurrent(x))


def weights_by_path(layer):
    return [(v.name, numpy(v)) for v in layer.weights]


def built_outside(make, seed):
    keras.utils.set_random_seed(seed)
    layer = make()
    layer.build(X.shape)
    return layer


def same_as_outside(make, layer, seed=3):
    want = weights_by_path(built_outside(make, seed))
    got = weights_by_path(layer)
    assert [name for name, _ in got] == [name for name, _ in want]
    for (name, one), (_, other) in zip(got, want):
        np.testing.assert_array_equal(one, other, err_msg=name)


@makers
def test_a_subclassed_model(make):
    keras.utils.set_random_seed(3)
    net = Net(make())
    outputs = numpy(net(X))
    close(net(X), outputs, 1e-6)
    same_as_outside(make, net.recurrent)
    close(net.head(net.recurrent(X)), outputs, 1e-6)


@few
def test_a_subclassed_model_that_fit_builds(make):
    keras.utils.set_random_seed(3)
    net = Net(make())
    net.compile("sgd", "mse")
    net.fit(X, Y, batch_size=8, verbose=0)
    assert np.all(np.isfinite(net.predict(X, verbose=0)))


@makers
def test_a_sequential_model_without_an_input(make):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([make(), keras.layers.Dense(1)])
    close(model.predict(X, verbose=0), numpy(model(X)), 1e-5)
    same_as_outside(make, model.layers[0])


@makers
def test_a_wrapper_in_a_functional_model(make):
    keras.utils.set_random_seed(3)
    wrapper = Wrapper(Wrapper(make()))
    inputs = keras.Input((12, 2))
    model = keras.Model(inputs, wrapper(inputs))
    same_as_outside(make, wrapper.inner.inner)
    close(model(X), numpy(wrapper.inner.inner(X)), 1e-6)


@few
def test_the_shape_is_asked_for_first(make):
    keras.utils.set_random_seed(3)
    net = Net(make())
    assert net.compute_output_spec(keras.KerasTensor((8, 12, 2))).shape == (8, 1)
    assert tuple(net(X).shape) == (8, 1)


@few
def test_time_distributed(make):
    model = keras.Sequential([keras.layers.TimeDistributed(Wrapper(make()))])
    both = np.stack([X, X[::-1]], axis=1)
    got = numpy(model(both))
    close(got[:, 0], numpy(model.layers[0].layer(X)), 1e-6)


def compiled(function):
    """The function as each backend traces one."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    torch._dynamo.reset()
    return torch.compile(function, backend="eager")


@makers
def test_the_first_call_is_traced(make):
    keras.utils.set_random_seed(3)
    layer = make()
    call = compiled(lambda x: layer(x))
    first = numpy(call(ops.convert_to_tensor(X)))
    close(layer(X), first, 1e-5)  # on JAX, keras.layers.LSTM fails here: its weights have gone with the trace
    close(call(ops.convert_to_tensor(X)), first, 1e-5)
    same_as_outside(make, layer)


@pytest.mark.skipif(BACKEND != "jax", reason="about JAX")
@few
def test_other_traces_of_jax(make):
    import jax

    for trace in (lambda f: jax.eval_shape(f, X), lambda f: jax.grad(lambda x: ops.sum(f(x)))(X)):
        keras.utils.set_random_seed(3)
        layer = make()
        trace(layer)
        same_as_outside(make, layer)
        assert np.all(np.isfinite(numpy(layer(X))))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="about TensorFlow")
@few
def test_other_traces_of_tensorflow(make):
    import tensorflow as tf

    for arguments in ({"jit_compile": True}, {"input_signature": [tf.TensorSpec((None, None, 2))]}):
        layer = make()
        close(tf.function(layer, **arguments)(X), numpy(layer(X)), 1e-5)
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = keras.Sequential([make(), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert np.all(np.isfinite(model.predict(X, verbose=0)))


@pytest.mark.skipif(BACKEND != "torch", reason="about PyTorch")
@makers
def test_shapes_on_the_meta_device(make):
    """As Keras infers shapes on PyTorch."""
    layer = make()
    with keras.StatelessScope(), keras.device("meta"):
        assert layer(ops.ones((8, 12, 2))).is_meta
    assert np.all(np.isfinite(numpy(layer(X))))


@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_a_gate_by_itself(parametrization):
    class Gated(keras.layers.Layer):
        def __init__(self):
            super().__init__(autocast=False)
            self.gate = plstm.TimeGate(4, parametrization=parametrization, **RHYTHM)

        def call(self, x):
            return ops.cast(self.gate(x[..., 0]), "float32")

    keras.utils.set_random_seed(3)
    layer = Gated()
    inputs = keras.Input((12, 2))
    close(keras.Model(inputs, layer(inputs))(X), layer.gate.openness(X[..., 0]), 1e-4)
    same_as_outside(lambda: plstm.TimeGate(4, parametrization=parametrization, **RHYTHM), layer.gate)


def test_shifts_lie_in_their_own_periods_whatever_draws_them():
    """A generator gives other numbers every time: the shift must go with the very period that the weight has."""
    make = lambda: plstm.PhasedLSTM(  # noqa: E731
        3,
        period_initializer=plstm.LogUniform(1, 1e4, seed=keras.random.SeedGenerator(5)),
        shift_initializer=plstm.UniformOverPeriod(keras.random.SeedGenerator(6)),
    )
    outside = built_outside(make, 0)
    inputs = keras.Input((12, 2))
    wrapper = Wrapper(make())
    keras.Model(inputs, wrapper(inputs))
    for layer in (outside, wrapper.inner):
        period, shift = numpy(layer.period), numpy(layer.shift)
        assert np.all((shift >= 0) & (shift <= period))
        np.testing.assert_allclose(shift / period, numpy(outside.shift) / numpy(outside.period), rtol=1e-6)


PUBLISHED = {  # period, shift, ratio_on of three units by default, as published runs drew them
    "tensorflow": {
        0: ([10.904509, 162.45828, 19.63556], [4.943631, 30.905622, 14.776766]),
        7: ([365.267, 62.091446, 193.33507], [275.89972, 8.493424, 103.43732]),
    },
    "jax": {
        0: ([225.411, 2.1651049, 1.9993086], [120.16518, 2.080957, 1.467492]),
        7: ([8.601778, 148.376, 51.568493], [3.6254072, 37.484318, 5.063563]),
    },
    "torch": {
        0: ([8.134326, 57.010544, 7.7579284], [2.786271, 1.30936, 1.989309]),
        7: ([26.695261, 26.436262, 395.32764], [1.9929028, 23.02812, 132.22954]),
    },
}


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_a_seed_gives_the_values_it_always_gave(parametrization, seed):
    keras.utils.set_random_seed(seed)
    layer = plstm.PhasedLSTM(3, parametrization=parametrization)
    layer.build((2, 5, 2))
    got = [numpy(values) for values in (layer.period, layer.shift, layer.ratio_on)]
    np.testing.assert_allclose(got, [*PUBLISHED[BACKEND][seed], [0.05] * 3], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"period_initializer": [1.0, -1.0]}, "expected period > 0, got -1"),
        ({"period_initializer": "zeros"}, "expected period > 0, got 0"),
        ({"ratio_on_initializer": 1.5}, "expected 0 < ratio_on <= 1, got 1.5"),
        ({"period_initializer": lambda shape, dtype: ops.full(shape, np.inf)}, "expected initial period to be finite"),
        ({"ratio_on_initializer": lambda shape, dtype: ops.full(shape, np.nan)}, "expected initial ratio_on to be fin"),
    ],
)
@pytest.mark.parametrize("parametrization", ["natural", "log"])
def test_bad_values_are_refused_inside_a_trace_as_outside(parametrization, options, message):
    with pytest.raises(ValueError, match=message):
        plstm.PhasedLSTM(2, parametrization=parametrization, **options).build(X.shape)
    with pytest.raises(ValueError, match=message):
        plstm.PhasedLSTM(2, parametrization=parametrization, **options)(X)
    net = Net(plstm.PhasedLSTM(2, parametrization=parametrization, **options))
    with pytest.raises(Exception, match=message):
        net(X)


@pytest.mark.skipif(BACKEND != "jax", reason="about JAX")
def test_a_period_that_only_the_trace_knows_is_used():
    import jax

    def answer(period):
        return plstm.PhasedLSTM(2, period_initializer=lambda *_, **__: period, shift_initializer=0.0)(X)

    close(jax.jit(answer)(ops.convert_to_tensor([3.0, 7.0])).shape, (8, 2), 0)


UNIX = 1.7e9 + np.cumsum(RNG.uniform(1.0, 5.0, (8, 12)), axis=1)


class Clocked(keras.Model):
    """A subclassed model with times."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.recurrent = plstm.PhasedLSTM(4, period_initializer=10.0)

    def call(self, inputs):
        return self.recurrent(inputs[0], times=inputs[1])


@pytest.mark.skipif(BACKEND == "jax", reason="needs 64-bit floats")
def test_a_subclassed_model_rounds_times_and_the_message_says_what_helps():
    with pytest.raises(ValueError, match="give integers, or give a Dataset to a model made with"):
        Clocked()([X, UNIX])
    keras.utils.set_random_seed(3)
    whole = UNIX.astype("int64")
    layer = Clocked()
    close(layer([X, whole]), numpy(layer.recurrent(X, times=whole)), 1e-6)
    exact = Clocked(autocast=False)
    close(exact([X, UNIX]), numpy(exact.recurrent(X, times=UNIX)), 1e-6)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="Keras reads a tf.data.Dataset where TensorFlow is")
def test_the_remedies_hold_in_fit_and_predict():
    import tensorflow as tf

    for times, options in ((UNIX.astype("int64"), {}), (UNIX, {"autocast": False})):
        net = Clocked(**options)
        net.compile("sgd", "mse")
        data = tf.data.Dataset.from_tensor_slices(((X, times), np.ones((8, 4)))).batch(8)
        net.fit(data, verbose=0)
        close(net.predict(data, verbose=0), numpy(net.recurrent(X, times=times)), 1e-5)
