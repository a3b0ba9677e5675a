"""Sphinx extension: how long a page takes, and the first page's ways through the book, one for each kind of reader.

``paths.yaml`` beside this names the readers and their pages; the directive ``paths`` (in a notebook ``<!-- paths -->``)
lists them. The minutes are counted, not typed: words, lines of shown code and figures, without the exercises.
"""

import re
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

WORDS = 180  # a minute, of prose with equations in it
LINES = 15  # of code a minute
FIGURE = 0.5  # minutes
HIDDEN = {"hide-cell", "hide-input", "remove-cell", "remove-input"}
NO_WORDS = re.compile(r"\$\$.*?\$\$|```.*?```|\]\([^)]*\)|<!--.*?-->", re.DOTALL)


def minutes(cells):
    """How many minutes the cells of a notebook take, up to the exercises.

    >>> text, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    >>> minutes([text("word " * 900), code("x = 1\\n" * 15), text("## Exercises"), text("a " * 999)])
    6
    """
    total = 0.0
    for cell in cells:
        if cell.cell_type == "markdown":
            before, exercises, _ = f"\n{cell.source}".partition("\n## Exercises")
            total += len(NO_WORDS.sub(" ", before).split()) / WORDS
            if exercises:
                break
        else:
            figure = "mystnb" in cell.metadata or re.search(r"^plstm\.explore_\w+\(", cell.source, re.MULTILINE)
            total += FIGURE if figure else 0.0
            if not HIDDEN & set(cell.metadata.get("tags", [])):
                total += len(cell.source.splitlines()) / LINES
    return max(1, round(total))


def page(root, name):
    """Title and minutes of a notebook of the book."""
    cells = nbformat.read(Path(root) / "book" / f"{name}.ipynb", as_version=4).cells
    return cells[0].source.partition("\n")[0].removeprefix("# "), minutes(cells)


class StateTime(SphinxTransform):
    """Says under the title of a chapter, which has exercises, how long it takes."""

    default_priority = 500

    def apply(self, **kwargs):
        path = self.env.doc2path(self.env.docname)
        titles = [section.next_node(nodes.title).astext() for section in self.document.findall(nodes.section)]
        if path.endswith(".ipynb") and "Exercises" in titles:
            text = f"About {minutes(nbformat.read(path, as_version=4).cells)} minutes to read, without the exercises."
            section = self.document.next_node(nodes.section)
            section.insert(1, nodes.paragraph("", text, classes=["reading-time"]))


class Paths(Directive):
    """For each reader: whom it is for, the pages with links, and the minutes of all."""

    def run(self):
        env = self.state.document.settings.env
        file = Path(__file__).with_name("paths.yaml")
        env.note_dependency(str(file))
        readers = yaml.safe_load(file.read_text(encoding="utf-8"))
        items = []
        for reader in readers:
            paragraph = nodes.paragraph("", "", nodes.strong("", reader["for"]), nodes.Text(" "))
            total = 0
            for number, name in enumerate(reader["pages"]):
                env.note_dependency(str(Path(env.srcdir) / "book" / f"{name}.ipynb"))
                title, time = page(env.srcdir, name)
                total += time
                options = {"refdomain": "std", "reftype": "doc", "reftarget": f"/book/{name}", "refdoc": env.docname}
                link = pending_xref("", nodes.inline("", title), refexplicit=True, refwarn=True, **options)
                paragraph += [nodes.Text(" · "), link] if number else [link]
            paragraph += nodes.Text(f". About {total} minutes.")
            items.append(nodes.list_item("", paragraph))
        return [nodes.bullet_list("", *items)]


def setup(app):
    app.add_transform(StateTime)
    app.add_directive("paths", Paths)
    return {"parallel_read_safe": True}
