"""Every figure looks as the book's figures do: one ground, letters that can be read, whole dots at its edges."""

import io

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import rgb_to_hsv, to_hex, to_rgb

from plstm.lab import figures
from plstm.lab.figures.style import letters
from plstm.lab.palette import COLOURS
from tests.lab.figures.examples import EXAMPLES, contrast


def test_there_is_an_example_of_every_figure():
    assert set(EXAMPLES) == set(figures.__all__)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_is_closed_opaque_and_readable(name):
    figure = EXAMPLES[name]()
    assert plt.get_fignums() == []
    assert to_hex(figure.get_facecolor(), keep_alpha=True) == "#ffffffff"
    assert figure.get_figwidth() == pytest.approx(6.8)
    texts = [text for text in figure.findobj(plt.Text) if text.get_text()]
    assert texts
    assert min(text.get_fontsize() for text in texts) >= 8.9
    figure.savefig(io.BytesIO())
    boxes = [text.get_window_extent() for text in texts if text.get_visible()]
    assert min(box.x0 for box in boxes) > -1
    assert max(box.x1 for box in boxes) < figure.bbox.x1 + 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_letters_stand_out_on_white(name):
    for text in EXAMPLES[name]().findobj(plt.Text):
        if text.get_text():
            assert contrast("white", text.get_color()) >= 5, text


@pytest.mark.parametrize("name", COLOURS)
def test_letters_keep_the_hue_and_are_no_darker_than_they_must_be(name):
    shade = letters(COLOURS[name])
    (hue, full, _), (shade_hue, shade_full, _) = rgb_to_hsv(to_rgb(COLOURS[name])), rgb_to_hsv(to_rgb(shade))
    assert (shade_hue, shade_full) == pytest.approx((hue, full), abs=0.01)
    assert shade == COLOURS[name].lower() or contrast("white", shade) < 5.2


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    before = dict(plt.rcParams)
    EXAMPLES["rhythm"]()
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("name", ["harmonics", "open_at_once", "phases", "rhythm", "teeth", "update_rates"])
def test_dots_on_the_edge_are_whole(name):
    dots = [line for ax in EXAMPLES[name]().axes for line in ax.lines if line.get_marker() == "o"]
    assert dots and not any(line.get_clip_on() for line in dots)
