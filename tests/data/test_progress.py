"""The bar of a long task: on a terminal alone, and gone at the end."""

import sys

from plstm.data import progress
from plstm.data.progress import Progress


def drawn(monkeypatch, capsys, terminal, wait=0.0):
    monkeypatch.setattr(progress, "WAIT", wait)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    with Progress("reading a.csv", 200) as bar:
        bar.reach(100)
        bar.reach(300)
    return capsys.readouterr().err


def test_on_a_terminal(monkeypatch, capsys):
    half, whole, end = drawn(monkeypatch, capsys, True).split("\r")[1:]
    assert half == f"reading a.csv [{'#' * 15}{' ' * 15}]  50%"
    assert whole == f"reading a.csv [{'#' * 30}] 100%" and end == "\033[K"


def test_nothing_in_a_file_or_for_a_short_task(monkeypatch, capsys):
    assert drawn(monkeypatch, capsys, False) == ""
    assert drawn(monkeypatch, capsys, True, wait=60.0) == ""
