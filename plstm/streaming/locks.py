"""Locks that are safe to fork: a fork waits until no thread holds one, so the child finds them free."""

from __future__ import annotations

import importlib
import os
import threading
import weakref

# Functions registered to run before a fork run in reverse order. The executors' one must be registered before ours, so
# that ours runs first: threads that hold one of our locks wait for the lock of the executors.
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
    # The registry stays locked too, so that no lock is created in between.
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
