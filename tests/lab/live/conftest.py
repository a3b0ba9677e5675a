"""Live figures in headless Chromium: pages that hold what a figure gives a page, served from this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser import chromium
from tests.lab.live.support import MODULES, Visit


@pytest.fixture(scope="package")
def browser():
    """Headless Chromium, closed after this folder's tests."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def site():
    """``site(name, text)`` publishes a page in a subfolder and gives its address; the modules lie beside it."""
    files = {f"/a/book/{path.name}": (path.read_bytes(), "text/javascript") for path in MODULES.glob("*.mjs")}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content, kind = files.get(self.path.split("?")[0], (b"", None))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def publish(name, text):
        files[f"/a/book/{name}"] = (text.encode(), "text/html")
        return f"http://127.0.0.1:{server.server_port}/a/book/{name}"

    yield publish
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, site):
    """``visit(*figures, ...)`` opens a page with these figures; the test fails if anything went wrong there."""
    opened = []

    def start(*figures, **options):
        opened.append(Visit(browser, site, figures, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.context.close()
        assert each.faults == []


@pytest.fixture(scope="package")
def modules(browser, site):
    """A page in which the modules can be imported."""
    page = browser.new_page()
    page.goto(site("modules.html", "<!doctype html><html lang=en><title>modules</title></html>"))
    yield page
    page.close()
