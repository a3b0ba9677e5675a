"""Sphinx extension: the last touches to a page: where to tell us what is wrong, where names break, what is read aloud.

An empty cell in a table's head is no heading, and roles that the standard has given up name nothing: a screen reader
would stumble over both. A long name in code goes to the next line of a narrow screen after a mark, not within a word.
"""

import re
from html import escape
from urllib.parse import urlencode

CODE = re.compile(r'(?<=<span class="pre">)[^<]+(?=</span>)')
AFTER = re.compile(r"(?<=\w)([_.(,/=\[]+)(?=\w)")
EMPTY_HEAD = re.compile(r"<th\b[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")
CHANGES = {
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",
    '<summary aria-label="Toggle hidden content">': "<summary>",  # what stands in it says more
}


def feedback(repository, title, address):
    """A paragraph with a link that opens an issue which names the page.

    >>> feedback("https://github.com/a/b", "The cell", "https://a.github.io/b/the_cell.html").split('"')[3]
    'https://github.com/a/b/issues/new?title=Page+%22The+cell%22%3A+&amp;body=https%3A%2F%2Fa.github.io%2F...'
    """
    words = urlencode({"title": f'Page "{title}": ', "body": f"{address}\n\n"})
    link = escape(f"{repository}/issues/new?{words}")
    question = "Is something wrong or unclear on this page?"
    return f'<p class="feedback d-print-none">{question} <a href="{link}">Tell us.</a></p>'


def breakable(body):
    """HTML whose code may go on in the next line after a mark within a name.

    >>> breakable('<code><span class="pre">plstm.from_times</span></code> a.b')
    '<code><span class="pre">plstm.<wbr>from_<wbr>times</span></code> a.b'
    """
    return CODE.sub(lambda found: AFTER.sub(r"\1<wbr>", found[0]), body)


def finish(app, pagename, templatename, context, doctree):
    if doctree is None or app.builder.name not in ("html", "dirhtml"):
        return
    body = EMPTY_HEAD.sub("<td></td>", breakable(context["body"]))
    for before, after in CHANGES.items():
        body = body.replace(before, after)
    repository = app.config.html_theme_options["repository_url"]
    title = app.env.titles[pagename].astext()
    context["body"] = body + feedback(repository, title, f"{app.config.html_baseurl}{pagename}.html")


def setup(app):
    app.connect("html-page-context", finish)
    app.add_js_file("sidebars.js", loading_method="defer")
    return {"parallel_read_safe": True}
