"""Arrays that do not fit, thrown at everything that leads into compiled code, one after another.

Each case changes one array or two of a call that was right: an axis one longer or shorter, much longer, empty, of
length 1, one axis more or less, turned over, another dtype, an index out of place. Two answers are accepted: what
``plstm.reference`` computes from the same arrays, or an error that says what was expected and what came instead.

``python -m tests.engines.fuzz --cases 10000 --seed 1``; what a crash was about is the last line on stderr.
"""

import argparse
import collections
import faulthandler
import functools
import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import plstm
from plstm import reference
from plstm.engines import launch
from plstm.engines.kernel_inputs import GATE_SHAPES, KernelInputs
from tests.engines.test_kernels import make
from tests.support import by_reference, numpy, raw_weights

CLEAR = re.compile("expected .*(got|found)", re.DOTALL)
# Those that backends make tensors of, and all.
NATIVE = ("f2", "f4", "f8", "i4", "i8", "u1", "?")
DTYPES = (*NATIVE, ">f4", ">f8")


class Wrong(AssertionError):
    """An answer that is neither right nor a clear error."""


def change(rng, array, dtypes=DTYPES, ranks=True):
    """The array, changed in one way."""
    array = np.asarray(array)
    ways = ["axis"] * 6 * bool(array.ndim) + ["more", "fewer", "turned"] * ranks + ["dtype"] * bool(dtypes) + ["same"]
    way = rng.choice(ways)
    if way == "axis":
        axis = rng.integers(array.ndim)
        size = array.shape[axis]
        new = int(rng.choice([size - 1, size + 1, 0, 1, 2 * size, size + 7, size + 60]))
        return np.take(array, np.arange(max(new, 0)) % size, axis) if size else np.zeros_like(array)
    if way == "more":
        return array[..., None] if rng.random() < 0.5 else array[None]
    if way == "fewer" and array.ndim:
        return array.sum(axis=rng.integers(array.ndim)).astype(array.dtype)
    if way == "turned":
        return np.ascontiguousarray(array.T)
    return array.astype(rng.choice(dtypes)) if way == "dtype" else array


def change_some(rng, arrays, **how):
    """One or two of the arrays changed, or none; and the names of those that were meant to be."""
    names = rng.choice(sorted(arrays), min(len(arrays), int(rng.choice([0, 1, 1, 1, 1, 1, 2]))), replace=False)
    return {**arrays, **{str(name): change(rng, arrays[name], **how) for name in names}}


def judge(call, expected, must_answer, tolerance=1e-4):
    """``"right"`` or ``"refused"``. Wrong: another answer, an obscure error, or a refusal of what fits."""
    try:
        found = call()
    except Exception as error:
        if must_answer:
            raise Wrong("refused what fits") from error
        if not CLEAR.search(str(error)):
            raise Wrong("refused without a word of why") from error
        return "refused"
    for got, wanted in zip(found, expected(), strict=True):
        if np.shape(got) != np.shape(wanted) or not np.allclose(got, wanted, tolerance, tolerance):
            raise Wrong(f"answered what is not right, in shape {np.shape(got)}")
    return "right"


# launch.forward and launch.backward


def call_of_a_kernel(rng):
    """The inputs and options of a call."""
    b, t, d, h = (int(rng.choice(sizes)) for sizes in ([1, 2, 3, 9, 33], [1, 2, 5, 21], [1, 2, 5], [1, 3, 8]))
    clock = rng.choice(["shared", "own", "computed", "shared computed"])
    shape, sequences = str(rng.choice(sorted(GATE_SHAPES))), rng.random() < 0.7
    cell, dtype = str(rng.choice(["lstm", "gru"])), rng.choice([np.float32, np.float64])
    return make(cell, b, t, d, h, clock, shape, rng.random() < 0.5, rng.random() < 0.5, sequences, dtype)[0]


def answer(inputs, options):
    """Outputs, h and c of the reference; what is empty is not there."""
    p, gru = inputs, options.cell == "gru"
    k = p.k if p.k.shape != (0, 0, 0) else reference.gates(p.times, *p.rhythm, float(p.leak), options.gate_shape)
    weights = {"kernel": p.kernel, "recurrent_kernel": p.recurrent_kernel, "bias": p.bias}
    if not gru:
        weights["peepholes"] = p.peepholes
    mask, dropout = (None if a.shape == (0, 0) else a for a in (p.mask, p.recurrent_dropout))
    outputs, state = reference.run(options.cell, p.x, k, weights, [p.h] if gru else [p.h, p.c], mask, dropout)
    return outputs if options.return_sequences else outputs[:, :0], *state, *([p.c] if gru else [])


def forward(rng):
    inputs, options = call_of_a_kernel(rng)
    arrays = inputs._asdict()
    changed = KernelInputs(**change_some(rng, arrays))
    same = all(getattr(changed, name) is arrays[name] for name in arrays)
    return judge(lambda: launch.forward(changed, options, 2)[:3], lambda: answer(changed, options), same)


