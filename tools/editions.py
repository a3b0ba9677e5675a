"""Put the book of every release beside the newest one, so that its address stays: _build/html/editions/v1.2.3/.

usage: python tools/editions.py ARCHIVES        (a folder of phased-lstm-book-v1.2.3.tar.gz, as release.yml keeps them)

editions/index.html lists them. Without archives nothing is done. An archive that would write elsewhere is refused.
"""

import re
import sys
import tarfile
from pathlib import Path

NAME = re.compile(r"phased-lstm-book-(v\d+(?:\.\d+)*\w*)\.tar\.gz")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" />
<title>Earlier editions</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.6 sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem }}
</style>
</head><body><main><h1>Earlier editions</h1><ul>
{rows}
</ul><p><a href="../index.html">The newest one</a></p></main></body></html>
"""


def key(version):
    """What sorts versions: their numbers.

    >>> sorted(["v1.10.0", "v1.9.2", "v0.3"], key=key)
    ['v0.3', 'v1.9.2', 'v1.10.0']
    """
    return [int(number) for number in re.findall(r"\d+", version)]


def main(archives, site="_build/html"):
    found = {NAME.fullmatch(path.name)[1]: path for path in Path(archives).glob("*") if NAME.fullmatch(path.name)}
    if not found:
        print(f"no editions in {archives}")
        return
    folder = Path(site) / "editions"
    for version, path in found.items():
        with tarfile.open(path) as archive:
            # The folder in the archive is called html; no older edition brings its own editions along.
            inside = [
                one for one in archive if one.name.startswith("html/") and not one.name.startswith("html/editions")
            ]
            for member in inside:
                member.name = member.name.removeprefix("html/")
            archive.extractall(folder / version, members=inside, filter="data")
    newest_first = sorted(found, key=key, reverse=True)
    rows = "\n".join(f'<li><a href="{version}/index.html">{version}</a></li>' for version in newest_first)
    (folder / "index.html").write_text(PAGE.format(rows=rows), encoding="utf-8")
    print(f"{len(found)} editions in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:])
