"""Build a small book with an injected fault, then without: the fault is survived or reported, the second build works.

usage: python tools/faults.py [WORD...]        (default: all; a word picks the faults whose name has it)

Only the pages are replaced, everything else is real: a copy of the tracked files in a folder whose name has spaces and
non-ASCII letters, `make environment` and `make book`. The copy's environment installs little and uses the packages of
the Python that runs this. Faults that this machine cannot inject are listed as untried, with exit status 1.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from standin import Book, Failed

COMPILERS = re.compile(r"(.*-)?(cc|gcc|g\+\+|c\+\+|clang|clang\+\+|cpp|ld|as)(-[\d.]+)?$")
UNSHARE = ["unshare", "--map-root-user"]
# A notebook talks to its kernel over the loopback interface.
NO_NETWORK = [*UNSHARE, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
SMALL_DISK = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def survived(book, target="book", prefix=(), **settings):
    status, output = book.make(target, prefix, **settings)
    if status:
        raise Failed(f"expected make {target} to work, got exit status {status}:\n{output[-3000:]}")
    if target == "book":
        book.check_page()
    return "works"


def named(book, words, target="book", prefix=(), **settings):
    status, output = book.make(target, prefix, **settings)
    lines = [line for line in output.splitlines() if re.search(words, line)]
    if not status or not lines:
        raise Failed(f"expected make {target} to fail with {words!r}, got exit status {status}:\n{output[-3000:]}")
    return f"says: {lines[-1].strip()}"


def stopped(book, target, when, **settings):
    status, output = book.stop(target, when, **settings)
    if not status or "STOPPED: " not in output:
        raise Failed(f"expected a message about what was stopped, got exit status {status}:\n{output[-3000:]}")
    time.sleep(1)
    if left := book.left_running():
        raise Failed(f"expected no process to be left running, got {', '.join(left)}")
    return f"says: {output[output.index('STOPPED: ') :].splitlines()[0]}"


def no_network(book):
    book.clean()
    return survived(book, prefix=NO_NETWORK)


def no_network_for_packages(book):
    book.clean(environment=True)
    return named(book, "most often the network", "environment", NO_NETWORK, PIP_FIND_LINKS="", PIP_RETRIES="0")


def read_only_home(book):
    book.clean()
    return survived(book, prefix=[*UNSHARE, "--mount", "sh", "-c", READ_ONLY, "sh", str(book.home)])


def no_home(book):
    book.clean()
    return survived(book, HOME="/dev/null/home")


def full_disk(book):
    book.clean()
    (book.folder / "_build").mkdir()
    return named(book, "The disk is full", prefix=[*UNSHARE, "--mount", "sh", "-c", SMALL_DISK, "sh", "3m", "_build"])


def full_disk_for_packages(book):
    book.clean(environment=True)
    (book.folder / ".venv").mkdir()
    prefix = [*UNSHARE, "--mount", "sh", "-c", SMALL_DISK, "sh", "4m", ".venv"]
    return named(book, "is there space left|a full disk", "environment", prefix)


def no_compiler(book):
    book.clean(environment=True)
    tools = book.home / "bin"
    tools.mkdir(exist_ok=True)
    for folder in os.environ["PATH"].split(os.pathsep):
        for tool in Path(folder).glob("*"):
            if not COMPILERS.fullmatch(tool.name) and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    settings = {"PATH": str(tools), "CC": "/no/compiler", "CXX": "/no/compiler"}
    survived(book, "environment", **settings)
    book.borrow()
    return survived(book, **settings)


def one_core(book):
    book.clean()
    return survived(book, prefix=["taskset", "--cpu-list", "0"])


def locale_c(book):
    book.clean(environment=True)
    settings = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0"}
    survived(book, "environment", **settings)
    book.borrow()
    return survived(book, **settings)


def stopped_in_making_the_environment(book):
    book.clean(environment=True)
    return stopped(book, "environment", lambda output: (book.folder / ".venv" / "bin" / "python").exists())


def stopped_in_installing(book):
    book.clean(environment=True)
    log = book.folder / "_build" / "logs" / "setting-up-the-environment-in-.venv.log"
    return stopped(book, "environment", lambda output: log.exists() and "Collecting" in log.read_text())


def stopped_in_a_notebook(book):
    book.clean()
    return stopped(book, "book", lambda output: book.started.exists(), PAUSE="120")


def stopped_in_writing_pages(book):
    book.clean()
    written = book.folder / "_build" / "html" / "book" / "page_5.html"
    return stopped(book, "book", lambda output: written.exists())


# For each fault, the commands that it needs in addition to make.
FAULTS = {
    no_network: ["unshare", "ip"],
    no_network_for_packages: ["unshare", "ip"],
    read_only_home: ["unshare"],
    no_home: [],
    full_disk: ["unshare"],
    full_disk_for_packages: ["unshare"],
    no_compiler: [],
    one_core: ["taskset"],
    locale_c: [],
    stopped_in_making_the_environment: [],
    stopped_in_installing: [],
    stopped_in_a_notebook: [],
    stopped_in_writing_pages: [],
}


def lacking(commands):
    """The commands that a fault needs and that this machine does not have or allow."""
    for command in commands:
        if shutil.which(command) is None:
            return f"there is no {command}"
        if command == "unshare" and subprocess.run([*UNSHARE, "--mount", "true"], capture_output=True).returncode:
            return "unshare is not allowed"
    return None


def again(book):
    """The second build, without the fault: True if it works."""
    survived(book, "environment")
    book.borrow()
    survived(book)
    return True


def main(words):
    # A background process of a script ignores Ctrl-C, and so do its children. This restores the default.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    faults = {fault: needs for fault, needs in FAULTS.items() if not words or any(w in fault.__name__ for w in words)}
    bad = 0
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        book, whole = Book(Path(folder)), False
        for fault, needs in faults.items():
            start, name = time.monotonic(), fault.__name__.replace("_", " ")
            try:
                if why := lacking(needs):
                    answer, bad = f"untried: {why}", bad + 1
                else:
                    whole = whole or again(book)
                    whole = False
                    answer = fault(book)
                    whole = again(book)
                    answer += "; a second try works"
            except (Failed, subprocess.TimeoutExpired) as error:
                answer, bad = f"NOT AS PROMISED: {error}", bad + 1
            print(f"{name:<36} {time.monotonic() - start:4.0f} s  {answer}", flush=True)
    print(f"{len(faults) - bad} of {len(faults)} faults end as expected")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
