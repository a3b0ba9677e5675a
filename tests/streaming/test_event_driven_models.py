"""What a Keras model may be made of so that ``EventDriven`` answers what the model answers (the rest it refuses)."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import plstm
from tests.streaming.chains import FEATURES, STEPS, UNITS, head, inputs, phased
from tests.support import CLOCK_TOLERANCE

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def same_weights():
    keras.utils.set_random_seed(0)


def data():
    """x, times and mask of three sequences."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, STEPS, FEATURES)).astype("float32")
    times = np.cumsum(rng.exponential(1.0, (3, STEPS)), axis=1)
    return x, times, rng.random((3, STEPS)) < 0.7


def answers(model, clocked=True, masked=False, ask=None):
    """(the model's own answer, EventDriven's) to the same sequences."""
    x, times, mask = data()
    times = times if clocked else np.arange(float(STEPS))
    engine = plstm.EventDriven(model)
    if ask is None:
        given = [x] + [times] * clocked + [mask] * masked
        expected = model(given if len(given) > 1 else x)
    else:
        expected = ask(model, x, times, mask)
    return ops.convert_to_numpy(expected), engine.run(x, times, mask if masked else None)


def with_lora():
    dense = layers.Dense(2)
    model = head(dense)
    dense.enable_lora(2)
    dense.lora_kernel_b.assign(np.random.default_rng(0).normal(size=dense.lora_kernel_b.shape))
    return model


def lora_by_argument():
    model = head(layers.Dense(2, lora_rank=1, lora_alpha=3))
    model.layers[-1].lora_kernel_b.assign(np.ones((1, 2)))
    return model


def lora_merged(tmp_path):
    model = with_lora()
    model.save(tmp_path / "model.keras")
    return keras.models.load_model(tmp_path / "model.keras")


def shared_twice():
    x, t = inputs()
    below, shared, dense = phased(return_sequences=True), phased(return_sequences=True), layers.Dense(UNITS, "tanh")
    return keras.Model([x, t], dense(dense(shared(shared(below(x, times=t), times=t), times=t))))


def used_elsewhere():
    x, t = inputs()
    layer = phased(return_sequences=True)
    layer(keras.Input((7, FEATURES)))
    other = layers.Dense(2)
    other(keras.Input((UNITS,)))
    return keras.Model([x, t], other(layer(x, times=t)))


def first_of_two_in_the_list():
    """Its list of layers is that of a chain, and the layer that the output comes from is not the last."""
    x, t = inputs()
    lower = phased(return_sequences=True)
    found = lower(x, times=t)
    phased()(found, times=t)
    return keras.Model([x, t], layers.Dense(2)(found))


def nested():
    a, b = keras.Input((None, FEATURES)), keras.Input((None,), dtype="float64")
    inner = keras.Model([a, b], layers.Dropout(0.5)(phased(return_sequences=True)(a, times=b)))
    x, t = inputs()
    top = keras.Sequential([keras.Input((UNITS,)), layers.Dense(3, "relu"), layers.Dense(2)])
    return keras.Model([x, t], top(phased(plstm.PhasedGRU)(inner([x, t]), times=t)))


def nested_with_inputs_swapped():
    a, b = keras.Input((None,), dtype="float64"), keras.Input((None, FEATURES))
    inner = keras.Model([a, b], phased()(b, times=a))
    x, t = inputs()
    return keras.Model([x, t], layers.Dense(2)(inner([t, x])))


def noise():
    x, t = inputs()
    y = layers.GaussianNoise(1.0)(layers.SpatialDropout1D(0.5)(layers.Dropout(0.5)(x)))
    y = phased(dropout=0.5, recurrent_dropout=0.5, activity_regularizer="l2")(layers.Identity()(y), times=t)
    y = layers.ActivityRegularization(0.1)(layers.GaussianDropout(0.5)(layers.AlphaDropout(0.5)(y)))
    return keras.Model([x, t], layers.Dense(2, activity_regularizer="l1")(y, training=False))


def last_activation_taken_off():
    model = head(layers.Dense(3, activation="softmax"))
    model.layers[-1].activation = None
    return model


def with_another_input():
    x, t = inputs()
    return keras.Model([x, keras.Input((5,)), t], phased()(x, times=t))


class OwnTraining(keras.Model):
    def train_step(self, data):
        return {}


def own_training():
    x, t = inputs()
    return OwnTraining([x, t], layers.Dense(2)(phased()(x, times=t)))


def saved(tmp_path):
    model = nested()
    model.save(tmp_path / "model.keras")
    return keras.models.load_model(tmp_path / "model.keras")


def with_states():
    x, t = inputs()
    found, *_ = phased(return_state=True)(x, times=t)
    return keras.Model([x, t], layers.Dense(2)(found))


def steps_of_a_head(kind):
    return lambda: head(layers.Dense(2, kind), return_sequences=True)


