"""The cache of compiled code on disk, which must be compiled anew after a change in any of its source files.

Numba itself compares only the file of the function called from Python, not the files of the functions that this calls.
But the key of its cache contains the values of a function's closure. So only the functions called from Python are
cached, and their closure holds ``stamp``, a hash of all the files.
"""

import contextlib
import hashlib
from pathlib import Path

from numba import njit

from plstm.engines.kernels.vectors import OPTIONS


def entry(function):
    """Compiles a function that is called from Python, and caches it on disk if possible.

    Numba caches beside the file or in the user's home. If neither is writable, as in some containers, it raises an
    error at once; if the disk is full, only after it has compiled. In both cases each process compiles for itself.
    """
    try:
        compiled = njit(nogil=True, cache=True, **OPTIONS)(function)
    except RuntimeError:
        return njit(nogil=True, **OPTIONS)(function)
    keep = compiled._cache.save_overload

    def keep_if_there_is_room(signature, code):
        with contextlib.suppress(OSError):
            keep(signature, code)

    compiled._cache.save_overload = keep_if_there_is_room
    files = compiled._cache._cache_file
    files._load_index = or_nothing(files._load_index, dict)
    files._load_data = or_nothing(files._load_data, lambda: None)
    return compiled


def or_nothing(load, nothing):
    """``load``, but a file that cannot be read counts as missing.

    The index of another version of this package may name classes of arguments that this one does not have. A file may
    also be damaged, by a full disk for example.
    """

    def read(*where):
        try:
            return load(*where)
        except Exception:
            return nothing()

    return read


def stamp(*files):
    """A number that changes with any of the files, or with any in this folder."""
    digest = hashlib.sha256()
    for file in sorted({*map(Path, files), *Path(__file__).parent.glob("*.py")}):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")
