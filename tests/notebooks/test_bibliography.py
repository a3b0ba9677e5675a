"""Every entry of the bibliography is cited somewhere, has an address, and every citation has its entry."""

import re
import runpy
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"
ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
ENTRIES = dict(ENTRY.findall((BOOK / "references.bib").read_text(encoding="utf-8")))
plain = runpy.run_path(str(BOOK / "_ext" / "plain_markdown.py"))
CITATION = re.compile(r"\{cite(?::\w+)?\}`([\w, ]+)`")


def cited():
    """The keys that the pages cite."""
    entries = plain["bibliography"](BOOK / "references.bib")
    texts = [path.read_text(encoding="utf-8") for path in [*BOOK.glob("*.ipynb"), *BOOK.glob("*.md")]]
    return {
        key.strip()
        for text in texts
        for keys in CITATION.findall(plain["to_roles"](text, entries))
        for key in keys.split(",")
    }


def test_what_is_cited_is_what_there_is():
    assert cited() == set(ENTRIES)


def test_every_entry_can_be_found():
    for key, fields in ENTRIES.items():
        names = re.findall(r"^  (\w+) *= ", fields, re.MULTILINE)
        assert {"author", "title", "year"} <= set(names), key
        assert {"doi", "eprint", "url"} & set(names), f"{key}: no address"
        assert len(names) == len(set(names)), key
