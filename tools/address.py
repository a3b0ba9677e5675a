"""The repository's address: print it, or replace it in all files that contain it.

usage: python tools/address.py [URL]        such as https://github.com/someone/phased-lstm-book

It is read from _config.yml (repository: url) and repeated in files that must be complete: the notebooks' set-up cells,
pyproject.toml, CITATION.cff and others. The address of the published pages follows from it.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORM = re.compile(r"https://github\.com/([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)/([A-Za-z0-9_.-]*[A-Za-z0-9_-])")


def address(root=ROOT):
    """The address in _config.yml."""
    text = (Path(root) / "_config.yml").read_text(encoding="utf-8")
    found = re.search(r"^repository:\n(?: +.*\n)*? +url: (\S+)$", text, re.MULTILINE)
    if not found:
        sys.exit("expected a url under repository in _config.yml, found none")
    return checked(found[1])


def checked(url):
    """The same address, or an exit with the reason: Colab opens notebooks only from GitHub."""
    match = FORM.fullmatch(url)
    if not match or url.endswith(".git"):
        sys.exit(f"expected an address such as https://github.com/OWNER/NAME, got {url}")
    return url


def pages(url):
    """The address at which GitHub serves the pages of a repository."""
    owner, name = FORM.fullmatch(url).groups()
    host = f"https://{owner.lower()}.github.io"
    return f"{host}/" if f"{name.lower()}" == f"{owner.lower()}.github.io" else f"{host}/{name}/"


def change(new, root=ROOT):
    """Replace the present address in every tracked file that contains it. Returns the names of those files."""
    root, old, new = Path(root), address(root), checked(new)
    # The name must end there: a longer one is another repository.
    replacements = [
        (re.compile(re.escape(old) + r"(?![A-Za-z0-9_-])"), new),
        (re.compile(re.escape(pages(old))), pages(new)),
    ]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout
    changed = []
    for name in filter(None, listed.decode().split("\0")):
        path = root / name
        try:
            before = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):  # deleted, a link to a folder, or not a text file
            continue
        after = before
        for pattern, replacement in replacements:
            after = pattern.sub(lambda _, text=replacement: text, after)
        if after != before:
            path.write_bytes(after.encode("utf-8"))
            changed.append(name)
    return changed


def main(arguments):
    if len(arguments) > 1:
        sys.exit(__doc__.strip())
    if not arguments:
        print(address())
        return
    changed = change(arguments[0])
    print(f"{address()}, published at {pages(address())}; changed: {', '.join(changed) or 'nothing'}")


if __name__ == "__main__":
    main(sys.argv[1:])
