"""Sphinx extension: on a phone the rows of a table of sentences become paragraphs, each with the name of its column.

In a column as narrow as a word a sentence cannot be read. Such tables get a class, and their cells the names; the style
sheet of the pages does the rest.
"""

import re
from html import escape, unescape
from itertools import cycle

TABLE = re.compile(r'<table class="table">(.*?</thead>)(.*?)</table>', re.DOTALL)
HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
CELL = re.compile(r"<td\b[^>]*>(.*?)</td>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
COLUMNS = 3  # at least so many
FIRST, OTHER = 60, 40  # signs of the longest cell in the first column, and in the others; one of them must be reached


def words(html):
    return " ".join(unescape(TAG.sub("", html)).split())


def with_names(found):
    """A table of sentences with its class and the names in its cells; any other table as it is.

    >>> row = f"<tr><td><p>It sleeps</p></td><td>no</td><td>{'because ' * 9}</td></tr>"
    >>> head = "<thead><tr><th>claim</th><th>true</th><th><p>why</p></th></tr></thead>"
    >>> TABLE.sub(with_names, f'<table class="table">{head}{row}</table>').replace("because ", "")
    '<table class="table of-sentences">...<td data-head="claim"><p>It sleeps...<td data-head="why"></td></tr></table>'
    >>> short = f'<table class="table">{head}<tr><td>a</td><td>b</td><td>c</td></tr></table>'
    >>> TABLE.sub(with_names, short) == short
    True
    >>> labels = f"<tr><td>{'s' * 45}</td><td>1</td><td>2</td></tr>"
    >>> settings = f"<tr><td>1</td><td>{'s' * 45}</td><td>2</td></tr>"
    >>> tables = (TABLE.sub(with_names, f'<table class="table">{head}{row}</table>') for row in (labels, settings))
    >>> ["of-sentences" in table for table in tables]
    [False, True]
    """
    heads = [words(head) for head in HEAD.findall(found[1])]
    cells = [len(words(cell)) for cell in CELL.findall(found[2])]
    others = (length for place, length in enumerate(cells) if place % len(heads))
    if len(heads) < COLUMNS or (max(cells[:: len(heads)], default=0) < FIRST and max(others, default=0) < OTHER):
        return found[0]
    names = cycle(heads)
    body = re.sub(r"<td\b", lambda _: f'<td data-head="{escape(next(names))}"', found[2])
    return f'<table class="table of-sentences">{found[1]}{body}</table>'


def finish(app, pagename, templatename, context, doctree):
    if doctree is not None and app.builder.name in ("html", "dirhtml"):
        context["body"] = TABLE.sub(with_names, context["body"])


def setup(app):
    app.connect("html-page-context", finish)
    return {"parallel_read_safe": True}
