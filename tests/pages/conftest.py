"""The built book, served on this machine and opened in headless Chromium."""

import contextlib
import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)


# The two views in which pages are looked at: the width, where the book then lies, and the theme the page opens in.
VIEWS = {1280: ("/a/book/", "light"), 360: ("/", "dark")}


def pytest_generate_tests(metafunc):
    chosen = any(mark.args[0] == "page_name" for mark in metafunc.definition.iter_markers("parametrize"))
    if "page_name" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("page_name", PAGES)


def pytest_collection_modifyitems(items):
    """Tests that only look at a page come one after the other, so that it is opened once for all of them."""
    places = [place for place, item in enumerate(items) if "look" in getattr(item, "fixturenames", ())]
    looking = sorted((items[place] for place in places), key=lambda item: item.callspec.params["page_name"])
    for place, item in zip(places, looking):
        items[place] = item


class Handler(SimpleHTTPRequestHandler):
    """Serves the site under ``prefix`` and nothing beside it, so that an address from the root of the host is a 404."""

    prefix = "/"

    def send_head(self):
        if not self.path.startswith(self.prefix):
            self.send_error(404)
            return None
        return super().send_head()

    def translate_path(self, path):
        return super().translate_path("/" + path[len(self.prefix) :])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="package")
def site():
    """Folder of the built book."""
    assert (SITE / "index.html").exists(), "the book is not built: run make book first"
    return SITE


@pytest.fixture(scope="package")
def serve(site):
    """``serve(prefix)``: the address at which the site answers, at the root of a host or in a folder of it."""
    servers = {}

    def start(prefix):
        if prefix not in servers:
            handler = functools.partial(type("PrefixHandler", (Handler,), {"prefix": prefix}), directory=str(site))
            servers[prefix] = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=servers[prefix].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[prefix].server_port}{prefix}"

    yield start
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="package")
def browser():
    """Headless Chromium, closed after the page tests."""
    with chromium() as opened:
        yield opened


class Visit:
    """A page opened in a fresh browser context, and all that went wrong while it was open."""

    def __init__(self, browser, address, width, colour_scheme):
        self.address = address
        self.faults = []
        size = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=size, color_scheme=colour_scheme, reduced_motion="reduce")
        self.context.route("**/*", self.keep_inside)
        self.page = self.context.new_page()
        self.page.on("console", self.listen)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url} {request.failure}"))

    def keep_inside(self, route):
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"left the site: {route.request.url}")
            route.abort()

    def listen(self, message):
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def open(self, page_name):
        """Open the page, and wait until its scripts, its equations and its pictures are there."""
        self.page.goto(self.address + page_name, wait_until="networkidle")
        self.page.evaluate("async () => { if (window.MathJax?.startup) await window.MathJax.startup.promise; }")
        return self.page

    def show(self, colour_scheme):
        """The page in the light or the dark theme, as the reader's system asks for it."""
        self.page.emulate_media(color_scheme=colour_scheme)
        self.page.locator(f"html[data-theme='{colour_scheme}']").wait_for(state="attached")
        return self.page

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.fixture
def visit(browser, serve):
    """``visit(prefix, width, colour_scheme)`` gives a ``Visit`` of the served site, to be used as a context."""

    def start(prefix="/a/book/", width=1280, colour_scheme="light"):
        return Visit(browser, serve(prefix), width, colour_scheme)

    return start


class Looks:
    """What is open of one page, one visit a width, until it is another page's turn."""

    def __init__(self, start):
        self.start, self.page_name, self.visits = start, None, {}

    def open(self, page_name, width):
        if page_name != self.page_name:
            self.close()
            self.page_name = page_name
        if width not in self.visits:
            with contextlib.ExitStack() as at_fault:
                visit = at_fault.enter_context(self.start(width, *VIEWS[width]))
                visit.open(page_name)
                at_fault.pop_all()
            self.visits[width] = visit
        return self.visits[width]

    def close(self):
        for visit in self.visits.values():
            visit.__exit__()
        self.visits = {}


@pytest.fixture(scope="package")
def looks(browser, serve):
    looks = Looks(lambda width, prefix, theme: Visit(browser, serve(prefix), width, theme))
    yield looks
    looks.close()


@pytest.fixture
def look(looks, request):
    """``look(width)`` gives a ``Visit`` of the test's page that other tests have, too: to look at, not to work with.

    A test asks for the theme it needs, and puts back what it changes beside that.
    """
    return lambda width=1280: looks.open(request.node.callspec.params["page_name"], width)
