"""Sphinx extension: notebooks hold Markdown that Jupyter and Colab show, and the page gets Sphinx' roles out of it.

A role in braces stands raw in every front end but Sphinx. So a notebook names an equation as it is labelled beside the
equation, ``[(blend)](#blend)``, where the page says (4.2); it cites as ``([Neil et al., 2016](ADDRESS))``, with the
address of the bibliography's entry, or as ``[Neil et al. (2016)](ADDRESS)`` within a sentence; and
``<!-- contents -->`` stands for the table of contents, ``<!-- paths -->`` for the ways through the book (reading.py).
A link such as ``[a large leak](#gate.leak=0.1)`` puts the page's figure of that kind into that state (live.py).
``tools/plain_markdown.py`` writes what stands there as roles in this form.
"""

import json
import re
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pybtex.database import parse_file
from pybtex.richtext import Text

DIRECTIVES = {"```{tableofcontents}\n```": "<!-- contents -->", "```{paths}\n```": "<!-- paths -->"}
CODE = {"func", "meth", "class", "mod", "attr", "exc"}  # a name in code links to the reference by itself
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
# Of what begins first, the rest is part.
ROLE_OR_CODE = re.compile(rf"(?P<role>{ROLE.pattern})|(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
DIRECTIVE = re.compile(r"^ *(?:`{3,}|~{3,}|:{3,}) *\{[^}]*\}.*$", re.MULTILINE)
TARGET = re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE)
EQUATION = re.compile(r"\[\(([\w-]+)\)\]\((\w+\.ipynb)?#\1\)")
LABEL = re.compile(r"^\$\$ \(([\w-]+)\)", re.MULTILINE)
IN_BRACKETS = re.compile(r"\((\[[^][]+,\s\d{4}\]\([^()\s]+\)(?:;\s\[[^][]+,\s\d{4}\]\([^()\s]+\))*)\)")
IN_SENTENCE = re.compile(r"\[[^][]+\s\(\d{4}\)\]\(([^()\s]+)\)")
STATE = re.compile(r"(\]\(#[\w-]+\.\w+=[^()\s]*\))")
OF_STATE = "{.external .figure-state}"  # external: else MyST would look for a heading
ADDRESS = re.compile(r"\]\(([^()\s]+)\)")


def address(fields):
    """Where a work can be read, from the fields of its entry."""
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    return f"https://arxiv.org/abs/{fields['eprint']}" if "eprint" in fields else fields["url"]


@cache
def bibliography(path):
    """{key: (authors in a few words, year, address)} of a BibTeX file."""
    found = {}
    for key, entry in parse_file(str(path)).entries.items():
        names = [
            str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))
            for person in entry.persons["author"]
        ]
        authors = names[0] if len(names) == 1 else " & ".join(names) if len(names) == 2 else f"{names[0]} et al."
        found[key] = authors, entry.fields["year"], address(entry.fields)
    return found


def to_plain(text, entries, elsewhere=MappingProxyType({})):
    """Markdown without roles. ``entries``: of the bibliography; ``elsewhere``: the notebooks of other pages' equations.

    ValueError for a role that has no plain form.

    >>> entries = {"a": ("Ada & Bo", "2016", "https://x.org/a")}
    >>> to_plain("See {eq}`blend`, a {term}`phase` and {func}`plstm.pad` {cite:p}`a`.", entries)
    'See [(blend)](#blend), a **phase** and `plstm.pad` ([Ada & Bo, 2016](https://x.org/a)).'
    >>> to_plain("As {cite:t}`a` say, {eq}`leak`.", entries, {"leak": "time_gate.ipynb"})
    'As [Ada & Bo (2016)](https://x.org/a) say, [(leak)](time_gate.ipynb#leak).'
    """

    def plain(match):
        role, content = match.groups()
        keys = [key.strip() for key in content.split(",")]
        if role == "eq":
            return f"[({content})]({elsewhere.get(content, '')}#{content})"
        if role in ("cite", "cite:p"):
            works = (entries[key] for key in keys)
            return "(" + "; ".join(f"[{authors}, {year}]({link})" for authors, year, link in works) + ")"
        if role == "cite:t":
            return " and ".join(f"[{authors} ({year})]({link})" for authors, year, link in map(entries.get, keys))
        if role == "term":
            return f"**{content.partition(' <')[0]}**"
        if role.removeprefix("py:") in CODE:
            return f"`{content.removeprefix('~')}`"
        raise ValueError(f"expected a role with a plain form, got {match[0]}: say it in words, or as a link")

    for directive, comment in DIRECTIVES.items():
        text = text.replace(directive, comment)
    return ROLE.sub(plain, text).replace(OF_STATE, "")


def to_roles(text, entries):
    """The same Markdown for Sphinx. A link to a work that is not written as a citation stays a link.

    >>> entries = {"a": ("Ada & Bo", "2016", "https://x.org/a")}
    >>> to_roles("See [(blend)](#blend) ([Ada & Bo, 2016](https://x.org/a)).", entries)
    'See {eq}`blend` {cite:p}`a`.'
    >>> to_roles("See [a leak](#gate.leak=0.1&gate.t=3).", entries)
    'See [a leak](#gate.leak=0.1&gate.t=3){.external .figure-state}.'
    """
    keys = {link: key for key, (_, _, link) in entries.items()}

    def in_brackets(match):
        links = ADDRESS.findall(match[1])
        known = all(link in keys for link in links)
        return f"{{cite:p}}`{','.join(keys[link] for link in links)}`" if known else match[0]

    def in_sentence(match):
        return f"{{cite:t}}`{keys[match[1]]}`" if match[1] in keys else match[0]

    for directive, comment in DIRECTIVES.items():
        text = text.replace(comment, directive)
    text = STATE.sub(rf"\1{OF_STATE}", EQUATION.sub(r"{eq}`\1`", text))
    return IN_SENTENCE.sub(in_sentence, IN_BRACKETS.sub(in_brackets, text))


def raw(text):
    """What of a text only Sphinx understands: its roles, directives and targets; not what stands in code.

    >>> raw("A {doc}`page`, and code: `{eq}` or ``{eq}`a` ``")
    ['{doc}`page`']
    """
    roles = [found["role"] for found in ROLE_OR_CODE.finditer(text) if found["role"]]
    return roles + [found[0].strip() for pattern in (DIRECTIVE, TARGET) for found in pattern.finditer(text)]


def labels(paths):
    """{label of an equation: the notebook that it stands in}"""
    found = {}
    for path in paths:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found |= dict.fromkeys(LABEL.findall("".join(cell["source"])), path.name)
    return found


def convert(notebook, change):
    """Change the text of every markdown cell of a notebook, given and returned as JSON's objects."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = change("".join(cell["source"])).splitlines(keepends=True)
    return notebook


def read(app, docname, source):
    """Give Sphinx the roles."""
    if app.env.doc2path(docname).endswith(".ipynb"):
        entries = bibliography(Path(app.srcdir) / "book" / "references.bib")
        source[0] = json.dumps(convert(json.loads(source[0]), lambda text: to_roles(text, entries)))


def setup(app):
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
