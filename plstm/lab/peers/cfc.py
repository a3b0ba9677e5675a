"""CfC: a closed-form continuous-time network, which blends two proposals by how much time has gone by."""

import functools

import keras
from keras import ops

from plstm.lab.peers import recurrence
from plstm.lab.peers.timed import TimedLayer


@keras.saving.register_keras_serializable(package="plstm")
class CfC(TimedLayer):
    """CfC over whole sequences, with a gap of its own for every sample and step.

    .. math::
        u &= \\lambda(\\dots \\lambda([x, h'] W_1 + b_1) \\dots), \\quad \\lambda(a) = 1.7159 \\tanh(2a/3) \\\\
        s &= \\sigma(-f(u) \\, \\Delta t + f_0(u)) \\\\
        h &= s \\odot \\tanh(g(u)) + (1 - s) \\odot \\tanh(q(u))

    f, f_0, g and q are linear. The paper's equation has no f_0; its authors' code has one. With ``mixed_memory`` h' is
    the output of an LSTM that reads x and the h before: the paper's CfC-mmRNN.

    Args:
        units: H, the number of units.
        backbone_units: the width of the shared layers; None: H.
        backbone_layers: their number, >= 1.
        mixed_memory: whether an LSTM keeps a memory beside h.
        time_bias: whether there is f_0.
        return_sequences: whether the outputs of all steps are wanted, or the last one alone.
        time_scale: what counts as 1 in the gaps, in the unit of the times: a usual gap.
        **kwargs: of ``keras.layers.Layer``.

    Call arguments:
        sequences: (B, T, D).
        times: (B, T) or (T,), in any unit; default: 0, 1, 2, ... The gap of the first step is 0.
        mask: (B, T) or (1, T); a step where it is False changes nothing, whatever it and its time hold.

    Returns:
        h (B, H), or (B, T, H) with ``return_sequences``.

    Raises:
        TypeError: units that are no integer.
        ValueError: as of ``TimedLayer``; a backbone of no width or no layers.

    Source:
        Hasani, Lechner, Amini, Liebenwein, Ray, Tschaikowski, Teschl & Rus (2022), *Closed-form continuous-time neural
        networks*, Nature Machine Intelligence 4:992-1003, the equation of the model and its section on mixed memory.

    Example:
        >>> import numpy as np
        >>> CfC(4)(np.ones((2, 3, 1), "float32"), times=np.array([[0.0, 0.5, 4.0], [1.0, 2.0, 9.0]])).shape
        TensorShape([2, 4])
    """

    def __init__(
        self,
        units,
        *,
        backbone_units=None,
        backbone_layers=1,
        mixed_memory=False,
        time_bias=True,
        return_sequences=False,
        time_scale=1.0,
        **kwargs,
    ):
        super().__init__(units, return_sequences=return_sequences, time_scale=time_scale, **kwargs)
        for name, value in (("backbone_units", backbone_units or self.units), ("backbone_layers", backbone_layers)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"expected {name} to be an integer >= 1, got {value!r}")
        self.backbone_units, self.backbone_layers = backbone_units, backbone_layers
        self.mixed_memory, self.time_bias = mixed_memory, time_bias

    def build(self, sequences_shape, times_shape=None):
        super().build(sequences_shape)
        features, units, width = sequences_shape[-1], self.units, self.backbone_units or self.units
        shapes = {"kernel": (features, width), "recurrent_kernel": (units, width), "bias": (width,)}
        for n in range(2, self.backbone_layers + 1):
            shapes |= {f"kernel_{n}": (width, width), f"bias_{n}": (width,)}
        for head in ("blend", "first", "second", *(["blend_start"] if self.time_bias else [])):
            shapes |= {f"{head}_kernel": (width, units), f"{head}_bias": (units,)}
        if self.mixed_memory:
            shapes |= {"memory_kernel": (features, 4 * units), "memory_bias": (4 * units,)}
            shapes |= {"memory_recurrent_kernel": (units, 4 * units)}
        self.by_name = {}
        for name, shape in shapes.items():
            start = "orthogonal" if "recurrent" in name else "glorot_uniform" if len(shape) == 2 else "zeros"
            self.by_name[name] = self.add_weight(shape=shape, initializer=start, name=name)

    def read(self, steps, training):
        weights = dict(self.by_name)
        told = ops.matmul(steps.x, weights.pop("kernel")) + weights.pop("bias")
        sequence, state = [told, ops.cast(steps.gaps, told.dtype)], [self.zeros(steps)]
        if self.mixed_memory:
            sequence.append(ops.matmul(steps.x, weights.pop("memory_kernel")) + weights.pop("memory_bias"))
            state.append(self.zeros(steps))
        step = functools.partial(_step, self.backbone_layers)
        return recurrence.run(step, weights, state, sequence, steps.mask, self.return_sequences)

    def get_config(self):
        names = ("backbone_units", "backbone_layers", "mixed_memory", "time_bias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _step(layers, weights, state, now):
    told, gap, *for_memory = now
    hidden, *memory = state
    if memory:
        hidden, memory = _remember(weights, hidden, memory[0], for_memory[0])
    shared = _bent(told + ops.matmul(hidden, weights["recurrent_kernel"]))
    for n in range(2, layers + 1):
        shared = _bent(ops.matmul(shared, weights[f"kernel_{n}"]) + weights[f"bias_{n}"])

    def head(name):
        return ops.matmul(shared, weights[f"{name}_kernel"]) + weights[f"{name}_bias"]

    start = head("blend_start") if "blend_start_kernel" in weights else 0.0
    blend = ops.sigmoid(start - head("blend") * gap)
    return [blend * ops.tanh(head("first")) + (1 - blend) * ops.tanh(head("second")), *memory]


def _remember(weights, hidden, memory, told):
    """A step of an LSTM: its output and its memory."""
    gates = told + ops.matmul(hidden, weights["memory_recurrent_kernel"])
    write, keep, new, show = ops.split(gates, 4, axis=-1)
    # The forget gate begins open, as in the authors' code.
    memory = ops.sigmoid(keep + 1.0) * memory + ops.sigmoid(write) * ops.tanh(new)
    return ops.sigmoid(show) * ops.tanh(memory), [memory]


def _bent(a):
    return 1.7159 * ops.tanh(2 / 3 * a)
