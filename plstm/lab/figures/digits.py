"""A handwritten digit as an image, and as the sequence of its pixels, row after row."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from plstm.lab.figures.style import SHADES, WIDTH, styled


@styled
def digit_sequence(image, label=None):
    """An image and its sequence, one pixel at each step, row after row.

    >>> from plstm.lab import figures
    >>> figures.digit_sequence(np.zeros((28, 28)), label=0)
    <Figure size ...>
    """
    image = np.asarray(image)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.1), width_ratios=[1, 2.6], layout="constrained")
    left.imshow(image, cmap="gray_r", interpolation="nearest")
    left.set_title("the image" if label is None else f"a {label}")
    left.axis("off")
    right.plot(np.arange(image.size), image.ravel(), color="black", lw=0.7)
    right.set(xlabel="step $t$", ylabel="pixel", xlim=(0, image.size - 1), yticks=[], title="what the network reads")
    right.tick_params(length=0)
    return figure


@styled
def readers(image, openness):
    """An image, and the number of units that are open at each of its pixels.

    Args:
        image: (rows, columns).
        openness: (rows * columns, H), the openness of every unit at every step.

    >>> from plstm.lab import figures
    >>> figures.readers(np.zeros((2, 2)), np.eye(4))
    <Figure size ...>
    """
    image = np.asarray(image)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.9), layout="constrained")
    left.imshow(image, cmap="gray_r", interpolation="nearest")
    left.set_title("what there is")
    count = np.sum(np.asarray(openness) > 0, axis=1).reshape(image.shape)
    shown = right.imshow(count, cmap=SHADES, interpolation="nearest")
    right.set_title("how many units are open")
    figure.colorbar(shown, ax=right, ticks=MaxNLocator(4, integer=True))
    for ax in (left, right):
        ax.axis("off")
    return figure
