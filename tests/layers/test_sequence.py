"""The layers as Keras layers: what a recurrent layer does, and what irregular time needs on top of it."""

import keras
import numpy as np
import pytest
from keras import ops

import plstm
from plstm.layers import clock
from tests.support import CLOCK_TOLERANCE, by_reference, close, numpy, raw_weights, value_and_gradients

LAYERS = [plstm.PhasedLSTM, plstm.PhasedGRU]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 12, 3)).astype("float32")
T = np.cumsum(RNG.uniform(0.2, 3.0, (4, 12)), axis=1)
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}
both = pytest.mark.parametrize("layer_class", LAYERS)


def expected(layer, x=X, times=T, **kwargs):
    return by_reference(layer, raw_weights(layer), x, times, **kwargs)


# Time


@both
def test_default_clock_counts_steps(layer_class):
    layer = layer_class(5, **RHYTHM, return_sequences=True)
    outputs = numpy(layer(X))
    close(outputs, expected(layer, times=np.arange(12.0))[0], 1e-5)
    np.testing.assert_array_equal(outputs, numpy(layer(X, times=np.arange(12))))


@both
@pytest.mark.parametrize("as_type", [np.float64, np.int64])
def test_unix_time_keeps_the_phase(layer_class, as_type):
    """float32 is good to 64 seconds at Unix time; a period of 10 seconds needs far better."""
    if keras.backend.backend() == "jax":
        pytest.skip("test_jax_refuses_times_it_would_round")
    unix = (1_700_000_000 + np.arange(12) * 3).astype(as_type)
    layer = layer_class(5, period_initializer=10.0, ratio_on_initializer=0.4, return_sequences=True)
    close(layer(X, times=unix), expected(layer, times=unix.astype(np.float64))[0], 1e-6)
    np.testing.assert_allclose(
        layer.openness(unix)[0], plstm.time_gate(3.0, 10.0, numpy(layer.shift) - 7, 0.4), atol=1e-6
    )


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX lacks 64-bit floats")
def test_jax_refuses_times_it_would_round():
    layer = plstm.PhasedLSTM(5, period_initializer=10.0)
    with pytest.raises(ValueError, match="rounded to multiples of 128; use jax.config.update"):
        layer(X, times=1_700_000_000 + np.arange(12))


def test_rounded_times_are_refused():
    layer = plstm.PhasedLSTM(5, period_initializer=10.0)
    with pytest.raises(ValueError, match="expected times fine enough for open windows of 0.5"):
        layer(X, times=ops.convert_to_tensor(1.7e9 + T, dtype="float32"))


def test_times_are_never_autocast():
    if keras.backend.backend() == "jax":
        pytest.skip("JAX has no 64-bit times to keep")
    layer = plstm.PhasedLSTM(5, dtype="mixed_bfloat16", **RHYTHM)
    times = keras.Input((12,), dtype="float64")
    model = keras.Model([values := keras.Input((12, 3)), times], layer(values, times=times))
    near = numpy(model([X, T]))
    far = numpy(model([X, T + 20.0 * 2**27]))  # whole periods later for a period of 20 only
    assert near.shape == far.shape
    fixed = plstm.PhasedLSTM(5, period_initializer=8.0, ratio_on_initializer=0.4, dtype="mixed_bfloat16")
    np.testing.assert_array_equal(numpy(fixed(X, times=T)), numpy(fixed(X, times=T + 8.0 * 2**24)))


@both
def test_clock_may_be_negative_and_start_anywhere(layer_class):
    layer = layer_class(5, **RHYTHM, return_sequences=True)
    close(layer(X, times=T - 500.0), expected(layer, times=T - 500.0)[0], CLOCK_TOLERANCE)


def test_times_receive_no_gradient():
    layer = plstm.PhasedLSTM(5, **RHYTHM, engine="scan")
    _, gradients = value_and_gradients(lambda v: ops.sum(layer(X, times=v["t"], training=True)), built(layer), {"t": T})
    np.testing.assert_array_equal(gradients["t"], 0.0)


def built(layer):
    layer.build(X.shape)
    return layer


# Sequences


