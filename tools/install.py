"""Install a pinned requirements file, with a progress bar.

usage: python tools/install.py REQUIREMENTS        (by the Python of the environment to install into)

pip's output goes to standard output; the bar goes to descriptor 3, if that is a terminal.
"""

import os
import subprocess
import sys
from pathlib import Path

WIDTH = 30
COMMAND = ["-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "--requirement"]


def bar(done, wanted):
    """One line of progress.

    >>> bar(1, 2)
    '[###############               ] 1 of 2 packages'
    """
    filled = WIDTH * min(done, wanted) // max(wanted, 1)
    return f"[{'#' * filled}{' ' * (WIDTH - filled)}] {min(done, wanted)} of {wanted} packages"


def screen():
    """The file in which the bar is drawn: descriptor 3 if it is a terminal."""
    try:
        return os.fdopen(3, "w", closefd=False) if os.isatty(3) else None
    except OSError:
        return None


def main(requirements):
    pins = [line for line in Path(requirements).read_text().splitlines() if line and line[0] not in "# "]
    shown, found = screen(), 0
    with subprocess.Popen(
        [sys.executable, *COMMAND, requirements], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout:
            print(line, end="", flush=True)
            found += line.startswith(("Collecting ", "Requirement already satisfied: "))
            if shown:
                text = "installing them, a minute or two" if line.startswith("Installing ") else bar(found, len(pins))
                print(f"\r\x1b[K{text}", end="", file=shown, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=shown, flush=True)
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
