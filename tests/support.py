"""What tests of cells, layers and engines share: a layer's answer by the reference, and gradients on any backend."""

import keras
import numpy as np
from keras import ops

from plstm import reference

# JAX tells the time in 32 bits: at t = 500 and a period of 1, that leaves 3e-5 of a phase, and 1e-3 of a narrow gate.
CLOCK_TOLERANCE = 2e-3 if keras.backend.backend() == "jax" else 1e-5


def numpy(value):
    """A tensor or variable as float64 NumPy."""
    if keras.backend.backend() == "tensorflow" and hasattr(value, "numpy"):
        value = value.numpy()  # Keras' own conversion warns once a tensor under NumPy 2
    return np.asarray(value if isinstance(value, np.ndarray) else ops.convert_to_numpy(value), np.float64)


def close(actual, expected, tolerance):
    """Equal up to ``tolerance``, absolute below 1 and relative above."""
    np.testing.assert_allclose(numpy(actual), expected, rtol=tolerance, atol=tolerance)


def raw_weights(layer):
    """The layer's trainable weights by short name, as float64."""
    return {v.name: numpy(v) for v in layer.trainable_variables}


def natural(layer, weights):
    """period, shift, ratio_on from the raw weights, by formulas of the test's own."""
    gate = layer.cell.time_gate
    if gate.parametrization == "natural":
        return np.abs(weights["period"]), weights["shift"], np.minimum(np.abs(weights["ratio_on"]), 1.0)
    period = numpy(gate.initial_period) * np.exp(weights["log_period_change"])
    return period, weights["shift"], 1.0 / (1.0 + np.exp(-weights["logit_ratio_on"]))


def by_reference(layer, weights, x, times, state=None, mask=None, leak=0.0, recurrent_dropout=None):
    """Outputs (B, T, H) and last state of a layer with these raw weights, computed by plstm.reference."""
    x = np.where(mask[..., None], x, 0.0) if mask is not None else x
    times = np.where(mask, times, 0.0) if mask is not None and np.ndim(times) == 2 else times
    gate = layer.cell.time_gate
    k = reference.gates(times, *natural(layer, weights), leak, gate.shape)
    names = ("kernel", "recurrent_kernel", "bias", "peepholes")
    cell_weights = {name: weights[name] for name in names if name in weights}
    outputs, state = reference.run(layer.cell.kind, x, k, cell_weights, state, mask, recurrent_dropout)
    if mask is not None:
        # Keras' layers answer 0, not h, until a step has counted.
        outputs = np.where(np.cumsum(mask, axis=1)[..., None] > 0, outputs, 0.0)
    return outputs, state


def value_and_gradients(loss, layer, inputs):
    """loss(inputs) and its gradients for the layer's trainable variables and for every input, on the current backend.

    ``inputs`` is a dict of arrays; ``loss`` takes a dict of tensors and returns a scalar tensor.
    """
    tensors = {name: ops.convert_to_tensor(value, dtype=layer.compute_dtype) for name, value in inputs.items()}
    names = [v.name for v in layer.trainable_variables] + list(tensors)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            for tensor in tensors.values():
                tape.watch(tensor)
            value = loss(tensors)
        sources = [v.value for v in layer.trainable_variables] + list(tensors.values())
        gradients = tape.gradient(value, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    elif backend == "torch":
        tensors = {name: tensor.detach().clone().requires_grad_(True) for name, tensor in tensors.items()}
        for variable in layer.trainable_variables:
            variable.value.grad = None
        value = loss(tensors)
        if value.requires_grad:
            value.backward()
        sources = [v.value for v in layer.trainable_variables] + list(tensors.values())
        gradients = [s.grad if s.grad is not None else ops.zeros_like(s) for s in sources]
    else:
        import jax

        def stateless(variables, tensors):
            with keras.StatelessScope(state_mapping=list(zip(layer.trainable_variables, variables))):
                return loss(tensors)

        values = [v.value for v in layer.trainable_variables]
        value, (of_variables, of_inputs) = jax.value_and_grad(stateless, argnums=(0, 1))(values, tensors)
        gradients = [*of_variables, *(of_inputs[name] for name in tensors)]
    return numpy(value), dict(zip(names, map(numpy, gradients)))


def slope(function, values, name, direction, step=1e-6):
    """Central difference of ``function(values)`` as ``values[name]`` moves along ``direction``."""
    up, down = ({**values, name: values[name] + sign * step * direction} for sign in (1, -1))
    return (function(up) - function(down)) / (2 * step)