@both
def test_return_state_and_initial_state(layer_class):
    layer = layer_class(5, **RHYTHM, return_state=True, return_sequences=True)
    outputs, *state = layer(X, times=T)
    want, want_state = expected(layer)
    close(outputs, want, 1e-5)
    for got, one in zip(state, want_state):
        close(got, one, 1e-5)
    again = layer(X, times=T, initial_state=state)[0]
    close(again, expected(layer, state=want_state)[0], 1e-5)


@both
@pytest.mark.parametrize("cuts", [(5,), (1, 2, 3), tuple(range(1, 12))])
def test_explicit_state_streams_exactly(layer_class, cuts):
    layer = layer_class(5, **RHYTHM, return_state=True, return_sequences=True)
    whole = numpy(layer(X, times=T)[0])
    state, parts = None, []
    for x, t in zip(np.split(X, cuts, axis=1), np.split(T, cuts, axis=1)):
        out, *state = layer(x, times=t, initial_state=state)
        parts.append(numpy(out))
    close(np.concatenate(parts, axis=1), whole, 1e-6)


@both
@pytest.mark.parametrize("with_times", [True, False])
def test_stateful_streams_exactly(layer_class, with_times):
    stateful = layer_class(5, **RHYTHM, stateful=True, return_sequences=True)
    stateful.build(X.shape)
    whole = layer_class.from_config({**stateful.get_config(), "stateful": False})
    whole.build(X.shape)
    whole.set_weights([numpy(w) for w in stateful.trainable_weights])
    want = numpy(whole(X, times=T if with_times else None))
    for _ in range(2):
        parts = [
            numpy(stateful(X[:, a:b], times=T[:, a:b] if with_times else None)) for a, b in ((0, 5), (5, 6), (6, 12))
        ]
        close(np.concatenate(parts, axis=1), want, 1e-6)
        stateful.reset_state()


@both
def test_10000_unix_events_one_by_one(layer_class):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("one backend is enough for the long stream")
    rng = np.random.default_rng(5)
    times = 1.7e9 + np.cumsum(rng.exponential(3.0, (1, 10_000)), axis=1)
    x = rng.normal(size=(1, 10_000, 2)).astype("float32")
    layer = layer_class(
        8, period_initializer=plstm.LogUniform(5, 500, seed=2), return_state=True, return_sequences=True
    )
    whole = numpy(layer(x, times=times)[0])
    import tensorflow as tf

    step = tf.function(lambda x, t, *state: layer(x, times=t, initial_state=list(state)))
    state, worst = [ops.zeros((1, 8)) for _ in range(layer.cell.state_count)], 0.0
    for i in range(10_000):
        out, *state = step(tf.constant(x[:, i : i + 1]), tf.constant(times[:, i : i + 1]), *state)
        worst = max(worst, np.abs(out.numpy()[0, 0] - whole[0, i]).max())
    assert worst < 1e-5


@both
def test_go_backwards(layer_class):
    layer = layer_class(5, **RHYTHM, go_backwards=True, return_sequences=True)
    close(layer(X, times=T), expected(layer, x=X[:, ::-1], times=T[:, ::-1])[0], 1e-5)


@both
@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave", None])
def test_bidirectional_carries_the_clock(layer_class, merge):
    layer = plstm.Bidirectional(layer_class(5, **RHYTHM, return_sequences=True), merge_mode=merge)
    got = layer(X, times=T)
    ahead = expected(layer.forward_layer)[0]
    back = expected(layer.backward_layer, x=X[:, ::-1], times=T[:, ::-1])[0][:, ::-1]
    if merge is None:
        got, want = np.stack([numpy(g) for g in got]), np.stack([ahead, back])
    else:
        want = {
            "concat": np.concatenate([ahead, back], -1),
            "sum": ahead + back,
            "mul": ahead * back,
            "ave": (ahead + back) / 2,
        }[merge]
    close(got, want, 1e-5)


@both
def test_stacked_layers_share_the_clock(layer_class):
    first, second = layer_class(5, **RHYTHM, return_sequences=True), layer_class(4, **RHYTHM)
    got = second(first(X, times=T), times=T)
    close(got, expected(second, x=expected(first)[0])[0][:, -1], 1e-5)


