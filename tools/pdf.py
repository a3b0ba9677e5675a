"""Make a PDF of the whole book, _build/pdf/phased-lstm.pdf: all chapters as one page, printed by a browser.

usage: python tools/pdf.py BROWSER

The notebooks are not executed again if `make book` has done it. Live figures appear as plain pictures.
"""

import functools
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUILD = "from jupyter_book.cli.main import main; main()"
PAGE = Path("_build/singlehtml")
PDF = Path("_build/pdf/phased-lstm.pdf")
MARGINS = {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}
NUMBER = (
    '<div style="width:100%;text-align:center;font:8pt sans-serif;color:#555"><span class="pageNumber"></span></div>'
)
PATIENCE = 300_000  # milliseconds; the page is large, and a machine may be busy
MATHJAX = "() => !document.querySelector('.math') || window.MathJax?.startup?.promise"
# Without scrolling, a page does not load its pictures, and solutions are hidden: both are shown. Code that only makes a
# table is left out. Each chapter begins a new sheet. The link to the index is removed.
READY = """async () => {
  document.querySelectorAll("img[loading=lazy]").forEach((image) => { image.loading = "eager"; });
  document.querySelectorAll(".tag_hide-input details").forEach((part) => { part.remove(); });
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  document.querySelectorAll("span[id^='document-'] + section").forEach((part) => { part.style.breakBefore = "page"; });
  document.querySelectorAll("a[href*=genindex]").forEach((link) => { link.closest("li")?.remove(); });
  await window.MathJax?.startup?.promise;
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
}"""
UNSET = "document.querySelectorAll('.math:not(:has(mjx-container)), mjx-merror').length"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_):
        pass


def one_page():
    """Build all chapters into one page; its path in ``PAGE``."""
    command = [sys.executable, "-c", BUILD, "build", ".", "--builder", "singlehtml"]
    environment = {**os.environ, "PLSTM_LIVE": "page", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("MPLBACKEND", None)
    subprocess.run(command, check=True, env=environment)
    # Sphinx writes the page into the folder of its first chapter, but with addresses relative to the parent folder.
    return (PAGE / "book" / "intro.html").replace(PAGE / "book.html")


def print_page(browser, page):
    """Print a page of ``PAGE`` into ``PDF``, whole or not at all, with an open browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(PAGE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sheet = browser.new_page(color_scheme="light")
    sheet.set_default_timeout(PATIENCE)
    sheet.goto(f"http://127.0.0.1:{server.server_port}/{page.name}", wait_until="load")
    sheet.wait_for_function(MATHJAX)
    sheet.evaluate(READY)
    if unset := sheet.evaluate(UNSET):
        sys.exit(f"expected every equation to be set, got {unset} that are not")
    sheet.emulate_media(media="print", color_scheme="light")
    PDF.parent.mkdir(parents=True, exist_ok=True)
    part = PDF.with_suffix(".part")
    sheet.pdf(
        path=part, format="A4", margin=MARGINS, scale=0.8, print_background=True, outline=True, tagged=True,
        display_header_footer=True, header_template="<span></span>", footer_template=NUMBER,
    )  # fmt: skip
    part.replace(PDF)
    server.shutdown()
    server.server_close()


def main(path):
    from playwright.sync_api import sync_playwright

    page = one_page()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        print_page(chromium, page)
        chromium.close()
    print(f"{PDF}: {PDF.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
