"""Models by name: a recurrent layer, then a dense layer on its last output; and the options that each takes.

To add a model, write its builder and enter it in ``MODELS``: the command, the configs and the sweeps read this table.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from plstm import gate
from plstm.errors import ConfigError
from plstm.lab.experiments import peer_models
from plstm.lab.experiments.options import Option, flag, is_range, not_negative, number, one_of, one_of_or_periods

ENGINES = ("auto", "native", "triton", "triton-checkpointed", "scan", "scan-checkpointed")
PLAIN_ENGINES = (*ENGINES, "keras")
DTYPES = ("float32", "float64", "mixed_bfloat16")
# What an LSTM or a GRU is told of the time: features that stand beside the others. A list of periods in place of a name
# means all of them, with sines of those periods.
TIMES = ("none", "absolute", "gap", "both", "sines", "all")


class Inputs(NamedTuple):
    """What a model is given: x (B, T, D), times (T,) or (B, T), mask (B, T) or None; the scale of the times; the
    number of outputs of the dense layer behind it; the number of measured values, which come first among the features
    and are followed by as many that say whether each was measured; and the name of its layer."""

    x: Any
    times: Any
    mask: Any
    time_scale: float
    outputs: int
    indicated: int = 0
    name: str = "recurrent"


def build(config, dataset):
    """A Keras model from what ``dataset.inputs`` gives to the answers (B, outputs) to its objective, initialised.

    ``config`` is a ``Config``; its seed makes the initial weights. A task with one clock for all samples
    gives x (B, T, D) and times (T,); one with a clock each x, times (B, T) and mask (B, T); and one with a clock for
    each of F features x (B, T, F, D), times (B, T, F) and mask (B, T, F), which F layers read.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    x = keras.Input(dataset.shape, name="x")
    if dataset.times is None:
        times = keras.Input(dataset.shape[:-1], dtype="float64", name="times")
        symbols = [x, times, keras.Input(dataset.shape[:-1], dtype="bool", name="mask")]
    else:
        symbols = [x, keras.Input(batch_shape=dataset.times.shape, dtype="float64", name="times"), None]
    asked = dataset.objective
    inputs = Inputs(*symbols, dataset.time_scale, asked.outputs, getattr(dataset, "indicated", 0))
    one_clock = len(dataset.shape) == 2
    outputs = MODELS[config.model].build(config, inputs) if one_clock else _clocks(config, inputs)
    answers = keras.layers.Dense(asked.outputs, dtype=_result_dtype(config.dtype), name=asked.name)(outputs)
    given = [one for one in symbols if one is not None]
    return keras.Model(given, answers, name=config.model.replace("-", "_"))


