"""Sphinx extension: executed notebooks are cached under a key that depends on everything that can change their outputs.

jupyter-cache compares only a notebook's own code. To notice changes in the package, too, the name of the cache's folder
is a hash of plstm/, grids/, requirements.txt, the Python version, the source of the data, and the titles of the pages,
which the page of provenance names. (The manifest, which says which page reads which results, is a part of plstm/.)
Sphinx reads every page again when that name changes. If only the text of a notebook changes, Sphinx reads that page
again and executes nothing. If an extension or the style changes, it reads every page and executes nothing.
"""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path


def execution_key(root):
    """Hash of everything but its own code that a notebook's outputs depend on. ``root``: the repository's folder."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {os.environ.get('PLSTM_DATA', '')}".encode())
    package = [path for path in (root / "plstm").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    for path in sorted([*package, *(root / "grids").glob("*.yaml"), root / "requirements.txt"]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    for path in sorted((root / "book").glob("*.ipynb")):
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        title = "".join(first).partition("\n")[0]
        digest.update(f"{path.name} {title}\n".encode())
    return digest.hexdigest()[:16]


def choose_cache(app, config):
    """Set myst-nb's cache to the one of this key, and delete the other caches."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    chosen = caches / execution_key(Path(app.srcdir))
    for other in caches.glob("*"):
        if other != chosen:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(chosen)


def version(folder):
    """A number that changes if the extensions in ``folder`` or the style of the pages change.

    Sphinx copies no style sheet if no page has changed, and each page names the version of its style sheet.
    """
    files = sorted([*folder.glob("*.py"), *(folder.parent / "_static").glob("*")])
    return int(hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8], 16)


def setup(app):
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "env_version": version(Path(__file__).parent)}