@both
def test_zero_and_one_step(layer_class):
    layer = layer_class(5, **RHYTHM, return_sequences=True, return_state=True)
    outputs, *state = layer(X[:, :0], times=T[:, :0])
    assert tuple(outputs.shape) == (4, 0, 5)
    assert all(np.all(numpy(s) == 0) for s in state)
    close(layer(X[:, :1], times=T[:, :1])[0], expected(layer, x=X[:, :1], times=T[:, :1])[0], 1e-5)


@both
def test_dropout_is_one_mask_a_sequence(layer_class):
    keras.utils.set_random_seed(3)
    layer = layer_class(
        64, gate_shape="square", ratio_on_initializer=1.0, dropout=0.5, return_sequences=True, use_bias=False
    )
    ones = np.ones((2, 6, 1), "float32")
    dropped = [numpy(layer(ones, training=True)) for _ in range(8)]
    silent = np.array([np.all(d == 0, axis=(1, 2)) for d in dropped])  # an input dropped at one step is dropped at all
    assert 0 < silent.mean() < 1
    assert np.any(numpy(layer(ones)) != 0.0)


@both
@pytest.mark.parametrize("engine", ["scan", "auto"])
def test_recurrent_dropout_enters_the_product_alone(layer_class, engine, monkeypatch):
    mask = 2.0 * (np.random.default_rng(1).random((4, 5)) < 0.5)
    monkeypatch.setattr(keras.random, "dropout", lambda ones, rate, seed: ops.convert_to_tensor(mask, dtype="float32"))
    layer = layer_class(5, **RHYTHM, recurrent_dropout=0.5, leak=0.0, return_sequences=True, engine=engine)
    got = layer(X, times=T, training=True)
    close(got, expected(layer, recurrent_dropout=mask)[0], 1e-5)


# Masks


@both
def test_masking_layer_and_padded_batches(layer_class):
    x = np.where(np.arange(12)[None, :, None] < np.array([12, 7, 1, 0])[:, None, None], X, -1.0).astype("float32")
    layer = layer_class(5, **RHYTHM)
    inputs, times = (
        keras.Input((12, 3)),
        keras.Input((12,), dtype="float64" if keras.backend.backend() != "jax" else None),
    )
    model = keras.Model([inputs, times], layer(keras.layers.Masking(-1.0)(inputs), times=times))
    mask = np.any(x != -1.0, axis=-1)
    close(model([x, T]), expected(layer, x=x, mask=mask)[0][:, -1], 1e-5)


@both
def test_embedding_mask_with_default_clock(layer_class):
    tokens = np.array([[3, 1, 2, 0, 0], [4, 0, 0, 0, 0]])
    embedding, layer = keras.layers.Embedding(6, 3, mask_zero=True), layer_class(5, **RHYTHM)
    got = layer(embedding(tokens))
    want, _ = expected(layer, x=numpy(embedding(tokens)), times=np.arange(5.0), mask=tokens != 0)
    close(got, want[:, -1], 1e-5)


@both
def test_mask_is_passed_on(layer_class):
    layer = layer_class(5, **RHYTHM, return_sequences=True)
    out = layer(keras.layers.Masking(0.0)(X), times=T)
    assert out._keras_mask is not None


def test_pad_makes_what_the_layer_takes():
    rng = np.random.default_rng(2)
    sequences = [(np.sort(rng.uniform(0, 50, n)), rng.normal(size=(n, 3))) for n in (7, 1, 12)]
    batch = plstm.pad(sequences)
    layer = plstm.PhasedLSTM(5, **RHYTHM)
    got = numpy(layer(batch.values, times=batch.times, mask=batch.mask))
    for row, (times, values) in enumerate(sequences):
        close(got[row], expected(layer, x=values[None], times=times)[0][0, -1], 1e-5)


# Control of the gate


