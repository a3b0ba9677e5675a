"""The API reference names every public name, and nothing that does not exist; its reader understands our docstrings."""

import importlib
import re
import runpy
from pathlib import Path

import plstm

ROOT = Path(__file__).parents[2]
DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (plstm[\w.]*)$", re.MULTILINE)
NAMED = [name for _, name in DIRECTIVE.findall((ROOT / "book" / "api.md").read_text(encoding="utf-8"))]


def find(name):
    """What a dotted name stands for; a module, too."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(importlib.import_module(module), attribute)


def test_every_public_name_is_in_the_reference():
    assert {f"plstm.{name}" for name in plstm.__all__} <= set(NAMED), "add it to book/api.md"


def test_what_the_reference_names_exists_and_says_what_it_is():
    assert len(NAMED) == len(set(NAMED))
    assert [name for name in NAMED if not find(name).__doc__] == []


def test_a_line_that_is_no_list_of_names_stays_a_sentence():
    as_rest = runpy.run_path(str(ROOT / "book" / "_ext" / "docstrings.py"))["as_rest"]
    lines = as_rest(["Call arguments:", "    inputs (B, D); times: a scalar.", "", "Raises:", "    ValueError: no."])
    assert "* inputs (B, D); times: a scalar." in lines
    assert "* **ValueError**: no." in lines
