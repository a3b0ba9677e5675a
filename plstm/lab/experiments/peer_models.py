"""The peers as models: which layer each is, the options that it takes, and how wide it is made to be compared."""

import bisect
from dataclasses import dataclass
from functools import lru_cache

from plstm.lab.experiments.options import Option, count, flag, is_range, one_of

WIDTHS = ("units", "matched")
UNITS = ("length", "gap")
READ_HERE = ("width", "time", "bias", "unit")


@dataclass(frozen=True)
class Peer:
    """How a layer of ``plstm.lab.peers`` is made.

    Attributes:
        options: by name. Those in ``READ_HERE`` are, the others are arguments of the layer.
        unit: what the layer's ``time_scale`` is, the ``"length"`` of the sequences or a usual ``"gap"``; an option
            ``unit`` comes first.
        engines: ``"auto"`` for Keras' operations as they are, ``"xla"`` for the same compiled by XLA.
    """

    options: dict[str, Option]
    unit: str = "gap"
    engines: tuple[str, ...] = ("auto", "xla")


# "matched": as wide as brings the weights nearest to those of a phased-lstm with so many units.
WIDTH = {"width": one_of("units", WIDTHS)}
PEERS = {
    "gru-d": Peer({**WIDTH, "time": one_of("none", ("none", "gap"))}),
    "cfc": Peer({**WIDTH, "mixed_memory": flag(False), "backbone_layers": count(1)}),
    "ode-lstm": Peer(
        {
            **WIDTH,
            "bias": one_of("default", ("default", "chrono")),
            "solver": one_of("euler", ("euler", "rk4")),
            "solver_steps": count(4),
        },
    ),
    "ssm": Peer(
        {
            **WIDTH,
            "depth": count(2),
            "input": one_of("impulse", ("impulse", "held")),
            "pooling": one_of("last", ("last", "mean")),
        },
        # XLA refuses Keras' associative scan on TensorFlow.
        engines=("auto",),
    ),
    "mtand": Peer(
        {
            **WIDTH,
            "head": one_of("recurrent", ("recurrent", "dense")),
            "heads": count(1),
            "references": count(32, 2),
            "cycles": Option([0.1, 16.0], "[low, high] with 0 < low < high", is_range),
        },
        unit="length",
    ),
    # Not a Phased LSTM, but published as one.
    "ode-lstms-baseline": Peer({"unit": one_of("length", UNITS)}, engines=("auto",)),
}


def kinds():
    """The layer of each peer. They need Keras, which the names and options do not."""
    from plstm.lab.peers import cfc, diagonal_ssm, gru_d, mtand, ode_lstm, ode_lstms_baseline

    return {
        "gru-d": gru_d.GRUD,
        "cfc": cfc.CfC,
        "ode-lstm": ode_lstm.ODELSTM,
        "ssm": diagonal_ssm.DiagonalSSM,
        "mtand": mtand.MTAND,
        "ode-lstms-baseline": ode_lstms_baseline.OdeLstmsBaseline,
    }


def build(name, config, inputs):
    """The last output of the peer ``name`` for ``plstm.lab.experiments.models.Inputs``."""
    import keras

    from plstm.lab.experiments.features import AppendGap

    x, gap, known = inputs.x, inputs.time_scale / inputs.x.shape[1], {}
    if name == "gru-d" and inputs.indicated:
        x, known["observed"] = _with_missing(x, inputs.indicated)
    if config.options.get("time") == "gap":
        x = AppendGap(gap)(x, inputs.times)
        known = {name: _one_more(observed) for name, observed in known.items()}
    units = config.units
    if config.options.get("width") == "matched":
        given = tuple((key, tuple(v) if isinstance(v, list) else v) for key, v in sorted(config.options.items()))
        units = matched_units(name, config.units, given, x.shape[1], x.shape[2], inputs.x.shape[2], inputs.outputs)
        # The layers that were made to be counted have drawn weights: those of this one must not depend on how many.
        keras.utils.set_random_seed(config.seed)
    unit = config.options.get("unit", PEERS[name].unit)
    more = {"time_scale": inputs.time_scale if unit == "length" else gap, "dtype": config.dtype, "name": inputs.name}
    layer = _layer(name, units, config.options, x.shape[1], **more)
    return layer(x, times=inputs.times, mask=inputs.mask, **known)


def _with_missing(x, count):
    """The features without those that say which of the first are there, (B, T, D - count); and which are, as bool."""
    from keras import ops

    rest = x[..., 2 * count :]
    observed = ops.concatenate([x[..., count : 2 * count] > 0.5, ops.ones_like(rest, dtype="bool")], axis=-1)
    return ops.concatenate([x[..., :count], rest], axis=-1), observed


def _one_more(observed):
    """The same with a feature more that is always there."""
    from keras import ops

    return ops.concatenate([observed, ops.ones_like(observed[..., :1])], axis=-1)


@lru_cache
def matched_units(name, units, options, steps, features, phased_features, outputs):
    """The units for which a peer and the dense layer behind it have nearest to the weights of a Phased LSTM and its.

    Args:
        name: of the peer.
        units: of the Phased LSTM.
        options: of the peer, as sorted pairs.
        steps: T.
        features: D that the peer is given.
        phased_features: D that the Phased LSTM is given.
        outputs: of the dense layer.

    Returns:
        At least 1. Of two that are equally near the smaller.
    """
    from plstm.layers.lstm import PhasedLSTM

    def weights(layer, width, units):
        layer.build((None, steps, width))
        return layer.count_params() + (units + 1) * outputs

    def needed(wide):
        return weights(_layer(name, wide, dict(options), steps), features, wide)

    wanted = weights(PhasedLSTM(units), phased_features, units)
    high = 1
    while needed(high) < wanted:
        high *= 2
    enough = 1 + bisect.bisect_left(range(1, high + 1), wanted, key=needed)
    return min((wide for wide in (enough - 1, enough) if wide > 0), key=lambda wide: abs(needed(wide) - wanted))


def _layer(peer, units, options, steps, **more):
    from plstm.layers.initializers import ChronoBias

    arguments = {key: value for key, value in options.items() if key not in READ_HERE}
    if options.get("bias") == "chrono":
        arguments["bias_initializer"] = ChronoBias(steps)
    return kinds()[peer](units, **arguments, **more)
