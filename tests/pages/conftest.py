"""The built book, served on this machine and opened in headless Chromium."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)


def pytest_generate_tests(metafunc):
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGES)


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
