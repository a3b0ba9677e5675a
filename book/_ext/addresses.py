"""Sphinx extension: what other sites read of a page: its address, a sentence, a picture, and the sitemap.

Nothing here makes a page ask another host for anything: the addresses are read by who links to the page.
"""

import hashlib
import textwrap
from html import escape
from pathlib import Path
from xml.sax.saxutils import escape as escape_xml

import numpy as np
from docutils import nodes
from plstm.gate import time_gate
from plstm.lab.palette import COLOURS

SIZE = (1200, 630)  # pixels; what those who show such pictures ask for
WORDS = 200  # letters of a description


def description(doctree):
    """The first sentences of a page.

    >>> from docutils.core import publish_doctree
    >>> description(publish_doctree("Title\\n=====\\n\\nA gate opens.\\nIt closes."))
    'A gate opens. It closes.'
    """
    paragraphs = (node for node in doctree.findall(nodes.paragraph) if "reading-time" not in node["classes"])
    text = " ".join(next(paragraphs, nodes.paragraph()).astext().split())
    return textwrap.shorten(text, WORDS, placeholder=" …")


def card(title, path):
    """Draw a page's picture: its title above the rhythms of a few units."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    lines = textwrap.wrap(title, 30)
    figure.text(0.06, 0.88, "\n".join(lines), fontsize=44 if len(lines) < 3 else 36, va="top", color="#222222")
    figure.text(0.06, 0.05, "Phased LSTM: the book that runs", fontsize=22, color="#444444")
    times = np.linspace(0.0, 100.0, 2001)
    rows = zip((9.0, 17.0, 31.0), ("output", "openness", "period"))
    for row, (period, name) in enumerate(rows):
        ax = figure.add_axes((0.06, 0.38 - 0.11 * row, 0.88, 0.09))
        k = time_gate(times, period, 2.0 * row, 0.3)
        ax.fill_between(times, k, color=COLOURS[name], alpha=0.25, lw=0)
        ax.plot(times, k, color=COLOURS[name], lw=3)
        ax.set(xlim=(0, 100), ylim=(-0.05, 1.05))
        ax.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def tags(properties):
    """Open Graph's properties, and the description, as HTML.

    >>> print(tags({"og:title": 'The "cell"', "description": "A & B"}))
    <meta property="og:title" content="The &quot;cell&quot;" />
    <meta name="description" content="A &amp; B" />
    """
    return "\n".join(
        f'<meta {"property" if ":" in name and not name.startswith("twitter") else "name"}="{name}" '
        f'content="{escape(str(text))}" />'
        for name, text in properties.items()
    )


def describe(app, pagename, templatename, context, doctree):
    """Add a page's tags, and draw its picture where there is none of this title."""
    if doctree is None or app.builder.name != "html":
        return
    title, site = app.env.titles[pagename].astext(), app.config.html_baseurl
    name = f"{Path(pagename).name}-{hashlib.sha256(title.encode()).hexdigest()[:8]}.png"
    picture = Path(app.outdir) / "_static" / "cards" / name
    if not picture.exists():
        card(title, picture)
    sentence = description(doctree)
    properties = {
        "description": sentence,
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": sentence,
        "og:url": f"{site}{pagename}.html",
        "og:image": f"{site}_static/cards/{name}",
        "og:image:width": SIZE[0],
        "og:image:height": SIZE[1],
        "og:image:alt": f"{title}. Below, the time gates of three units, each open for a part of its period.",
        "twitter:card": "summary_large_image",
    }
    context["metatags"] += tags(properties)


def sitemap(addresses):
    """The addresses of a site, as search engines ask for them."""
    rows = "".join(f"  <url><loc>{escape_xml(address)}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    )


def write_sitemap(app, exception):
    if exception is None and app.builder.name == "html":
        addresses = [f"{app.config.html_baseurl}{name}.html" for name in sorted(app.env.found_docs)]
        (Path(app.outdir) / "sitemap.xml").write_text(sitemap(addresses), encoding="utf-8")


def setup(app):
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True}
