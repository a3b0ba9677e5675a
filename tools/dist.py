"""Build the source archive and, from it, the wheel. Only files that git tracks are used.

usage: python tools/dist.py [FOLDER]        (default: dist)
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def copy_tracked(target):
    """Copy every tracked file of the working tree, without leftovers of earlier builds."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def build(folder):
    """Build the source archive and the wheel in ``folder``; returns their paths."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("plstm-*.tar.gz"), *folder.glob("plstm-*.whl")]:
        old.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        source, unpacked = Path(scratch, "source"), Path(scratch, "unpacked")
        source.mkdir()
        copy_tracked(source)
        _backend(source, "build_sdist", folder)
        (archive,) = folder.glob("plstm-*.tar.gz")
        # Built from the archive, so that a file missing there is missing in the wheel too, where tests notice it.
        with tarfile.open(archive) as file:
            file.extractall(unpacked, filter="data")
        _backend(next(unpacked.iterdir()), "build_wheel", folder)
    (wheel,) = folder.glob("plstm-*.whl")
    return archive, wheel


def _backend(source, hook, folder):
    code = f"import sys; from setuptools import build_meta; build_meta.{hook}(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=source, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{hook} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    for path in build(*(sys.argv[1:2] or ["dist"])):
        print(path)
