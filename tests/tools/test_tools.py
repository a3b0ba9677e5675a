"""Behind the make targets: a failure ends with advice, and an execution is forgotten when its causes change."""

import doctest
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def sh(name, *arguments, **environment):
    command = ["/bin/sh", str(TOOLS / name), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment})


def pretend_python(folder, version):
    """A command that answers as a Python of that version would, without being one."""
    path = folder / "python3"
    path.write_text(f'#!/bin/sh\ncase "$2" in\n*version_info*) exit 1 ;;\nesac\necho {version}\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("path", [
    *(f"book/_ext/{name}.py" for name in ("addresses", "chapters", "colours", "docstrings", "epub_pages", "page")),
    *(f"book/_ext/{name}.py" for name in ("pictures", "plain_markdown", "reading", "search_words", "tables")),
    "book/_ext/typography.py", "tools/install.py", "tools/chapter_times.py", "tools/editions.py",
])  # fmt: skip
def test_the_examples_in_an_extension_of_sphinx_and_in_a_tool(path):
    tool = runpy.run_path(str(ROOT / path))
    own = {key: thing for key, thing in tool.items() if getattr(thing, "__module__", "") == "<run_path>"}
    found = [test for key, thing in own.items() for test in doctest.DocTestFinder().find(thing, key, globs=tool)]
    assert sum(len(test.examples) for test in found) > 0
    assert [doctest.DocTestRunner(optionflags=FLAGS).run(test).failed for test in found] == [0] * len(found)


def test_a_failed_step_ends_with_what_to_do():
    done = sh("step.sh", "counting", "Count again.", "sh", "-c", "echo one; exit 3", LOGS="")
    assert done.returncode == 3
    assert done.stdout == "one\n"
    assert done.stderr.splitlines()[-2:] == ["FAILED: counting (exit status 3)", "Count again."]


def test_a_failed_step_shows_the_end_of_its_log_and_where_the_rest_is(tmp_path):
    done = sh("step.sh", "counting far", "Count again.", "sh", "-c", "seq 100; echo no >&2; exit 3", LOGS=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, "")
    shown, log = done.stderr.splitlines(), tmp_path / "counting-far.log"
    assert shown[:2] == ["62", "63"] and shown[39] == "no"
    assert shown[-3:] == ["FAILED: counting far (exit status 3)", "Count again.", f"All that it said: {log}"]
    assert log.read_text().startswith("1\n2\n")


def test_a_step_that_works_says_one_line_and_what_it_wants_to_be_seen(tmp_path):
    done = sh("step.sh", "counting", "Count again.", "sh", "-c", "seq 100; echo seen >&3", LOGS=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [["seen"], ["counting", "0", "s"]]


@pytest.mark.parametrize("place", ["/dev/null/logs", ""])
def test_a_step_without_a_place_for_its_log_shows_everything(place):
    done = sh("step.sh", "counting", "Count again.", "echo", "one", LOGS=place)
    assert done.returncode == 0 and done.stdout.startswith("one\ncounting")


def stopped_by_ctrl_c(command, folder):
    """The command once it was stopped: exit status and what it wrote on stderr. It has to make ``folder/started``."""
    # Where Ctrl-C is ignored, as in the background of a script, it would be ignored there, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
    signal.signal(signal.SIGINT, before)
    while not (folder / "started").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=30)
    return process.returncode, error


def test_a_step_that_is_stopped_says_how_it_goes_on(tmp_path):
    command = ["/bin/sh", str(TOOLS / "step.sh"), "counting", "Count again.", "sh", "-c", ": >started; exec sleep 60"]
    status, error = stopped_by_ctrl_c(command, tmp_path)
    assert status == 130
    assert error.splitlines()[-1] == "STOPPED: counting. The same command takes it up again."


@pytest.mark.parametrize(("first", "second", "status"), [(0, 0, 0), (3, 0, 3), (0, 4, 4), (3, 4, 4)])
def test_of_two_at_once_each_may_fail(first, second, status):
    done = sh("both.sh", f"echo one; sleep .2; echo two; exit {first}", f"echo three; echo four >&2; exit {second}")
    assert (done.returncode, done.stdout.split()) == (status, ["one", "two", "three", "four"])


