"""Results: reading, checking and publishing them (``store``), and means over seeds (``table``)."""

from plstm.lab.results.store import (
    COLUMNS,
    FOLDER,
    HASH,
    SCHEMA,
    file_hash,
    names,
    publish,
    published,
    read,
    read_history,
    read_run,
    thin,
    write,
    write_lines,
)

__all__ = [
    "COLUMNS", "FOLDER", "HASH", "SCHEMA", "file_hash", "names", "publish", "published", "read", "read_history",
    "read_run", "thin", "write", "write_lines",
]  # fmt: skip
