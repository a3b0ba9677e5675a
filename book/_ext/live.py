"""Sphinx extension: the modules of the live figures as files of the site, and their host on pages with a figure."""

from pathlib import Path

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


def setup(app):
    app.connect("builder-inited", write_modules)
    app.connect("html-page-context", add_host)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
