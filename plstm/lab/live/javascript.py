"""The figures' JavaScript as Python uses it: the modules of a figure as one text, and a V8 that runs it.

A notebook takes a figure's module from a text without an address, so nothing that it imports could be found: ``bundle``
puts all of it into one. The V8 makes plain pictures where no browser is, and runs the equations in tests.
"""

import atexit
import json
import re
from functools import lru_cache
from importlib import resources

from py_mini_racer import MiniRacer

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.mjs";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)
# Comments, and the types in them, are for who reads the repository.
COMMENT = re.compile(r"^ *(//.*|/\*\*(?s:.*?)\*/)\n", re.MULTILINE)


def source(name):
    """The text of a module, without its comments."""
    text = resources.files("plstm.lab.live").joinpath(f"{name}.mjs").read_text(encoding="utf-8")
    return COMMENT.sub("", text)


def names():
    """The modules there are."""
    return sorted(path.name[:-4] for path in resources.files("plstm.lab.live").iterdir() if path.name.endswith(".mjs"))


def _functions(name):
    """A module and all that it imports, each as a function that answers with its exports, in the order of need."""
    seen = set()

    def visit(each):
        if each in seen:
            return
        seen.add(each)
        text = source(each)
        for imported in IMPORT.findall(text):
            yield from visit(imported[1])
        text = IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {found[2]}_module;\n", text)
        exported = ", ".join(EXPORT.findall(text))
        yield f"const {each}_module = (() => {{\n{EXPORT.sub('', text)}return {{ {exported} }};\n}})();\n"

    return "".join(visit(name))


@lru_cache
def bundle(name):
    """A figure's module with all that it imports as one ES module, as anywidget wants it."""
    return f"{_functions(name)}export default {{ render: {name}_module.render }};\n"


@lru_cache
def _engine():
    engine = MiniRacer()
    # Left to the end of the process, it may wait for a thread that is no more.
    atexit.register(engine.close)
    return engine


@lru_cache
def _load(name):
    _engine().eval(f"globalThis.{name} = (() => {{ {_functions(name)} return {name}_module; }})(); 0")


def call(module, function, *arguments):
    """What a function of a module answers to these arguments. All is JSON: what is no number comes back as None.

    >>> call("equations", "phase", 23.0, 10.0, 0.5)
    0.25
    """
    _load(module)
    line = f"((a) => JSON.stringify({module}.{function}(...JSON.parse(a))))"
    return json.loads(_engine().call(line, json.dumps(arguments)))


def map_call(module, function, cases):
    """The answers to many lists of arguments, asked for at once."""
    _load(module)
    line = f"((all) => JSON.stringify(JSON.parse(all).map((a) => {module}.{function}(...a))))"
    return json.loads(_engine().call(line, json.dumps(list(cases))))