def test_both_at_once_wait_for_each_other(tmp_path):
    """Each goes on when it has seen the other: one after the other, they would never end."""
    here, there = (f": >{tmp_path}/{a}; until [ -e {tmp_path}/{b} ]; do sleep .01; done" for a, b in ("ab", "ba"))
    assert sh("both.sh", here, there).returncode == 0


def test_ctrl_c_ends_both(tmp_path):
    first = "echo $$ >first; exec sleep 60"
    second = "sleep 60 & echo $! >second; : >started; wait"
    status, _ = stopped_by_ctrl_c(["/bin/sh", str(TOOLS / "both.sh"), first, second], tmp_path)
    assert status == 130
    end = time.monotonic() + 10
    for name in ("first", "second"):
        pid = (tmp_path / name).read_text().strip()
        while subprocess.run(["kill", "-0", pid], capture_output=True).returncode == 0:
            assert time.monotonic() < end, name
            time.sleep(0.05)


def test_an_environment_stopped_half_way_is_taken_up_again(tmp_path):
    """Stopped before pip was in it, it is made anew; a package stopped half-way is no longer taken for a whole one."""
    venv = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").touch()

    def make():
        command = ["/bin/sh", str(TOOLS / "environment.sh"), ".venv", sys.executable]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    assert "Making .venv" in make()
    subprocess.run([venv / "bin" / "python", "-m", "pip", "--version"], check=True, stdout=subprocess.DEVNULL)
    (packages,) = venv.glob("lib/python*/site-packages")
    for name, last in (("half", "METADATA"), ("whole", "INSTALLER")):
        (packages / f"{name}-1.0.dist-info").mkdir()
        (packages / f"{name}-1.0.dist-info" / last).touch()
    (venv / ".installed").unlink(missing_ok=True)
    assert "Making .venv" not in make()
    assert sorted(path.name for path in packages.glob("*-1.0.dist-info")) == ["whole-1.0.dist-info"]


@pytest.fixture
def build(tmp_path):
    """``build(status, ...)``: tools/book.sh with a stand-in for Python that ends so; what Sphinx remembers is given."""
    (tmp_path / "python").write_text('#!/bin/sh\nenv >environment\nls -a _build >before\nexit "$STATUS"\n')
    (tmp_path / "python").chmod(0o755)
    remembered = tmp_path / "_build" / ".doctrees"

    def run(status, **settings):
        remembered.mkdir(parents=True, exist_ok=True)
        command = ["/bin/sh", str(TOOLS / "book.sh"), str(tmp_path / "python")]
        environment = {**os.environ, "STATUS": str(status), **settings}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
        assert done.returncode == status
        return ".doctrees" in (tmp_path / "before").read_text().split()

    return run


def test_pages_are_written_anew_after_a_build_that_did_not_end_well(build, tmp_path):
    assert build(0)
    assert build(1)
    assert not build(0)
    assert build(0)
    # As a power cut would leave it.
    (tmp_path / "_build" / ".unfinished").touch()
    assert not build(0)


def test_a_home_that_cannot_be_written_is_not_needed(build, tmp_path):
    build(0, HOME="/dev/null/home", IPYTHONDIR="/dev/null/ipython")
    environment = dict(
        line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines() if "=" in line
    )
    places = (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "MPLCONFIGDIR",
        "KERAS_HOME",
    )
    assert all(environment[name].startswith(str(tmp_path / "_build")) for name in places)


def test_a_python_too_old_is_refused(tmp_path):
    done = sh("environment.sh", tmp_path / "venv", pretend_python(tmp_path, "3.9.6"))
    assert done.returncode == 1
    assert "expected Python 3.11, 3.12 or 3.13, got 3.9.6" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_not_there_is_refused(tmp_path):
    done = sh("environment.sh", tmp_path / "venv", tmp_path / "none")
    assert done.returncode == 1
    assert f"PYTHON={tmp_path / 'none'}: there is no such command" in done.stderr


