"""A scene as a picture: what a notebook redraws at every move of a slider, and a page shows without scripts.

Drawn with matplotlib's artists but without its axes, whose ticks alone would take longer than a slider may: a panel
here is a scale, two lines of text and its marks. ``plot.mjs`` draws the same on a page.
"""

import base64
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from plstm.lab.palette import COLOURS

INK = "#222222"
FAINT = "#9A9A9A"
GRID = "#E6E6E6"
WIDTH, LEFT, RIGHT = 680, 48, 16  # CSS pixels, at 100 to the inch
HEAD, FOOT, AXIS = 28, 8, 40  # above a panel, below it, and below it when it shows its axis


def picture(panels, dpi=100):
    """PNG bytes of a list of panels, one below another, in a palette of 128 colours."""
    heights = [HEAD + p["height"] + (AXIS if p["xlabel"] else FOOT) for p in panels]
    figure = Figure(figsize=(WIDTH / 100, sum(heights) / 100), dpi=dpi, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    top = sum(heights)
    for panel, height in zip(panels, heights):
        _Panel(figure, panel, top - HEAD).draw()
        top -= height
    canvas.draw()
    return _png(np.asarray(canvas.buffer_rgba()))


def encoded(png):
    """PNG bytes as text, for a data address."""
    return base64.b64encode(png).decode("ascii")


def _png(pixels):
    from PIL import Image

    image = Image.fromarray(pixels).convert("RGB")
    image = image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return buffer.getvalue()


class _Panel:
    """One panel, its upper edge at ``top`` CSS pixels above the bottom of the picture."""

    def __init__(self, figure, panel, top):
        self.figure, self.panel, self.top = figure, panel, top
        self.bottom = top - panel["height"]
        self.pixels = Affine2D().scale(figure.dpi / 100)
        self.window = TransformedBbox(Bbox([[LEFT - 2, self.bottom - 2], [WIDTH - RIGHT + 2, top + 2]]), self.pixels)

    def draw(self):
        name = _power if self.panel["log"] else _tick
        for value in self.panel["yticks"]:
            y = float(self.y(value))
            self.lines([LEFT, WIDTH - RIGHT], [y, y], GRID, 0.8)
            self.text(LEFT - 6, y, name(value), ha="right", va="center", size=8.5)
        for item in self.panel["marks"]:
            getattr(self, f"_{item['kind']}")(item, COLOURS.get(item["colour"], INK))
        self.lines([LEFT, WIDTH - RIGHT], [self.bottom, self.bottom], FAINT, 0.8)
        self.text(LEFT, self.top + 9, self.panel["title"], size=9.5)
        self._key()
        if self.panel["xlabel"]:
            for value in self.panel.get("xticks", MaxNLocator(6).tick_values(*self.panel["x"])):
                if self.panel["x"][0] <= value <= self.panel["x"][1]:
                    self.text(float(self.x(value)), self.bottom - 5, f"{value:g}", ha="center", va="top", size=8.5)
            self.text((LEFT + WIDTH - RIGHT) / 2, self.bottom - 19, self.panel["xlabel"], ha="center", va="top", size=9)

    def x(self, values):
        low, high = self.panel["x"]
        return LEFT + (np.asarray(values, np.float64) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, values):
        scale = np.log10 if self.panel["log"] else np.asarray
        low, high = (scale(v) for v in self.panel["y"])
        values = scale(np.maximum(values, self.panel["y"][0]) if self.panel["log"] else np.asarray(values, np.float64))
        return self.bottom + (values - low) / (high - low) * self.panel["height"]

    def add(self, artist):
        artist.set_transform(self.pixels)
        self.figure.add_artist(artist)
        artist.set_clip_path(None)
        artist.set_clip_box(self.window)

    def lines(self, x, y, colour, width=1.8, **options):
        self.add(Line2D(x, y, color=colour, lw=width, solid_joinstyle="round", **options))

    def text(self, x, y, words, size, **options):
        words = words.replace("r_on", "rₒₙ")
        self.figure.add_artist(Text(x, y, words, fontsize=size, color=INK, transform=self.pixels, **options))

    def _key(self):
        x = WIDTH - RIGHT
        for item in reversed([item for item in self.panel["marks"] if "label" in item]):
            self.text(x, self.top + 9, item["label"], ha="right", size=8.5)
            x -= 7.4 * len(item["label"]) + 26
            colour = COLOURS.get(item["colour"], INK)
            self.figure.add_artist(
                Line2D([x + 4, x + 18], [self.top + 13] * 2, color=colour, lw=3, transform=self.pixels)
            )
            x -= 8

    def _line(self, item, colour):
        self.lines(
            self.x(item["x"]), self.y(item["y"]), colour, item.get("width", 1.6), ls="--" if item.get("dash") else "-"
        )

    def _area(self, item, colour):
        x, y = self.x(item["x"]), self.y(item["y"])
        y[np.isnan(y)] = self.y(0.0)
        corners = np.concatenate([[[x[0], self.y(0.0)]], np.stack([x, y], 1), [[x[-1], self.y(0.0)]]])
        self.add(Polygon(corners, facecolor=colour, alpha=0.22, lw=0))
        self._line(item, colour)

    def _points(self, item, colour):
        size = item.get("size", 4)
        self.lines(self.x(item["x"]), self.y(item["y"]), colour, marker="o", ms=size * 0.72, mew=0, ls="")

    def boxes(self, x0, x1, y0, y1, colour, opacity=1.0):
        """Filled boxes between pixels; colours and opacities one for all or one each."""
        x0, x1, y0, y1 = np.broadcast_arrays(*(np.atleast_1d(edge) for edge in (x0, x1, y0, y1)))
        corners = np.stack([np.stack(c, 1) for c in [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], 1)
        self.add(PolyCollection(corners, facecolors=to_rgba_array(colour, opacity), linewidths=0))

    def _band(self, item, colour):
        self.boxes(*self.x(self.panel["x"]), *self.y(item["over"]), colour, 0.16)

    def _rows(self, item, colour):
        row, left, right = np.asarray(item["runs"], np.float64).reshape(-1, 3).T
        self.boxes(
            self.x(left), np.maximum(self.x(right), self.x(left) + 0.75), self.y(row), self.y(row + 0.86), colour
        )

    def _cells(self, item, colour):
        x, y, opacity = (np.asarray(item[name], np.float64) for name in ("x", "y", "opacity"))
        self.boxes(self.x(x), self.x(x + 1), self.y(y), self.y(y + 1), [colour] * len(x), opacity)

    def _columns(self, item, colour):
        x, half = np.asarray(item["x"]), item["width"] / 2
        self.boxes(self.x(x - half), self.x(x + half), self.y(0.0), self.y(item["y"]), colour)

    def _bars(self, item, colour):
        height = self.panel["height"] / len(item["y"])
        low = self.top - (np.arange(len(item["y"])) + 1) * height
        colours = [COLOURS[name] for name in item["colours"]]
        self.boxes(LEFT, self.x(item["y"]), low, low + 0.5 * height, colours)
        for y, label in zip(low, item["labels"]):
            self.text(LEFT, y + 0.6 * height, label, size=9)


def _tick(value):
    return f"{value:g}".replace("-", "−")


def _power(value):
    return "1" if value == 1 else "10" + f"{np.log10(value):.0f}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
