"""Many runs at once, on Ray: the cores of this machine, or a cluster that is there already.

A run is what ``train`` makes of a config and a directory, so it can be stopped and gone on with at any
moment: finished runs are skipped, those of a worker that died are begun again from their last checkpoint.
"""

import os
import socket
import time
from pathlib import Path

from plstm.errors import ResultError, RunError
from plstm.lab import results
from plstm.lab.experiments import grid

PATIENCE = 0.5
RETRIES = 5
REACH = 5.0  # seconds to reach a cluster
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS")


def sweep(configs, directory, address=None, threads=1, show=None):
    """Make every run that is not finished.

    Args:
        configs: a list of ``Config``. directory: where each run gets a directory of its own; on a cluster,
            one that all its machines see.
        address: of a Ray cluster, such as ``"auto"``; None starts Ray on this machine and ends it afterwards.
        threads: for each run; as many run at once as fit the cores.
        show: called with the ``states`` twice a second.

    Returns:
        ``states`` at the end: {directory: ``"finished"``, ``"diverged: ..."`` where the loss was no number any more, or
        ``"failed: ..."``, with the reason}.

    Raises:
        RunError: the cluster cannot be reached. KeyboardInterrupt: Ctrl-C, after every run has kept its checkpoint.
    """
    import ray

    directory = Path(directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    paths = {directory / grid.directory_name(config): config for config in configs}
    states = {path: _before(path) for path in paths}
    _connect(ray, address)
    try:
        remote = ray.remote(num_cpus=threads, max_retries=RETRIES)(_run)
        environment = {"env_vars": {**{name: str(threads) for name in THREADS}, **_passed_on()}}
        waiting = {
            remote.options(runtime_env=environment).remote(config.as_dict(), str(path)): path
            for path, config in paths.items()
            if states[path] == "waiting"
        }
        _watch(ray, waiting, states, show)
    finally:
        ray.shutdown()
    return {str(path): state for path, state in states.items()}


def _before(path):
    """The state of a run for which nothing has been done yet: a result that is damaged is no finished run."""
    if not (path / "result.json").exists():
        return "waiting"
    try:
        results.read(path / "result.json")
    except ResultError as error:
        return f"failed: {error}"
    return "finished"


def _run(config, directory):
    """In a worker: one run. Returns how it ended: finished, or why not where that is something that a user can mend."""
    from plstm.errors import DivergedError, UserError
    from plstm.lab.experiments.config import Config
    from plstm.lab.experiments.train import train

    try:
        train(Config(**config), directory, progress=False)
    except (UserError, OSError) as error:
        how = "diverged" if isinstance(error, DivergedError) else "failed"
        return f"{how}: {' '.join(str(error).split())}"
    return "finished"


def _connect(ray, address):
    try:
        if address not in (None, "auto"):
            # Ray itself would try for minutes.
            host, _, port = address.removeprefix("ray://").rpartition(":")
            socket.create_connection((host, int(port)), timeout=REACH).close()
        ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    except (OSError, ValueError, RuntimeError) as error:
        why = " ".join(str(error).split())
        raise RunError(f"expected a Ray cluster at {address}, such as 10.0.0.1:6379, found none ({why})") from error


def _passed_on():
    """What a worker needs of this process' environment: where data and code are, and which backend."""
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
                states[path] = _outcome(ray, reference)
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


def _outcome(ray, reference):
    try:
        return ray.get(reference)
    except ray.exceptions.RayError as error:
        return f"failed: {' '.join(str(error).split())[:300]}"


def progress(path):
    """What a run that is not finished says of itself: ``"waiting"``, or its last step, loss and accuracy."""
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