def test_no_fitting_python_at_all(tmp_path):
    pretend_python(tmp_path, "3.9.6")
    (tmp_path / "tail").symlink_to("/usr/bin/tail")
    done = sh("environment.sh", tmp_path / "venv", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "expected Python 3.11, 3.12 or 3.13, got 3.9.6" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_a_python_without_its_venv_module(tmp_path):
    path = tmp_path / "python3"
    path.write_text('#!/bin/sh\ncase "$2" in\n*ensurepip*) exit 1 ;;\nesac\necho 3.12.3\n')
    path.chmod(0o755)
    done = sh("environment.sh", tmp_path / "venv", path)
    assert done.returncode == 1
    assert "Python 3.12.3 lacks its venv module." in done.stderr
    assert "apt-get install python3-venv" in done.stderr


def test_a_browser_that_does_not_start_is_refused():
    command = [sys.executable, str(TOOLS / "browser.py")]
    environment = {**os.environ, "PLSTM_BROWSER": "/bin/true"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("PLSTM_BROWSER=/bin/true: expected a Chromium or Chrome that can open a page")


@pytest.fixture
def key(tmp_path, monkeypatch):
    """``key()``: the execution key of a small repository in ``tmp_path``."""
    monkeypatch.delenv("PLSTM_DATA", raising=False)
    (tmp_path / "plstm" / "__pycache__").mkdir(parents=True)
    (tmp_path / "plstm" / "gate.py").write_text("one")
    (tmp_path / "requirements.txt").write_text("numpy==2.0")
    execution_key = runpy.run_path(str(ROOT / "book" / "_ext" / "execution_key.py"))["execution_key"]
    return lambda: execution_key(tmp_path)


@pytest.mark.parametrize("name", ["plstm/gate.py", "plstm/new.json", "requirements.txt", "grids/new.yaml"])
def test_a_change_of_content_changes_the_execution_key(key, tmp_path, name):
    before = key()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("two")
    assert key() != before


def test_another_title_changes_the_execution_key_and_other_words_do_not(key, tmp_path):
    """The page of provenance names the pages: it must not be kept when a title changes."""
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "a.ipynb"
    keys = []
    for source in (["# A"], ["# A\n", "words"], ["# A\n", "other words"], ["# B\n", "words"]):
        page.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": source}]}))
        keys.append(key())
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_a_change_of_style_writes_every_page_anew(tmp_path):
    """Sphinx alone would keep the old sheet until some page changes."""
    version = runpy.run_path(str(ROOT / "book" / "_ext" / "execution_key.py"))["version"]
    (tmp_path / "book" / "_ext").mkdir(parents=True)
    (tmp_path / "book" / "_static").mkdir()
    found = set()
    for name in ("book/_ext/a.py", "book/_static/a.css"):
        for content in ("one", "two"):
            (tmp_path / name).write_text(content)
            found.add(version(tmp_path / "book" / "_ext"))
    assert len(found) == 4


def test_other_data_change_the_execution_key(key, monkeypatch):
    before = key()
    monkeypatch.setenv("PLSTM_DATA", "/data")
    assert key() != before


@pytest.mark.parametrize("name", ["plstm/__pycache__/gate.pyc", "README.md"])
def test_what_no_notebook_sees_keeps_the_execution_key(key, tmp_path, name):
    before = key()
    (tmp_path / "plstm" / "gate.py").touch()
    (tmp_path / name).write_text("two")
    assert key() == before


@pytest.mark.parametrize(
    ("package", "line", "well"),
    [
        ({"vulns": []}, "1 of 1 packages looked up, 0 faults known", True),
        ({"vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}, "a 1: CVE-1, mended in 2", False),
        ({"vulns": [{"id": "CVE-1", "fix_versions": []}]}, "a 1: CVE-1, mended in none yet", False),
        ({"skip_reason": "not found"}, "0 of 1 packages looked up, 0 faults known", False),
    ],
)
def test_an_audit_that_asked_nobody_is_no_good_audit(package, line, well):
    summary = runpy.run_path(str(TOOLS / "audit.py"))["summary"]
    lines, good = summary({"dependencies": [{"name": "a", "version": "1", **package}]})
    assert line in lines
    assert good == well
