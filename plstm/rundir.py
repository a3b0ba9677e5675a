"""The directory of one run, and how it survives being killed at any moment.

::

    config.json         what was asked for
    history.csv         a row a step, flushed as it goes
    checkpoint.npz      everything needed to go on, replaced at most once a minute; gone when the run has finished
    weights.weights.h5  the trained weights
    result.json         the last to be written: a run that has it has finished
"""

import fcntl
import json
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from plstm import results
from plstm.errors import RunError

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

    def check(self, config):
        """RunError unless the directory is new, empty, or that of a run with the same config (a dict)."""
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"expected {self.path} to be a directory, found a file")
        if not self.config.exists():
            ours = {".lock", *(path.name for path in self.leftovers())}
            found = sorted(p.name for p in self.path.glob("*") if p.name not in ours)
            if found:
                raise RunError(f"expected {self.path} to be new, empty or a run of plstm, found {', '.join(found[:3])}")
            return
        try:
            old = json.loads(self.config.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"expected a config in {self.config}, but it cannot be read ({error})") from error
        if old != config:
            keys = [key for key in {**config, **old} if old.get(key) != config.get(key)]
            differences = "; ".join(f"{key} {old.get(key)!r}, not {config.get(key)!r}" for key in keys)
            raise RunError(f"{self.path} holds another run: {differences}; give another directory or its settings")

    @contextmanager
    def claimed(self, config):
        """Make the directory, keep every other process out of it, and put the config into it."""
        made = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        lock = self.path / ".lock"
        with open(lock, "a") as file:
            try:
                # Held by the open file, so it ends with the process, however that ends.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"another process is at work in {self.path}") from None
            self.check(config)
            if not self.config.exists():
                try:
                    results.write_text(self.config, json.dumps(config, indent=2) + "\n")
                except BaseException:
                    lock.unlink()
                    if made:
                        self.path.rmdir()
                    raise
            yield self

    def save_checkpoint(self, state, arrays):
        """Replace the checkpoint, whole or not at all. ``state``: a JSON object; ``arrays``: a list of NumPy arrays."""
        with results.replacing(self.checkpoint) as file:
            np.savez(file, state=json.dumps(state), **{f"a{n:04d}": array for n, array in enumerate(arrays)})

    def load_checkpoint(self):
        """``state, arrays`` of the last checkpoint, or None without one."""
        if not self.checkpoint.exists():
            return None
        try:
            with np.load(self.checkpoint, allow_pickle=False) as file:
                state = json.loads(str(file["state"]))
                return state, [file[name] for name in sorted(file.files) if name != "state"]
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
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
            lines = [file.readline() for _ in range(step + 1)]
            if lines[0] != HEADER.encode() or not lines[-1].endswith(b"\n") or not lines[-1].startswith(b"%d," % step):
                raise RunError(f"expected {step} rows in {self.history}, as in {self.checkpoint.name}, found others")
            file.truncate(sum(map(len, lines)))
        return open(self.history, "a", encoding="utf-8")

    def leftovers(self):
        """The temporary files of this package in the directory, and nothing else that a user may keep there."""
        written = (
            "weights",
            *(p.name for p in (self.config, self.history, self.checkpoint, self.weights, self.result)),
        )
        return [path for name in written for path in self.path.glob(f".{name}-*") if path.is_file()]

    def clear_leftovers(self):
        """Delete the half-written files of processes that were killed, and the checkpoint of a finished run."""
        for leftover in self.leftovers():
            leftover.unlink()
        if self.result.exists():
            self.checkpoint.unlink(missing_ok=True)
