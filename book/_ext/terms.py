"""Sphinx extension: a glossary term in bold, in the chapter that explains it, links to the glossary and the index.

The index, which has no source file, is added at the end of the table of contents.

The glossary names the chapter in which each term comes first. So the notebooks need only bold type, which Jupyter and
Colab show as well.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import index, pending_xref, toctree
from sphinx.transforms import SphinxTransform

ENDINGS = "(?:s|es|ed|ing)?"


def glossary(path):
    """{term: name of the chapter in which it comes first}, from the glossary's text."""
    text = Path(path).read_text(encoding="utf-8").split("```{glossary}\n")[1].split("\n```")[0]
    first = {}
    for entry in re.split(r"\n(?=\S)", text):
        term, _, definition = entry.partition("\n")
        [first[term]] = re.findall(r"First\s+in\s+\{doc\}`(\w+)`\.\s*$", definition)
    return first


def pattern(term):
    """A regular expression of a term and its forms, as a word."""
    words = r"\s+".join(map(re.escape, term.split(" ")))
    return rf"(?<![\w-]){words}{ENDINGS}(?![\w-])"


class LinkTerms(SphinxTransform):
    """Turns the first bold occurrence of each term of this chapter into a link, and adds it to the index."""

    default_priority = 500  # before Sphinx collects the entries of the index

    def apply(self, **kwargs):
        folder, _, chapter = self.env.docname.rpartition("/")
        path = Path(self.app.srcdir) / folder / "glossary.md"
        self.env.note_dependency(str(path))
        wanted = {term for term, first in glossary(path).items() if first == chapter}
        for strong in list(self.document.findall(nodes.strong)):
            for term in sorted(wanted):
                if re.fullmatch(pattern(term), strong.astext(), re.IGNORECASE):
                    wanted.remove(term)
                    self.link(strong, term)
                    break

    def link(self, strong, term):
        place = f"first-{nodes.make_id(term)}"
        entry = index(entries=[("single", term, place, "", None)])
        reference = pending_xref("", refdomain="std", reftype="term", reftarget=term, refdoc=self.env.docname)
        # The target contains the word itself, because the search page cannot show a target without text.
        strong.replace_self([entry, nodes.inline("", "", reference, ids=[place])])
        reference += strong


def list_index(app, doctree):
    """Add the index at the end of the contents."""
    if app.env.docname == app.config.root_doc:
        *_, last = doctree.findall(toctree)
        last["entries"].append((None, "genindex"))


def setup(app):
    app.add_transform(LinkTerms)
    app.connect("doctree-read", list_index, priority=400)  # before they are collected, at 500
    return {"parallel_read_safe": True}
