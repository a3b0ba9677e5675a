"""Events: a digit as changes along a scan, and as recorded by an event camera."""

import matplotlib.pyplot as plt
import numpy as np

from plstm.lab.figures.style import INK, WIDTH, styled, tidy

# The outline makes a white dot visible on white and on grey.
OUTLINED = {"edgecolors": INK, "linewidths": 0.6}


@styled
def scan(image, colour, times):
    """A black and white digit with a dot where each run of pixels begins, and its events over time.

    Args:
        image: (rows, columns), ink where it is 128 or more.
        colour: (n,), 1 where ink begins and -1 where paper does.
        times: (n,), the index of the pixel.

    >>> from plstm.lab import figures
    >>> figures.scan(np.zeros((28, 28)), np.array([-1.0]), np.array([0.0]))
    <Figure size ...>
    """
    image, times = np.asarray(image), np.asarray(times)
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 2.5), width_ratios=[1, 1.9], layout="constrained")
    left.imshow(image >= 128, cmap="gray_r", interpolation="nearest", alpha=0.25)
    row, column = np.divmod(times, image.shape[1])
    left.scatter(column, row, s=14, c=np.where(colour > 0, INK, "white"), **OUTLINED)
    left.set_title(f"{len(times)} events in {image.size} pixels")
    left.axis("off")
    right.vlines(times, 0, colour, color=INK, lw=1)
    right.set(xlim=(-8, image.size + 8), ylim=(-1.3, 1.3), yticks=[-1, 1], yticklabels=["paper", "ink"])
    right.set(xlabel="time, in pixels", title="what the network reads")
    tidy(right)
    return figure


@styled
def event_cloud(t, x, y, polarity, parts):
    """Events of a camera as points in time and space, and as pictures for some intervals of time.

    Args:
        t: (n,), in ms.
        x: (n,), column of the pixel.
        y: (n,), row of the pixel.
        polarity: (n,), 1 brighter and -1 darker.
        parts: {title: (from, to)}, in ms.

    >>> from plstm.lab import figures
    >>> figures.event_cloud(np.array([1.0]), np.array([3]), np.array([4]), np.array([1]), {"first": (0.0, 100.0)})
    <Figure size ...>
    """
    t, x, y, polarity = map(np.asarray, (t, x, y, polarity))
    figure = plt.figure(figsize=(WIDTH, 5.4), layout="constrained")
    grid = figure.add_gridspec(2, len(parts), height_ratios=[1.7, 1])
    cloud = figure.add_subplot(grid[0, :], projection="3d")
    kinds = {"brighter": (polarity > 0, "white"), "darker": (polarity < 0, INK)}
    for label, (kind, colour) in kinds.items():
        cloud.scatter(
            t[kind], x[kind], y[kind], s=7, c=colour, label=label, depthshade=False, clip_on=False, **OUTLINED
        )
    cloud.set(ylabel="column", zlabel="row", ylim=(0, 27), zlim=(27, 0))
    cloud.set_xlabel("time, ms", labelpad=10)
    cloud.set(yticks=[0, 20], zticks=[0, 20])  # without 27, because the axes share that corner
    cloud.set_box_aspect((2.6, 1, 1), zoom=1.25)
    cloud.view_init(elev=18, azim=-62)
    cloud.legend(loc="upper right", markerscale=2)
    for number, (title, (begin, end)) in enumerate(parts.items()):
        ax = figure.add_subplot(grid[1, number])
        for kind, colour in kinds.values():
            seen = kind & (t >= begin) & (t < end)
            ax.scatter(x[seen], y[seen], s=9, c=colour, **OUTLINED)
        ax.set(xlim=(-1, 28), ylim=(28, -1), xticks=[], yticks=[], aspect="equal", title=title)
    return figure
