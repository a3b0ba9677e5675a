"""Where a number comes from: the code, the versions, the machine."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("jax", "keras", "numba", "numpy", "tensorflow", "torch")


def git():
    """The commit of this package's source and whether it has been changed since; None outside its repository."""
    package = Path(__file__).parents[2]

    def answer(*command):
        return subprocess.run(
            ["git", "-C", package, *command], capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()

    try:
        # An installed package may lie inside a repository that is not its own.
        answer("ls-files", "--error-unmatch", "__init__.py")
        commit = answer("rev-parse", "HEAD")
        return {"commit": commit, "changed": bool(answer("status", "--porcelain", "--", "*.py"))}
    except (OSError, subprocess.SubprocessError):
        return None


def stamp():
    """The header of a measurement: date, commit, versions, hardware and threads."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git(),
        "versions": versions(),
        "hardware": hardware(),
        "threads": threads(),
    }


def versions():
    """The versions of Python, of plstm and of the packages that compute, and the Keras backend."""
    import keras

    import plstm

    found = {"python": platform.python_version(), "plstm": plstm.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {**found, "backend": keras.backend.backend()}


def hardware():
    """Operating system, processor, cores, memory and accelerators of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        "accelerators": accelerators(),
    }


def accelerators():
    """The names of the GPUs that the Keras backend sees."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    if keras.backend.backend() == "jax":
        import jax

        return [device.device_kind for device in jax.devices() if device.platform != "cpu"]
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    return [tf.config.experimental.get_device_details(device).get("device_name", device.name) for device in devices]


def threads():
    """The number of threads that a computation may use: the cores, or fewer if the environment limits them."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count()
    return int(os.environ.get("TF_NUM_INTRAOP_THREADS") or cores)


def _processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
