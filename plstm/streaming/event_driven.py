"""Event-driven inference: a trained Phased LSTM that computes, at every event, its open units alone."""

from __future__ import annotations

import hashlib
import json
import math
import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from plstm import dates, gate
from plstm.streaming import checks as arrays
from plstm.streaming.stats import Stats
from plstm.streaming.stream_state import LayerState, Streams, rest
from plstm.types import Array, Booleans, Floats, Integers, Late, Times

if TYPE_CHECKING:
    import keras

LATE = ("error", "skip")
# What float() takes as it is; all else may be a date, a text or a boolean.
REAL = frozenset({int, np.float64, np.int64})


class EventDriven:
    """Runs a trained phased layer or model event by event, and computes only the units whose time gate is open.

    .. math::
        k_j(t) = 0 \\;\\Rightarrow\\; c_j = c_j', \\; h_j = h_j'

    A closed unit changes nothing, so leaving it out is exact: outputs equal the layer's at inference to rounding. A
    step costs ``4 (D + H)`` multiply-adds for each *open* unit (GRU: ``3 (D + H)``), on average a share ratio_on of
    the dense ``4 H (D + H)``.

    Args:
        model: a built ``PhasedLSTM`` or ``PhasedGRU``, or a Functional or Sequential model of such layers one after
            another, then ``Dense`` layers, with dropout and noise, on one input of sequences, one of times and one of
            masks. Weights are copied: later training does not reach them. Times are rounded as the model's input
            rounds them; a model without times counts steps, so tell it 0, 1, 2 and so on.
        late: what happens to an event before the last one of its stream: ``"error"``, or ``"skip"``, which leaves the
            state as it is and counts it. An event at the same time as the last one is an event like others.
        skip_closed: False computes closed units too, to no effect: the same engine, dense, to compare with.

    Streams:
        ``step`` feeds the default stream. For others, of which there may be thousands, ``open`` a name and pass it as
        ``session``; each has its own clock and state, ``bytes_per_session`` large. ``run`` starts from zeros and leaves
        all streams alone. Threads may do all of this at once; events of one stream are taken as they come. A copy or a
        pickle takes the streams along, as they are at one moment; so does a forked process.

    Raises:
        ValueError: a model that is no such chain, whose gates never close at inference, or with anything else that
            changes its answer: quantised or 16-bit layers, a second clock, initial states, layers of one's own.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, claim the saving; the engine is ours.

    Example:
        >>> import numpy as np, plstm
        >>> layer = plstm.PhasedLSTM(64, ratio_on_initializer=0.05)
        >>> x = np.random.default_rng(0).normal(size=(2, 200, 3)).astype("float32")
        >>> times = np.cumsum(np.random.default_rng(1).exponential(1.0, 200))
        >>> dense = layer(x, times=times)
        >>> engine = plstm.EventDriven(layer)
        >>> bool(np.abs(engine.run(x, times) - dense.numpy()).max() < 1e-5)
        True
        >>> engine.stats.ratio < 0.1
        True
        >>> engine.step(x[0, 0], t=0.5).shape
        (64,)
    """

    def __init__(self, model: keras.layers.Layer, late: Late = "error", skip_closed: bool = True):
        from plstm.engines import border
        from plstm.streaming import extract, sparse

        if late not in LATE:
            raise ValueError(f"expected late to be one of {', '.join(LATE)}, got {late!r}")
        self.late, self.skip_closed = late, bool(skip_closed)
        self._engine = sparse
        self._rows, self._dense, self._sequences, self._clock = extract.take_apart(model)
        border.check_stack(self._rows)
        self._rounds, self._dtype = self._clock.dtype != "float64", self._rows[0].weights.dtype
        self.features = self._rows[0].features
        self._streams = Streams([rows.units for rows in self._rows], self._dtype)
        # From which time on a clock of these floats cannot tell the open gates of some layer from its closed ones.
        self._ends = {
            name: min(gate.latest(rows.rhythm[0], rows.rhythm[2], name) for rows in self._rows) for name in gate.EPSILON
        }
        self._end = self._ends["float64"]
        self.clear_stats()

    # Streams

    def step(self, x: ArrayLike, t: float, session: str | None = None) -> Array:
        """One event of one stream.

        Args:
            x: (D,), the event.
            t: its time.
            session: the stream's name; None for the default stream.

        Returns:
            The model's output (O,) after it.

        Raises:
            ValueError: a wrong number of features, NaN, a time that goes back (unless ``late="skip"``), a session that
                is not open, a date, a time too far from 0 to be told from its neighbours. The state is then as before.
        """
        x, streams, given = np.asarray(x, self._dtype), self._streams, t
        end = self._end
        if type(t) is not float:
            end = end if type(t) in REAL else self._ends[gate.floats(t)]
            t = float(t if type(t) in REAL else dates.numbers("t", t))
        # The product is not finite where x is not, in a fraction of the time of asking each.
        if x.shape != (self.features,) or not math.isfinite(x.dot(x)) or not -end < t < end:
            arrays.checked_events(x[None], [t], 1, self.features, self._dtype)
            self._check_clock(given, np.array(t))
        if self._rounds:
            t = float(self._clock.told(t))
        with streams.lock:
            slot, last = streams.slot(session), streams.last
            if t >= last[slot]:
                output = self._take_in(x, t, slot)
                last[slot] = t
            elif self.late == "error":
                raise ValueError(f"expected a time >= {last[slot]:.17g} in this stream, got {t:.17g}")
            else:
                self._skipped += 1
                output = streams.state[-1][1][slot, 0].copy()
        return self._head(output)

    def _take_in(self, x: Array, t: float, slot: int) -> Array:
        """One event into one stream: what ``_advance`` does, without what arrays need."""
        x, times, slots = x[None, None], np.array([t]), np.array([slot])
        for number, (rows, now) in enumerate(zip(self._rows, self._streams.state)):
            self._updates[number] += self._engine.take_in(rows, x, times, slots, *now, self.skip_closed)
            x = now[1][slot : slot + 1].copy()
        self._events += 1
        return x[0, 0]

    def step_many(self, sessions: Iterable[str | None], x: ArrayLike, times: Times) -> Array:
        """Events of any streams, in the order in which they came. The streams share out the cores.

        Args:
            sessions: E names of streams, None for the default one.
            x: (E, D), the events.
            times: (E,), their times.

        Returns:
            The model's output after each event, (E, O).

        Raises:
            ValueError: as for ``step``; then no stream has moved.
        """
        sessions = arrays.names(sessions)
        given, (x, times) = times, arrays.checked_events(x, times, len(sessions), self.features, self._dtype)
        self._check_clock(given, times)
        times, streams = self._clock.told(times), self._streams
        with streams.lock:
            slots = np.array([streams.slot(name) for name in sessions], np.int64)
            order = np.argsort(slots, kind="stable")
            used, starts = np.unique(slots[order], return_index=True)
            starts = np.append(starts, len(order))
            latest, on_time = arrays.in_order(times[order], starts, streams.last[used], self.late == "skip")
            moved = x[order][:, None], latest, on_time[:, None], starts, used, streams.state
            outputs, updates = self._advance(*moved, True)
            streams.last[used] = latest[starts[1:] - 1]
            self._count(int(np.sum(on_time)), updates)
            self._skipped += int(np.sum(~on_time))
        result = np.empty_like(outputs[:, 0])
        result[order] = outputs[:, 0]
        return self._head(result)

    def open(self, session: str) -> None:
        """Begin a stream, at rest.

        Args:
            session: its name, not in use.
        """
        self._streams.open(session)

    def close(self, session: str | None) -> None:
        """End a stream; its memory serves the next one that is opened.

        Args:
            session: the stream's name; None for the default stream, which only goes back to rest.
        """
        self._streams.close(session)

    def reset(self, session: str | None = None) -> None:
        """Put a stream back to rest: state zero, and any time may come next.

        Args:
            session: the stream's name; None for the default stream.
        """
        self._streams.reset(session)

    @property
    def sessions(self) -> list[str]:
        """The names of the open streams, without the default one."""
        return self._streams.names

    @property
    def bytes_per_session(self) -> int:
        """What h, c and a wake-up time for each unit of a stream take, and its last time."""
        return self._streams.bytes_per_stream

    @property
    def state(self) -> dict[str, Array]:
        """All streams as a dict of arrays, ``sessions``, ``last_time``, and ``h0``, ``c0``, ``h1``, ... by layer.

        The default stream comes first and has no name. Assigning one puts the streams back to where they were.
        """
        return self._streams.snapshot()

    @state.setter
    def state(self, state: Mapping[str, ArrayLike]) -> None:
        self._streams.restore(state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state of all streams into a file (.npz), whole or not at all.

        Args:
            path: the file.
        """
        self._streams.save(path, self.fingerprint)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Take the state of all streams from a file: from here on, outputs are what they would have been.

        Args:
            path: the file.

        Raises:
            StateError: the file is damaged, or of a model with other weights. The streams are then as before.
        """
        self._streams.load(path, self.fingerprint)

    # Arrays

    def run(self, x: ArrayLike, times: Times, mask: ArrayLike | None = None) -> Array:
        """Whole sequences from zero states, as the model computes them at inference.

        Args:
            x: (B, T, D), the sequences.
            times: (T,) for one clock shared by the batch, or (B, T); not decreasing.
            mask: (B, T) or (1, T) booleans; what a False step holds does not matter.

        Returns:
            (B, O), or (B, T, O) if the last phased layer has ``return_sequences``.

        Raises:
            ValueError: shapes that do not fit, values that are not finite, times that go back, are dates, or are too
                coarse for the gates.
        """
        given = times
        x, times, mask = arrays.checked_sequences(x, times, mask, self.features, self._dtype)
        self._check_clock(given, times)
        run = self._run_shared if times.ndim == 1 else self._run_apart
        outputs, updates = run(x, self._clock.told(times), mask)
        with self._streams.lock:
            self._count(int(mask.sum()), updates)
        return self._head(outputs)

    def _run_shared(self, x: Array, times: Floats, mask: Booleans) -> tuple[Array, list[int]]:
        """Samples side by side in groups, as many groups as there are threads or more."""
        batch, steps, _ = x.shape
        groups, size = self._engine.groups(batch)
        # The last group is filled up with samples that are masked throughout.
        missing = groups * size - batch
        x, mask = np.pad(x, ((0, missing), (0, 0), (0, 0))), np.pad(mask, ((0, missing), (0, 0)))
        x, mask = (arrays.side_by_side(array.reshape(groups, size, *array.shape[1:])) for array in (x, mask))
        state = self._at_rest(groups, size)
        starts, slots = np.arange(groups + 1) * steps, np.arange(groups)
        outputs, updates = self._advance(x, np.tile(times, groups), mask, starts, slots, state, self._sequences)
        if not self._sequences:
            return state[-1][1].reshape(groups * size, -1)[:batch], updates
        units = outputs.shape[-1]
        outputs = outputs.reshape(groups, steps, size, units).swapaxes(1, 2).reshape(groups * size, steps, units)
        return outputs[:batch], updates

    def _run_apart(self, x: Array, times: Floats, mask: Booleans) -> tuple[Array, list[int]]:
        batch, steps, _ = x.shape
        state = self._at_rest(batch, 1)
        starts, slots = np.arange(batch + 1) * steps, np.arange(batch)
        flat = x.reshape(batch * steps, 1, self.features), times.ravel(), mask.reshape(-1, 1)
        outputs, updates = self._advance(*flat, starts, slots, state, self._sequences)
        return (outputs.reshape(batch, steps, outputs.shape[-1]) if self._sequences else state[-1][1][:, 0]), updates

    # What both share

    def _check_clock(self, given: Times, times: Floats) -> None:
        """ValueError if times are too coarse for a layer; ``given`` are the same in the floats that they came in."""
        name = gate.floats(given)
        if np.abs(times).max(initial=0.0) >= self._ends[name]:
            for rows in self._rows:
                gate.check_resolution(times, rows.rhythm[0], rows.rhythm[2], name)

    def _advance(
        self,
        x: Array,
        times: Floats,
        mask: Booleans,
        starts: Integers,
        slots: Integers,
        state: list[LayerState],
        sequences: bool,
    ) -> tuple[Array, list[int]]:
        """All layers over the events of some groups; moves their state. Returns the last outputs; updates by layer."""
        counts: list[int] = []
        for number, (rows, now) in enumerate(zip(self._rows, state)):
            wanted = sequences or number < len(self._rows) - 1
            x, updates = self._engine.run(rows, x, times, mask, starts, slots, *now, wanted, self.skip_closed)
            counts.append(updates)
        return x, counts

    def _count(self, events: int, updates: Sequence[int]) -> None:
        """Add to the stats; for who holds the lock."""
        self._events += events
        self._updates = list(map(operator.add, self._updates, updates))

    def _head(self, outputs: Array) -> Array:
        for dense in self._dense:
            outputs = dense(outputs)
        return outputs

    def _at_rest(self, slots: int, streams: int) -> list[LayerState]:
        return rest(self._streams.units, self._dtype, slots, streams)

    @property
    def stats(self) -> Stats:
        """``Stats`` of all that went through since the engine was made, or since ``clear_stats``."""
        with self._streams.lock:
            return Stats.of(self._rows, self._events, self._skipped, self._updates)

    def clear_stats(self) -> None:
        """Count from zero again."""
        with self._streams.lock:
            self._events, self._skipped, self._updates = 0, 0, [0] * len(self._rows)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all weights: a state belongs to the model that it came from."""
        arrays = [array for rows in self._rows for array in rows[1:4]] + [a for d in self._dense for a in d[:2]]
        shapes = json.dumps([rows.shape for rows in self._rows] + [array.shape for array in arrays])
        return hashlib.sha256(shapes.encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        with self._streams.lock:
            state = {**vars(self), "_streams": self._streams.copied(), "_updates": list(self._updates)}
        del state["_engine"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        from plstm.streaming import sparse

        # Another process may hand over arrays that are read-only.
        vars(self).update(state, _engine=sparse, _rows=[rows.writable() for rows in state["_rows"]])
