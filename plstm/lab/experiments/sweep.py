"""Many runs at once, on Ray: the cores of this machine, or a cluster that is there already.

A run is what ``train`` makes of a config and a directory, so it can be stopped and gone on with at any
moment: finished runs are skipped, those of a worker that died are begun again from their last checkpoint.
"""

import fcntl
import os
import platform
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from plstm.errors import ResultError
from plstm.lab import results
from plstm.lab.experiments import cluster, grid

PATIENCE = 0.5
RETRIES = 5
LEAVING = 15.0  # seconds that a worker may outlive its node
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


def sweep(configs, directory, address=None, threads=1, show=None):
    """Make every run that is not finished.

    Args:
        configs: a list of ``Config``.
        directory: where each run gets a directory of its own; on a cluster, one that all its machines see: a run on one
            that does not see it fails before it begins.
        address: of a Ray cluster, as in ``cluster.joined``; None starts Ray here, and ends it afterwards.
        threads: for each run; as many run at once as fit the cores.
        show: called with the ``states`` twice a second.

    Returns:
        ``states`` at the end: {directory: ``"finished"``, ``"diverged: ..."`` where the loss was no number any more, or
        ``"failed: ..."``, with the reason}.

    Raises:
        RunError: the cluster cannot be joined.
        KeyboardInterrupt: Ctrl-C, after every run has kept its checkpoint.
    """
    directory = Path(directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    paths = {directory / grid.directory_name(config): config for config in configs}
    states = {path: _before(path) for path in paths}
    with cluster.joined(address) as ray, _mark(directory) as mark:
        remote = ray.remote(num_cpus=threads, max_retries=RETRIES)(_run)
        environment = {"env_vars": {**{name: str(threads) for name in THREADS}, **_passed_on()}}
        waiting = {
            remote.options(runtime_env=environment).remote(config.as_dict(), str(path), str(mark)): path
            for path, config in paths.items()
            if states[path] == "waiting"
        }
        _watch(ray, waiting, states, show)
    return {str(path): state for path, state in states.items()}


def _before(path):
    """The state of a run before the sweep touches it. A run whose result is damaged is not finished."""
    if not (path / "result.json").exists():
        return "waiting"
    try:
        results.read(path / "result.json")
    except ResultError as error:
        return f"failed: {error}"
    return "finished"


@contextmanager
def _mark(directory):
    """A file that only those machines see that share the directory with this one."""
    path = directory / f".sweep-{uuid.uuid4().hex}"
    path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _run(config, directory, mark):
    """Make one run, in a worker. Returns how it ended: "finished", or the reason, if a user can remove it."""
    from plstm.errors import DivergedError, UserError
    from plstm.lab.experiments.config import Config
    from plstm.lab.experiments.run_directory import RunDirectory
    from plstm.lab.experiments.train import train

    if not Path(mark).exists():
        return (
            f"failed: expected {Path(mark).parent} to be a directory that all machines of the cluster share, but"
            f" {platform.node()} sees another one there, and results would be lost; give a shared --out"
        )
    try:
        _until_left(RunDirectory(directory).lock)
        train(Config(**config), directory, progress=False)
    except (UserError, OSError) as error:
        how = "diverged" if isinstance(error, DivergedError) else "failed"
        return f"{how}: {' '.join(str(error).split())}"
    return "finished"


def _until_left(lock):
    """Wait while a worker still holds the run whose node was lost: it notices that soon, and ends."""
    end = time.monotonic() + LEAVING
    while time.monotonic() < end and lock.exists():
        with open(lock) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(PATIENCE)


def _passed_on():
    """The environment variables that a worker needs: where data and code are, and which backend."""
    names = ("PLSTM_DATA", "KERAS_BACKEND", "KERAS_HOME", "PYTHONPATH")
    found = {name: os.environ[name] for name in names if name in os.environ}
    if "PLSTM_DATA" in found:
        found["PLSTM_DATA"] = str(Path(found["PLSTM_DATA"]).expanduser().resolve())
    return found


def _watch(ray, waiting, states, show):
    try:
        while waiting:
            done, _ = ray.wait(list(waiting), timeout=PATIENCE)
            for reference in done:
                path = waiting.pop(reference)
                states[path] = _outcome(ray, reference, path)
            for path in waiting.values():
                states[path] = progress(path)
            if show:
                show(states)
    except KeyboardInterrupt:
        for reference in waiting:
            ray.cancel(reference)
        # Each writes its checkpoint before it stops.
        ray.wait(list(waiting), num_returns=len(waiting), timeout=30)
        raise


def _outcome(ray, reference, path):
    try:
        state = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        state = f"failed: {type(error.cause).__name__}: {error.cause}"
    except ray.exceptions.RayError as error:
        state = f"failed: {error}"
    if state == "finished" and not (path / "result.json").exists():
        state = (
            f"failed: expected the result in {path}, found none: the machine that made it does not share that directory"
        )
    return " ".join(state.split())[:1000]


def progress(path):
    """The progress of a run that is not finished: ``"waiting"``, or its last step, loss and accuracy."""
    try:
        with open(path / "history.csv", "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 200))
            lines = file.read().decode().splitlines()
        age = time.time() - (path / "history.csv").stat().st_mtime
        step, loss, accuracy = lines[-1].split(",")
        text = f"step {int(step)}, loss {float(loss):.3f}, accuracy {float(accuracy):.3f}"
        return text if age < 30 else f"{text}, {age:.0f} s ago"
    # No file yet, or a line that is half written: it will be there next time.
    except (OSError, ValueError, IndexError):
        return "waiting"
