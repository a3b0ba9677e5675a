"""What users of other implementations reported, one test each, named after the report.

The NaN of PhasedLSTM-Keras #11, #13 and #21 is in test_stability.py; per-feature times (tensorflow #28185) are a layer
for each clock, their outputs side by side.
"""

import keras
import numpy as np

import plstm
from tests.support import by_reference, close, numpy, raw_weights

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 8, 2)).astype("float32")
T = np.cumsum(RNG.uniform(0.2, 3.0, (3, 8)), axis=1).astype("float32")
RHYTHM = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4}


def clocked(*layers):
    x, t = keras.Input((8, 2)), keras.Input((8,))
    h = x
    for layer in layers:
        h = layer(h, times=t)
    return keras.Model([x, t], h)


def test_phased_lstm_keras_4_24_25_irregular_times():
    layer = plstm.PhasedLSTM(4, return_sequences=True, **RHYTHM)
    close(layer(X, times=T), by_reference(layer, raw_weights(layer), X, T)[0], 1e-5)
    assert np.abs(numpy(layer(X, times=T)) - numpy(layer(X))).max() > 1e-3


def test_phased_lstm_keras_10_14_15_load_model(tmp_path):
    options = {"leak": 0.02, "leak_at_inference": True, "ratio_on_initializer": 0.3, "period_initializer": 7.0}
    model = clocked(plstm.PhasedLSTM(4, **options))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(numpy(again([X, T])), numpy(model([X, T])))
    assert again.layers[-1].get_config()["leak"] == 0.02


def test_phased_lstm_keras_26_keras_3():
    model = clocked(plstm.PhasedLSTM(1, **RHYTHM))
    model.compile("sgd", "mse")
    model.fit([X, T], np.zeros((3, 1)), verbose=0)
    assert keras.__version__.startswith("3.")


def test_tensorflow_11144_a_second_layer_has_the_times():
    first, second = plstm.PhasedLSTM(4, return_sequences=True, **RHYTHM), plstm.PhasedLSTM(3, **RHYTHM)
    got = clocked(first, second)([X, T])
    hidden = by_reference(first, raw_weights(first), X, T)[0]
    close(got, by_reference(second, raw_weights(second), hidden, T)[0][:, -1], 1e-5)


def test_tensorflow_28185_times_for_each_feature():
    one, other = plstm.PhasedLSTM(3, **RHYTHM), plstm.PhasedLSTM(3, **RHYTHM)
    both = numpy(keras.ops.concatenate([one(X[..., :1], times=T), other(X[..., 1:], times=2 * T)], axis=-1))
    for layer, x, t, got in ((one, X[..., :1], T, both[:, :3]), (other, X[..., 1:], 2 * T, both[:, 3:])):
        close(got, by_reference(layer, raw_weights(layer), x, t)[0][:, -1], 1e-5)


def test_phased_lstm_keras_1_closed_units_are_skipped_at_inference():
    layer = plstm.PhasedLSTM(32, ratio_on_initializer=0.05)
    dense = numpy(layer(X, times=T))
    engine = plstm.EventDriven(layer)
    close(engine.run(X, T), dense, 1e-5)
    assert engine.stats.ratio < 0.2


def test_seed_8_own_data_of_any_length():
    batch = plstm.pad([(T[0, :5], X[0, :5]), (T[1], X[1])])
    layer = plstm.PhasedLSTM(4, **RHYTHM)
    got = numpy(layer(batch.values, times=batch.times, mask=batch.mask))
    close(got[0], by_reference(layer, raw_weights(layer), X[:1, :5], T[:1, :5])[0][0, -1], 1e-5)


def test_pytorch_plstm_7_a_gru():
    layer = plstm.PhasedGRU(4, return_sequences=True, **RHYTHM)
    close(layer(X, times=T), by_reference(layer, raw_weights(layer), X, T)[0], 1e-5)


def test_enny1991_6_tau_and_s_can_be_frozen():
    layer = plstm.PhasedLSTM(1, trainable_gate=False, **RHYTHM)
    model = clocked(layer)
    model.compile("adam", "mse")
    before = [numpy(p) for p in (layer.period, layer.shift, layer.ratio_on)]
    model.fit([X, T], np.ones((3, 1)), epochs=2, verbose=0)
    for then, now in zip(before, (layer.period, layer.shift, layer.ratio_on)):
        np.testing.assert_array_equal(then, numpy(now))
