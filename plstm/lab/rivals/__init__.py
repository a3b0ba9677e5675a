"""What needs no network: linear models and boosted trees on summaries of each record, by the comparison protocol."""

from plstm.lab.rivals.reports import measure, published, write
from plstm.lab.rivals.table import markdown

__all__ = ["markdown", "measure", "published", "write"]
