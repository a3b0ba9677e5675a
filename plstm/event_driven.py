"""Event-driven inference: a trained Phased LSTM that computes, at every event, its open units alone."""

import hashlib
import json
import math
import operator
from typing import NamedTuple

import numpy as np

from plstm import arrays, dates, gate
from plstm.streams import Streams, rest

LATE = ("error", "skip")
# What float() takes as it is; all else may be a date, a text or a boolean.
REAL = frozenset({int, np.float64, np.int64})


class Stats(NamedTuple):
    """What has been computed, and what a dense engine would have computed.

    Attributes:
        events: events taken in, over all streams and samples. skipped: late ones left out.
        updates, dense_updates: of one unit at one event.
        multiply_adds, dense_multiply_adds: in the products of all layers.
    """

    events: int = 0
    skipped: int = 0
    updates: int = 0
    dense_updates: int = 0
    multiply_adds: int = 0
    dense_multiply_adds: int = 0

    @property
    def ratio(self):
        """The share of the multiply-adds that was needed; NaN before the first event."""
        return self.multiply_adds / self.dense_multiply_adds if self.dense_multiply_adds else math.nan


class EventDriven:
    """Runs a trained phased layer or model event by event, and computes only the units whose time gate is open.

    .. math::
        k_j(t) = 0 \\;\\Rightarrow\\; c_j = c_j', \\; h_j = h_j'

    A closed unit changes nothing, so leaving it out is exact: outputs equal the layer's at inference to rounding. A
    step costs ``4 (D + H)`` multiply-adds for each *open* unit (GRU: ``3 (D + H)``), on average a share ratio_on of
    the dense ``4 H (D + H)``.

    Args:
        model: a built ``PhasedLSTM`` or ``PhasedGRU``, or a Functional or Sequential model of such layers one after
            another, then ``Dense`` layers. Weights are copied: later training does not reach them.
        late: what happens to an event before the last one of its stream: ``"error"``, or ``"skip"``, which leaves the
            state as it is and counts it. An event at the same time as the last one is an event like others.
        skip_closed: False computes closed units too, to no effect: the same engine, dense, to compare with.

    Streams:
        ``step`` feeds the default stream. For others, of which there may be thousands, ``open`` a name and pass it as
        ``session``; each has its own clock and state, ``bytes_per_session`` large. ``run`` starts from zeros and leaves
        all streams alone.

    Raises:
        ValueError: a model that is no such chain, or whose gates never close at inference.

    Source: Neil, Pfeiffer & Liu (2016), arXiv:1610.09513, claim the saving; the engine is ours.

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

    def __init__(self, model, late="error", skip_closed=True):
        from plstm import stack
        from plstm.engines import sparse

        if late not in LATE:
            raise ValueError(f"expected late to be one of {', '.join(LATE)}, got {late!r}")
        self.late, self.skip_closed = late, bool(skip_closed)
        phased, self._dense = stack.take_apart(model)
        self._engine = sparse
        self._rows = [stack.rows(layer) for layer in phased]
        self._sequences = phased[-1].return_sequences
        self._dtype = self._rows[0].weights.dtype
        self.features = self._rows[0].features
        self._streams = Streams([rows.units for rows in self._rows], self._dtype)
        # From which time on a clock of these floats cannot tell the open gates of some layer from its closed ones.
        self._ends = {
            name: min(gate.latest(rows.rhythm[0], rows.rhythm[2], name) for rows in self._rows) for name in gate.EPSILON
        }
        self._end = self._ends["float64"]
        self.clear_stats()

    # Streams

    def step(self, x, t, session=None):
        """One event of one stream. x (D,); t: its time. Returns the model's output (O,) after it.

        Raises:
            ValueError: a wrong number of features, NaN, a time that goes back (unless ``late="skip"``), a session that
                is not open, a date, a time too far from 0 to be told from its neighbours. The state is then as before.
        """
        slot, x, given = self._streams.slot(session), np.asarray(x, self._dtype), t
        end = self._end
        if type(t) is not float:
            end = end if type(t) in REAL else self._ends[gate.floats(t)]
            t = float(t if type(t) in REAL else dates.numbers("t", t))
        # The product is not finite where x is not, in a fraction of the time of asking each.
        if x.shape != (self.features,) or not math.isfinite(x.dot(x)) or not -end < t < end:
            arrays.checked_events(x[None], [t], 1, self.features, self._dtype)
            self._check_clock(given, np.array(t))
        last = self._streams.last
        on_time = t >= last[slot]
        if not on_time and self.late == "error":
            raise ValueError(f"expected a time >= {last[slot]:.17g} in this stream, got {t:.17g}")
        if on_time:
            last[slot] = t
            self._take_in(x, t, slot)
        self._skipped += not on_time
        return self._head(self._streams.state[-1][1][slot, 0].copy())

    def _take_in(self, x, t, slot):
        """One event into one stream: what ``_advance`` does, without what arrays need."""
        x, times, slots = x[None, None], np.array([t]), np.array([slot])
        for number, (rows, now) in enumerate(zip(self._rows, self._streams.state)):
            self._updates[number] += self._engine.take_in(rows, x, times, slots, *now, self.skip_closed)
            x = now[1][slots]
        self._events += 1

    def step_many(self, sessions, x, times):
        """Events of any streams, in the order in which they came. sessions: E names; x (E, D); times (E,).

        The streams share out the cores. Returns the output after each event, (E, O). Errors as for ``step``; then no
        stream has moved.
        """
        given, (x, times) = times, arrays.checked_events(x, times, len(sessions), self.features, self._dtype)
        self._check_clock(given, times)
        streams = self._streams
        slots = np.array([streams.slot(name) for name in sessions], np.int64)
        order = np.argsort(slots, kind="stable")
        used, starts = np.unique(slots[order], return_index=True)
        starts = np.append(starts, len(order))
        latest, on_time = self._on_time(times[order], used, starts)
        outputs = self._advance(x[order][:, None], latest, on_time[:, None], starts, used, streams.state, True)
        streams.last[used] = latest[starts[1:] - 1]
        self._skipped += int(np.sum(~on_time))
        result = np.empty_like(outputs[:, 0])
        result[order] = outputs[:, 0]
        return self._head(result)

    def _on_time(self, times, slots, starts):
        """For events stream by stream: the latest time so far, and which events are not before it."""
        latest, on_time = times.copy(), np.ones(len(times), bool)
        for slot, low, high in zip(slots, starts, starts[1:]):
            before = np.maximum.accumulate(np.append(self._streams.last[slot], times[low:high]))
            latest[low:high], on_time[low:high] = before[1:], times[low:high] >= before[:-1]
        if self.late == "error" and not on_time.all():
            late = np.argmin(on_time)
            raise ValueError(f"expected a time >= {latest[late]:.17g} in this stream, got {times[late]:.17g}")
        return latest, on_time

    def open(self, session):
        """Begin a stream, at rest, under a name that is not in use."""
        self._streams.open(session)

    def close(self, session):
        """End a stream; its memory serves the next one that is opened."""
        self._streams.close(session)

    def reset(self, session=None):
        """Put a stream back to rest: state zero, and any time may come next."""
        self._streams.reset(session)

    @property
    def sessions(self):
        """The names of the open streams, without the default one."""
        return self._streams.names

    @property
    def bytes_per_session(self):
        """What a stream holds: h, c and a wake-up time for each unit, and its last time."""
        return self._streams.bytes_per_stream

    @property
    def state(self):
        """All streams as a dict of arrays: ``sessions``, ``last_time``, and ``h0``, ``c0``, ``h1``, ... by layer.

        The default stream comes first and has no name. Assigning one puts the streams back to where they were.
        """
        return self._streams.snapshot()

    @state.setter
    def state(self, state):
        self._streams.restore(state)

    def save(self, path):
        """Write the state of all streams into a file (.npz), whole or not at all."""
        self._streams.save(path, self.fingerprint)

    def load(self, path):
        """Take the state of all streams from a file: from here on, outputs are what they would have been.

        Raises:
            StateError: the file is damaged, or of a model with other weights. The streams are then as before.
        """
        self._streams.load(path, self.fingerprint)

    # Arrays

    def run(self, x, times, mask=None):
        """Whole sequences from zero states, as the model computes them at inference.

        Args:
            x: (B, T, D). times: (T,) for one clock shared by the batch, or (B, T); not decreasing. mask: (B, T)
                booleans; what a False step holds does not matter.

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
        return self._head(run(x, times, mask))

    def _run_shared(self, x, times, mask):
        """Samples side by side in groups, as many groups as there are threads or more."""
        batch, steps, _ = x.shape
        groups, size = self._engine.groups(batch)
        # The last group is filled up with samples that are masked throughout.
        missing = groups * size - batch
        x, mask = np.pad(x, ((0, missing), (0, 0), (0, 0))), np.pad(mask, ((0, missing), (0, 0)))
        x, mask = (arrays.side_by_side(array.reshape(groups, size, *array.shape[1:])) for array in (x, mask))
        state = self._at_rest(groups, size)
        starts, slots = np.arange(groups + 1) * steps, np.arange(groups)
        outputs = self._advance(x, np.tile(times, groups), mask, starts, slots, state, self._sequences)
        if self._sequences:
            units = outputs.shape[-1]
            return (
                outputs.reshape(groups, steps, size, units).swapaxes(1, 2).reshape(groups * size, steps, units)[:batch]
            )
        return state[-1][1].reshape(groups * size, -1)[:batch]

    def _run_apart(self, x, times, mask):
        batch, steps, _ = x.shape
        state = self._at_rest(batch, 1)
        starts, slots = np.arange(batch + 1) * steps, np.arange(batch)
        flat = x.reshape(batch * steps, 1, self.features), times.ravel(), mask.reshape(-1, 1)
        outputs = self._advance(*flat, starts, slots, state, self._sequences)
        return outputs.reshape(batch, steps, outputs.shape[-1]) if self._sequences else state[-1][1][:, 0]

    # What both share

    def _check_clock(self, given, times):
        """ValueError if times are too coarse for a layer; ``given`` are the same in the floats that they came in."""
        name = gate.floats(given)
        if np.abs(times).max(initial=0.0) >= self._ends[name]:
            for rows in self._rows:
                gate.check_resolution(times, rows.rhythm[0], rows.rhythm[2], name)

    def _advance(self, x, times, mask, starts, slots, state, sequences):
        """All layers over the events of some groups; moves their state. Returns the last layer's outputs."""
        for number, (rows, now) in enumerate(zip(self._rows, state)):
            wanted = sequences or number < len(self._rows) - 1
            x, updates = self._engine.run(rows, x, times, mask, starts, slots, *now, wanted, self.skip_closed)
            self._updates[number] += updates
        self._events += int(mask.sum())
        return x

    def _head(self, outputs):
        for dense in self._dense:
            outputs = dense(outputs)
        return outputs

    def _at_rest(self, slots, streams):
        return rest(self._streams.units, self._dtype, slots, streams)

    @property
    def stats(self):
        """``Stats`` of all that went through since the engine was made, or since ``clear_stats``."""
        dense = [self._events * rows.units for rows in self._rows]
        cost = [rows.multiply_adds for rows in self._rows]
        return Stats(
            events=self._events,
            skipped=self._skipped,
            updates=sum(self._updates),
            dense_updates=sum(dense),
            multiply_adds=sum(map(operator.mul, self._updates, cost)),
            dense_multiply_adds=sum(map(operator.mul, dense, cost)),
        )

    def clear_stats(self):
        """Count from zero again."""
        self._events, self._skipped, self._updates = 0, 0, [0] * len(self._rows)

    @property
    def fingerprint(self):
        """SHA-256 of all weights: a state belongs to the model that it came from."""
        arrays = [array for rows in self._rows for array in rows[1:4]] + [a for d in self._dense for a in d[:2]]
        shapes = json.dumps([rows.shape for rows in self._rows] + [array.shape for array in arrays])
        return hashlib.sha256(shapes.encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()
