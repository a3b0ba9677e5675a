"""Event-driven inference: a trained Phased LSTM that computes only its open units at every event."""

from __future__ import annotations

import hashlib
import json
import math
import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from plstm import gate
from plstm.streaming import checks as arrays
from plstm.streaming.named_streams import NamedStreams
from plstm.streaming.stats import Stats
from plstm.streaming.stream_state import LayerState, Streams
from plstm.types import Array, Floats, Late, Times

if TYPE_CHECKING:
    import keras

LATE = ("error", "skip")
# Types that float() converts safely; anything else may be a date, text or a boolean.
REAL = frozenset({int, np.float64, np.int64})


class EventDriven(NamedStreams):
    """Runs a trained phased layer or model event by event and computes only the units whose time gate is open.

    .. math::
        k_j(t) = 0 \\;\\Rightarrow\\; c_j = c_j', \\; h_j = h_j'

    A closed unit keeps its state, so it can be skipped without an error: outputs equal those of the layer at inference,
    up to rounding. A step costs ``4 (D + H)`` multiply-adds for each *open* unit (GRU: ``3 (D + H)``), on average a
    share ratio_on of the ``4 H (D + H)`` of a dense engine.

    Args:
        model: a built ``PhasedLSTM`` or ``PhasedGRU``, or a Functional or Sequential model of such layers in a chain,
            then ``Dense`` layers; dropout and noise layers may stand between. Its inputs are sequences, and optionally
            times and a mask. Weights are copied, so later training does not change them. Times are rounded to the dtype
            of the model's input. A model without times counts steps: give it the times 0, 1, 2 and so on.
        late: what to do with an event earlier than the last one of its stream: ``"error"``, or ``"skip"``, which keeps
            the state and counts the event in ``stats.skipped``. An event at the time of the last one is not late.
        skip_closed: False computes closed units too, without an effect on outputs: a dense engine to compare with.

    Streams:
        ``step`` feeds the default stream. For other streams (there may be thousands) ``open`` a name and pass it as
        ``stream``. Each has its own clock and state, of ``bytes_per_stream``. ``run`` starts from zeros and does not
        touch the streams. All methods may be called from many threads; events of one stream are taken in the order in
        which they arrive. A copy, a pickle and a forked process contain the streams as they were at one moment.

    Raises:
        ValueError: a model that is not a supported chain, whose gates never close at inference, or with anything else
            that would change its output: quantised or 16-bit layers, a second clock, initial states, custom layers.

    Source:
        Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, claim that closed units save computation. They publish no engine.

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
        from plstm.engines import bounds
        from plstm.streaming import extract, sparse

        if late not in LATE:
            raise ValueError(f"expected late to be one of {', '.join(LATE)}, got {late!r}")
        self.late, self.skip_closed = late, bool(skip_closed)
        self._engine = sparse
        self._rows, self._dense, self._sequences, self._clock = extract.take_apart(model)
        bounds.check_stack(self._rows)
        self._rounds, self._dtype = self._clock.dtype != "float64", self._rows[0].weights.dtype
        self.features = self._rows[0].features
        self._streams = Streams([rows.units for rows in self._rows], self._dtype)
        # For each float dtype, the time from which it cannot tell open gates from closed ones in some layer.
        self._ends = {
            name: min(gate.latest(rows.rhythm[0], rows.rhythm[2], name) for rows in self._rows) for name in gate.EPSILON
        }
        self._end = self._ends["float64"]
        self.clear_stats()

    def step(self, x: ArrayLike, t: float, stream: str | None = None) -> Array:
        """One event of one stream.

        Args:
            x: (D,), the event.
            t: its time.
            stream: the stream's name; None for the default stream.

        Returns:
            The model's output (O,) after the event.

        Raises:
            ValueError: a wrong number of features, NaN, a late event (unless ``late="skip"``), a stream that is not
                open, a date, a time so far from 0 that its floats are too coarse. The state does not change.
        """
        x, t = self._event(x, t)
        with self._streams.lock:
            slot, last = self._streams.slot(stream), self._streams.last
            if t >= last[slot]:
                output = self._take_in(x, t, slot, self._streams.state, self._updates)
                self._events += 1
                last[slot] = t
            elif self.late == "error":
                raise arrays.too_late(last[slot], t)
            else:
                self._skipped += 1
                output = self._streams.state[-1][1][slot, 0].copy()
        return self._head(output)

    def query(self, x: ArrayLike, t: float, stream: str | None = None) -> Array:
        """The output of one stream at a time between events; as ``step``, but without a change of the stream's state.

        A query has a time and no value, so x must be what the model was trained to take for a missing value: see
        ``plstm.queries``. Queries are not counted in ``stats``.

        Args:
            x: (D,).
            t: the time, not before the stream's last event.
            stream: the stream's name; None for the default stream.

        Returns:
            The model's output (O,).

        Raises:
            ValueError: as for ``step``; a time before the last event, whatever ``late`` is.
        """
        x, t = self._event(x, t)
        with self._streams.lock:
            slot, last = self._streams.slot(stream), self._streams.last
            if t < last[slot]:
                raise arrays.too_late(last[slot], t, "")
            own = slice(slot, slot + 1)
            state = [(wake[own].copy(), h[own].copy(), c[own].copy()) for wake, h, c in self._streams.state]
        return self._head(self._take_in(x, t, 0, state, [0] * len(self._rows)))

    def _event(self, x: ArrayLike, t: Any) -> tuple[Array, float]:
        """One event (D,) in the engine's dtype, and its time as the model's input rounds it. ValueError as in step."""
        if type(x) is not np.ndarray or x.dtype.kind not in arrays.CONVERTIBLE:
            x = arrays.observed("x", x)
        x, given, end = np.asarray(x, self._dtype), t, self._end
        if type(t) is not float:
            end = end if type(t) in REAL else self._ends[gate.floats(t)]
            t = float(t if type(t) in REAL else arrays.one_number("t", t))
        if x.shape != (self.features,):
            raise ValueError(f"expected x of shape ({self.features},), got {x.shape}")
        # x.dot(x) is finite only if all of x is, and is much faster than np.isfinite.
        if not math.isfinite(x.dot(x)) or not -end < t < end:
            arrays.checked_events(x[None], [t], 1, self.features, self._dtype)
            self._check_clock(given, np.array(t))
        if self._rounds:
            t = float(self._clock.rounded(t))
        return x, t

    def _take_in(self, x: Array, t: float, slot: int, state: Sequence[LayerState], counts: list[int]) -> Array:
        """One event of one stream: a shorter way to do what ``whole_sequences.advance`` does."""
        x, times, slots = x[None, None], np.array([t]), np.array([slot])
        for number, (rows, now) in enumerate(zip(self._rows, state)):
            counts[number] += self._engine.take_in(rows, x, times, slots, *now, self.skip_closed)
            x = now[1][slot : slot + 1].copy()
        return x[0, 0]

    def step_many(self, streams: Iterable[str | None], x: ArrayLike, times: Times) -> Array:
        """Events of any streams, in the order of their arrival. Streams are computed in parallel.

        Args:
            streams: E names of streams, None for the default one.
            x: (E, D), the events.
            times: (E,), their times.

        Returns:
            The model's output after each event, (E, O).

        Raises:
            ValueError: as for ``step``. The state of no stream changes.
        """
        from plstm.streaming import whole_sequences

        names = arrays.names(streams)
        given, (x, times) = times, arrays.checked_events(x, times, len(names), self.features, self._dtype)
        self._check_clock(given, times)
        times, held = self._clock.rounded(times), self._streams
        with held.lock:
            slots = np.array([held.slot(name) for name in names], np.int64)
            order = np.argsort(slots, kind="stable")
            used, starts = np.unique(slots[order], return_index=True)
            starts = np.append(starts, len(order))
            latest, on_time = arrays.in_order(times[order], starts, held.last[used], self.late == "skip")
            events = x[order][:, None], latest, on_time[:, None], starts, used, held.state
            outputs, updates = whole_sequences.advance(self._rows, *events, True, self.skip_closed)
            held.last[used] = latest[starts[1:] - 1]
            self._count(int(np.sum(on_time)), updates)
            self._skipped += int(np.sum(~on_time))
        result = np.empty_like(outputs[:, 0])
        result[order] = outputs[:, 0]
        return self._head(result)

    def run(self, sequences: ArrayLike, times: Times, mask: ArrayLike | None = None) -> Array:
        """Whole sequences from a state of zero, as the model computes them at inference.

        Args:
            sequences: (B, T, D).
            times: (T,) for one clock shared by the batch, or (B, T); not decreasing.
            mask: (B, T) or (1, T) booleans; a False step is ignored, whatever its values.

        Returns:
            (B, O), or (B, T, O) if the last phased layer has ``return_sequences``.

        Raises:
            ValueError: shapes that do not fit, values that are not finite, times that go back, are dates, or are too
                coarse for the gates.
        """
        from plstm.streaming import whole_sequences

        x, checked, mask = arrays.checked_sequences(sequences, times, mask, self.features, self._dtype)
        self._check_clock(times, checked)
        times = self._clock.rounded(checked)
        outputs, updates = whole_sequences.run(self._rows, x, times, mask, self._sequences, self.skip_closed)
        with self._streams.lock:
            self._count(int(mask.sum()), updates)
        return self._head(outputs)

    def _check_clock(self, given: Times, times: Floats) -> None:
        """ValueError if times are too coarse for a layer; ``given`` are the same times in their original dtype."""
        name = gate.floats(given)
        if np.abs(times).max(initial=0.0) >= self._ends[name]:
            for rows in self._rows:
                gate.check_resolution(times, rows.rhythm[0], rows.rhythm[2], name)

    def _count(self, events: int, updates: Sequence[int]) -> None:
        """Add to the stats. The caller must hold the lock."""
        self._events += events
        self._updates = list(map(operator.add, self._updates, updates))

    def _head(self, outputs: Array) -> Array:
        for dense in self._dense:
            outputs = dense(outputs)
        return outputs

    @property
    def stats(self) -> Stats:
        """``Stats`` of all events since the engine was made, or since ``clear_stats``."""
        with self._streams.lock:
            return Stats.of(self._rows, self._events, self._skipped, self._updates)

    def clear_stats(self) -> None:
        """Set all counts to zero."""
        with self._streams.lock:
            self._events, self._skipped, self._updates = 0, 0, [0] * len(self._rows)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all weights: a saved state can be loaded only by an engine with the same weights."""
        arrays = [array for rows in self._rows for array in rows[1:4]] + [a for d in self._dense for a in d[:2]]
        shapes = json.dumps([rows.gate_shape for rows in self._rows] + [array.shape for array in arrays])
        return hashlib.sha256(shapes.encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        with self._streams.lock:
            state = {**vars(self), "_streams": self._streams.copied(), "_updates": list(self._updates)}
        del state["_engine"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        from plstm.streaming import sparse

        # Arrays that come from another process may be read-only.
        vars(self).update(state, _engine=sparse, _rows=[rows.writable() for rows in state["_rows"]])