@both
def test_always_open_gate_equals_the_keras_layer(layer_class):
    keras_class = keras.layers.LSTM if layer_class is plstm.PhasedLSTM else keras.layers.GRU
    plain = keras_class(5, return_sequences=True)
    plain.build(X.shape)
    phased = layer_class.from_keras(plain, gate_shape="square", ratio_on_initializer=1.0, engine="auto")
    close(phased(X), numpy(plain(X)), 1e-5)
    weights = np.random.default_rng(0).normal(size=(4, 12, 5)).astype("float32")

    def gradients(layer):
        return value_and_gradients(
            lambda v: ops.sum(ops.convert_to_tensor(weights) * layer(v["x"], training=True)), layer, {"x": X}
        )[1]

    ours, theirs = gradients(phased), gradients(plain)
    for name in ("kernel", "recurrent_kernel", "bias", "x"):
        close(ours[name], theirs[name], 1e-5 * max(1.0, np.abs(theirs[name]).max()))


def test_frozen_gate():
    layer = plstm.PhasedLSTM(5, trainable_gate=False)
    layer.build(X.shape)
    assert [v.name for v in layer.trainable_variables] == ["kernel", "recurrent_kernel", "bias"]
    frozen = {v.name for v in layer.non_trainable_variables}
    assert {"period", "shift", "ratio_on"} <= frozen


def test_leak_acts_in_training_only():
    arguments = {
        "period_initializer": 1000.0,
        "shift_initializer": -500.0,
        "return_sequences": True,
    }  # closed throughout
    layer = plstm.PhasedLSTM(5, leak=0.1, **arguments)
    assert np.all(numpy(layer(X)) == 0.0)
    assert np.any(numpy(layer(X, training=True)) != 0.0)
    always = plstm.PhasedLSTM(5, leak=0.1, leak_at_inference=True, **arguments)
    assert np.any(numpy(always(X)) != 0.0)


def test_leak_schedule_advances_in_training():
    schedule = keras.optimizers.schedules.PolynomialDecay(0.5, decay_steps=2, end_learning_rate=0.0)
    layer = plstm.PhasedLSTM(5, leak=schedule, period_initializer=1000.0, shift_initializer=-500.0)
    first, second, third = (np.abs(numpy(layer(X, training=True))).max() for _ in range(3))
    assert first > second > 0.0
    assert third == 0.0


def test_ratio_on_cost_pays_for_openness():
    layer = plstm.PhasedLSTM(
        4, ratio_on_initializer=[0.1, 0.2, 0.3, 0.4], ratio_on_regularizer=keras.regularizers.L1(0.5)
    )
    layer(X, times=T)
    close(sum(numpy(loss) for loss in layer.losses), 0.5 * 1.0, 1e-6)


def test_openness_update_rate_and_coverage():
    layer = plstm.PhasedLSTM(2, period_initializer=[4.0, 8.0], shift_initializer=[0.0, 4.0], ratio_on_initializer=0.25)
    layer.build(X.shape)
    times = np.arange(0.25, 16, 0.5)
    np.testing.assert_allclose(layer.update_rate(times), [0.25, 0.25])
    found = plstm.coverage(layer, times)
    assert found.share == pytest.approx(6 / 16)  # [0, 1), [4, 6), [8, 9), [12, 14) of 16
    assert found.gaps == [(1.25, 3.75), (6.25, 7.75), (9.25, 11.75), (14.25, 15.75)]


@pytest.mark.parametrize("parametrization", ["log", "natural"])
def test_rhythm_stays_valid_whatever_an_optimiser_does(parametrization):
    layer = plstm.PhasedLSTM(3, parametrization=parametrization, return_sequences=True, leak=0.1)
    layer.build(X.shape)
    for value in (-1e20, -5.0, 0.0, 5.0, 1e20):
        for variable in layer.cell.time_gate.trainable_variables:
            variable.assign(np.full(3, value, "float32"))
        assert np.all(numpy(layer.period) > 0)
        assert np.all((numpy(layer.ratio_on) > 0) & (numpy(layer.ratio_on) <= 1))
        narrowest = {"float32": 1e-6, "float64": 1e-14}[clock.dtype()]
        if np.median(numpy(layer.period) * numpy(layer.ratio_on)) < narrowest:
            with pytest.raises(ValueError, match="expected times fine enough"):  # no time lies in such a window
                layer(X, training=True)
            continue
        assert np.all(np.isfinite(numpy(layer(X, training=True))))
