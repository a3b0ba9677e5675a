"""Sphinx extension: what a link to a term or an equation leads to shows on a card, on hover and on focus.

The cards of a page are made as it is written, from the glossary and from the equations themselves, and stand in the
page as data; ``_static/cards.js`` shows them. Without scripts the links stay what they are.
"""

import json
import re
from functools import cache

from docutils import nodes

LINK = re.compile(r'<a class="reference internal" href="[^"#]*#((?:term|equation)-[^"]+)"')
TAG = re.compile(r"</?a\b[^>]*>")
GLOSSARY = "book/glossary"


def linked(body):
    """The terms and equations that a page's links lead to, in order, once each.

    >>> linked('<a class="reference internal" href="glossary.html#term-leak">x</a> <a href="#term-a">y</a>')
    ['term-leak']
    """
    return list(dict.fromkeys(LINK.findall(body)))


class Cards:
    """The cards of the book, each made when it is first asked for."""

    def __init__(self, app):
        self.app = app
        self.definitions = cache(self._definitions)
        self.equation = cache(self._equation)

    def html(self, node):
        # A card is read and not walked through: no links.
        return TAG.sub("", self.app.builder.render_partial(node)["fragment"]).strip()

    def _definitions(self):
        if GLOSSARY not in self.app.env.found_docs:
            return {}
        doctree = self.app.env.get_and_resolve_doctree(GLOSSARY, self.app.builder)
        found = {}
        for item in doctree.findall(nodes.definition_list_item):
            [definition] = item.findall(nodes.definition)
            for term in item.findall(nodes.term):
                words = f"<strong>{term.astext()}</strong>"
                found |= dict.fromkeys(term["ids"], words + "".join(map(self.html, definition.children)))
        return found

    def _equation(self, label):
        from chapters import in_words  # the folder of the extensions is on the path while Sphinx runs

        place = self.app.env.get_domain("math").equations.get(label)
        if place is None:
            return None
        for block in self.app.env.get_doctree(place[0]).findall(nodes.math_block):
            if block.get("label") == label:
                alone = nodes.math_block("", block.astext(), nowrap=block.get("nowrap", False), number=None)
                return f"<strong>{in_words(label)}</strong>{self.html(alone)}"
        return None

    def card(self, target):
        kind, _, name = target.partition("-")
        return self.definitions().get(target) if kind == "term" else self.equation(name)


def add_cards(app, pagename, templatename, context, doctree):
    if app.builder.name != "html" or doctree is None:
        return
    cards = {target: app.plstm_cards.card(target) for target in linked(context["body"])}
    if cards := {target: html for target, html in cards.items() if html}:
        data = json.dumps(cards, ensure_ascii=False).replace("<", "\\u003c")
        context["body"] += f'<script type="application/json" id="plstm-cards">{data}</script>'
        app.add_js_file("cards.js", loading_method="defer")


def begin(app):
    app.plstm_cards = Cards(app)


def setup(app):
    app.connect("builder-inited", begin)
    app.connect("html-page-context", add_cards)
    app.add_css_file("cards.css")
    return {"parallel_read_safe": True}
