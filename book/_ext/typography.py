"""Sphinx extension: keeps on one line what belongs together: a formula and its punctuation, a number and its unit.

Without it a browser may break a line between a formula and its comma, or inside "5 %", "p = .003" or "[0.1, 0.2]".
"""

import re

from docutils import nodes

OPENING = re.compile(r"[(\[“‘\"']+$")
CLOSING = re.compile(r"^\S{1,8}")
SPACE = "\N{NO-BREAK SPACE}"
BOUND = [
    (re.compile(r"(?<=\d)(?: ?(?=%)| (?=(?:ms|µs|s|min|°C|KiB|MiB|GiB)\b))"), SPACE),
    (re.compile(r"(?<=\de)-(?=\d)"), "−"),  # a line may end after a hyphen
    (re.compile(r"(?<=\d) ([×→]) (?=\d)"), rf"{SPACE}\1{SPACE}"),
    (re.compile(r"\b([A-Za-zτφα]) ([=<>≈≤≥]) (?=[−-]?\.?\d)"), rf"\1{SPACE}\2{SPACE}"),
    (re.compile(r"(?<=\[)([+−-]?[\d.]+(?:e−?\d+)?), (?=[+−-]?[\d.]+(?:e−?\d+)?\])"), rf"\1,{SPACE}"),
]
# What Sphinx writes between a parameter and its description.
DASHES = re.compile(r"(?<= )--(?= )")
QUESTION = '<div class="plstm-ask"'  # as plstm/lab/predict.py writes it
# What in HTML is no text: a script with all that it holds, and tags.
MARKUP = re.compile(r"(<script\b.*?</script>|<[^>]*>)", re.DOTALL)


def bind(text):
    """Text with no-break spaces where a line must not end; one is inserted before a % without a space.

    >>> def shown(text):
    ...     return bind(text).replace(SPACE, "~")
    >>> shown("5 % of 20 ms, 9.4% of 3 msgs, 0.8 s a step")
    '5~% of 20~ms, 9.4~% of 3 msgs, 0.8~s a step'
    >>> shown("differs by +1.0 points [−0.5, +1.6], p < .0001; D = 64, and at 256 × 784, 1 → 32")
    'differs by +1.0 points [−0.5,~+1.6], p~<~.0001; D~=~64, and at 256~×~784, 1~→~32'
    >>> shown("a list [1, 2, 3] = 4, units (int) -- H")
    'a list [1, 2, 3] = 4, units (int) – H'
    >>> shown("0.00014 [9.6e-05, 0.0002], above-mentioned")
    '0.00014 [9.6e−05,~0.0002], above-mentioned'
    """
    for pattern, bound in BOUND:
        text = pattern.sub(bound, text)
    return DASHES.sub("–", text)


def bind_html(html):
    """The same for the text of some HTML; data that a page's scripts read stay as they are.

    >>> bind_html('<b title="[1.0, 2.0]">5 %</b><script type="application/json">[1.0, 2.0]</script>')
    '<b title="[1.0, 2.0]">5\\xa0%</b><script type="application/json">[1.0, 2.0]</script>'
    """
    return "".join(part if number % 2 else bind(part) for number, part in enumerate(MARKUP.split(html)))


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
    for parent in list(doctree.findall(nodes.Element)):
        if isinstance(parent, (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)):
            continue
        for place, text in enumerate(parent.children):
            if isinstance(text, nodes.Text) and (bound := bind(text)) != text:
                parent[place] = nodes.Text(bound)
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().startswith(QUESTION):
            raw.replace_self(nodes.raw("", bind_html(raw.astext()), **raw.attributes))


def setup(app):
    app.connect("doctree-resolved", set_page)
    return {"parallel_read_safe": True}
