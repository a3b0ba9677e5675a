"""Sphinx extension: the package's docstrings as the API reference shows them, and links to it from every page.

The docstrings keep several arguments on one line where they share a sentence, and have sections of their own. Sphinx'
napoleon takes them apart wrongly, so this reads them: a line ``Section:`` and what stands indented below it. And
wherever a page says ``plstm.PhasedLSTM`` in code, it links to where that is explained.
"""

import inspect
import re
import textwrap

from docutils import nodes

LISTS = ("Args", "Call arguments", "Attributes", "Raises")  # sections of "names: what they are"
NAMES = {True: r"[A-Z]\w+", False: r"\**[a-z_]\w*"}  # of errors, and of arguments


def as_rest(lines):
    """The lines of a docstring in reStructuredText.

    >>> print("\\n".join(as_rest(["A sum.", "", "Args:", "    a, b: numbers. c: one", "        more."])))
    A sum.
    <BLANKLINE>
    .. rubric:: Args
    <BLANKLINE>
    * **a**, **b**: numbers.
    * **c**: one more.
    <BLANKLINE>
    """
    written, rest = [], list(lines)
    while rest:
        line = rest.pop(0)
        heading = re.fullmatch(r"([A-Z][a-z ]+):", line)
        source = re.fullmatch(r"(Source): (.+)", line)
        if heading and rest and rest[0].startswith(" "):
            body = []
            while rest and (not rest[0] or rest[0].startswith(" ")):
                body.append(rest.pop(0))
            written += [f".. rubric:: {heading[1]}", "", *_body(heading[1], textwrap.dedent("\n".join(body))), ""]
        else:
            written.append(f"**{source[1]}:** {source[2]}" if source else line)
    return written


def _body(section, text):
    if section not in LISTS:
        return text.strip("\n").split("\n")
    entries = []
    for line in text.strip("\n").split("\n"):
        if line.startswith(" ") and entries:
            entries[-1] += " " + line.strip()
        elif line:
            entries.append(line)
    name = NAMES[section == "Raises"]
    # Where a second name stands on the line of a first: "mask: booleans. training: whether the leak acts."
    parts = [part for entry in entries for part in re.split(rf"(?<=\.) (?={name}(?:, {name})*: )", entry)]
    described = []
    for part in parts:
        if not re.match(rf"{name}(, {name})*: ", part):
            described.append(f"* {part}")
            continue
        names, _, what = part.partition(": ")
        described.append(f"* **{names.replace(', ', '**, **')}**: {what}".replace("****", r"**\*\*"))
    return described


def process_docstring(app, what, name, thing, options, lines):
    lines[:] = as_rest(lines)


def process_signature(app, what, name, thing, options, signature, annotation):
    """A class takes what its own ``__init__`` takes; Keras' classes would all answer ``(*args, **kwargs)``."""
    if what == "exception":
        return "", None
    if what == "class" and thing.__init__ is not object.__init__:
        parameters = list(inspect.signature(thing.__init__).parameters.values())[1:]
        return str(inspect.Signature([one.replace(annotation=one.empty) for one in parameters])), None
    return None


def link(app, doctree, docname):
    """Turn code that names something in the reference into a link to it."""
    known = app.env.get_domain("py").objects
    for literal in list(doctree.findall(nodes.literal)):
        text = literal.astext().split("(")[0]
        found = known.get(text) if text.startswith("plstm.") else known.get(f"plstm.{text}")
        linked = any(isinstance(parent, nodes.reference) for parent in _parents(literal))
        if found is None or linked:
            continue
        address = "" if found.docname == docname else app.builder.get_relative_uri(docname, found.docname)
        reference = nodes.reference("", "", refuri=f"{address}#{found.node_id}", internal=True)
        literal.replace_self(reference)
        reference += literal


def _parents(node):
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app):
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("autodoc-process-signature", process_signature)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True}
