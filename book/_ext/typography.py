"""Sphinx extension: keeps a formula and its punctuation, and a number and its unit, on one line.

Without it a browser may break a line between a formula and its comma, or inside "5 %".
"""

import re

from docutils import nodes

OPENING = re.compile(r"[(\[“‘\"']+$")
CLOSING = re.compile(r"^\S{1,8}")
UNIT = re.compile(r"(?<=\d)(?: ?(?=%)| (?=(?:ms|µs|MiB|GiB)\b))")


def bind_units(text):
    """Text with no-break spaces between numbers and units; one is inserted before a % without a space.

    >>> bind_units("5 % of 20 ms, 9.4% of 3 msgs").replace("\\N{NO-BREAK SPACE}", "~")
    '5~% of 20~ms, 9.4~% of 3 msgs'
    """
    return UNIT.sub("\N{NO-BREAK SPACE}", text)


def bind_marks(formula):
    """Put a formula and the punctuation next to it into a node without line breaks.

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
