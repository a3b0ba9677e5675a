"""Sphinx extension: no line begins with a mark or a unit that belongs to what stands at the end of the line before.

A browser may break a line on either side of a formula, even between it and its comma. And it may break "5 %" in two.
"""

import re

from docutils import nodes

OPENING = re.compile(r"[(\[“‘\"']+$")
CLOSING = re.compile(r"^\S{1,8}")
UNIT = re.compile(r"(?<=\d)(?: ?(?=%)| (?=(?:ms|µs|MiB|GiB)\b))")


def bind_units(text):
    """A number and its unit with a space between them at which no line ends; what code prints has none before %.

    >>> bind_units("5 % of 20 ms, 9.4% of 3 msgs").replace("\\N{NO-BREAK SPACE}", "~")
    '5~% of 20~ms, 9.4~% of 3 msgs'
    """
    return UNIT.sub("\N{NO-BREAK SPACE}", text)


def bind_marks(formula):
    """Put a formula and the marks that touch it into a node that is not broken.

    >>> formula = nodes.math("", "k")
    >>> line = nodes.paragraph("", "", nodes.Text("if ("), formula, nodes.Text("), then"))
    >>> bind_marks(formula)
    >>> [part.astext() for part in line]
    ['if ', '(k),', ' then']
    """
    parent, place = formula.parent, formula.parent.index(formula)
    around = [parent[place - 1] if place else None, parent[place + 1] if place + 1 < len(parent) else None]
    together = nodes.inline(classes=["together"])
    for text, marks, begins in zip(around, (OPENING, CLOSING), (True, False)):
        found = marks.search(text) if isinstance(text, nodes.Text) else None
        if found:
            text.parent.replace(text, nodes.Text(text[: found.start()] if begins else text[found.end() :]))
        around[not begins] = nodes.Text(found[0]) if found else None
    if any(around):
        parent.replace(formula, together)
        together += [node for node in (around[0], formula, around[1]) if node is not None]


def set_page(app, doctree, docname):
    for formula in list(doctree.findall(nodes.math)):
        bind_marks(formula)
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)):
            bound = bind_units(text)
            if bound != text:
                text.parent.replace(text, nodes.Text(bound))


def setup(app):
    app.connect("doctree-resolved", set_page)
    return {"parallel_read_safe": True}
