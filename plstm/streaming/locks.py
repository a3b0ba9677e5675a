"""Locks that a forked process finds free, and what they guard whole: a fork waits until nobody holds one."""

from __future__ import annotations

import importlib
import os
import threading
import weakref

# What runs before a fork runs in the reverse order of its registration: ours must come before that of the executors,
# whose lock is waited for by threads that hold one of ours.
importlib.import_module("concurrent.futures.thread")

_registry = threading.Lock()
_locks: weakref.WeakSet[threading.Lock] = weakref.WeakSet()
_held: list[threading.Lock] = []


def new() -> threading.Lock:
    """A ``threading.Lock`` that forks respect.

    >>> with new() as got:
    ...     got
    True
    """
    lock = threading.Lock()
    with _registry:
        _locks.add(lock)
    return lock


def _acquire() -> None:
    # The registry stays locked too: no new lock may come in between.
    _registry.acquire()
    _held.extend(_locks)
    for lock in _held:
        lock.acquire()


def _release() -> None:
    while _held:
        _held.pop().release()
    _registry.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)
