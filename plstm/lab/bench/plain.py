"""A plain Phased LSTM, as a user would write it: an ordinary Keras cell with the time as one more input feature.

``keras.layers.RNN`` passes its cell one step of one tensor, so the times are the last feature of the input.
"""

import keras
from keras import ops


class PlainPhasedLSTMCell(keras.layers.Layer):
    """One step of a Phased LSTM without peepholes, written as in its equations.

    Args:
        units: H. The input's last feature is the time t; the rest, (B, D), is x.
    """

    def __init__(self, units, leak=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.leak = leak
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        features = input_shape[-1] - 1
        uniform = keras.initializers.RandomUniform
        self.kernel = self.add_weight(shape=(features, 4 * self.units), initializer="glorot_uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, 4 * self.units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * self.units,), initializer="zeros", name="bias")
        self.period = self.add_weight(shape=(self.units,), initializer=uniform(1.0, 400.0), name="period")
        self.shift = self.add_weight(shape=(self.units,), initializer=uniform(0.0, 100.0), name="shift")
        self.ratio_on = self.add_weight(
            shape=(self.units,), initializer=keras.initializers.Constant(0.05), name="ratio_on"
        )

    def call(self, inputs, states, training=False):
        h, c = states
        x, t = inputs[:, :-1], inputs[:, -1:]
        z = ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(z, 4, axis=-1)
        new_c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        new_h = ops.sigmoid(o) * ops.tanh(new_c)

        phase = ops.mod(t - self.shift, self.period) / self.period
        leak = self.leak if training else 0.0
        closed = leak * phase
        rising = 2.0 * phase / self.ratio_on
        falling = 2.0 - rising
        k = ops.where(phase < 0.5 * self.ratio_on, rising, ops.where(phase < self.ratio_on, falling, closed))

        c = k * new_c + (1.0 - k) * c
        h = k * new_h + (1.0 - k) * h
        return h, [h, c]
