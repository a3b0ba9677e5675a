"""The tasks by name, and what every task hands to training; see ``base``."""

from plstm.lab.tasks.base import PARTS, TASKS, Dataset, check_task, content_hash, held_out, load, training_rows

__all__ = ["PARTS", "TASKS", "Dataset", "check_task", "content_hash", "held_out", "load", "training_rows"]
