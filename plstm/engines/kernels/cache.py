"""Compiled code on the disk: where it can be kept, and what makes Numba notice a change in any file that it comes from.

Numba itself looks at the file of the function called from Python alone, not at those of what that calls. But its key
holds the value of everything that a function encloses: so the functions called from Python enclose this stamp, and
nothing else is cached.
"""

import contextlib
import hashlib
from pathlib import Path

from numba import njit

from plstm.engines.kernels.vectors import OPTIONS


def entry(function):
    """Compiles a function that is called from Python; kept on the disk, or made anew by each process where none can be.

    Numba looks for a place beside the file and in the user's home. In a container neither may be writable, and then it
    refuses; or the disk may be full, which it finds after all its work.
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
    """``load``, but a file that cannot be read counts as one that is not there, and is made anew.

    An index names the classes of all arguments that it knows, and another version of this package may have had others.
    A file may also be damaged, by a full disk for example.
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
