"""Results: reading and checking them (``store``), publishing runs (``publishing``), tables of runs (``table``)."""

from plstm.lab.results.manifest import manifest
from plstm.lab.results.publishing import CHOICE, Publication, publish
from plstm.lab.results.store import (
    COLUMNS,
    FOLDER,
    HASH,
    SCHEMA,
    choices,
    diverged,
    file_hash,
    names,
    published,
    read,
    read_history,
    read_run,
    thin,
    write,
    write_lines,
)

__all__ = [
    "CHOICE", "COLUMNS", "FOLDER", "HASH", "SCHEMA", "Publication", "choices", "diverged", "file_hash", "manifest",
    "names", "publish", "published", "read", "read_history", "read_run", "thin", "write", "write_lines",
]  # fmt: skip
