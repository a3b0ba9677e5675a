"""The check of addresses outside: which are asked, and what counts as dead. The asking goes to this machine alone."""

import runpy
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
tool = runpy.run_path(str(ROOT / "tools" / "links.py"))


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that stands in the path; /moved leads to /200."""

    def do_GET(self):
        moved = self.path == "/moved"
        self.send_response(302 if moved else int(self.path[1:]))
        if moved:
            self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def host():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/200", ""),
        ("/moved", ""),
        ("/404", "status 404"),
        ("/500", "status 500"),
        ("/403", "closed to programs (status 403)"),
    ],
)
def test_what_an_answer_means(host, path, answer):
    assert tool["ask"](host + path) == answer


def test_nobody_there():
    assert tool["ask"]("http://127.0.0.1:1/").startswith("no answer")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.org/b.", "https://a.org/b"),
        ("https://a.org/b_(c))", "https://a.org/b_(c)"),
        ("https://a.org/b).", "https://a.org/b"),
        ("https://a.org/b#part", "https://a.org/b"),
    ],
)
def test_where_an_address_ends(text, address):
    assert tool["whole"](text) == address


def test_only_tracked_texts_are_read(tmp_path):
    (tmp_path / "a.md").write_text("[one](https://a.org/one), <http://localhost:8000>")
    (tmp_path / "b.md").write_text("https://a.org/two")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "a.md"], cwd=tmp_path, check=True)
    assert tool["addresses"](tmp_path) == {"https://a.org/one": {"a.md"}}


def test_the_papers_address_is_among_those_asked():
    assert "README.md" in tool["addresses"](ROOT)["https://arxiv.org/abs/1610.09513"]
