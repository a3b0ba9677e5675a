"""Print a table of the execution times of the notebooks, from the log of a build.

usage: python tools/chapter_times.py LOG
"""

import re
import sys
from pathlib import Path


def times(log):
    """{page: seconds, or None if it came from the cache}, in the order of the log.

    >>> times("book/a.ipynb: Executing notebook using local CWD\\nbook/a.ipynb: Executed notebook in 1.25 seconds\\n")
    {'book/a.ipynb': 1.25}
    """
    found = {}
    for line in re.sub(r"\x1b\[[\d;]*m", "", log).splitlines():
        if name := re.search(r"(book/\w+)(?:\.ipynb|\.md)?: Using cached", line):
            found.setdefault(f"{name[1]}.ipynb", None)
        if name := re.search(r"(book/\w+)(?:\.ipynb)?: Executed notebook in ([\d.]+) seconds", line):
            found[f"{name[1]}.ipynb"] = float(name[2])
    return found


def main(path):
    found = times(Path(path).read_text(encoding="utf-8", errors="replace"))
    for name, seconds in found.items():
        print(f"  {name:<40} {'as before' if seconds is None else f'{seconds:6.1f} s'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
