"""Registration of this package's classes with Keras, once both are imported, in either order.

``keras.saving.load_model`` finds a class by its registered name, so the module that registers it must have been loaded.
``import plstm`` loads none of these modules, because they need Keras. Instead it installs an import hook, which loads
them at the end of the import of Keras and then removes itself. Later imports are not affected.
"""

import copyreg
import io
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Every module that registers a class. The laboratory's are included, because its models are saved too.
HOMES = (
    *(
        f"layers.{name}"
        for name in (
            "initializers",
            "presets",
            "time_gate",
            "lstm_cell",
            "lstm",
            "gru_cell",
            "gru",
            "bidirectional",
            "next_event",
        )
    ),
    *(f"lab.experiments.{name}" for name in ("features", "ungated")),
    *(f"lab.peers.{name}" for name in ("cfc", "diagonal_ssm", "gru_d", "mtand", "ode_lstm", "ode_lstms_baseline")),
)


def watch() -> None:
    """Register now if Keras is imported, otherwise as soon as it is."""
    if "keras" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _Watch())


def _register() -> None:
    try:
        for home in HOMES:
            import_module(f"plstm.{home}")
        _pickle_models()
    except Exception as error:  # an `import keras` must not fail because of us
        warnings.warn(f"plstm could not register its layers with Keras: {error}", RuntimeWarning, stacklevel=2)


class _Watch:
    """A finder that delegates to the others, and registers our classes after the outermost import of Keras or plstm.

    After the outermost one, because an inner import would find a module of ours half loaded.
    """

    def __init__(self) -> None:
        self._here = threading.local()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "keras" and not name.startswith("plstm."):
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self)
                return spec
        return None

    def run(self, loader: Loader, module: ModuleType) -> None:
        outermost = not getattr(self._here, "importing", False)
        self._here.importing = True
        try:
            loader.exec_module(module)
        finally:
            self._here.importing = not outermost
        if outermost and "keras" in sys.modules and self in sys.meta_path:
            sys.meta_path.remove(self)
            _register()


class _Loader:
    """A wrapper around a module's own loader, which is put back before the module runs."""

    def __init__(self, loader: Loader, watch: _Watch) -> None:
        self._loader, self._watch = loader, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._watch.run(self._loader, module)


def _pickle_models() -> None:
    """Make a pickled model with our layers import this package where it is read, in a joblib process for example."""
    import keras
    from keras.src.models.functional import Functional

    for model in (keras.Sequential, Functional):
        copyreg.dispatch_table.setdefault(model, _reduce)


def _reduce(model: Any) -> tuple[Any, ...]:
    read, arguments, *rest = model.__reduce__()
    ours = any(b"plstm>" in argument.getvalue() for argument in arguments if isinstance(argument, io.BytesIO))
    return (_read, (read, *arguments), *rest) if ours else (read, arguments, *rest)


def _read(read: Callable[..., Any], *arguments: Any) -> Any:
    return read(*arguments)
