"""No chapter uses a term of the glossary before the chapter that explains it, which shows the term in bold at once.

The glossary says where each term comes first. What a term's words mean in plain English, before it is a term, is
declared in EARLIER, with the reason.
"""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
prose = runpy.run_path(str(Path(__file__).with_name("prose.py")))
tool = runpy.run_path(str(ROOT / "book" / "_ext" / "terms.py"))
CHAPTERS = prose["chapters"]()
FIRST = tool["glossary"](ROOT / "book" / "glossary.md")

# (term, chapter): why the word may stand there, although its explanation comes later (in that chapter or a later one).
EARLIER = {
    ("forget gate", "why_time"): "said in words where it stands, with a link to the equations",
    ("input gate", "why_time"): "said in words where it stands: it refuses to write",
    ("openness", "time_gate"): "the wish list asks for what the next section builds",
    ("period", "why_time"): "of a sine: plain English",
    ("phase", "why_time"): "of a sine: plain English",
    ("population", "why_time"): "plain English, with a link to that chapter",
    ("state", "why_time"): "plain English, in the sentence that sums the chapter up",
}


def faults(first, earlier, chapters, text_of):
    """What is wrong, a sentence each. ``text_of(chapter)`` answers the chapter's markdown."""
    found = []
    for term, home in first.items():
        if home not in chapters:
            found.append(f"{term}: its chapter {home} is not in the contents")
            continue
        word = re.compile(tool["pattern"](term), re.IGNORECASE)
        marked = re.compile(rf"\*\*(?:{tool['pattern'](term)})\*\*", re.IGNORECASE)
        for chapter in chapters[: chapters.index(home)]:
            if (term, chapter) not in earlier and word.search(prose["without_code"](text_of(chapter))):
                found.append(f"{term}: used in {chapter}, before {home} explains it")
        text = prose["HEADING"].sub("", prose["without_code"](text_of(home)))
        definition, use = marked.search(text), word.search(text)
        if definition is None:
            found.append(f"{term}: nowhere in bold in {home}")
        elif use.start() < definition.start() and (term, home) not in earlier:
            found.append(
                f"{term}: used in {home} before it stands there in bold: {text[use.start() - 40 : use.end()]!r}"
            )
    return found


def test_every_term_is_explained_before_it_is_used():
    assert faults(FIRST, EARLIER, CHAPTERS, lambda name: "\n\n".join(prose["cells"](name))) == []


def test_every_exception_is_needed():
    stale = [
        (term, chapter)
        for term, chapter in EARLIER
        if not any(
            fault.startswith(f"{term}: used in {chapter}")
            for fault in faults(
                {term: FIRST[term]},
                {key: why for key, why in EARLIER.items() if key != (term, chapter)},
                CHAPTERS,
                lambda name: "\n\n".join(prose["cells"](name)),
            )
        )
    ]
    assert stale == []


PAGES = {
    "a": "It is open.",
    "b": "# Coverage\n\nThe **coverage** is large. Leaks are `leak`.",
    "c": "A **leak** leaks.",
}


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ({"coverage": "b"}, []),
        ({"leak": "c"}, ["leak: used in b, before c explains it"]),
        ({"octave": "b"}, ["octave: nowhere in bold in b"]),
        ({"coverage": "d"}, ["coverage: its chapter d is not in the contents"]),
        ({"large": "b"}, ["large: nowhere in bold in b"]),
    ],
)
def test_the_order_is_checked(first, told):
    assert faults(first, {}, list(PAGES), PAGES.get) == told


def test_a_use_before_the_bold_word_is_noticed():
    [told] = faults({"leak": "a"}, {}, ["a"], {"a": "It leaks. That is a **leak**."}.get)
    assert told.startswith("leak: used in a before it stands there in bold")
    assert faults({"leak": "a"}, {("leak", "a"): "a reason"}, ["a"], {"a": "It leaks. That is a **leak**."}.get) == []


def test_the_glossary_is_in_order():
    assert list(FIRST) == sorted(FIRST)
