"""A notebook, opened in Jupyter or Colab, shows no role and no directive; its page gets from it what Sphinx needs."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
plain = runpy.run_path(str(ROOT / "book" / "_ext" / "plain_markdown.py"))
ENTRIES = plain["bibliography"](ROOT / "book" / "references.bib")
HOMES = plain["labels"](NOTEBOOKS)
LINK = re.compile(r"\[\([\w-]+\)\]\((\w+\.ipynb)?#([\w-]+)\)")


def markdown(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_shows_a_role(path):
    found = [role for text in markdown(path) for role in plain["raw"](text)]
    assert found == [], f"repair with: .venv/bin/python tools/plain_markdown.py {path.relative_to(ROOT)}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_named_equation_stands_where_the_link_leads(path):
    for text in markdown(path):
        for file, label in LINK.findall(text):
            assert HOMES.get(label) == (file or path.name), f"{label} is not in {file or path.name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_way_to_the_page_and_back_changes_nothing(path):
    elsewhere = {label: home for label, home in HOMES.items() if home != path.name}
    for text in markdown(path):
        assert plain["to_plain"](plain["to_roles"](text, ENTRIES), ENTRIES, elsewhere) == text


RAW = [
    "{eq}`a`",
    "{doc}`page`",
    "{ref}`here <there>`",
    "{numref}`figure`",
    "{cite:p}`a,b`",
    "{py:func}`plstm.pad`",
    "```{note}\nBeware.\n```",
    ":::{figure} a.png\n:::",
    "(target)=\n# Title",
]


@pytest.mark.parametrize("text", RAW)
def test_a_raw_role_or_directive_is_noticed(text):
    assert len(plain["raw"](f"Before.\n\n{text}\n\nAfter.")) == 1


@pytest.mark.parametrize("text", ["`{eq}`", "a set {a}", "```python\nx = {1}\n```", "`{a}` and `b`", "``{a}`b` ``"])
def test_code_and_braces_are_no_roles(text):
    assert plain["raw"](text) == []


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ("{cite}`neil2016phased`", "([Neil et al., 2016](https://arxiv.org/abs/1610.09513))"),
        (
            "{cite:t}`hochreiter1997long`",
            "[Hochreiter & Schmidhuber (1997)](https://doi.org/10.1162/neco.1997.9.8.1735)",
        ),
        (
            "{cite:p}`neil2016phased, tallec2018can`",
            "([Neil et al., 2016](https://arxiv.org/abs/1610.09513); "
            "[Tallec & Ollivier, 2018](https://arxiv.org/abs/1804.11188))",
        ),
        ("{meth}`~plstm.LogUniform.from_times`", "`plstm.LogUniform.from_times`"),
        ("```{tableofcontents}\n```", "<!-- contents -->"),
        ("```{paths}\n```", "<!-- paths -->"),
    ],
)
def test_what_a_role_becomes(roles, words):
    assert plain["to_plain"](roles, ENTRIES) == words
    assert plain["raw"](words) == []
    if "cite" in roles:
        back = plain["to_roles"](words, ENTRIES).replace("cite:p", "cite").replace(",", ", ")
        assert back == roles.replace("cite:p", "cite")


def test_a_link_that_is_no_citation_stays_one():
    text = "The paper ([as a PDF](https://arxiv.org/abs/1610.09513)) and a blog ([A, 2020](https://x.org))."
    assert plain["to_roles"](text, ENTRIES) == text


def test_a_citation_across_two_lines_is_one():
    text = "([Neil et al.,\n2016](https://arxiv.org/abs/1610.09513))"
    assert plain["to_roles"](text, ENTRIES) == "{cite:p}`neil2016phased`"


def test_no_two_works_have_one_address():
    addresses = [address for _, _, address in ENTRIES.values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(("role", "message"), [("{ref}`a`", "expected a role with a plain form"), ("{cite}`no`", "no")])
def test_the_tool_names_what_it_cannot_write(tmp_path, role, message):
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(role)]), path)
    done = run(path)
    assert done.returncode == 1
    assert message in done.stderr and str(path) in done.stderr


def test_the_tool_changes_what_differs_and_keeps_the_rest(tmp_path):
    path = tmp_path / "a.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# é\n\n{eq}`blend`"), nbformat.v4.new_code_cell("f'{a}`b`'")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    before = json.loads(path.read_text(encoding="utf-8"))
    assert run(path).returncode == 1
    before["cells"][0]["source"] = ["# é\n", "\n", "[(blend)](the_cell.ipynb#blend)"]
    assert json.loads(path.read_text(encoding="utf-8")) == before
    assert run(path).returncode == 0


def run(path):
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "plain_markdown.py"), str(path)], capture_output=True, text=True
    )
