"""Files, read as data and nothing else (what is wrong is a ValueError), and written whole or not at all."""

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

# Digits pack to a fifth; what claims a hundred times its size on the disk was made to fill the memory.
MOST_PACKED = 100
ROOM = 1 << 20  # bytes that any file may unpack to


def parse_json(text: str) -> Any:
    """The content of a JSON text.

    Raises:
        ValueError: no JSON; a name twice in an object, of which a reader would take one unsaid; NaN or an infinity;
            lists in lists deeper than Python reads.

    Example:
        >>> parse_json('{"a": 1, "a": 2}')
        Traceback (most recent call last):
        ValueError: the name 'a' stands twice in an object
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays of an .npz file as {name: array}, read without pickle.

    Raises:
        ValueError: not an .npz file of arrays, a damaged one, or one that unpacks to a hundred times its size.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = [(member.compress_size, member.file_size) for member in packed.infolist()]
        held, claimed = map(sum, zip(*sizes)) if sizes else (0, 0)
        if claimed > ROOM + MOST_PACKED * held:
            raise ValueError(f"its {held} bytes claim to unpack to {claimed}")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except OSError:
        raise
    except Exception as error:  # a damaged file makes NumPy, zipfile and zlib raise a dozen kinds
        raise ValueError(str(error) or type(error).__name__) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name} is not an array")
    return arrays


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """A binary file to write into, which takes the place of ``path`` when all is written, or on any error vanishes."""
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
    """Put ``text`` into a file, all of it or, on any error, none: readers see the old file or the new one."""
    with replacing(path) as file:
        file.write(text.encode())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice in an object"
        )
    return content


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number