def backward(rng):
    """The gradient of x and h in one direction, by finite differences of the reference."""
    inputs, options = call_of_a_kernel(rng)
    results = launch.forward(inputs, options, 2)
    given = {name: rng.normal(size=array.shape) for name, array in zip(("d_outputs", "d_h", "d_c"), results)}
    all_of_it = {**inputs._asdict(), **given, "checkpoints": results[3]}
    changed = change_some(rng, all_of_it)
    moved = KernelInputs(**{name: changed[name] for name in KernelInputs._fields})
    along = rng.normal(size=np.shape(moved.x)), rng.normal(size=np.shape(moved.h))

    def call():
        of_results = [changed[name] for name in given]
        launch.backward(moved, options, changed["checkpoints"], *of_results, 2)
        # What passed may be another call than that of the checkpoints, without a mask, say.
        found = launch.backward(moved, options, launch.forward(moved, options, 2)[3], *of_results, 2)
        return [np.sum(found.x * along[0]) + np.sum(found.h * along[1])]

    def loss(step):
        there = moved._replace(x=moved.x + step * along[0], h=moved.h + step * along[1])
        return sum(np.sum(d * a) for d, a in zip((changed[n] for n in given), answer(there, options)))

    same = all(changed[name] is all_of_it[name] for name in all_of_it)
    return judge(call, lambda: [(loss(1e-5) - loss(-1e-5)) / 2e-5], same, 2e-3)


# The event-driven engine


def weights_of(rows):
    """The way back of ``Rows.of``."""
    columns = rows.weights.transpose(2, 1, 0).reshape(rows.weights.shape[2], -1)
    kernel, bias, recurrent_kernel = np.split(columns, [rows.features, rows.features + 1])
    weights = {"kernel": kernel, "recurrent_kernel": recurrent_kernel, "bias": bias[0], "peepholes": rows.extra.T}
    if rows.gru:
        of_h = np.zeros((2, rows.units))
        weights["bias"] = np.stack([bias[0], np.concatenate([*of_h, rows.extra[:, 0]])])
        del weights["peepholes"]
    return weights


def events(rng):
    """sparse.run, with starts and slots that point anywhere."""
    from plstm.streaming import sparse

    gru, dtype = rng.random() < 0.5, rng.choice([np.float32, np.float64])
    d, h, streams, slots, groups = (int(rng.choice(sizes)) for sizes in ([1, 3], [1, 4], [1, 3], [4, 6], [1, 3]))
    _, q, _ = make("gru" if gru else "lstm", 1, 1, d, h)
    rhythm = np.stack([q["period"], q["shift"], q["ratio_on"]])
    weights = {name: q[name].astype(dtype) for name in ("kernel", "recurrent_kernel", "bias", "peepholes")}
    if gru:
        del weights["peepholes"]
    rows = sparse.Rows.of("gru" if gru else "lstm", *weights.values(), *[None] * gru, rhythm, "triangle")
    starts = np.append(0, np.cumsum(rng.integers(0, 5, groups)))
    arrays = {
        "x": rng.normal(size=(starts[-1], streams, d)).astype(dtype),
        "times": np.cumsum(rng.uniform(0, 3, starts[-1])),
        "mask": rng.random((starts[-1], streams)) < 0.8, "starts": starts,
        "slots": np.sort(rng.permutation(slots)[:groups]),
        "wake": np.full((slots, h), -np.inf), "h": rng.normal(size=(slots, streams, h)).astype(dtype),
        "c": rng.normal(size=(slots, streams, h)).astype(dtype),
    }  # fmt: skip
    of_rows = {"weights": rows.weights, "extra": rows.extra, "rhythm": rows.rhythm}
    changed = change_some(rng, {**arrays, **of_rows})
    same = all(changed[name] is array for name, array in {**arrays, **of_rows}.items())
    if rng.random() < 0.3:
        name, same = str(rng.choice(["starts", "slots"])), False
        changed[name] = changed[name].copy()
        if changed[name].size:
            changed[name].flat[rng.integers(changed[name].size)] = rng.choice([-1, 0, 1, 5, 99, 10**6, -(2**40)])
    rows = rows._replace(**{name: changed.pop(name) for name in of_rows})
    before = {name: changed[name].copy() for name in "hc"}

    def expected():
        weights = weights_of(rows)
        outputs, (h, c) = np.zeros((len(changed["times"]), *before["h"].shape[1:])), map(np.copy, before.values())
        for slot, low, high in zip(changed["slots"], changed["starts"], changed["starts"][1:]):
            x, mask = (changed[name][low:high].swapaxes(0, 1) for name in ("x", "mask"))
            k = reference.gates(changed["times"][low:high], *rows.rhythm)
            out, state = reference.run("gru" if gru else "lstm", x, k, weights, [h[slot], c[slot]][: 2 - gru], mask)
            outputs[low:high] = out.swapaxes(0, 1)
            for whole_state, new in zip((h, c), state):
                whole_state[slot] = new
        return outputs, h, c

    def call():
        return sparse.run(rows, **changed, sequences=True)[0], changed["h"], changed["c"]

    return judge(call, expected, same)


