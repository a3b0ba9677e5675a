"""What editors and type checkers are told: the stub has all public names, and every annotation can be looked up."""

import ast
import importlib
import inspect
import pkgutil
import typing
from pathlib import Path

import pytest

import plstm

FOLDER = Path(plstm.__file__).parent
STUB = ast.parse((FOLDER / "__init__.pyi").read_text())
# Numba has types of its own.
UNTYPED = ("plstm.lab", "plstm.engines.kernels", "plstm.__main__")
MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages([str(FOLDER)], "plstm.")
    if not name.startswith(UNTYPED) and name != "plstm.engines.scan_tensorflow"
]


def functions(module):
    """Every function of a module, and every method of its classes, that was written there."""
    for name, thing in vars(module).items():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for attribute, method in vars(thing).items():
                method = getattr(method, "fget", None) or getattr(method, "__func__", method)
                if inspect.isfunction(method) and method.__code__.co_filename == module.__file__:
                    yield f"{name}.{attribute}", method


def test_the_stub_has_the_public_names_from_where_they_are():
    imports = [(node.module, alias) for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(alias.name for _, alias in imports) == sorted(plstm._HOMES)
    for module, alias in imports:
        assert alias.asname == alias.name, "a stub exports only what is imported as itself"
        home = importlib.import_module(module)
        found = getattr(home, alias.name, None) or importlib.import_module(f"{module}.{alias.name}")
        assert found is getattr(plstm, alias.name)


def test_the_wheel_says_that_it_is_typed():
    assert (FOLDER / "py.typed").exists()


@pytest.mark.parametrize("name", MODULES)
def test_every_annotation_names_something(name):
    """Annotations are text until somebody asks; only what type checkers alone import cannot be looked up."""
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        # The engines of PyTorch and of NVIDIA GPUs, where neither is installed.
        if error.name not in ("torch", "triton", "jax"):
            raise
        pytest.skip(f"{error.name} is not installed")
    source = ast.parse(Path(module.__file__).read_text())
    checkers_only = {}
    for node in source.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module.__file__, "exec"), checkers_only)
    for function, thing in functions(module):
        names = {**vars(module), **checkers_only}
        found = typing.get_type_hints(thing, names)
        parameters = [p for p in inspect.signature(thing).parameters if p not in ("self", "cls")]
        assert set(parameters) <= set(found), f"{function} does not say what type its arguments have"
