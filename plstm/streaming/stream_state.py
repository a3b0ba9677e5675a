"""The states of many streams, one slot for each, in arrays that the compiled engine changes in place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from plstm._files import read_arrays, replacing
from plstm.errors import StateError
from plstm.streaming import locks
from plstm.types import Array, Floats

LayerState: TypeAlias = tuple[Floats, Array, Array]  # wake, h, c


class Streams:
    """Streams by name, always including the default one (``None``): the last time and the layers' states of each.

    Methods may be called from many threads. Code that uses the attributes must hold the lock from the look-up of a slot
    until it is done with it. Otherwise another thread could grow the arrays, or close the stream and reuse its slot.

    Args:
        units: H of every layer.
        dtype: of h and c.

    Attributes:
        lock: guards the attributes below, and whatever must change together with them.
        last: (S,), the time of each slot's last event, -inf before the first.
        state: for each layer wake (S, H), h and c (S, 1, H).
    """

    def __init__(self, units: Iterable[int], dtype: DTypeLike):
        self.lock = locks.new()
        self.units, self.dtype = list(units), np.dtype(dtype)
        self.slots: dict[str | None, int] = {None: 0}
        self._free: list[int] = []
        self.last = np.full(1, -np.inf)
        self.state: list[LayerState] = rest(self.units, self.dtype, 1, 1)

    def slot(self, name: str | None) -> int:
        """The slot of a stream. ValueError unless it is open."""
        try:
            return self.slots[name]
        except (KeyError, TypeError):
            raise ValueError(f"expected the name of an open stream, got {name!r}; open(name) begins one") from None

    def open(self, name: str) -> None:
        """Begin a stream, with a state of zero."""
        if not isinstance(name, str):
            raise ValueError(f"expected the name of a stream to be a string, got {name!r}")
        if name.endswith("\0"):
            raise ValueError(
                f"expected the name of a stream not to end with a zero byte, got {name!r}; NumPy would drop it"
            )
        with self.lock:
            if name in self.slots:
                raise ValueError(f"expected the name of a new stream, got {name!r}, which is open")
            if not self._free:
                self._grow(2 * len(self.last))
            self.slots[name] = self._free.pop()

    def close(self, name: str | None) -> None:
        """End a stream; its slot is reused. The default stream is only reset."""
        with self.lock:
            self._rest(self.slot(name))
            if name is not None:
                self._free.append(self.slots.pop(name))

    def reset(self, name: str | None) -> None:
        """Set the state of a stream to zero. Its next event may have any time."""
        with self.lock:
            self._rest(self.slot(name))

    def _rest(self, slot: int) -> None:
        self.last[slot] = -np.inf
        for wake, h, c in self.state:
            wake[slot], h[slot], c[slot] = -np.inf, 0, 0

    @property
    def names(self) -> list[str]:
        """The names of the open streams without the default one."""
        with self.lock:
            return [name for name in self.slots if name is not None]

    @property
    def bytes_per_stream(self) -> int:
        """The bytes of h, c and a wake-up time for each unit, and the last time."""
        return 8 + sum(self.units) * (8 + 2 * self.dtype.itemsize)

    def snapshot(self) -> dict[str, Array]:
        """All streams as a dict of arrays, the default stream first: see ``EventDriven.state``."""
        with self.lock:
            names = [name for name in self.slots if name is not None]
            slots = [self.slots[name] for name in (None, *names)]
            found = {"streams": np.array(names, np.str_), "last_time": self.last[slots]}
            for number, (_, h, c) in enumerate(self.state):
                found.update({f"h{number}": h[slots, 0], f"c{number}": c[slots, 0]})
        return found

    def restore(self, state: Mapping[str, ArrayLike]) -> None:
        """Restore a snapshot. StateError if it does not fit; then nothing changes."""
        if not isinstance(state, Mapping):
            raise StateError(f"expected a state to be a dict of arrays, got {type(state).__name__}")
        names = [None, *_names(state.get("streams", state.get("sessions", [])))]  # "sessions" is the former name
        shapes = {f"{kind}{n}": (len(names), units) for n, units in enumerate(self.units) for kind in "hc"}
        for name, shape in {"last_time": (len(names),), **shapes}.items():
            found = np.shape(state[name]) if name in state else "none"
            if found != shape:
                raise StateError(f"expected {name} of shape {shape} in the state, got {found}")
            if np.asarray(state[name]).dtype.kind not in "fiu":
                raise StateError(f"expected {name} to be numbers in the state, got {np.asarray(state[name]).dtype}")
        last = np.array(state["last_time"], np.float64)
        if len(set(names)) != len(names) or np.isnan(last).any() or np.isposinf(last).any():
            raise StateError("expected each stream once, and times that are not NaN or +inf, in the state, got others")
        with np.errstate(over="ignore"):
            moved = {name: np.asarray(state[name]).astype(self.dtype) for name in shapes}
        if not all(np.isfinite(array).all() for array in moved.values()):
            raise StateError(f"expected numbers that are finite in {self.dtype} in the state, got others")
        fresh = rest(self.units, self.dtype, len(names), 1)
        for number, (_, h, c) in enumerate(fresh):
            h[:, 0], c[:, 0] = moved[f"h{number}"], moved[f"c{number}"]
        with self.lock:
            self.slots, self._free = {name: slot for slot, name in enumerate(names)}, []
            self.last, self.state = last, fresh

    def save(self, path: str | os.PathLike[str], fingerprint: str) -> None:
        """Write a snapshot and the model's fingerprint to a file, whole or not at all."""
        arrays: dict[str, Any] = self.snapshot()
        with replacing(path) as file:
            np.savez(file, model=fingerprint, **arrays)

    def load(self, path: str | os.PathLike[str], fingerprint: str) -> None:
        """Restore the snapshot in a file. StateError if it is damaged or of another model; then nothing changes."""
        try:
            found = read_arrays(path)
        except FileNotFoundError:
            raise
        except (OSError, ValueError) as error:
            raise StateError(f"expected a state in {path}, but it cannot be read ({error})") from error
        if str(found.get("model")) != fingerprint:
            raise StateError(f"expected a state of this model in {path}, got one of other weights")
        self.restore(found)

    def copied(self) -> Streams:
        """An independent copy. The caller must hold the lock."""
        copy = Streams(self.units, self.dtype)
        copy.__setstate__({**vars(self), "slots": dict(self.slots), "_free": list(self._free)})
        return copy

    def __getstate__(self) -> dict[str, Any]:
        with self.lock:
            state = vars(self.copied())
        return {name: value for name, value in state.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Copies, because arrays that come from another process may be read-only or shared with it.
        vars(self).update(state, lock=locks.new(), last=np.array(state["last"]))
        self.state = [(np.array(wake), np.array(h), np.array(c)) for wake, h, c in state["state"]]

    def _grow(self, size: int) -> None:
        """Enlarge the arrays to ``size`` slots and keep the existing states."""
        old, state = len(self.last), rest(self.units, self.dtype, size, 1)
        for new, arrays in zip(state, self.state):
            for target, source in zip(new, arrays):
                target[:old] = source
        self.last, self.state = np.append(self.last, np.full(size - old, -np.inf)), state
        self._free.extend(range(size - 1, old - 1, -1))


def _names(streams: ArrayLike) -> list[str]:
    """The names of the streams in a saved state. StateError unless they are a list of strings."""
    found = np.asarray(streams)
    if found.ndim != 1 or (found.size and found.dtype.kind != "U"):
        what = f"{found.dtype} of shape {found.shape}"
        raise StateError(f"expected streams to be a list of strings in the state, got {what}")
    return found.tolist()


def rest(units: Iterable[int], dtype: DTypeLike, slots: int, streams: int) -> list[LayerState]:
    """States of zero: for each layer wake (slots, H), h and c (slots, streams, H)."""
    found: list[LayerState] = []
    for size in units:
        h = np.zeros((slots, streams, size), dtype)
        found.append((np.full((slots, size), -np.inf), h, h.copy()))
    return found