# Layers

B, T, D, H = 3, 5, 2, 4
CLASSES = {"lstm": plstm.PhasedLSTM, "gru": plstm.PhasedGRU}


@functools.cache
def layer(kind, engine):
    rhythm = {"period_initializer": plstm.LogUniform(2, 20, seed=1), "ratio_on_initializer": 0.4, "leak": 0.0}
    made = CLASSES[kind](H, return_sequences=True, engine=engine, **rhythm)
    made.build((None, None, D))
    return made


def call_of_a_layer(rng, kind, rank):
    """Arguments of a call, as arrays by name; ``rank`` of the times."""
    times = np.cumsum(rng.uniform(0.2, 3.0, (B, T)), axis=1)
    arrays = {"x": rng.normal(size=(B, T, D)).astype("f4"), "times": times[0] if rank == 1 else times}
    arrays |= {"mask": rng.random((B, T)) < 0.7, "h": rng.normal(size=(B, H)).astype("f4")}
    return arrays | ({"c": rng.normal(size=(B, H)).astype("f4")} if kind == "lstm" else {})


def fits(a):
    """What README says may be given."""
    if a["x"].ndim != 3:
        return False
    b, t, d = a["x"].shape
    states = [a[name].shape in ((b, H), (1, H)) for name in "hc" if name in a]
    of_times = a["times"].shape in ((t,), (b, t)) and a["times"].dtype in ("f4", "f8", "i4", "i8")
    return bool(d == D and b and t and of_times and a["mask"].shape in ((b, t), (1, t)) and all(states))


def by_the_reference(made, a):
    b, t, _ = a["x"].shape
    state = [np.broadcast_to(a[name], (b, H)) for name in "hc" if name in a]
    mask = np.broadcast_to(a["mask"], (b, t)).astype(bool)
    return [by_reference(made, raw_weights(made), a["x"], a["times"], state, mask)[0]]


def eager(rng):
    engines = ("scan",) if keras.backend.backend() == "jax" else ("native", "native", "scan")
    kind, engine = str(rng.choice(sorted(CLASSES))), str(rng.choice(engines))
    made, arrays = layer(kind, engine), call_of_a_layer(rng, kind, rng.choice([1, 2]))
    a = change_some(rng, arrays, dtypes=NATIVE if rng.random() < 0.2 else ())
    state = [a[name] for name in "hc" if name in a]

    def call():
        return [numpy(made(a["x"], times=a["times"], mask=a["mask"], initial_state=state))]

    plain = all(a[name].dtype == arrays[name].dtype for name in a)
    return judge(call, lambda: by_the_reference(made, a), plain and fits(a))


@functools.cache
def graph(kind, engine, rank):
    """The layer in a graph that knows no size, with the gradient of x beside its answer, as in training."""
    import tensorflow as tf

    made, steps = layer(kind, engine), T if engine == "scan-checkpointed" else None
    signature = [tf.TensorSpec((None, steps, None if steps is None else D)), tf.TensorSpec((None,) * rank, "float64")]
    signature += [tf.TensorSpec((None, None), "bool")] + [tf.TensorSpec((None, None))] * made.cell.state_count

    @tf.function(input_signature=signature)
    def call(x, times, mask, *state):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = made(x, times=times, mask=mask, initial_state=list(state), training=True)
        return outputs, tape.gradient(outputs, x)

    return call


def traced(rng):
    kind, engine = str(rng.choice(sorted(CLASSES))), str(rng.choice(["native", "native", "scan", "scan-checkpointed"]))
    rank = int(rng.choice([1, 2])) if engine == "native" else 2
    made, call = layer(kind, engine), graph(kind, engine, rank)
    arrays = call_of_a_layer(rng, kind, rank)
    a = change_some(rng, arrays, dtypes=(), ranks=False)
    if engine == "scan-checkpointed":
        a["x"] = arrays["x"]  # which needs to know its steps
    return judge(lambda: [numpy(call(*a.values())[0])], lambda: by_the_reference(made, a), fits(a))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    faulthandler.enable()
    entries = [forward, backward, events, eager] + [traced] * (keras.backend.backend() == "tensorflow")
    counts = collections.Counter()
    print(f"seed {options.seed}", flush=True)
    for number in range(options.first, options.first + options.cases):
        entry = entries[number % len(entries)]
        print(f"case {number}: {entry.__name__}", file=sys.stderr, flush=True)
        counts[entry.__name__, entry(np.random.default_rng([options.seed, number]))] += 1
    for (name, outcome), count in sorted(counts.items()):
        print(f"{name}: {count} {outcome}")


if __name__ == "__main__":
    main()
