"""Print the path of a Chromium that starts; install one if there is none.

usage: python tools/browser.py

The order: $PLSTM_BROWSER, an installed Chromium or Chrome, the one playwright downloaded earlier, Debian's package (as
root, or where sudo asks no password), playwright's download. The output of the installation goes to stderr.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
INSTALLED = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]


def starts(path):
    """Whether the browser really opens a page: a package may be a stub, or lack a library."""
    command = [path, "--headless", *FLAGS, "--dump-dom", "data:text/html,<p>started</p>"]
    try:
        return "started" in subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False


def installed():
    """Path of the first browser on this machine that starts, or None."""
    for path in filter(None, map(shutil.which, INSTALLED)):
        if starts(path):
            return path
    return downloaded()


def downloaded():
    """Path of the Chromium that playwright keeps in its own folder, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and starts(path) else None


def run(*command):
    """Run an installer with its output on stderr; whether it worked is tested afterwards."""
    print("+", *command, file=sys.stderr)
    try:
        subprocess.run(command, stdout=sys.stderr)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)


def administrator():
    """The words to put before a command to run it as root without a question, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install():
    """Install a Chromium; its path, or None if nothing worked."""
    root = administrator()
    # Ubuntu's package is a stub for a snap, which does not start in containers.
    debian = platform.system() == "Linux" and platform.freedesktop_os_release().get("ID") == "debian"
    if debian and root is not None:
        run(*root, "apt-get", "update")
        run(*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "chromium", "fonts-liberation")
        if path := installed():
            return path
    # If possible with the system libraries that it needs; playwright knows them for few distributions only.
    ways = [["--with-deps"], []] if platform.system() == "Linux" and root is not None else [[]]
    for way in ways:
        run(sys.executable, "-m", "playwright", "install", *way, "chromium")
        if path := downloaded():
            return path
    return None


def main():
    chosen = os.environ.get("PLSTM_BROWSER")
    if chosen and not starts(chosen):
        sys.exit(f"PLSTM_BROWSER={chosen}: expected a Chromium or Chrome that can open a page, got one that cannot")
    path = chosen or installed() or install()
    if path is None:
        sys.exit(
            "expected a Chromium that starts, found none and could not install one.\n"
            "Debian: sudo apt-get install chromium     Ubuntu, macOS: install Google Chrome\n"
            "To use another browser: PLSTM_BROWSER=/path/to/chrome make test"
        )
    print(path)


if __name__ == "__main__":
    main()
