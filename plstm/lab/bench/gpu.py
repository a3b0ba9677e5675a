"""The Triton engine on a GPU: its numbers checked, then its times beside cuDNN's and the portable engine's, in one run.

Every row is written as soon as it is measured, so that a run that is cut short keeps what it has. All contenders of a
row take the same precision: ``tf32``, ``ieee`` (32 bits throughout), ``fp16`` or ``bf16``.
"""

import itertools
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

from plstm.errors import ConfigError
from plstm.lab import markdown
from plstm.lab.bench import Shape
from plstm.lab.bench.contenders import Absent, one_line
from plstm.lab.bench.measure import summary
from plstm.lab.experiments import provenance

FORMAT = "plstm-gpu-1"
REPEATS, WARMUPS = 5, 2
BUDGET = 420.0  # seconds
# As in training, steps are started without waiting for the one before: as many as fill this time, up to MOST.
FILLED, MOST = 0.1, 10


class Row(NamedTuple):
    """What is measured at one shape."""

    shape: Shape
    precisions: tuple[str, ...]
    names: tuple[str, ...]


ALL = (
    "triton", "always-open", "triton-gru", "layer", "jax-layer", "cudnn-lstm", "cudnn-gru", "jax-cudnn-lstm",
    "scan",
)  # fmt: skip
LONG = ("triton", "triton-checkpointed", "cudnn-lstm")
BARS = (Shape(256, 784, 1, 32), Shape(32, 1000, 2, 110), Shape(64, 1000, 128, 128))
WIDTHS = tuple(Shape(64, 500, 16, H) for H in (32, 64, 128, 256, 512))
# The bars first; then lengths; then widths; then other precisions, of those that answer fast. Graphs at the end: while
# one is recorded, nothing else may use the card, and a recording that fails leaves PyTorch unusable.
ROWS = (
    *(Row(shape, ("tf32",), ALL) for shape in BARS),
    *(Row(Shape(32, T, 2, 128), ("tf32",), LONG) for T in (1000, 3000, 10000)),
    *(Row(shape, ("tf32",), ("triton", "cudnn-lstm", "scan")) for shape in WIDTHS),
    *(
        Row(shape, ("ieee", "fp16", "bf16"), ("triton", "always-open", "triton-gru", "cudnn-lstm", "cudnn-gru"))
        for shape in BARS
    ),
    *(Row(shape, ("tf32",), ("scan-graph",)) for shape in (*BARS, *WIDTHS)),
)
TOY = (Row(Shape(2, 3, 1, 4), ("ieee",), (*ALL, "scan-graph")), Row(Shape(2, 3, 2, 4), ("ieee",), LONG))
LABELS = {
    "triton": "Phased LSTM, Triton",
    "triton-checkpointed": "Phased LSTM, Triton, memory sqrt(T)",
    "always-open": "the same, its gate always open",
    "triton-gru": "Phased GRU, Triton",
    "layer": "plstm.PhasedLSTM, as a user calls it",
    "jax-layer": "plstm.PhasedLSTM under JAX, jit",
    "cudnn-lstm": "torch.nn.LSTM (cuDNN, no gate)",
    "cudnn-gru": "torch.nn.GRU (cuDNN, no gate)",
    "jax-cudnn-lstm": "jax.experimental.rnn (cuDNN, no gate)",
    "scan-graph": "Phased LSTM, portable, in a CUDA graph",
    "scan": "Phased LSTM, portable",
}


def device(toy):
    """``"cuda"``, or ``"cpu"`` for a toy run.

    Raises:
        ConfigError: no NVIDIA GPU, or for a toy run no interpreter of Triton.
    """
    import keras

    if keras.backend.backend() != "torch":
        raise ConfigError(f"expected KERAS_BACKEND=torch, got {keras.backend.backend()}")
    import torch

    if torch.cuda.is_available() and torch.version.hip is None:
        return "cuda"
    if not toy:
        raise ConfigError(
            f"expected an NVIDIA GPU that PyTorch can use, got none (torch {torch.__version__}); "
            "TRITON_INTERPRET=1 and --toy try everything but the times on a CPU"
        )
    if os.environ.get("TRITON_INTERPRET") != "1":
        raise ConfigError("expected TRITON_INTERPRET=1 for a toy run without a GPU, got it unset")
    return "cpu"


def run(path=None, rows=None, toy=False, budget=BUDGET, repeats=REPEATS, say=lambda line: None):
    """Check, then measure row after row until the budget is spent; the report, in ``path`` too, row by row."""
    from plstm.lab.bench import gpu_check

    start, where = time.perf_counter(), device(toy)
    report = {
        "format": FORMAT,
        **provenance.stamp(),
        "gpu": card(where),
        "settings": {"repeats": repeats, "warmups": WARMUPS, "budget": budget, "toy": toy},
        "checks": [],
        "rows": [],
        "left_out": [],
    }
    for found in itertools.chain(gpu_check.checks(where, toy), [] if toy else gpu_check.checks_of_jax()):
        report["checks"].append(found)
        say(gpu_check.line(found))
        write(path, report)
    for row in rows or (TOY if toy else ROWS):
        for precision in row.precisions:
            for name in row.names:
                if time.perf_counter() - start > budget:
                    report["left_out"].append([str(row.shape), precision, name])
                    continue
                found = measure(name, row.shape, precision, where, repeats)
                report["rows"].append(found)
                write(path, report)
                say(_line(found))
    report["seconds"] = time.perf_counter() - start
    write(path, report)
    return report


