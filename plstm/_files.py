"""Reading files as plain data, with a ValueError for damaged ones, and writing files whole or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from plstm.types import Array

# Digits pack to a fifth of their size. A file that unpacks to a hundred times its size was made to fill the memory.
MOST_PACKED = 100
ROOM = 1 << 20  # bytes; a file may always unpack to this many


def parse_json(text: str) -> Any:
    """The content of a JSON text.

    Raises:
        ValueError: the text is not JSON; an object has the same name twice (Python would silently keep the last); a
            number is NaN or infinite; lists are nested deeper than Python can read.

    Example:
        >>> parse_json('{"a": 1, "a": 2}')
        Traceback (most recent call last):
        ValueError: expected each name once in an object, got 'a' twice
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("expected fewer nested lists and objects, got more than Python can read") from None


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays of an .npz file as {name: array}, read without pickle.

    Raises:
        ValueError: the file is damaged, holds more than arrays, or unpacks to more than a hundred times its size.
        OSError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = [(member.compress_size, member.file_size) for member in packed.infolist()]
        held, claimed = map(sum, zip(*sizes)) if sizes else (0, 0)
        if claimed > ROOM + MOST_PACKED * held:
            raise ValueError(f"expected at most {ROOM + MOST_PACKED * held} bytes when unpacked, got {claimed}")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except OSError:
        raise
    except Exception as error:  # for damaged files NumPy, zipfile and zlib raise a dozen different types
        raise ValueError(str(error) or type(error).__name__) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"expected {name} to be an array, got {type(array).__name__}")
    return arrays


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """A binary file to write into. It replaces ``path`` once everything is written and is deleted on any error."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to a file, all of it or nothing: readers see the old file or the new one."""
    with replacing(path) as file:
        file.write(text.encode())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"expected each name once in an object, got {twice!r} twice")
    return content


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"expected finite numbers, got {text}")
    return number
