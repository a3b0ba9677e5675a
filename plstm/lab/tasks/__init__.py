"""The tasks by name, and what every task hands to training; see ``base``."""

from plstm.lab.tasks.base import TASKS, Dataset, check_task, content_hash, load, training_rows

__all__ = ["TASKS", "Dataset", "check_task", "content_hash", "load", "training_rows"]
