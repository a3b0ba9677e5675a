"""Time and memory of a training step against the length of the sequence; each length has its own process.

Run as ``python -m plstm.lab.bench.sweep CONTENDER B,T,D,H REPEATS WARMUPS``, it measures one length and prints JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from plstm.lab.bench import Shape
from plstm.lab.bench.contenders import IN_SWEEP, Absent, make, prepare_environment
from plstm.lab.bench.measure import interleaved, summary


def sweep(steps, sizes, repeats, warmups, names=IN_SWEEP, say=lambda line: None):
    """A list with a dict for each contender and T.

    Each: contender, batch, steps, features, units, and either ``absent`` (why) or the times of ``summary``,
    ``seconds_per_step`` (median divided by T) and ``peak_bytes`` (peak memory above that after the imports). A length
    is not tried if its memory, estimated from the length before, would not fit, or if a shorter length failed.
    """
    found = []
    for name in names:
        before = None
        for T in sorted(steps):
            shape = sizes._replace(steps=T)
            say(f"({shape}) {name}, in a process of its own")
            if before and before["peak_bytes"] * T / before["steps"] > 0.8 * available_bytes():
                result = {"absent": f"would need about {before['peak_bytes'] * T / before['steps'] / 2**30:.0f} GiB"}
            else:
                result = _in_process(name, shape, repeats, warmups)
            found.append({"contender": name, **shape._asdict(), **result})
            if "absent" in result:
                break
            before = found[-1]
    return found


def _in_process(name, shape, repeats, warmups):
    command = [sys.executable, "-m", "plstm.lab.bench.sweep", name, str(shape), str(repeats), str(warmups)]
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    why = done.stderr.strip().splitlines() or ["no message"]
    killed = "killed, probably for memory" if done.returncode == -9 else why[-1][:200]
    return {"absent": f"exit code {done.returncode}: {killed}"}


def one(name, shape, repeats, warmups):
    """Measure one length in this process."""
    import plstm.layers.lstm  # noqa: F401

    if name == "torch-lstm":
        try:
            import torch  # noqa: F401
        except ImportError as error:
            return {"absent": str(error)}
    base = resident_bytes("VmRSS")
    try:
        calls = make(name, shape)
    except Absent as error:
        return {"absent": str(error)}
    times, failed = interleaved({name: calls["train"]}, repeats, warmups)
    if failed:
        return {"absent": failed[name]}
    found = summary(*times[name])
    peak = resident_bytes("VmHWM") - base
    return {**found, "seconds_per_step": found["median"] / shape.steps, "peak_bytes": peak, "engine": calls["engine"]()}


def resident_bytes(field):
    """Memory of this process now (VmRSS) or at most so far (VmHWM).

    On Linux a child process inherits its parent's peak in ``getrusage``; this field starts at zero in a new program.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def available_bytes():
    """Memory that a new process could use without swapping; infinite if the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return float("inf")


if __name__ == "__main__":
    prepare_environment()
    print(json.dumps(one(sys.argv[1], Shape.parse(sys.argv[2]), *map(int, sys.argv[3:]))))