ANSWERED = {
    "LoRA": with_lora,
    "LoRA by argument": lora_by_argument,
    "LoRA, saved and loaded": lora_merged,
    "a phased and a dense layer used twice": shared_twice,
    "layers used elsewhere": used_elsewhere,
    "a layer on top that the output does not read": first_of_two_in_the_list,
    "models within a model": nested,
    "models within a model, saved and loaded": saved,
    "a model within, its inputs in another order": nested_with_inputs_swapped,
    "noise, dropout and activity regularizers": noise,
    "no bias": lambda: head(layers.Dense(2, use_bias=False), use_bias=False),
    "a softmax at each step": steps_of_a_head("softmax"),
    "an activation as a function": steps_of_a_head(keras.activations.relu),
    "no activation": steps_of_a_head(None),
    "an activation taken off": last_activation_taken_off,
    "an input that nothing reads": with_another_input,
    "a train_step of one's own": own_training,
    "the output of a layer with states": with_states,
    "float64": lambda: head(layers.Dense(2), dtype="float64"),
    "float64 with a float64 head": lambda: head(layers.Dense(2, dtype="float64"), dtype="float64"),
    "a float64 head": lambda: head(layers.Dense(2, dtype="float64")),
    "log parametrization, origin, gaussian": lambda: head(
        origin=2.5, parametrization="log", gate_shape="gaussian", peepholes=True
    ),
    "a leak in training alone": lambda: head(leak=lambda step: 0.5),
    "regularized rhythm and constraints": lambda: head(
        layers.Dense(2, kernel_constraint="non_neg"), period_regularizer="l2", kernel_constraint="max_norm"
    ),
}


@pytest.mark.parametrize("build", ANSWERED.values(), ids=ANSWERED)
def test_answered(build, tmp_path):
    model = build(tmp_path) if build in (lora_merged, saved) else build()
    ask = None
    if len(model.inputs) == 3:
        ask = lambda model, x, times, mask: model([x, np.zeros((3, 5)), times])  # noqa: E731
    expected, found = answers(model, ask=ask)
    assert np.abs(found - expected).max() < 1e-5
    assert found.dtype == expected.dtype and np.ptp(expected) > 1e-2


def test_a_dict_of_inputs():
    x, t = keras.Input((None, FEATURES), name="x"), keras.Input((None,), dtype="float64", name="t")
    model = keras.Model({"x": x, "t": t}, phased()(x, times=t))
    expected, found = answers(model, ask=lambda model, x, times, mask: model({"x": x, "t": times}))
    assert np.abs(found - expected).max() < 1e-5


def test_no_clock_means_that_steps_are_counted():
    model = keras.Sequential([keras.Input((None, FEATURES)), phased(return_sequences=True), phased(), layers.Dense(2)])
    expected, found = answers(model, clocked=False)
    assert np.abs(found - expected).max() < 1e-5


def masked(upper=True, both=True):
    x, t = inputs()
    mask = keras.Input((None,), dtype="bool")
    y = layers.Dropout(0.5)(phased(return_sequences=True)(x, times=t, mask=mask))
    if upper:
        y = phased()(y, times=t, mask=mask if both else None)
    return keras.Model([x, t, mask], layers.Dense(2)(y))


@pytest.mark.parametrize("options", [{}, {"upper": False}, {"both": False}], ids=str)
def test_masks_as_inputs(options):
    model = masked(**options)
    expected, found = answers(model, masked=True)
    assert np.abs(found - expected).max() < 1e-5
    assert np.abs(plstm.EventDriven(model).run(*data()[:2]) - expected).max() > 1e-3


# Clocks: what the model's input makes of times


@pytest.mark.parametrize("clock", ["float32", "int32", "int64", "float64"])
def test_times_are_rounded_as_the_model_rounds_them(clock):
    x, t = inputs(clock=clock)
    model = keras.Model([x, t], phased(return_sequences=True)(x, times=t))
    values, times, _ = data()
    times = times[:1] + 3000.0
    if clock != "float64":
        assert np.abs(times.astype(clock) - times).max() > 5e-5
    engine = plstm.EventDriven(model)
    expected = ops.convert_to_numpy(model([values[:1], times]))
    for found in (
        engine.run(values[:1], times),
        engine.step_many([None] * STEPS, values[0], times[0])[None],
        np.stack([plstm.EventDriven(model).step(values[0, 0], times[0, 0])])[None],
    ):
        assert np.abs(found - expected[:, : found.shape[1]]).max() < CLOCK_TOLERANCE


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="its phases have 32 bits, those of the engine 64")
def test_times_that_the_model_refuses_as_too_coarse_are_refused():
    x, t = inputs(clock="float32")
    layer = phased()
    model = keras.Model([x, t], layer(x, times=t))
    values, times, _ = data()
    engine, refused = plstm.EventDriven(model), []
    for start in 2.0 ** np.arange(10, 31):
        now = np.float32(start + times)
        try:
            found, expected = engine.run(values, now), ops.convert_to_numpy(model([values, now]))
            assert np.abs(found - expected).max() < 1e-5
        except ValueError as error:
            assert "float32" in str(error)
            refused.append(start)
            with pytest.raises(Exception, match="expected times fine enough"):
                model([values, now])
    assert 5 < len(refused) < 20
    before = engine.state
    for call in (lambda: engine.step(values[0, 0], 1.7e9), lambda: engine.step_many([None], values[0, :1], [1.7e9])):
        with pytest.raises(ValueError, match="expected times below .* float32 input .* got 17"):
            call()
    assert all(np.array_equal(before[name], engine.state[name]) for name in before)
