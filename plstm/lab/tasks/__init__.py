"""The tasks by name, and the data that every task gives to training; see ``base``."""

from plstm.lab.tasks.base import PARTS, TASKS, Dataset, check_task, content_hash, held_out, load, training_rows

__all__ = ["PARTS", "TASKS", "Dataset", "check_task", "content_hash", "held_out", "load", "training_rows"]
