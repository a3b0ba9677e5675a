"""Sphinx extension: a static figure that a cell drew as SVG follows the page's theme, and its letters can be read.

Each becomes two files, for a light and for a dark page, and the theme shows one of them; paper and books without a
theme get the light one. The frame around it says how narrow it may become before its letters are too small; on a
narrower screen it is moved sideways (_static/pictures.js).
"""

from pathlib import Path

from docutils import nodes
from plstm.lab.figures import dark
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

LETTERS = 11  # CSS pixels, the least


def frame(svg):
    """The style of a picture's frame: its shape, and the width below which letters are smaller than ``LETTERS``.

    >>> frame('<svg height="72pt" width="144pt" ><g transform="translate(0 0) scale(0.06 -0.06)"/></svg>')
    '--width: 192px; --legible: 264px; --shape: 192 / 96'
    """
    width, height, letters = dark.size(svg)
    return f"--width: {width:.0f}px; --legible: {LETTERS / letters * width:.0f}px; --shape: {width:.0f} / {height:.0f}"


class ThemePictures(SphinxTransform):
    """Makes two pictures of one, in a frame."""

    default_priority = 500  # before Sphinx collects the files of a page

    def apply(self, **kwargs):
        for image in list(self.document.findall(nodes.image)):
            if image["uri"].endswith(".svg") and "jupyter_execute" in image["uri"]:
                self.theme(image)

    def theme(self, image):
        _, path = self.env.relfn2path(image["uri"], self.env.docname)
        svg = dark.trimmed(dark.bare(Path(path).read_text(encoding="utf-8")))
        images = []
        for theme, text in (("light", svg), ("dark", dark.dark_svg(svg))):
            Path(path).with_suffix(f".{theme}.svg").write_text(text, encoding="utf-8")
            twin = image.deepcopy()
            twin["uri"] = f"{image['uri'].removesuffix('.svg')}.{theme}.svg"
            twin["classes"] = [f"only-{theme}", "dark-light"]  # the second: the theme is to leave its colours alone
            images.append(twin)
        before = nodes.raw("", f'<div class="picture" style="{frame(svg)}">', format="html")
        image.parent[image.parent.index(image) : image.parent.index(image) + 1] = [
            before, *images, nodes.raw("", "</div>", format="html"),
        ]  # fmt: skip


class OnePicture(SphinxPostTransform):
    """Leaves the light picture alone where no theme chooses: one page for paper, and the EPUB."""

    default_priority = 10

    def run(self, **kwargs):
        if self.app.builder.name not in ("html", "dirhtml"):
            for image in list(self.document.findall(nodes.image)):
                if "only-dark" in image["classes"]:
                    image.parent.remove(image)


def setup(app):
    app.add_transform(ThemePictures)
    app.add_post_transform(OnePicture)
    for name in ("pictures.js", "print.js"):
        app.add_js_file(name, loading_method="defer")
    return {"parallel_read_safe": True}
