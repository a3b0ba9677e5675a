"""A small book that is built like the real one, for tools/faults.py."""

import os
import runpy
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PATIENCE = 600  # seconds per build
PAGES = 40  # enough that writing them takes a while
CELL = """import os, pathlib, time
pathlib.Path(os.environ["STARTED"]).touch()
time.sleep(float(os.environ["PAUSE"]))"""
GLOSSARY = "# Terms\n\n```{glossary}\nphase\n  Where a unit is in its rhythm. First in {doc}`intro`.\n```\n"


class Failed(Exception):
    """A fault that was neither survived nor reported, or whose second build failed."""


class Book:
    """The small book, in ``folder``."""

    def __init__(self, scratch):
        self.folder = scratch / "a bôok, in späces"
        self.home = scratch / "home"
        self.started = scratch / "started"
        self.folder.mkdir()
        self.home.mkdir()
        runpy.run_path(str(ROOT / "tools" / "dist.py"))["copy_tracked"](self.folder)
        self._cut_requirements()
        self._cut_pages()

    def _cut_requirements(self):
        path = self.folder / "requirements.txt"
        kept = [line for line in path.read_text().splitlines() if line.startswith("setuptools==")]
        path.write_text("\n".join(kept) + "\n")

    def _cut_pages(self):
        book = self.folder / "book"
        for page in [*book.glob("*.ipynb"), *book.glob("*.md")]:
            page.unlink()
        names = ["page", "glossary", *(f"page_{number}" for number in range(PAGES))]
        toc = "format: jb-book\nroot: book/intro\nchapters:\n" + "".join(f"- file: book/{name}\n" for name in names)
        (self.folder / "_toc.yml").write_text(toc)
        for name in ["intro", *names[1:]]:
            (book / f"{name}.md").write_text(f"# {name}\n\nOne page of a few, and a **phase**.\n")
        (book / "glossary.md").write_text(GLOSSARY)
        cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell(CELL)]
        cells.append(nbformat.v4.new_code_cell("import plstm\nplstm.explore_gate()"))
        nbformat.write(nbformat.v4.new_notebook(cells=cells), book / "page.ipynb")

    def borrow(self):
        """Give the environment the packages of this Python, and its kernel."""
        venv = self.folder / ".venv"
        (place,) = venv.glob("lib/python*/site-packages")
        (place / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    def clean(self, environment=False):
        """Restore the state after a clone; the environment is kept unless ``environment`` is true."""
        shutil.rmtree(self.folder / "_build", ignore_errors=True)
        self.started.unlink(missing_ok=True)
        if environment:
            shutil.rmtree(self.folder / ".venv", ignore_errors=True)

    def start(self, target, prefix=(), output=subprocess.PIPE, **settings):
        """Start ``make TARGET`` in its own session, as a terminal does."""
        unwanted = {"PYTHONPATH", "PLSTM_DATA", "KERAS_BACKEND", "MAKEFLAGS", "MAKELEVEL"}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment |= {"HOME": str(self.home), "STARTED": str(self.started), "PAUSE": "0", **settings}
        command = [*prefix, "make", "--no-print-directory", target, f"PYTHON={sys.executable}"]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            text=True,
            errors="replace",
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def make(self, target, prefix=(), **settings):
        """Exit status and output of ``make TARGET``."""
        process = self.start(target, prefix, **settings)
        output, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, output

    def stop(self, target, when, **settings):
        """Ctrl-C as soon as ``when(output so far)``; exit status and output."""
        end, stopped = time.monotonic() + PATIENCE, False
        with open(self.home / "output", "w+", encoding="utf-8", errors="replace") as file:
            process = self.start(target, output=file, **settings)
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
                if not stopped and when((self.home / "output").read_text(encoding="utf-8", errors="replace")):
                    os.killpg(process.pid, signal.SIGINT)
                    stopped = True
        output = (self.home / "output").read_text(encoding="utf-8", errors="replace")
        if not stopped:
            raise Failed(f"expected make to run until it is stopped, but it ended with {process.returncode}:\n{output}")
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failed(f"expected Ctrl-C to stop make, but it went on:\n{output}")
        return process.returncode, output

    def check_page(self):
        """Check that the page is complete, with its figure and its policy."""
        pages = [self.folder / "_build" / "html" / "book" / f"{name}.html" for name in ("page", "page_0", "page_39")]
        for page in pages:
            text = page.read_text(encoding="utf-8") if page.exists() else ""
            if not text.rstrip().endswith("</html>") or "Content-Security-Policy" not in text:
                raise Failed(f"expected {page.name} to be complete, got {len(text)} characters of it")
        if "plstm-live" not in pages[0].read_text(encoding="utf-8"):
            raise Failed("expected the live figure on the page, got none")

    def left_running(self):
        """The processes that still run in the folder."""
        found = []
        for place in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if Path(os.readlink(place)).is_relative_to(self.folder):
                    found.append(place.parent.name)
            except OSError:
                continue
        return found
