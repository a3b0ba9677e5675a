"""The streams of an engine by name: begun, ended, saved and restored."""

from __future__ import annotations

import os
from collections.abc import Mapping

from numpy.typing import ArrayLike

from plstm.streaming.stream_state import Streams
from plstm.types import Array


class NamedStreams:
    """Base class of ``plstm.EventDriven``, with all that concerns its streams and not its weights."""

    _streams: Streams

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all weights, defined by the engine: a saved state fits the same weights only."""
        raise NotImplementedError

    def open(self, stream: str) -> None:
        """Begin a stream, with a state of zero.

        Args:
            stream: its name, not in use.
        """
        self._streams.open(stream)

    def close(self, stream: str | None) -> None:
        """End a stream. Its memory is used for the next one that is opened.

        Args:
            stream: its name; None for the default stream, which is only reset.
        """
        self._streams.close(stream)

    def reset(self, stream: str | None = None) -> None:
        """Set the state of a stream to zero. Its next event may have any time.

        Args:
            stream: its name; None for the default stream.
        """
        self._streams.reset(stream)

    @property
    def streams(self) -> list[str]:
        """The names of the open streams, without the default one."""
        return self._streams.names

    @property
    def bytes_per_stream(self) -> int:
        """The bytes of a stream's state, which has h, c and a wake-up time for each unit and the last event's time."""
        return self._streams.bytes_per_stream

    @property
    def state(self) -> dict[str, Array]:
        """All streams as a dict of the arrays ``streams``, ``last_time``, and ``h0``, ``c0``, ``h1``, ... by layer.

        The default stream comes first and has no name. Assigning such a dict restores the streams.
        """
        return self._streams.snapshot()

    @state.setter
    def state(self, state: Mapping[str, ArrayLike]) -> None:
        self._streams.restore(state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state of all streams to a file (.npz), whole or not at all.

        Args:
            path: the file.
        """
        self._streams.save(path, self.fingerprint)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Restore the state of all streams from a file. Later outputs are as if there had been no interruption.

        Args:
            path: the file.

        Raises:
            StateError: the file is damaged, or belongs to a model with other weights. The streams do not change.
        """
        self._streams.load(path, self.fingerprint)
