"""The API reference names every public name, and nothing that does not exist; it explains every argument of it."""

import importlib
import inspect
import re
import runpy
from pathlib import Path

import pytest
import yaml
from sphinx.ext.napoleon import Config, GoogleDocstring

import plstm

ROOT = Path(__file__).parents[2]
DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (plstm[\w.]*)$", re.MULTILINE)
MEMBERS = re.compile(r"^\.\. autoclass:: (plstm[\w.]*)\n   :members: (.+)$", re.MULTILINE)
PAGE = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
NAMED = [name for _, name in DIRECTIVE.findall(PAGE)]
METHODS = [f"{name}.{member}" for name, members in MEMBERS.findall(PAGE) for member in members.split(", ")]
SPHINX = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
NAPOLEON = Config(**{name: value for name, value in SPHINX.items() if name.startswith("napoleon_")})
# Field lists as napoleon writes them: ":param x: ..." of an argument, ":ivar x: ..." of a field, ":raises E: ...".
FIELD = re.compile(r"^:(param|ivar|raises) ([^:]*):", re.MULTILINE)


def find(name):
    """What a dotted name stands for; a module, too."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(find(module), attribute)


def fields(thing):
    """{kind: names} of what napoleon reads in a docstring."""
    found = {"param": [], "ivar": [], "raises": []}
    for kind, name in FIELD.findall(str(GoogleDocstring(inspect.getdoc(thing), NAPOLEON))):
        found[kind].append(name.replace("\\", ""))
    return found


def arguments(thing):
    """The names of what a function or a class takes, with their stars."""
    if inspect.isclass(thing) and issubclass(thing, tuple):
        return list(thing._fields)
    function = thing.__init__ if inspect.isclass(thing) else thing
    parameters = inspect.signature(function).parameters
    return [str(one.replace(annotation=one.empty, default=one.empty)) for n, one in parameters.items() if n != "self"]


def of(names, *rooms):
    """Those of the names that can be called, and whose code is in none of the rooms."""
    found = [(name, find(name)) for name in names]
    return [name for name, thing in found if callable(thing) and not thing.__module__.startswith(rooms)]


# The laboratory has no types.
ENTRIES = of(NAMED + METHODS)
EXPLAINED = of(NAMED + METHODS, "plstm.lab")


def test_every_public_name_is_in_the_reference():
    assert {f"plstm.{name}" for name in plstm.__all__} <= set(NAMED), "add it to book/api.md"


def test_what_the_reference_names_exists_and_says_what_it_is():
    assert len(NAMED) == len(set(NAMED))
    assert [name for name in NAMED if not find(name).__doc__] == []


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_argument_has_an_entry_of_its_own_and_a_type(name):
    thing = find(name)
    entries = fields(thing)
    assert entries["param"] + entries["ivar"] == arguments(thing)
    function = thing.__new__ if inspect.isclass(thing) and issubclass(thing, tuple) else thing
    function = thing.__init__ if inspect.isclass(thing) and function is thing else function
    assert {name.lstrip("*") for name in arguments(thing)} <= set(function.__annotations__)


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_of_one_thing(name):
    for names in fields(find(name)).values():
        assert [entry for entry in names if not re.fullmatch(r"\**\w+", entry)] == []


def test_a_property_says_what_it_is_before_any_colon():
    """napoleon takes what stands before a colon for the type of a property."""
    properties = [find(name) for name in METHODS if isinstance(find(name), property)]
    assert len(properties) > 5
    first = [inspect.getdoc(one).split("\n")[0] for one in properties]
    assert [line for line in first if re.search(r": ", line)] == []


def test_a_class_takes_what_its_init_takes():
    signature_of = runpy.run_path(str(ROOT / "book" / "_ext" / "docstrings.py"))["signature_of"]
    assert signature_of(plstm.PhasedLSTM).startswith("(units, ")
    assert signature_of(plstm.EventDriven) == "(model, late='error', skip_closed=True)"
