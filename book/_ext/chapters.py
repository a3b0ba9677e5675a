"""Sphinx extension: links of equations to code, and targets for exercises, on each chapter's page.

Below each labelled equation are the code that computes it and the test of that code (tools/equations.yaml). Every
exercise and every solution has a target, so that other pages can link to it. The directives ``exercises`` and
``equations`` list all of them.
"""

import re
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

EXERCISE = re.compile(r"\*\*(\d+\. .+?)\*\*")
LABEL = re.compile(r"^\$\$ \(([\w-]+)\)", re.MULTILINE)


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def sentence(row, config, page=None):
    """A paragraph that names an equation's code and links to its test. ``page``: that of the equation, if another."""
    paragraph = nodes.paragraph("", "In code: ", classes=["equation-code"])
    paragraph += nodes.literal("", row.get("here") or row["code"])
    if "here" in row:
        where = nodes.reference("", "on its page", refuri=page, internal=True) if page else nodes.Text("on this page")
        paragraph += [nodes.Text(", "), where, nodes.Text(".")]
        return paragraph
    file, _, function = row["test"].partition("::")
    repository = config.html_theme_options.get("repository_url", "")
    branch = config.html_theme_options.get("repository_branch", "main")
    link = nodes.reference("", "", refuri=f"{repository}/blob/{branch}/{file}")
    link += nodes.literal("", function)
    paragraph += [nodes.Text(", tested by "), link, nodes.Text(".")]
    return paragraph


def equations(folder):
    return yaml.safe_load((Path(folder) / "tools" / "equations.yaml").read_text(encoding="utf-8"))


class DressChapter(SphinxTransform):
    """Adds reading time, links and targets to a page that has exercises."""

    default_priority = 500

    def apply(self, **kwargs):
        rows = equations(self.app.srcdir)
        self.env.note_dependency(str(Path(self.app.srcdir) / "tools" / "equations.yaml"))
        for block in list(self.document.findall(nodes.math_block)):
            if block.get("label") in rows:
                block.parent.insert(block.parent.index(block) + 1, sentence(rows[block["label"]], self.config))
        for section in list(self.document.findall(nodes.section)):
            if section.next_node(nodes.title).astext() == "Exercises":
                self.number(section)

    def number(self, section):
        """Targets: exercise-1 before the first exercise, solution-1 in the cell that solves it, and so on."""
        number = 0
        for node in list(section.findall()):
            strong = next(node.findall(nodes.strong), None) if isinstance(node, nodes.paragraph) else None
            if strong is not None and re.match(r"\d+\. ", node.astext()):
                number += 1
                node.parent.insert(node.parent.index(node), nodes.target("", "", ids=[f"exercise-{number}"]))
            elif is_cell(node) and "solution" in node.get("cell_metadata", {}).get("tags", []):
                # Inside the source node, because a node beside it would prevent myst-nb from folding the cell.
                node.children[0].insert(0, nodes.target("", "", ids=[f"solution-{number}"]))


class List(Directive):
    """Base class of the two lists: the chapters in their order."""

    @property
    def env(self):
        return self.state.document.settings.env

    def chapters(self):
        """For each notebook of the contents: its name, its title and the text of its markdown cells."""
        root = Path(self.env.srcdir)
        toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
        for chapter in (chapter for part in toc["parts"] for chapter in part["chapters"]):
            path = root / f"{chapter['file']}.ipynb"
            if path.exists():
                self.env.note_dependency(str(path))
                cells = nbformat.read(path, as_version=4).cells
                text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
                yield path.stem, text.partition("\n")[0].removeprefix("# "), text

    def entry(self, text, *links):
        paragraph = nodes.paragraph("", text)
        for words, address in links:
            paragraph += [nodes.reference("", words, refuri=address, internal=True), nodes.Text(" ")]
        return nodes.list_item("", paragraph)


class Exercises(List):
    """All exercises: a list for each chapter, with links to exercise and solution."""

    def run(self):
        found = []
        for name, title, text in self.chapters():
            titles = EXERCISE.findall(text.partition("\n## Exercises")[2])
            if titles:
                found.append(nodes.rubric("", title))
                lines = [
                    self.entry("", (each, f"{name}.html#exercise-{n}"), ("solution", f"{name}.html#solution-{n}"))
                    for n, each in enumerate(titles, 1)
                ]
                found.append(nodes.bullet_list("", *lines))
        return found


def in_words(label):
    """An equation's label as a reader would write it.

    >>> in_words("lstm-gates")
    'LSTM gates'
    """
    return re.sub(r"\b(lstm|gru)\b", lambda found: found[0].upper(), label.replace("-", " "))


class Equations(List):
    """All labelled equations, chapter by chapter: its number as a link, the code, the test."""

    def run(self):
        rows, config, found = equations(self.env.srcdir), self.env.config, []
        for name, title, text in self.chapters():
            labels = [label for label in LABEL.findall(text) if label in rows]
            if labels:
                found.append(nodes.rubric("", title))
            items = []
            for label in labels:
                options = {"refdomain": "math", "reftype": "eq", "reftarget": label, "refdoc": self.env.docname}
                number = pending_xref("", nodes.inline("", label), **options)
                item = nodes.list_item("", nodes.paragraph("", "", number, nodes.Text(f" {in_words(label)}")))
                item += sentence(rows[label], config, f"{name}.html#equation-{label}")
                items.append(item)
            found += [nodes.bullet_list("", *items)] if items else []
        return found


def setup(app):
    app.add_transform(DressChapter)
    app.add_directive("exercises", Exercises)
    app.add_directive("equations", Equations)
    return {"parallel_read_safe": True}
