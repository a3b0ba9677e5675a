"""What makes Numba's cache on disk notice a change in any file that compiled code comes from.

Numba itself looks at the file of the function called from Python alone, not at those of what that calls. But its key
holds the value of everything that a function encloses: so the functions called from Python enclose this stamp, and
nothing else is cached.
"""

import hashlib
from pathlib import Path


def stamp(*files):
    """A number that changes with any of the files, or with any in this folder."""
    digest = hashlib.sha256()
    for file in sorted({*map(Path, files), *Path(__file__).parent.glob("*.py")}):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")
