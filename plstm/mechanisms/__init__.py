"""What goes on inside trained networks: how far gradients reach, how long memories last, who is open with whom."""

from plstm.mechanisms.openings import meetings
from plstm.mechanisms.recurrence import Recurrence
from plstm.mechanisms.reports import inspect, published
from plstm.mechanisms.rhythms import hearing
from plstm.mechanisms.unrolled import gradient_norms, memory_kept

__all__ = ["Recurrence", "gradient_norms", "hearing", "inspect", "meetings", "memory_kept", "published"]
