"""Sphinx extension: the modules of the live figures as files of the site, and their host on pages with a figure.

Links of class ``figure-state`` move a figure of their page (plain_markdown.py). Where no figure moves they are words.
"""

from html import unescape
from pathlib import Path

from docutils import nodes
from plstm.lab.live import javascript


def write_modules(app):
    if app.builder.name != "html":  # on paper a figure is its plain picture
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for name in javascript.names():
        (folder / f"{name}.mjs").write_text(javascript.source(name), encoding="utf-8")


def add_host(app, pagename, templatename, context, doctree):
    if app.builder.name == "html" and 'class="plstm-live"' in context.get("body", ""):
        app.add_js_file("live/host.mjs", type="module")
        app.add_js_file("from_disk.js", loading_method="defer")


def settle_links(app, doctree, docname):
    for link in list(doctree.findall(nodes.reference)):
        if "figure-state" in link["classes"]:
            if app.builder.name == "html":
                link["refuri"] = unescape(link["refuri"])  # MyST has escaped it, and the page would once more
                link["classes"].remove("external")
                link["internal"] = True
            else:
                link.replace_self(link.children)


def setup(app):
    app.connect("doctree-resolved", settle_links)
    app.connect("builder-inited", write_modules)
    app.connect("html-page-context", add_host)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
