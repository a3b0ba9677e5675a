"""Sphinx extension: executed notebooks are cached under a key of all that can change what they show.

jupyter-cache looks at a notebook's own code alone. So that a change in the package is seen, the name of the cache's
folder is a hash of plstm/, grids/, requirements.txt, the Python version and where the data come from; and of the pages'
titles, which the page of provenance names. (Which page reads which results is part of plstm/: its manifest says it.)
Sphinx reads every page again when that name changes; a change of text in one notebook re-reads that page and executes
nothing. A change in the extensions beside this one or in the style re-reads every page, too, and executes nothing.
"""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path


def execution_key(root):
    """Hash of what a notebook's outputs depend on beside its own code. ``root`` is the repository's folder."""
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
    """Point myst-nb to the cache of this key, and drop the caches that no longer fit."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    chosen = caches / execution_key(Path(app.srcdir))
    for other in caches.glob("*"):
        if other != chosen:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(chosen)


def version(folder):
    """A number that changes with the extensions in ``folder`` and with the pages' style beside it.

    Sphinx copies no style sheet where no page has changed, and each page names the version of the sheet that it wants.
    """
    files = sorted([*folder.glob("*.py"), *(folder.parent / "_static").glob("*")])
    return int(hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8], 16)


def setup(app):
    app.connect("config-inited", choose_cache)
    return {"parallel_read_safe": True, "env_version": version(Path(__file__).parent)}
