"""Static figures in a browser: they follow the theme, phones show letters that can be read, paper the light ones."""

import re

import pytest

from tests.pages.conftest import PAGES, SITE

WITH_PICTURES = [page for page in PAGES if 'class="picture"' in (SITE / page).read_text(encoding="utf-8")]
SHOWN = """() => [...document.querySelectorAll(".picture")].map((frame) => {
  const images = [...frame.querySelectorAll("img")].filter((image) => image.checkVisibility());
  return images.map((image) => ({
    source: image.currentSrc, alt: image.alt, width: image.getBoundingClientRect().width,
    filter: getComputedStyle(image).filter, ground: getComputedStyle(image).backgroundColor,
  }));
})"""
GLYPHS = re.compile(r"scale\(([\d.]+) -[\d.]+\)")
# What the dark theme turns around: there "dark" would be light. (The events of a camera are brighter or darker.)
TURNED = re.compile(r"\b(dark|darkest|the darker|black|white|whiter|pale|paler|bright)\b")
WIDTH = re.compile(r'<svg [^>]*width="([\d.]+)pt"')


def test_there_are_pages_with_pictures(site):
    assert WITH_PICTURES


@pytest.mark.parametrize("page_name", WITH_PICTURES)
def test_one_picture_is_shown_and_it_is_that_of_the_theme(look, page_name):
    for theme in ("light", "dark"):
        frames = look().show(theme).evaluate(SHOWN)
        assert frames
        for images in frames:
            assert [image["source"].rsplit(".", 2)[1] for image in images] == [theme]
            assert images[0]["filter"] == "none", "the theme changes its colours"
            assert images[0]["ground"] == "rgba(0, 0, 0, 0)", "a slab behind it"


@pytest.mark.parametrize("pictured", WITH_PICTURES)
def test_a_caption_and_a_title_are_true_in_both_themes(site, pictured):
    page = (site / pictured).read_text(encoding="utf-8")
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.DOTALL)
    assert captions
    sources = set(re.findall(r'src="\.\./(_images/[^"]+\.light\.svg)"', page))
    # Letters in a picture are outlines; what they say stands in a comment beside them.
    pictures = [(site / source).read_text(encoding="utf-8") for source in sources]
    titles = [text for picture in pictures for text in re.findall(r"<!--(.*?)-->", picture)]
    assert [text for text in captions + titles if TURNED.search(text)] == []


@pytest.mark.parametrize("page_name", WITH_PICTURES)
@pytest.mark.parametrize("width", [360, 820])
def test_letters_are_as_large_as_they_must_be(look, site, page_name, width):
    page = look(360).show("light")
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("innerWidth") == width
    shown = page.evaluate(SHOWN)
    page.set_viewport_size({"width": 360, "height": 900})
    for [image] in shown:
        svg = (site / "_images" / image["source"].rpartition("/")[2]).read_text(encoding="utf-8")
        letters = 100 * min(map(float, GLYPHS.findall(svg)))
        assert image["width"] * letters / float(WIDTH.search(svg)[1]) > 10.9, image["alt"]


@pytest.mark.parametrize("page_name", WITH_PICTURES)
def test_a_picture_wider_than_the_screen_says_so_and_moves(look, page_name):
    opened = look(360)
    page = opened.page
    for frame in page.locator(".picture").all():
        if frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth + 1"):
            assert frame.get_attribute("tabindex") is None
            continue
        assert "sideways" in frame.get_attribute("aria-label")
        assert "sideways" in frame.evaluate("frame => getComputedStyle(frame, '::before').content")
        frame.focus()
        frame.press("ArrowRight")
        page.wait_for_function("frame => frame.scrollLeft > 0", arg=frame.element_handle())
    assert opened.faults == []


def test_the_cell_fits_a_phone(visit):
    with visit(width=360) as opened:
        frame = opened.open("book/the_cell.html").locator(".picture").first
        assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth + 1")


def at_rest(page):
    """The page as a picture, once two in a row are the same."""
    pictures = [page.screenshot(full_page=True)]
    while len(pictures) < 20:
        page.wait_for_timeout(300)
        pictures.append(page.screenshot(full_page=True))
        if pictures[-1] == pictures[-2]:
            return pictures[-1]
    raise AssertionError("expected a page at rest within twenty pictures, got one that goes on changing")


def in_both_themes(visit, page_name):
    """The page as it is printed where the screen is light, and where it is dark."""
    printed = []
    for theme in ("light", "dark"):
        with visit(colour_scheme=theme) as opened:
            page = opened.open(page_name)
            page.emulate_media(media="print", color_scheme=theme)
            page.locator("html[data-theme='light']").wait_for(state="attached")
            page.evaluate("() => Promise.all([...document.images].map((image) => image.decode().catch(() => {})))")
            printed.append(at_rest(page))
            page.emulate_media(media="screen", color_scheme=theme)
            page.locator(f"html[data-theme='{theme}']").wait_for(state="attached")  # the screen keeps its theme
    return printed


@pytest.mark.parametrize("printed_page", ["book/the_cell.html", "book/api.html"])
def test_the_dark_theme_is_printed_as_the_light_one(visit, printed_page):
    # On a busy machine the two differ now and then; the cause is not known. A colour that is left is there every time.
    assert any(light == dark for light, dark in (in_both_themes(visit, printed_page) for _ in range(3)))
