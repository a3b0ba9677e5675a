"""A static figure's colours on a dark page: the same picture, its ground the page's and its ink light.

What is grey or pale in a figure lies between its white ground and its ink, and comes to lie as far between the dark
ones. A colour of the palette stays what it is, or becomes as light as it must be to be seen.
"""

import base64
import io
import re
from functools import cache

import numpy as np
from matplotlib.colors import to_hex, to_rgb

from plstm.lab.figures.style import contrast, letters
from plstm.lab.palette import COLOURS

GROUND = "#121212"  # the theme's --pst-color-background
LIGHT = "#e8e8e8"
MARKS, LETTERS = 3.0, 5.0  # contrasts
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
IMAGE = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=\s]+")
PATH = re.compile(r'(?<=\sd=")[^"]+')
BEHIND = re.compile(r'(<g id="patch_\d+">\s*<path d="[^"]*"(?: clip-path="[^"]*")? style="fill: )#ffffff(?=")')
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")


@cache
def dark(colour):
    """The colour, as "#rrggbb", that stands on a dark page for one on a white page.

    >>> dark("#ffffff"), dark("#000000"), dark("#E69F00"), dark("#0072B2")
    ('#121212', '#e8e8e8', '#e69f00', '#2f8cc0')
    """
    for known in COLOURS.values():
        if to_hex(colour) == letters(known):
            return lightened(known, LETTERS)
    for known in COLOURS.values():
        if to_hex(colour) == known.lower():
            return lightened(known, MARKS)
    rgb = np.array(to_rgb(colour))
    white = rgb.min()  # the share of white in it
    grey = rgb.max() - white < 0.03 or white == 1.0
    full = to_rgb(LIGHT) if grey else to_rgb(lightened(to_hex((rgb - white) / (1 - white)), LETTERS))
    return to_hex(white * np.array(to_rgb(GROUND)) + (1 - white) * np.array(full))


def lightened(colour, least):
    """The darkest mixture of a colour with white that has the contrast ``least`` with the dark ground.

    >>> lightened("#E69F00", 5.0)
    '#e69f00'
    """
    for share in np.linspace(0.0, 1.0, 201):
        mixed = (1 - share) * np.array(to_rgb(colour)) + share
        if contrast(mixed, to_rgb(GROUND)) >= least:
            break
    return to_hex(mixed)


def dark_svg(svg):
    """An SVG picture for a dark page: its colours, and those of the images in it, are changed."""
    svg = HEX.sub(lambda found: dark(found[0].lower()), svg)
    svg = IMAGE.sub(lambda found: _dark_png(found[0]), svg)
    return svg.replace("<svg ", f'<svg fill="{LIGHT}" ', 1)  # what names no colour is black


def _dark_png(encoded):
    from PIL import Image

    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA"))
    colours, where = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
    changed = np.array([to_rgb(dark(to_hex(colour / 255))) for colour in colours])
    pixels[..., :3] = np.round(255 * changed[where.ravel()]).reshape(pixels[..., :3].shape)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return base64.b64encode(out.getvalue()).decode()


def trimmed(svg):
    """The same picture with two decimals in its paths: a hundredth of a point is less than anybody sees.

    >>> trimmed('<path d="M 1.123456 2 L 3.5 4.999999 "/>')
    '<path d="M 1.12 2 L 3.5 5.00 "/>'
    """
    decimals = re.compile(r"\d+\.\d{3,}")
    return PATH.sub(lambda path: decimals.sub(lambda found: f"{float(found[0]):.2f}", path[0]), svg)


def bare(svg):
    """The same picture without the white behind it and behind its axes: what is behind it on the page shows.

    >>> bare('<g id="patch_1"><path d="M 0 0" style="fill: #ffffff"/></g>')
    '<g id="patch_1"><path d="M 0 0" style="fill: none"/></g>'
    """
    return BEHIND.sub(r"\1none", svg)


def size(svg):
    """Width and height of an SVG picture and the height of its smallest letters, in CSS pixels.

    >>> size('<svg height="72pt" width="144pt" ><g transform="translate(0 0) scale(0.09 -0.09)"/></svg>')
    (192.0, 96.0, 12.0)
    """
    width, height = (float(re.search(rf'<svg [^>]*\b{name}="([\d.]+)pt"', svg)[1]) for name in ("width", "height"))
    points = min((100 * float(scale) for scale in GLYPHS.findall(svg)), default=np.inf)
    return width * 96 / 72, height * 96 / 72, points * 96 / 72
