"""Make the whole book one EPUB, _build/epub/phased-lstm.epub, for devices that set the letters to fit their screen.

usage: python tools/epub.py

The notebooks are not executed again where `make book` has done it. Live figures stand as their plain pictures,
equations as MathML. What would not open on a device is an error: pages that are no XML, links to nothing, scripts.
"""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

BUILD = "from jupyter_book.cli.main import main; main()"
FOLDER = Path("_build/epub")
EPUB = FOLDER / "phased-lstm.epub"
ELSEWHERE = re.compile(r"[a-z]+:")
SCRIPT = re.compile(r"<script\b|javascript:|\son\w+=", re.IGNORECASE)


def faults(path):
    """What is wrong with an EPUB, a sentence each."""
    found = []
    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        if book.namelist()[:1] != ["mimetype"] or book.read("mimetype") != b"application/epub+zip":
            found.append("expected mimetype as the first file, with application/epub+zip in it")
        for name in sorted(name for name in names if name.endswith(".xhtml")):
            text = book.read(name).decode("utf-8")
            try:
                page = ElementTree.fromstring(text)
            except ElementTree.ParseError as error:
                found.append(f"{name}: expected XML, got {error}")
                continue
            if SCRIPT.search(text):
                found.append(f"{name}: expected no script, got {SCRIPT.search(text)[0].strip()}")
            for element in page.iter():
                address = element.get("src") or element.get("href") or ""
                file = unquote(address.partition("#")[0])
                target = os.path.normpath(PurePosixPath(name).parent / file)
                if file and not ELSEWHERE.match(address) and target not in names:
                    found.append(f"{name}: expected {address} in the book, found none")
    return found


def build():
    """Let Sphinx make it; its path."""
    command = [sys.executable, "-c", BUILD, "build", ".", "--builder", "custom", "--custom-builder", "epub"]
    environment = {**os.environ, "PLSTM_LIVE": "page", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("MPLBACKEND", None)
    subprocess.run(command, check=True, env=environment)
    [made] = [path for path in FOLDER.glob("*.epub") if path != EPUB]
    return made


def main():
    made = build()
    if wrong := faults(made):
        sys.exit("\n".join(wrong))
    made.replace(EPUB)
    print(f"{EPUB}: {EPUB.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
