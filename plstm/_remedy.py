"""The advice on what to install when a package is missing: a backend for Keras, or an extra for the laboratory."""

BACKENDS = {"tensorflow", "torch", "jax"}


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
