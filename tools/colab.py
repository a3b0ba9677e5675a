"""Run every notebook as in Colab: alone in an empty folder, with the newest packages, plstm from its own first cell.

usage: python tools/colab.py [NOTEBOOK...]        (by the Python whose packages are used; plstm comes and goes)

Git is configured to take the address in the first cell from this working tree, so no request leaves the machine.
"""

import importlib.util
import os
import resource
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMEOUT = 600  # seconds a cell
PATIENCE = 180  # seconds a notebook may take on two cores
# Colab loads a module of this name before the first cell; the notebooks recognise Colab by it.
STARTUP = "import sys, types\nsys.modules['google.colab'] = types.ModuleType('google.colab')\n"
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    NotebookClient(notebook, timeout=int(sys.argv[2]), kernel_name="python3").execute()
except CellExecutionError as error:
    sys.exit(str(error))
"""


def git(*arguments, folder):
    identity = ["-c", "user.name=colab", "-c", "user.email=colab@localhost"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def publish(folder):
    """A repository of the tracked files of the working tree."""
    runpy.run_path(str(ROOT / "tools" / "dist.py"))["copy_tracked"](folder)
    git("init", "-q", folder=folder)
    git("add", "-A", folder=folder)
    git("commit", "-q", "-m", "as it stands", folder=folder)


def environment(scratch):
    """The environment of a kernel: Colab's module, a home folder without digits, the address taken from the copy."""
    startup = scratch / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text(STARTUP)
    address = runpy.run_path(str(ROOT / "tools" / "address.py"))["address"]()
    unwanted = {"PYTHONPATH", "PLSTM_DATA", "PLSTM_LIVE", "MPLBACKEND", "KERAS_BACKEND"}
    return {
        **{name: value for name, value in os.environ.items() if name not in unwanted},
        "IPYTHONDIR": str(scratch / "ipython"),
        "KERAS_HOME": str(scratch / "keras"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{scratch / 'repository'}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def installed():
    importlib.invalidate_caches()
    return importlib.util.find_spec("plstm") is not None


def remove():
    """Remove plstm: in Colab every notebook has a new machine."""
    command = [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", "plstm"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    # Numba's cache is beside the package. pip did not install it, so it does not remove it.
    shutil.rmtree(Path(sysconfig.get_path("purelib"), "plstm"), ignore_errors=True)
    if installed():
        sys.exit(f"expected an environment without plstm, found {importlib.util.find_spec('plstm').origin}")


def run(notebook, scratch, settings):
    """Seconds and error ('' if there was none) of one notebook, alone in a folder.

    The seconds are wall-clock time or processor time, whichever is less, because the machine may be busy.
    """
    folder = scratch / notebook.stem
    folder.mkdir()
    alone = folder / notebook.name
    alone.write_bytes(notebook.read_bytes())
    remove()
    start, before = time.monotonic(), worked()
    command = [sys.executable, "-P", "-c", EXECUTE, str(alone), str(TIMEOUT)]
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)
    error = (done.stderr or f"exit status {done.returncode}") if done.returncode else ""
    if not error and not installed():
        error = "the set-up cell installed nothing"
    return min(time.monotonic() - start, worked() - before), error


def worked():
    """Processor time of the notebooks so far; on a busy machine it is less than the wall-clock time."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(names):
    notebooks = [Path(name) for name in names] or sorted((ROOT / "book").glob("*.ipynb"))
    failed = []
    with tempfile.TemporaryDirectory(prefix="colab-") as folder:
        scratch = Path(folder)
        (scratch / "repository").mkdir()
        publish(scratch / "repository")
        settings = environment(scratch)
        for notebook in notebooks:
            seconds, error = run(notebook, scratch, settings)
            if not error and seconds > PATIENCE:
                error = f"expected at most {PATIENCE} s, got {seconds:.0f} s"
            print(f"{notebook.stem:<24} {seconds:5.0f} s  {'failed' if error else 'ran'}", flush=True)
            if error:
                failed.append(notebook.stem)
                print(error, flush=True)
        remove()
    print(f"{len(notebooks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() not in (ROOT, ROOT / "tools")]
    sys.exit(main(sys.argv[1:]))
