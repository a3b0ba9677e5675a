"""Check that every external address in the repository's texts still answers.

usage: python tools/links.py [FOLDER]        (exit status 1 if one does not)

A site that refuses programs (401, 403, 429) is listed, but not counted as dead. Only the status is checked.
"""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXTS = {".bib", ".cff", ".ipynb", ".md", ".py", ".toml", ".yml"}
ADDRESS = re.compile(r"https?://(?:localhost|[\w-]+\.)[^\s<>\"'`\\{}|^\[\]]+")
NOT_FOR_ASKING = re.compile(
    r"https?://(localhost|127\.0\.0\.1|example\.com|www\.w3\.org/\d|github\.com/(OWNER|a|someone)/)"
)
CLOSED_TO_PROGRAMS = {401, 403, 429}
SECONDS = 20
TRIES = 2


def addresses(folder):
    """{address: the files that name it} of the tracked texts, without the tests."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=folder, check=True, capture_output=True).stdout.decode()
    found = {}
    for name in sorted(filter(None, listed.split("\0"))):
        path = Path(folder, name)
        if path.suffix in TEXTS and path.is_file() and not name.startswith("tests/"):
            for address in ADDRESS.findall(path.read_text(encoding="utf-8")):
                address = whole(address)
                if not NOT_FOR_ASKING.match(address):
                    found.setdefault(address, set()).add(name)
    return found


def whole(address):
    """An address without the punctuation around it and without its fragment."""
    address = address.partition("#")[0].rstrip(".,;:!?*_")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;:!?*_")
    return address


def ask(address):
    """'' if the address answers, else the reason."""
    headers = {"User-Agent": "Mozilla/5.0 (a check of links)"}
    why = ""
    for _ in range(TRIES):
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=SECONDS):
                return ""
        except urllib.error.HTTPError as error:
            why = f"status {error.code}"
            if error.code in CLOSED_TO_PROGRAMS:
                return f"closed to programs ({why})"
        except (OSError, ValueError) as error:
            why = f"no answer ({error})"
    return why


def main(folder=ROOT):
    found = addresses(folder)
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(found, pool.map(ask, found)))
    dead = {address: why for address, why in answers.items() if why and not why.startswith("closed")}
    for address, why in answers.items():
        if why:
            print(f"{address}: {why}; in {', '.join(sorted(found[address]))}")
    if found and len(dead) == len(found):
        print("no address answered; is there a network?")
    print(f"{len(found) - len(dead)} passed, {len(dead)} failed")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
