"""Measurements inside trained networks: reach of gradients, length of memories, units that are open together."""

from plstm.lab.analysis.openings import meetings
from plstm.lab.analysis.recurrence import Recurrence
from plstm.lab.analysis.reports import inspect, published
from plstm.lab.analysis.rhythms import frequency_response
from plstm.lab.analysis.unrolled import gradient_norms, memory_kept

__all__ = ["Recurrence", "gradient_norms", "frequency_response", "inspect", "meetings", "memory_kept", "published"]
