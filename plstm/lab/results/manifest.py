"""What is made from which results: manifest.json, which lists every published file."""

from plstm._files import parse_json
from plstm.lab.results import store


def manifest():
    """{name: a dict} for every published file, ``"bench/NAME"`` and ``"analysis/NAME"`` for reports.

    Lists of names: ``grids``, the files in ``grids/`` that its runs are those of, or ``command``, which makes the
    report; ``pages`` of the book that read it; ``verdicts``, the functions that do; other ``modules`` that do; and
    ``files`` of the laboratory that were made from its runs and name them by their hashes.

    >>> manifest()["mnist_log"]["grids"]
    ['mnist_log.yaml']
    """
    return parse_json(store.MANIFEST.read_text(encoding="utf-8"))
