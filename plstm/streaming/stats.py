"""Counts of the work of event-driven inference, compared with a dense engine."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plstm.streaming.sparse import Rows


class Stats(NamedTuple):
    """The number of computed updates and multiply-adds, and those that a dense engine would have computed.

    Attributes:
        events: the number of events, over all streams and samples, without the late ones.
        skipped: the number of late events that were skipped.
        updates: the number of updates; one unit at one event is one update.
        dense_updates: the same in a dense engine.
        multiply_adds: the number of multiply-adds in the products of all layers.
        dense_multiply_adds: the same in a dense engine.
    """

    events: int = 0
    skipped: int = 0
    updates: int = 0
    dense_updates: int = 0
    multiply_adds: int = 0
    dense_multiply_adds: int = 0

    @classmethod
    def of(cls, rows: Sequence[Rows], events: int, skipped: int, updates: Sequence[int]) -> Stats:
        """From the weights of the layers and the number of updates of each."""
        dense = [events * layer.units for layer in rows]
        cost = [layer.multiply_adds for layer in rows]
        multiply_adds = (sum(map(operator.mul, counts, cost)) for counts in (updates, dense))
        return cls(events, skipped, sum(updates), sum(dense), *multiply_adds)

    @property
    def ratio(self) -> float:
        """The share of the dense multiply-adds that was computed; NaN before the first event."""
        return self.multiply_adds / self.dense_multiply_adds if self.dense_multiply_adds else math.nan
