"""The built files: no page too many, every link and anchor leads somewhere, every picture says what it shows."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

ROOT = Path(__file__).parents[2]
OWN = {"genindex.html", "index.html", "search.html"}  # pages that Sphinx adds by itself
STATE = re.compile(r"([\w-]+)\.\w+=")  # a link that moves a figure of its page


class Reader(HTMLParser):
    """Collects the anchors, links, sources and pictures of a page."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.sources, self.pictures, self.kinds = {""}, [], [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.update(filter(None, (attributes.get("id"), attributes.get("name"))))
        if tag == "figure":
            self.kinds.add(attributes.get("data-kind"))
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "link" and attributes.get("rel") in {"stylesheet", "preload", "icon", "modulepreload"}:
            self.sources.append(attributes["href"])
        if tag in {"script", "img", "iframe", "source", "video"} and "src" in attributes:
            self.sources.append(attributes["src"])
        if tag == "img":
            self.pictures.append(attributes)


@cache
def read(path):
    return Reader(path.read_text(encoding="utf-8"))


def test_pages_are_those_of_the_contents(site):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html") if "_static" not in path.parts}
    assert built - OWN == {f"{file}.html" for file in files}, "a page of an earlier build? make clean removes it"


def test_links_lead_somewhere(site, page_name):
    page = site / page_name
    dead = []
    for link in [*read(page).links, *read(page).sources]:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        target = target / "index.html" if target.is_dir() else target
        exists = target.is_file() and target.is_relative_to(site.resolve())
        if exists and target.suffix == ".html":
            state = STATE.match(parts.fragment)
            exists = state[1] in read(page).kinds if state else unquote(parts.fragment) in read(target).anchors
        if not exists:
            dead.append(link)
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(site, page_name):
    assert [source for source in read(site / page_name).sources if urlsplit(source).netloc] == []


def test_pictures_say_what_they_show(site, page_name):
    """An own figure needs a sentence, not a word; a theme's button picture needs a name."""
    for picture in read(site / page_name).pictures:
        alternative = picture.get("alt") or ""
        own = "/_images/" in picture["src"] or picture["src"].startswith("_images/")
        assert len(alternative.split()) >= (4 if own else 1), f"{picture['src']}: alt={alternative!r}"
        assert not alternative.endswith(".png"), f"{picture['src']}: the file's name is no alt text"
