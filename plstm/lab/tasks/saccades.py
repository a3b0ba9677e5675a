"""A simulated event camera that moves in front of a still image.

Each pixel measures the logarithm of its light. Whenever this has changed by a threshold since the pixel's last event,
the pixel sends an event: the time, its place, and whether it became brighter or darker. A still image would send
nothing, so it is moved along three straight saccades that return to their start, as in the recording of N-MNIST. The
path, its timing and the threshold are our own.
"""

import numpy as np
from numba import njit

SIDE = 28
# The displacement of the image, x and y in pixels, at the beginning of each saccade and at the end of the last.
PATH = np.array([[-1.5, -1.5], [0.0, 1.5], [1.5, -1.5], [-1.5, -1.5]])
SACCADE = 100.0  # ms per saccade
STEPS = 12  # within a saccade; between them the logarithm of the light is assumed to change linearly
DURATION = SACCADE * (len(PATH) - 1)
THRESHOLD = 1.0  # the change of the logarithm of the light at which an event is sent
DARK = 0.1  # light of a black pixel; a white one has 1 more
ROUNDING = 1e-9
REACH = 3  # dark pixels around the image: as far as the path leads out, and one for the interpolation


def positions():
    """The displacement of the image over time: times (K,) in ms, shifts (K, 2) in pixels, x and y."""
    along = np.linspace(0.0, len(PATH) - 1.0, (len(PATH) - 1) * STEPS + 1)
    corners = np.arange(len(PATH))
    return SACCADE * along, np.stack([np.interp(along, corners, PATH[:, axis]) for axis in (0, 1)], axis=1)


def events(image):
    """All events of a digit.

    Args:
        image: (28, 28), from 0 to 255.

    Returns:
        t (n,) in ms, increasing, from 0 to 300; x (n,), y (n,) the column and row of the pixel; polarity (n,), 1 where
        it became brighter and -1 where it became darker. For each pixel, the sum of THRESHOLD * polarity follows the
        logarithm of its light to less than a threshold.

    >>> image = np.zeros((28, 28))
    >>> image[10:18, 10:18] = 255
    >>> t, x, y, polarity = events(image)
    >>> len(t), polarity.sum(), x.min(), x.max()
    (320, np.int64(0), np.int64(8), np.int64(19))
    """
    times, shifts = positions()
    light = np.pad(np.asarray(image, np.float64) / 255, REACH)
    at, pixel, polarity = _events(light, times, shifts, THRESHOLD, DARK)
    order = np.argsort(at, kind="stable")
    row, column = np.divmod(pixel[order], SIDE)
    return at[order], column, row, polarity[order]


@njit(cache=True)
def _events(light, times, shifts, threshold, dark):
    rows, columns = light.shape[0] - 2 * REACH, light.shape[1] - 2 * REACH
    night = np.log(dark)
    before, level = np.empty((rows, columns)), np.empty((rows, columns))
    # Memory for all possible events; pages that are not written cost nothing.
    room = rows * columns * len(times) * (1 + int((np.log(dark + 1) - night) / threshold))
    at, pixel, polarity = np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    count = 0
    for step in range(len(times)):
        # All pixels see the image displaced by whole pixels and the same parts of a pixel: bilinear interpolation.
        down, right = np.floor(-shifts[step, 1]), np.floor(-shifts[step, 0])
        low, far = -shifts[step, 1] - down, -shifts[step, 0] - right
        down, right = int(down) + REACH, int(right) + REACH
        for row in range(rows):
            i = row + down
            for column in range(columns):
                j = column + right
                upper = (1 - far) * light[i, j] + far * light[i, j + 1]
                lower = (1 - far) * light[i + 1, j] + far * light[i + 1, j + 1]
                seen = (1 - low) * upper + low * lower
                after = np.log(dark + seen) if seen > 0 else night
                if step == 0:
                    level[row, column] = after
                else:
                    was = before[row, column]
                    sign = 1 if after > was else -1
                    # Light that returns to its old value has changed by whole thresholds: rounding must not matter.
                    while sign * (after - level[row, column]) >= threshold - ROUNDING:
                        level[row, column] += sign * threshold
                        part = min((level[row, column] - was) / (after - was), 1.0)
                        at[count] = times[step - 1] + part * (times[step] - times[step - 1])
                        pixel[count] = row * columns + column
                        polarity[count] = sign
                        count += 1
                before[row, column] = after
    return at[:count].copy(), pixel[:count].copy(), polarity[:count].copy()
