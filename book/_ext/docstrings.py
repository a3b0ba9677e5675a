"""Sphinx extension: signatures of Keras classes for the reference, and links to it from every page.

For a subclass of a Keras class, Python reports the signature ``(*args, **kwargs)``; the one of its ``__init__`` is used
instead. And wherever a page has ``plstm.PhasedLSTM`` in code, it links to the entry in the reference.
"""

import inspect

from docutils import nodes
from sphinx.ext.autodoc.typehints import record_typehints


def signature_of(thing):
    """The arguments of a class's ``__init__``, without types.

    >>> class Sum:
    ...     def __init__(self, a: int, b: int = 0): ...
    >>> signature_of(Sum)
    '(a, b=0)'
    """
    parameters = list(inspect.signature(thing.__init__).parameters.values())[1:]
    return str(inspect.Signature([one.replace(annotation=one.empty) for one in parameters]))


def process_signature(app, what, name, thing, options, signature, annotation):
    if what == "exception":
        return "", None
    if what == "class" and thing.__init__ is not object.__init__:
        record_typehints(app, what, name, thing.__init__, options, signature, annotation)
        return signature_of(thing), None
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
    app.connect("autodoc-process-signature", process_signature)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True}
