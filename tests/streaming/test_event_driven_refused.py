"""What a Keras model may not be made of: ``EventDriven`` refuses to be made, and names what it is."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import plstm
from tests.streaming.chains import FEATURES, UNITS, head, inputs, phased

# Keras warns of every layer that it cannot quantise.
pytestmark = pytest.mark.filterwarnings("ignore")


def quantized(mode):
    def build():
        model = head(layers.Dense(8, "relu"), layers.Dense(2))
        model.quantize(mode)
        return model

    return build


def one_layer_quantized():
    model = head(layers.Dense(8), layers.Dense(2))
    model.layers[-1].quantize("int8")
    return model


def of(call):
    """A model from ``call(x, t)``, its output."""

    def build():
        x, t = inputs()
        return keras.Model([x, t], call(x, t))

    return build


def on_top(*above, **options):
    return lambda: head(*[layer() for layer in above], **options)


def two_clocks():
    (x, t), other = inputs(), keras.Input((None,), dtype="float64")
    return keras.Model([x, t, other], phased()(phased(return_sequences=True)(x, times=t), times=other))


def two_masks():
    (x, t), a, b = inputs(), keras.Input((None,), dtype="bool"), keras.Input((None,), dtype="bool")
    lower = phased(return_sequences=True)(x, times=t, mask=a)
    return keras.Model([x, t, a, b], phased()(lower, times=t, mask=b))


def mask_above_alone():
    (x, t), a = inputs(), keras.Input((None,), dtype="bool")
    return keras.Model([x, t, a], phased()(phased(return_sequences=True)(x, times=t), times=t, mask=a))


def state_as_an_input():
    (x, t), h, c = inputs(), keras.Input((UNITS,)), keras.Input((UNITS,))
    return keras.Model([x, t, h, c], phased()(x, times=t, initial_state=[h, c]))


def two_outputs():
    x, t = inputs()
    y = phased()(x, times=t)
    return keras.Model([x, t], [y, layers.Dense(2)(y)])


def state_as_the_output():
    x, t = inputs()
    return keras.Model([x, t], phased(return_state=True)(x, times=t)[1])


def clock_as_the_mask():
    x, t = inputs()
    return keras.Model([x, t], phased()(x, times=t, mask=t))


def skip():
    x, t = inputs()
    y = phased(return_sequences=True)(x, times=t)
    return keras.Model([x, t], layers.Add()([y, phased(return_sequences=True)(y, times=t)]))


class OwnDense(layers.Dense):
    def call(self, x, training=None):
        return 2 * super().call(x)


class OwnPhased(plstm.PhasedLSTM):
    def call(self, sequences, times=None, initial_state=None, mask=None, training=False):
        return 2 * super().call(sequences, times, initial_state, mask, training)


class OwnCell(plstm.PhasedLSTMCell):
    pass


class OwnCall(keras.Model):
    def call(self, given, training=None, mask=None):
        return 2 * super().call(given)


class Written(keras.Model):
    def __init__(self):
        super().__init__()
        self.recurrent = phased()
        self.recurrent.build((None, None, FEATURES))

    def call(self, x):
        return self.recurrent(x)


def written():
    model = Written()
    model(np.zeros((1, 2, FEATURES), "float32"))
    return model


def own_call():
    x, t = inputs()
    return OwnCall([x, t], phased()(x, times=t))


def own_cell():
    layer = phased()
    layer.cell = OwnCell(UNITS)
    layer.build((None, None, FEATURES))
    return layer


def call_replaced():
    model = head(layers.Dense(2))
    dense = model.layers[-1]
    dense.call = lambda x, training=None: 0 * x
    return model


def relu(x):
    return 2 * ops.relu(x)


def built(**options):
    layer = phased(**options)
    layer.build((3, None, FEATURES))
    return layer


def nested_in_training():
    a, b = inputs()
    inner = keras.Model([a, b], layers.Dropout(0.5)(phased()(a, times=b)))
    x, t = inputs()
    return keras.Model([x, t], inner([x, t], training=True))


def nested_with_a_mask():
    (x, t), mask = inputs(), keras.Input((None,), dtype="bool")
    a, b = keras.Input((None, UNITS)), keras.Input((None,), dtype="float64")
    inner = keras.Model([a, b], phased()(a, times=b))
    return keras.Model([x, t, mask], inner([phased(return_sequences=True)(x, times=t, mask=mask), t]))


def nested_with_changed_times():
    a, b = inputs()
    inner = keras.Model([a, b], phased()(a, times=b))
    x, t = inputs()
    return keras.Model([x, t], inner([x, layers.Rescaling(0.1)(t)]))


def of_dtype(clock="float64", **options):
    def build():
        x, t = inputs(clock=clock, **options)
        return keras.Model([x, t], phased()(x, times=t))

    return build


CHAIN = "expected PhasedLSTM or PhasedGRU layers, then Dense layers, got "
REFUSED = {
    "int8": (quantized("int8"), "not quantised, got int8"),
    "int4": (quantized("int4"), "not quantised, got int4"),
    "float8": (quantized("float8"), "not quantised, got float8"),
    "one int8 layer": (one_layer_quantized, "not quantised, got int8"),
    "int8 by policy": (on_top(lambda: layers.Dense(2, dtype="int8_from_float32")), "not quantised, got int8"),
    "mixed_float16": (lambda: head(dtype="mixed_float16"), "float32 or float64, got float16 in"),
    "mixed_bfloat16": (lambda: head(dtype="mixed_bfloat16"), "float32 or float64, got bfloat16 in"),
    "a bfloat16 head": (on_top(lambda: layers.Dense(2, dtype="bfloat16")), "float32 or float64, got bfloat16 in"),
    "a float16 dropout": (
        on_top(lambda: layers.Dropout(0.5, dtype="float16"), lambda: layers.Dense(2)),
        "float32 or float64, got float16 in",
    ),
    "two dtypes": (
        of(lambda x, t: phased()(phased(return_sequences=True, dtype="float64")(x, times=t), times=t)),
        "one dtype for all phased layers, got float32, float64",
    ),
    "an input of float16": (of_dtype(dtype="float16"), "an input of float32 or float64, got float16"),
    "an input of integers": (of_dtype(dtype="int32"), "an input of float32 or float64, got int32"),
    "a clock of float16": (of_dtype(clock="float16"), "the input of times to be one of .*, got float16"),
    "two clocks": (two_clocks, "the same times for all layers, got others"),
    "a clock for one of two": (
        of(lambda x, t: phased()(phased(return_sequences=True)(x, times=t))),
        "the same times for all layers, got others",
    ),
    "times divided": (of(lambda x, t: phased()(x, times=t / 3.0)), "an input of the model as it is, got what .*divide"),
    "times by a Lambda": (
        of(lambda x, t: phased()(x, times=layers.Lambda(lambda s: s - 5.0, output_shape=(None,))(t))),
        "an input of the model as it is, got what lambda",
    ),
    "times through a Dropout": (
        of(lambda x, t: phased()(x, times=layers.Dropout(0.5, dtype="float64")(t))),
        "an input of the model as it is, got what dropout",
    ),
    "fixed times": (of(lambda x, t: phased()(x, times=np.arange(5.0))), "an input of the model, got an array"),
    "times changed on the way into a model within": (nested_with_changed_times, CHAIN + "Rescaling"),
    "times made of x": (of(lambda x, t: phased()(x, times=x[..., 0])), "an input of the model as it is, got what get_"),
    "two masks": (two_masks, "the same mask for all layers, got another"),
    "a mask above alone": (mask_above_alone, "the same mask for all layers, got another"),
    "a Masking layer": (of(lambda x, t: phased()(layers.Masking()(x), times=t)), CHAIN + "Masking"),
    "a mask made of x": (
        of(lambda x, t: phased()(x, times=t, mask=x[..., 0] > 0.0)), "an input of the model as it is, got what greater"
    ),
    "the clock as the mask": (clock_as_the_mask, "separate inputs for sequences, times and mask"),
    "states as inputs": (state_as_an_input, "with its inputs only, got initial_state"),
    "two outputs": (two_outputs, "a model with one output, got 2"),
    "a state as the output": (state_as_the_output, "a chain that uses the output of .*, got its state"),
    "an output and states": (lambda: built(return_state=True), "return_state=False, got .* with return_state=True"),
    "dropout at inference": (
        of(lambda x, t: layers.Dropout(0.5)(phased()(x, times=t), training=True)), "inputs only, got training=True"
    ),
    "training of a layer": (of(lambda x, t: phased()(x, times=t, training=True)), "inputs only, got training=True"),
    "training of a model within": (nested_in_training, "inputs only, got training=True"),
    "a mask for a model within": (nested_with_a_mask, "with its inputs only, got mask"),
    "BatchNormalization": (on_top(layers.BatchNormalization), CHAIN + "BatchNormalization"),
    "LayerNormalization": (on_top(layers.LayerNormalization), CHAIN + "LayerNormalization"),
    "UnitNormalization": (on_top(layers.UnitNormalization), CHAIN + "UnitNormalization"),
    "Rescaling of x": (of(lambda x, t: phased()(layers.Rescaling(2.0)(x), times=t)), CHAIN + "Rescaling"),
    "a part of x": (of(lambda x, t: phased()(x[..., :2], times=t)), CHAIN + "GetItem"),
    "a Dense below": (of(lambda x, t: phased()(layers.Dense(2)(x), times=t)), CHAIN + "Dense, PhasedLSTM"),
    "a Dense between": (
        of(lambda x, t: phased()(layers.Dense(2)(phased(return_sequences=True)(x, times=t)), times=t)),
        CHAIN + "PhasedLSTM, Dense, PhasedLSTM",
    ),
    "an Activation": (on_top(lambda: layers.Activation("relu")), CHAIN + "Activation"),
    "a LeakyReLU": (on_top(lambda: layers.Dense(2), layers.LeakyReLU), CHAIN + "LeakyReLU"),
    "an operation on the output": (of(lambda x, t: 2.0 * phased()(x, times=t)), CHAIN + "Multiply"),
    "a Lambda": (on_top(lambda: layers.Lambda(lambda y: y + 1)), CHAIN + "Lambda"),
    "a Flatten": (on_top(layers.Flatten), CHAIN + "Flatten"),
    "a Reshape": (on_top(lambda: layers.Reshape((2, 2))), CHAIN + "Reshape"),
    "a pooling over time": (on_top(layers.GlobalAveragePooling1D, return_sequences=True), CHAIN + "GlobalAveragePool"),
    "a TimeDistributed": (
        on_top(lambda: layers.TimeDistributed(layers.Dense(2)), return_sequences=True), CHAIN + "TimeDistributed"
    ),
    "an EinsumDense": (on_top(lambda: layers.EinsumDense("ab,bc->ac", 2)), CHAIN + "EinsumDense"),
    "an LSTM above": (on_top(lambda: layers.LSTM(2), return_sequences=True), CHAIN + "LSTM"),
    "a Bidirectional": (
        of(lambda x, t: plstm.Bidirectional(phased())(x, times=t)), CHAIN + "Bidirectional"
    ),
    "a cell in an RNN": (
        lambda: keras.Sequential([keras.Input((None, FEATURES)), layers.RNN(plstm.PhasedLSTMCell(4))]), CHAIN + "RNN"
    ),
    "a skip connection": (skip, CHAIN + "Add"),
    "a skip connection by an operation": (
        of(lambda x, t: (y := layers.Dense(UNITS)(phased()(x, times=t))) + layers.Dense(UNITS)(y)), CHAIN + "Add"
    ),
    "a Dense with a call of its own": (on_top(lambda: OwnDense(2)), CHAIN + "OwnDense"),
    "a phased layer with a call of its own": (
        of(lambda x, t: OwnPhased(UNITS)(x, times=t)), CHAIN + "OwnPhased"
    ),
    "a call that was replaced": (call_replaced, CHAIN + "Dense"),
    "a cell of one's own": (own_cell, "the cell and the gate of this package .*, got OwnCell with TimeGate"),
    "a Functional model with a call of its own": (own_call, "a built Functional or Sequential model, got OwnCall"),
    "a model that is written": (written, "a built Functional or Sequential model, got Written"),
    "an activation named as ours": (on_top(lambda: layers.Dense(2, relu)), "an activation out of .*, got 'relu'"),
    "a layer as an activation": (on_top(lambda: layers.Dense(2, layers.ReLU())), "an activation out of .*, got <R"),
    "a softmax over another axis": (
        on_top(lambda: layers.Dense(2, lambda y: ops.softmax(y, 0))), "an activation out of .*, got '<lambda>'"
    ),
    "an activation in the cell": (lambda: head(activation=relu), "the activations tanh and sigmoid"),
    "a recurrent activation": (lambda: head(recurrent_activation="hard_sigmoid"), "the activations tanh and sigmoid"),
    "go_backwards": (lambda: head(go_backwards=True), "read forwards, got .* with go_backwards=True"),
    "stateful": (lambda: built(stateful=True), "start from zeros.* with stateful=True"),
    "leak_at_inference": (lambda: head(leak_at_inference=True), "gates that close"),
    "a shape of one's own": (lambda: head(gate_shape=lambda phase, r: 0 * phase), "a gate shape given by name"),
    "no phased layer": (lambda: keras.Sequential([keras.Input((3,)), layers.Dense(2)]), CHAIN + "Dense"),
    "no layer": (lambda: "model", CHAIN + "str"),
    "not built": (lambda: keras.Sequential([phased(), layers.Dense(2)]), "a built Functional or Sequential model"),
}  # fmt: skip


@pytest.mark.parametrize(("build", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(build, message):
    with pytest.raises(ValueError, match=message):
        plstm.EventDriven(build())
