"""On a dark page a figure says the same: letters and marks are seen, shades keep their order, the ground is gone."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from plstm.lab.figures.dark import GROUND, bare, dark, dark_svg, size, trimmed
from plstm.lab.figures.style import FAINT, INK, SHADES, letters
from plstm.lab.palette import COLOURS
from tests.lab.figures.examples import EXAMPLES, contrast

TEXT = re.compile(r'<g style="fill: (#\w{6})" transform="translate\([^)]*\)(?: rotate\([^)]*\))? scale')


def drawn(name):
    """A figure as a page gets it."""
    out = io.StringIO()
    EXAMPLES[name]().savefig(out, format="svg", bbox_inches="tight")
    return out.getvalue()


@pytest.mark.parametrize("name", ["ablation", "cell_diagram", "event_cloud", "raster", "rhythm", "trade", "readers"])
def test_a_dark_picture_has_no_light_ground_and_letters_that_stand_out(name):
    light = drawn(name)
    svg = dark_svg(light)
    assert "#ffffff" not in svg
    assert svg.count("<path") == light.count("<path")
    colours = TEXT.findall(svg)
    assert colours
    assert all(contrast(GROUND, colour) >= 4.9 for colour in colours), set(colours)
    # Behind all of it is the page's own ground, or what has its colour.
    ground = re.compile(r'<g id="patch_1">\s*<path d="[^"]*" style="fill: ([#\w]+)')
    assert ground.search(svg)[1] == GROUND
    assert ground.search(bare(light))[1] == "none"


@pytest.mark.parametrize("colour", COLOURS.values())
def test_colours_are_seen_and_keep_their_order(colour):
    assert contrast(GROUND, dark(colour)) >= 3
    assert contrast(GROUND, dark(letters(colour))) >= 4.9
    shades = [dark(to_hex(tint)) for tint in np.linspace(1, to_rgb(colour), 8)]
    if to_rgb(colour)[0] == 0:  # no white in it
        contrasts = [contrast(GROUND, shade) for shade in shades]
        assert contrasts == sorted(contrasts)


def test_ink_and_grey_stay_as_far_from_the_ground():
    assert dark("#ffffff") == GROUND
    assert contrast(GROUND, dark(INK)) > 11
    assert contrast(GROUND, dark(FAINT)) == pytest.approx(contrast("white", FAINT), abs=1)


def test_shades_go_from_the_ground_to_their_colour():
    contrasts = [contrast(GROUND, dark(to_hex(SHADES(value)))) for value in np.linspace(0, 1, 21)]
    assert contrasts[0] == 1
    assert np.all(np.diff(contrasts) > 0)


def test_images_in_a_picture_become_dark_and_keep_what_is_transparent():
    out = io.BytesIO()
    Image.fromarray(np.array([[[255, 255, 255, 64], [0, 0, 0, 255]]], np.uint8)).save(out, format="PNG")
    encoded = base64.b64encode(out.getvalue()).decode()
    svg = dark_svg(f'<svg ><image href="data:image/png;base64,{encoded}"/></svg>')
    found = re.search(r"base64,([^\"]+)", svg)[1]
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(found))))
    assert to_hex(pixels[0, 0, :3] / 255) == GROUND and pixels[0, 0, 3] == 64
    assert pixels[0, 1, :3].min() > 220


def test_the_size_of_letters_is_told():
    assert size(drawn("rhythm"))[2] == pytest.approx(12.0)
    assert size(drawn("cell_diagram"))[2] == pytest.approx(17.6 * 96 / 72)


@pytest.mark.parametrize("name", ["parameters", "rhythm", "raster"])
def test_trimming_makes_a_picture_smaller_and_moves_nothing(name):
    svg = drawn(name)
    short = trimmed(svg)
    assert len(short) < len(svg)
    numbers = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
    for one, other in zip(re.findall(r'\sd="([^"]+)"', svg), re.findall(r'\sd="([^"]+)"', short), strict=True):
        before, after = (np.array(numbers.findall(path), float) for path in (one, other))
        assert np.abs(before - after).max() < 0.0051
    assert re.sub(r'\sd="[^"]+"', "", svg) == re.sub(r'\sd="[^"]+"', "", short)
