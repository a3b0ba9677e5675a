"""Sphinx extension: exercises that can be answered on the page, and questions that ask before the page tells.

Before the cell with an exercise's dots the page of an exercise whose answer is a number, a few or letters gets a place
for a form, with the rule that judges it (plstm/lab/exercises/rule.py); ``plstm/lab/live/ask.mjs`` fills it. Where the
answer is code the page says so and leads to that cell in Colab. What the unanswered check printed is left out.
"""

import json
import re
from html import escape
from pathlib import Path

import nbformat
from docutils import nodes
from plstm.lab import exercises
from plstm.lab.exercises.rule import page

CHECK = re.compile(r"exercises\.(check_\w+)\(")
COLAB = "https://colab.research.google.com/github"


def place(name, title):
    """The place of a form, for the check with this name.

    >>> place("check_openings", "Waking up")[:79]
    '<div class="plstm-ask" data-ask="{&quot;check&quot;: &quot;check_openings&quot;'
    """
    question = {**page(getattr(exercises, name)), "title": title}
    return f'<div class="plstm-ask" data-ask="{escape(json.dumps(question, ensure_ascii=False))}"></div>'


def colab(repository, branch, path, cell):
    """A sentence with a link to a notebook's cell in Colab.

    >>> colab("https://github.com/a/b", "main", "book/c.ipynb", "d").split("github/")[1]
    'a/b/blob/main/book/c.ipynb#scrollTo=d">Open it at this cell in Colab.</a></p>'
    """
    owner = repository.removeprefix("https://github.com/")
    address = f"{COLAB}/{owner}/blob/{branch}/{path}#scrollTo={cell}"
    link = f'<a class="reference external" href="{escape(address)}">Open it at this cell in Colab.</a>'
    return f'<p class="plstm-needs-code">The answer is code: it needs a notebook. {link}</p>'


def title_before(cell):
    """The bold words that begin the exercise of a cell.

    >>> text = nodes.paragraph("", "", nodes.strong("", "2. Wake up."))
    >>> cell = nodes.container()
    >>> _ = nodes.section("", text, nodes.paragraph("", "How?"), cell)
    >>> title_before(cell)
    'Exercise 2. Wake up'
    """
    before = cell.parent[: cell.parent.index(cell)]
    bold = [strong for node in before for strong in node.findall(nodes.strong) if re.match(r"\d+\. ", strong.astext())]
    return f"Exercise {bold[-1].astext().rstrip('.?! ')}"


def ask(app, doctree, docname):
    path = Path(app.env.doc2path(docname))
    if app.builder.name not in ("html", "dirhtml") or path.suffix != ".ipynb":
        return
    options = app.config.html_theme_options
    where = options.get("repository_url", ""), options.get("repository_branch", "main")
    notebook = nbformat.read(path, as_version=4)
    for cell in list(doctree.findall(nodes.container)):
        is_solution = "solution" in cell.get("cell_metadata", {}).get("tags", [])
        found = CHECK.search(cell.astext()) if cell.get("nb_element") == "cell_code" else None
        if not found or is_solution:
            continue
        if page(getattr(exercises, found[1])):
            html = place(found[1], title_before(cell))
        else:
            identity = notebook.cells[cell["cell_index"]].id
            html = colab(*where, path.relative_to(app.srcdir).as_posix(), identity)
        cell.parent.insert(cell.parent.index(cell), nodes.raw("", html, format="html"))
        for output in list(cell.children):
            if output.get("nb_element") == "cell_code_output":
                cell.remove(output)


def add_script(app, pagename, templatename, context, doctree):
    if app.builder.name == "html" and 'class="plstm-ask"' in context.get("body", ""):
        app.add_js_file("live/ask.mjs", type="module")


def setup(app):
    app.connect("doctree-resolved", ask)
    app.connect("html-page-context", add_script)
    app.add_css_file("ask.css")
    return {"parallel_read_safe": True}
