"""A progress bar for long tasks, on stderr; none if stderr is not a terminal."""

from __future__ import annotations

import sys
import time

WAIT = 1.0  # seconds; a shorter task shows no bar
WIDTH = 30


class Progress:
    """A bar for ``total`` units of work, shown after the first second and removed at the end.

    >>> with Progress("reading ward.csv", 100) as bar:
    ...     bar.reach(50)
    """

    def __init__(self, what: str, total: float):
        self.what, self.total = what, max(total, 1)
        self._shown, self._start = False, time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def reach(self, done: float) -> None:
        """Redraw the bar with ``done`` units of the work done."""
        if not sys.stderr.isatty() or time.monotonic() - self._start < WAIT:
            return
        share = min(done / self.total, 1.0)
        bar = "#" * round(WIDTH * share)
        print(f"\r{self.what} [{bar:<{WIDTH}}] {share:4.0%}", end="", file=sys.stderr, flush=True)
        self._shown = True

    def __exit__(self, *error: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
