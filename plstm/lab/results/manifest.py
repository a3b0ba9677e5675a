"""The manifest: which pages, verdicts and files are made from which published results."""

from plstm._files import parse_json
from plstm.lab.results import store


def manifest():
    """{name: a dict} for every published file, ``"bench/NAME"``, ``"analysis/NAME"``, ``"rivals/NAME"`` for reports.

    Its entries are lists of names: ``grids``, the files in ``grids/`` of its runs, or ``command``, which makes the
    report; ``pages`` of the book, ``verdicts`` (functions) and other ``modules`` that read it; and ``files`` of the
    laboratory that were made from its runs and name them by their hashes.

    >>> manifest()["mnist_log"]["grids"]
    ['mnist_log.yaml']
    """
    return parse_json(store.MANIFEST.read_text(encoding="utf-8"))