def _clocks(config, inputs):
    """A layer for each of the F features that have clocks of their own; their last outputs, side by side.

    Raises:
        ConfigError: the units are not as many for each.
    """
    import keras

    count = inputs.x.shape[2]
    if config.units % count:
        fits = count * (config.units // count + 1)
        raise ConfigError(f"expected units that {count} clocks share, as {fits}, got {config.units}")
    each = replace(config, units=config.units // count)
    outputs = []
    for n in range(count):
        x, times, mask = (part[:, :, n] for part in (inputs.x, inputs.times, inputs.mask))
        of_one = inputs._replace(x=x, times=times, mask=mask, name=f"{inputs.name}_{n}")
        outputs.append(MODELS[config.model].build(each, of_one))
    return keras.layers.Concatenate(dtype=config.dtype, name="all_clocks")(outputs)


def engine_of(model):
    """The engine that computes the model's sequences, ``"keras"`` for Keras' own code; None before the first."""
    return next(layer.engine for layer in model.layers if hasattr(layer, "engine"))


def _plain(layer, config, inputs, time=None, normalised=False):
    """An LSTM or a GRU, told of the time by the option, or else in the way ``time`` of ``TIMES``."""
    from plstm.lab.experiments import features, ungated
    from plstm.layers.initializers import ChronoBias

    options = dict(config.options)
    time, bias = options.pop("time", time), options.pop("bias", "default")
    time, periods = ("all", time) if isinstance(time, list) else (time, features.sine_periods(inputs.time_scale))
    steps = inputs.x.shape[1]
    if bias == "chrono":
        options = {"bias_initializer": ChronoBias(steps)}
        options |= {"unit_forget_bias": False} if layer == "LSTM" else {}
    x = features.LeaveTime()(inputs.x, inputs.times) if time == "none" else inputs.x
    if time in ("absolute", "both", "all"):
        x = features.AppendTime(inputs.time_scale)(x, inputs.times)
    if time in ("gap", "both", "all"):
        x = features.AppendGap(inputs.time_scale / steps)(x, inputs.times)
    if time in ("sines", "all"):
        x = features.AppendSines(periods)(x, inputs.times)
    if normalised:
        import keras

        name = inputs.name.replace("recurrent", "normalisation")
        x = keras.layers.BatchNormalization(name=name)(x, mask=inputs.mask)
    kind = getattr(ungated, layer)
    return kind(config.units, engine=config.engine, dtype=config.dtype, name=inputs.name, **options)(
        x, mask=inputs.mask
    )


def _phased(layer, config, inputs):
    import keras

    options = dict(config.options)
    period, ratio_on, cost = (options.pop(name) for name in ("period", "ratio_on", "ratio_on_cost"))
    return layer(
        config.units,
        engine=config.engine,
        dtype=config.dtype,
        period_initializer=_initializer(period),
        ratio_on_initializer=_initializer(ratio_on),
        # The mean over the units is the share of the updates, and so of the multiply-adds, that is left at inference.
        ratio_on_regularizer=keras.regularizers.L1(cost / config.units) if cost else None,
        name=inputs.name,
        **options,
    )(inputs.x, times=inputs.times, mask=inputs.mask)


def _phased_lstm(config, inputs):
    from plstm.layers.lstm import PhasedLSTM

    return _phased(PhasedLSTM, config, inputs)


def _phased_gru(config, inputs):
    from plstm.layers.gru import PhasedGRU

    return _phased(PhasedGRU, config, inputs)


def _initializer(value):
    import keras

    from plstm.layers.initializers import LogUniform

    return LogUniform(*value) if isinstance(value, list) else keras.initializers.Constant(value)


def _result_dtype(dtype):
    return "float32" if dtype.startswith("mixed") else dtype


def _period(value):
    return is_range(value) or (number(value) and value > 0)


FORGET_BIAS = {"unit_forget_bias": flag(True)}
RIVAL = {
    # Chrono: memories from one step to the length of the task's sequences, in place of unit_forget_bias.
    "bias": one_of("default", ("default", "chrono")),
    "time": one_of_or_periods("none", TIMES),
}
RHYTHM = {
    # Up to exp(6), which reaches half of the 784 pixels: the range that the published MNIST curves start from.
    "period": Option([1.0, 403.4], "a number > 0, or [low, high] with 0 < low < high", _period),
    "ratio_on": Option(0.05, "a number r with 0 < r <= 1", lambda value: number(value) and 0 < value <= 1),
    # Added to the loss for every whole update of all units: it trades accuracy for computes.
    "ratio_on_cost": not_negative(0.0),
    "leak": not_negative(1e-3),
    "leak_at_inference": flag(False),
    "gate_shape": one_of("triangle", gate.SHAPES),
    "gate_gradient": one_of("exact", gate.GRADIENTS),
    "parametrization": one_of("natural", ("natural", "log")),
    "trainable_gate": flag(True),
}


@dataclass(frozen=True)
class Model:
    """A model: how it is built, the options that it takes, the other names that it goes by, the engines it runs on."""

    build: Callable
    options: dict[str, Option]
    aliases: tuple[str, ...] = ()
    engines: tuple[str, ...] = field(default=ENGINES)


MODELS = {
    "phased-lstm": Model(_phased_lstm, {**RHYTHM, **FORGET_BIAS, "peepholes": flag(False)}, ("PhasedLSTMCell",)),
    "phased-gru": Model(_phased_gru, RHYTHM),
    "lstm": Model(partial(_plain, "LSTM"), {**RIVAL, **FORGET_BIAS}, ("BasicLSTMCell",), PLAIN_ENGINES),
    "gru": Model(partial(_plain, "GRU"), RIVAL, (), PLAIN_ENGINES),
    # The two that the first published runs compare with.
    "lstm-with-time": Model(partial(_plain, "LSTM", time="absolute"), FORGET_BIAS, (), PLAIN_ENGINES),
    "lstm-normalised": Model(partial(_plain, "LSTM", time="absolute", normalised=True), FORGET_BIAS, (), PLAIN_ENGINES),
    **{
        name: Model(partial(peer_models.build, name), peer.options, (), peer.engines)
        for name, peer in peer_models.PEERS.items()
    },
}


def canonical(name):
    """The name of a model in ``MODELS``, whichever of its names is given.

    >>> canonical("BasicLSTMCell")
    'lstm'

    Raises:
        ConfigError: no model goes by that name.
    """
    for model, entry in MODELS.items():
        if name == model or name in entry.aliases:
            return model
    names = [f"{model} ({', '.join(entry.aliases)})" if entry.aliases else model for model, entry in MODELS.items()]
    raise ConfigError(f"expected a model out of {', '.join(names)}, got {name!r}")


def complete(model, options):
    """All options of a model: those given, checked, and its defaults for the others.

    >>> complete("lstm", {})
    {'bias': 'default', 'time': 'none', 'unit_forget_bias': True}

    Raises:
        ConfigError: an option that the model does not have, or a value that it may not take.
    """
    known = MODELS[model].options
    for name, value in options.items():
        if name not in known:
            raise ConfigError(f"expected an option of {model} out of {', '.join(known)}, got {name!r}")
        if not known[name].accepts(value):
            raise ConfigError(f"expected {name} to be {known[name].expected}, got {value!r}")
    return {name: options.get(name, option.default) for name, option in known.items()}