def write(path, report):
    """The report so far, whole: a file is replaced, never left half written."""
    if path is None:
        return
    part = Path(f"{path}.part")
    part.write_text(json.dumps(report, indent=1), encoding="utf-8")
    part.replace(path)


def card(where):
    import torch

    if where == "cpu":
        return {"name": "none: Triton's interpreter on a CPU, whose times say nothing"}
    import triton

    found = torch.cuda.get_device_properties(0)
    return {
        "name": found.name,
        "capability": f"{found.major}.{found.minor}",
        "bytes": found.total_memory,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),
        "triton": triton.__version__,
    }


def measure(name, shape, precision, where, repeats=REPEATS):
    """One contender: {contender, batch, ..., precision} and ``absent``, or times in seconds and ``peak_bytes``.

    A training step is forward and backward, the gradients of the mean square of the last output for all weights. Times
    are a step's, of ``queued`` that were started one after the other.
    """
    import torch

    from plstm.lab.bench import gpu_contenders

    found = {"contender": name, **shape._asdict(), "precision": precision}
    is_gpu = where == "cuda"
    try:
        with gpu_contenders.set_precision(precision):
            if name == "jax-layer":
                return _with_rates(
                    {**found, **gpu_contenders.jax_layer(shape, precision, where, repeats), "peak_bytes": None}
                )
            if is_gpu:
                torch.cuda.empty_cache()
            step, wait = gpu_contenders.make(name, shape, precision, where)
            held = torch.cuda.memory_allocated() if is_gpu else 0
            if is_gpu:
                torch.cuda.reset_peak_memory_stats()
            of = times(step, wait, repeats)
            peak = torch.cuda.max_memory_allocated() - held if is_gpu else None
    except Absent as error:
        return {**found, "absent": str(error)}
    # Whatever stops one contender is written down beside the times of the others.
    except Exception as error:
        return {**found, "absent": one_line(error)}
    return _with_rates({**found, **of, "peak_bytes": peak})


def times(step, wait, repeats):
    """``summary`` of a step's times, in seconds, and how many were queued for each: see ``measure``."""

    def spent(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        wait()
        return (time.perf_counter() - start) / count

    first = spent(1)
    queued = max(1, min(MOST, int(FILLED / spent(1))))
    for _ in range(WARMUPS):
        spent(queued)
    return {**summary(first, WARMUPS, [spent(queued) for _ in range(repeats)]), "queued": queued}


def _with_rates(row):
    return {**row, "seconds_per_step": row["median"] / row["steps"]}


def _line(row):
    where = f"({row['batch']},{row['steps']},{row['features']},{row['units']}) {row['precision']} {row['contender']}"
    return f"{where}: absent: {row['absent']}" if "absent" in row else f"{where}: {1e3 * row['median']:.2f} ms"


def table(report):
    """Markdown of a report: what was checked, and a row for every contender beside cuDNN's LSTM at its shape."""
    wrong = [found["name"] for found in report["checks"] if not found["ok"]]
    lines = [
        f"{report['date']} · {report['gpu']['name']} · "
        + ", ".join(f"{name} {version}" for name, version in report["versions"].items()),
        "",
        f"{len(report['checks'])} checks against the reference and the portable engine: "
        + (f"**wrong: {', '.join(wrong)}**" if wrong else "all right"),
        "",
    ]
    heads = ["B, T, D, H", "precision", "what", "training step, ms", "per step of T, µs"]
    heads, rows = [*heads, "of cuDNN's LSTM", "peak, MiB"], []
    keys = ("batch", "steps", "features", "units", "precision")
    bases = {
        tuple(row[key] for key in keys): row["median"]
        for row in report["rows"]
        if row["contender"] == "cudnn-lstm" and "median" in row
    }
    for row in report["rows"]:
        at = tuple(row[key] for key in keys)
        start = ", ".join(map(str, at[:4])), at[4], LABELS[row["contender"]]
        if "absent" in row:
            rows.append([*start, f"absent: {row['absent'].replace('|', ' ')}", "", "", ""])
            continue
        ratio = f"{row['median'] / bases[at]:.2f}" if at in bases else "-"
        peak = "-" if not row["peak_bytes"] else f"{row['peak_bytes'] / 2**20:.0f}"
        times = f"{1e3 * row['median']:.2f}", f"{1e6 * row['seconds_per_step']:.2f}"
        rows.append([*start, *times, ratio, peak])
    lines.append(markdown.table(heads, rows, "lllr"))
    if report["left_out"]:
        lines += ["", f"Left out, as the time was up: {'; '.join(' '.join(left) for left in report['left_out'])}."]
    return "\n".join(lines)
