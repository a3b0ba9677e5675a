"""The directory of one run, and how it survives being killed at any moment.

::

    config.json         what was asked for
    history.csv         a row a step, flushed as it goes
    checkpoint.npz      everything needed to continue, replaced at most once a minute; removed when the run has finished
    weights.weights.h5  the trained weights
    result.json         the last to be written: a run that has it has finished
    diverged.json       in its place, where the loss was no number any more: such a run has ended, too
"""

import fcntl
import itertools
import json
import reprlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from plstm._files import parse_json, read_arrays, replacing, write_text
from plstm.errors import RunError
from plstm.lab import results

HEADER = ",".join(results.COLUMNS) + "\n"


class RunDirectory:
    """The files of a run in ``path``, which need not exist yet.

    Nothing is written before ``claimed``. Only files that this class names are ever replaced.
    """

    def __init__(self, path):
        self.path = Path(path).expanduser()
        self.config = self.path / "config.json"
        self.history = self.path / "history.csv"
        self.checkpoint = self.path / "checkpoint.npz"
        self.weights = self.path / "weights.weights.h5"
        self.result = self.path / "result.json"
        self.diverged = self.path / "diverged.json"
        self.lock = self.path / ".lock"
        self.written = (self.config, self.history, self.checkpoint, self.weights, self.result, self.diverged)
        self.files = (*self.written, self.lock)

    def check(self, config):
        """RunError unless the directory is new, empty, or that of a run with the same config (a dict)."""
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"expected {self.path} to be a directory, found a file")
        # Whoever made the directory could otherwise have a file elsewhere overwritten.
        for path in self.path.glob("*") if self.path.exists() else []:
            if path.is_symlink() and path in self.files:
                raise RunError(f"expected a file of this run at {path}, found a link to another place")
        if not self.config.exists():
            ours = {self.lock.name, *(path.name for path in self.leftovers())}
            found = sorted(p.name for p in self.path.glob("*") if p.name not in ours)
            if found:
                raise RunError(f"expected {self.path} to be new, empty or a run of plstm, found {', '.join(found[:3])}")
            return
        try:
            old = parse_json(self.config.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"expected a config in {self.config}, but it cannot be read ({error})") from error
        if not isinstance(old, dict):
            raise RunError(f"expected a config in {self.config}, got {reprlib.repr(old)}")
        if old != config:
            keys = [key for key in {**config, **old} if old.get(key) != config.get(key)]
            differences = "; ".join(f"{key} {old.get(key)!r}, not {config.get(key)!r}" for key in keys)
            raise RunError(f"{self.path} holds another run: {differences}; give another directory or its settings")

    @contextmanager
    def claimed(self, config):
        """Make the directory, keep every other process out of it, and put the config into it."""
        made = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.lock, "a") as file:
            try:
                # Held by the open file, so it ends with the process, however that ends.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"another process is at work in {self.path}") from None
            self.check(config)
            if not self.config.exists():
                try:
                    write_text(self.config, json.dumps(config, indent=2) + "\n")
                except BaseException:
                    self.lock.unlink()
                    if made:
                        self.path.rmdir()
                    raise
            yield self

    def save_checkpoint(self, state, arrays):
        """Replace the checkpoint, whole or not at all. ``state``: a JSON object; ``arrays``: a list of NumPy arrays."""
        with replacing(self.checkpoint) as file:
            np.savez(file, state=json.dumps(state), **{f"a{n:04d}": array for n, array in enumerate(arrays)})

    def load_checkpoint(self):
        """``state, arrays`` of the last checkpoint, or None without one."""
        if not self.checkpoint.exists():
            return None
        try:
            found = read_arrays(self.checkpoint)
            state = parse_json(str(found.pop("state", "")))
            _check_state(state)
            if any(array.dtype.kind not in "fiub" for array in found.values()):
                raise ValueError("its arrays are not all numbers")
            return state, [found[name] for name in sorted(found)]
        except (OSError, ValueError) as error:
            raise RunError(
                f"expected a checkpoint in {self.checkpoint}, but it cannot be read ({error});"
                " delete it to begin this run anew"
            ) from error

    def open_history(self, step):
        """history.csv, open for more rows after the first ``step``; what a killed run wrote beyond them is cut off."""
        if step == 0:
            file = open(self.history, "w", encoding="utf-8")  # noqa: SIM115
            file.write(HEADER)
            return file
        with open(self.history, "rb+") as file:
            lines = list(itertools.islice(file, step + 1))
            if (
                len(lines) <= step
                or lines[0] != HEADER.encode()
                or not lines[-1].endswith(b"\n")
                or not lines[-1].startswith(b"%d," % step)
            ):
                raise RunError(f"expected {step} rows in {self.history}, as in {self.checkpoint.name}, found others")
            file.truncate(sum(map(len, lines)))
        return open(self.history, "a", encoding="utf-8")

    def leftovers(self):
        """The temporary files of this package in the directory, and nothing else that a user may keep there."""
        names = ("weights", *(path.name for path in self.written))
        return [path for name in names for path in self.path.glob(f".{name}-*") if path.is_file()]

    def clear_leftovers(self):
        """Delete the half-written files of processes that were killed, and the checkpoint of a finished run."""
        for leftover in self.leftovers():
            leftover.unlink()
        if self.result.exists():
            self.checkpoint.unlink(missing_ok=True)


def _check_state(state):
    """ValueError unless a run can continue from the state of a checkpoint."""
    kinds = {"step": int, "seconds": (int, float), "resumed": int, "engine": (str, type(None)), "data": str}
    if not isinstance(state, dict) or set(state) != set(kinds):
        raise ValueError(f"expected the state to have {', '.join(kinds)}, got {reprlib.repr(state)}")
    for name, kind in kinds.items():
        value = state[name]
        if not isinstance(value, kind) or isinstance(value, bool) or (not isinstance(value, str | None) and value < 0):
            raise ValueError(f"expected another {name} in the state than {reprlib.repr(value)}")
