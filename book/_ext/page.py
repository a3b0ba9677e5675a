"""Sphinx extension: the last touches to a page: where to tell us what is wrong, where names break, what is read aloud.

An empty cell in a table's head is no heading, and roles that the standard has given up name nothing: a screen reader
would stumble over both. A long name in code goes to the next line of a narrow screen after a mark, not within a word.
"""

import re
from html import escape, unescape
from urllib.parse import urlencode

CODE = re.compile(r'(?<=<span class="pre">)[^<]+(?=</span>)')
AFTER = re.compile(r"(?<=\w)([_.(,/=\[]+)(?=\w)")
EMPTY_HEAD = re.compile(r"<th\b[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")
SECTION = re.compile(
    r'<section id="([^"]+)">\s*(?:<span id="[^"]*"></span>)*<h2>(.*?)<a class="headerlink".*?</h2>', re.DOTALL
)
TAG = re.compile(r"<[^>]+>")
CHANGES = {
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",
    '<summary aria-label="Toggle hidden content">': "<summary>",  # what stands in it says more
}


def new_issue(repository, title, address):
    """The address of a form for a new issue that already names what it is about.

    >>> new_issue("https://github.com/a/b", "The cell", "https://a.github.io/b/the_cell.html")
    'https://github.com/a/b/issues/new?title=The+cell%3A+&amp;body=https%3A%2F%2Fa.github.io%2Fb%2Fthe_cell.html%0A%0A'
    """
    return escape(f"{repository}/issues/new?{urlencode({'title': f'{title}: ', 'body': address + chr(10) * 2})}")


def feedback(repository, title, address):
    """A paragraph with a link that opens an issue which names the page."""
    question = "Is something wrong or unclear on this page?"
    link = new_issue(repository, f'Page "{title}"', address)
    return f'<p class="feedback d-print-none">{question} <a href="{link}">Tell us.</a></p>'


def with_feedback(body, repository, title, address):
    """HTML with a link under the heading of every section, which opens an issue that names page and section.

    >>> heading = '<section id="why">\\n<h2>Why?<a class="headerlink" href="#why">#</a></h2>'
    >>> with_feedback(heading, "https://github.com/a/b", "The cell", "c.html").removeprefix(heading)
    '<p class="feedback-section d-print-none"><a href="...c.html%23why%0A%0A" aria-label="...Why?">Unclear?</a></p>'
    """

    def link(found):
        section, words = found[1], unescape(TAG.sub("", found[2])).strip()
        to = new_issue(repository, f'Page "{title}", section "{words}"', f"{address}#{section}")
        label = escape(f"Unclear? Tell us about the section: {words}")
        asked = f'<a href="{to}" aria-label="{label}">Unclear?</a>'
        return f'{found[0]}<p class="feedback-section d-print-none">{asked}</p>'

    return SECTION.sub(link, body)


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
    about = repository, title, f"{app.config.html_baseurl}{pagename}.html"
    context["body"] = with_feedback(body, *about) + feedback(*about)


def setup(app):
    app.connect("html-page-context", finish)
    app.add_js_file("sidebars.js", loading_method="defer")
    return {"parallel_read_safe": True}
