"""Headless Chromium, for the tests of pages and of live figures."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

TOOL = [sys.executable, str(Path(__file__).parents[1] / "tools" / "browser.py")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextlib.contextmanager
def chromium():
    """Playwright's browser. No other test can start an event loop before it is closed."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("PLSTM_BROWSER")
    path = path or subprocess.run(TOOL, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
