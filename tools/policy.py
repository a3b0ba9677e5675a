"""Give every page of the built book a Content-Security-Policy, which allows only the scripts of the build.

usage: python tools/policy.py FOLDER        (default: _build/html)

The policy is a ``<meta>`` element, because a host of static pages allows no headers. Scripts inside a page are allowed
by the hash of their text: a few of the theme, and the live figures' modules. Styles may be inline, for MathJax.
"""

import base64
import hashlib
import re
import sys
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="[^"]*">\n?')
PLACE = re.compile(r'<meta charset="utf-8" ?/?>\n?', re.IGNORECASE)
JAVASCRIPT = {None, "", "module", "text/javascript", "application/javascript"}
REST = {
    "default-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


class Scripts(HTMLParser):
    """Collects the texts of a page's own scripts, and of its handlers such as ``onclick``."""

    def __init__(self, text):
        super().__init__(convert_charrefs=False)
        self.scripts, self.handlers, self._open = set(), set(), None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.handlers |= {value for name, value in attributes.items() if name.startswith("on") and value}
        if tag == "script" and "src" not in attributes and attributes.get("type") in JAVASCRIPT:
            self._open = []

    def handle_data(self, data):
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag):
        if tag == "script" and self._open is not None:
            self.scripts.add("".join(self._open))
            self._open = None


def hashes(texts):
    """The sources that allow these texts, in an order that does not change from build to build."""
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(text, handlers=frozenset()):
    """The policy of a page. ``handlers``: those of the other pages, because the search page loads all other pages."""
    found = Scripts(text)
    sources = ["'self'", *hashes(found.scripts)]
    if handlers := found.handlers | handlers:
        sources += ["'unsafe-hashes'", *hashes(handlers)]
    return "; ".join(f"{name} {value}" for name, value in {**REST, "script-src": " ".join(sources)}.items())


def stated(text):
    """The policy that a page states, or None."""
    found = META.search(text)
    return unescape(re.search('content="([^"]*)"', found[0])[1]) if found else None


def with_policy(text, handlers=frozenset()):
    """The page with its policy, which replaces an earlier one and comes before anything that it could forbid."""
    text = META.sub("", text)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(text, handlers), quote=False)}">\n'
    place = PLACE.search(text)
    if place:
        return text[: place.end()] + meta + text[place.end() :]
    if "<html" in text:
        raise ValueError('expected <meta charset="utf-8"> in a page, found none')
    return meta + text  # the page that only redirects to the first one


def main(folder="_build/html"):
    pages = [path for path in sorted(Path(folder).rglob("*.html")) if "_static" not in path.relative_to(folder).parts]
    if not pages:
        sys.exit(f"expected pages in {folder}, found none; run make book first")
    texts = {path: path.read_bytes().decode("utf-8") for path in pages}
    handlers = frozenset().union(*(Scripts(text).handlers for text in texts.values()))
    for path, before in texts.items():
        after = with_policy(before, handlers)
        if after != before:
            path.write_bytes(after.encode("utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
