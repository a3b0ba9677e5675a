r"""Sphinx extension: what only the EPUB needs: no buttons of the theme, and equations as MathML, which needs no script.

docutils makes MathML out of TeX. What it does not know is put into what it does: tables of formulas become matrices.
"""

import re
from html import unescape

import plstm
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number

NAMED = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;)\w+;")  # entities of HTML that XML does not know
KNOWN = [
    (re.compile(r"\\class\{[\w-]+\}"), ""),  # colours.py
    (re.compile(r"\\begin\{array\}\{[^}]*\}"), r"\\begin{matrix}"),
    (re.compile(r"\\end\{array\}"), r"\\end{matrix}"),
    (re.compile(r"\\hline"), ""),
    (re.compile(r"\\dots\b"), r"\\ldots"),
]


def mathml(tex, block=False):
    r"""A formula as MathML. docutils' MathError for one that it cannot set.

    >>> mathml(r"\class{of-period}{\tau}").replace(" ", "").splitlines()[1:-1]
    ['<mi>τ</mi>']
    """
    for what, instead in KNOWN:
        tex = what.sub(instead, tex)
    return NAMED.sub(lambda found: unescape(found[0]), tex2mathml(tex, as_block=block))


def visit_math(self, node):
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def visit_math_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})</span>')
    self.body.append(f"{mathml(node.astext(), block=True)}</div>\n")
    raise nodes.SkipNode


def leave_out_buttons(app):
    """Take what the themes of the web pages add to a page out of an EPUB's build."""
    if app.builder.name == "epub":
        kept = [each for each in app.events.listeners["html-page-context"] if "theme" not in each.handler.__module__]
        app.events.listeners["html-page-context"] = kept


def leave_out_scripts(app, pagename, templatename, context, doctree):
    if app.builder.name == "epub":
        context["script_files"] = []


def lead_to_pages(app, doctree, docname):
    """Links that the lists of chapters.py write for the web, to what the pages are called here."""
    if app.builder.name == "epub":
        for link in doctree.findall(nodes.reference):
            if link.get("internal") and "refuri" in link:
                link["refuri"] = re.sub(r"^(\w+)\.html(?=#|$)", r"\1.xhtml", link["refuri"])


def state_version(app, config):
    config.version = config.release = plstm.__version__


def setup(app):
    app.connect("builder-inited", leave_out_buttons, priority=900)
    app.connect("config-inited", state_version)
    app.connect("doctree-resolved", lead_to_pages)
    app.connect("html-page-context", leave_out_scripts, priority=900)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_config_value("epub_math_renderer", "mathml", "epub")
    return {"parallel_read_safe": True}
