"""A folder that appears whole or not at all."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from plstm.errors import ConfigError


def check_free(path, force):
    """ConfigError if there is something at ``path`` that may not be replaced."""
    path = Path(path)
    if not path.parent.is_dir():
        raise ConfigError(f"expected --out to be in an existing directory, got {path}")
    if path.exists() and not path.is_dir():
        raise ConfigError(f"expected --out to be a directory, got the file {path}")
    if path.exists() and not force:
        raise ConfigError(f"expected a new directory, got {path}, which exists; --force replaces it")


@contextmanager
def replacing(path):
    """A new folder to write into. It becomes ``path``, and replaces one there, once everything is written."""
    path = Path(path)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    old = None
    try:
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-old-"))
            os.replace(path, old / path.name)
        os.replace(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if old is not None and (old / path.name).exists() and not path.exists():
            os.replace(old / path.name, path)
        raise
    finally:
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
