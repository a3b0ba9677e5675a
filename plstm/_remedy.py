"""What to install where a package is missing. Keras needs a backend, and the laboratory an extra."""

BACKENDS = {"tensorflow", "torch", "jax"}


def of(error: ModuleNotFoundError, home: str) -> str | None:
    """What a module at ``home`` needs if importing it fails like this; None if no package is missing.

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
