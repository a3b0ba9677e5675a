"""Missing packages: which public names need them, and the advice on what to install, a backend or an extra."""

from importlib.util import find_spec

BACKENDS = {"tensorflow", "torch", "jax"}
# The packages that the modules of a room need when they are imported, beyond those of the library itself.
NEEDS = {"plstm.estimators": ("pandas", "sklearn"), "plstm.lab": ("anywidget", "py_mini_racer")}


def installed(home: str) -> bool:
    """Whether the packages that the module ``home`` needs are there; a backend does not count.

    >>> installed("plstm.layers.lstm")
    True
    """
    room = ".".join(home.split(".")[:2])
    return all(find_spec(package) is not None for package in NEEDS.get(room, ()))


def of(error: ModuleNotFoundError, home: str) -> str | None:
    """What to install after the import of the module ``home`` failed with this error; None if no package is missing.

    >>> of(ModuleNotFoundError("No module named 'seaborn'", name="seaborn"), "plstm.lab.figures")
    'the extra "lab": pip install "plstm[lab]"'
    """
    package = (error.name or "").partition(".")[0]
    if package in BACKENDS:
        return (
            "a backend of Keras: pip install tensorflow, or torch or jax with the environment variable KERAS_BACKEND "
            "set to its name"
        )
    if home.startswith("plstm.lab") and package not in ("", "plstm"):
        return 'the extra "lab": pip install "plstm[lab]"'
    return None
