"""In a real JupyterLab without network: the figure appears; a slider moves the Python value, and Python the slider."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError

GATE = [
    "import plstm\nfigure = plstm.explore_gate(period=10.0)\nfigure",
    "print('period is', figure.period)",
    "figure.set(period=40.0, t=10.0)\nheard = []\nfigure.observe(lambda new: heard.append(new['new']), 'shape')",
    "print('heard', heard)",
]
TRAINING = [
    "import plstm\nfigure = plstm.explore_training(steps=20, units=4, sample=10)\nfigure",
    "print('values are', figure.task, figure.sample)",
    "heard = []\nfigure.observe(lambda new: heard.append(new['new']), 'seed')\n"
    "figure.set(task='first', steps=30, sample=3)",
    "print('heard', heard)",
]
TOKEN = "test"


@pytest.fixture
def lab(tmp_path, request):
    """Address of a notebook with the test's cells in a JupyterLab that runs for this test alone."""
    cells = [
        {"cell_type": "code", "id": f"c{i}", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for i, source in enumerate(request.param)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "figure.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    options += ["--no-browser", "--allow-root", f"--ServerApp.root_dir={tmp_path}", "--LabApp.news_url=None"]
    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, tmp_path / "log")
            yield f"http://127.0.0.1:{port}/lab/tree/figure.ipynb?token={TOKEN}"
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address, server, log, seconds=240):
    """Return when the server answers; fail with its log if it ends or takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


def run_cell(page, number):
    """Run a cell; while JupyterLab is still putting its page together, keys may be lost."""
    cell = page.locator(".jp-CodeCell").nth(number)
    started = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[[*\d]"))
    for _ in range(6):
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        try:
            return started.wait_for(timeout=10_000)
        except TimeoutError:
            continue
    pytest.fail(f"cell {number} does not run")


def printed(page, words):
    return page.locator(".jp-OutputArea-output pre", has_text=re.compile(words)).inner_text().strip()


@pytest.fixture
def notebook(browser, lab):
    """The page of that notebook; the test fails if it asked another host for anything."""
    context = browser.new_context(viewport={"width": 1200, "height": 1600})
    left = []
    host = lab.partition("/lab/")[0]

    def keep_inside(route):
        if route.request.url.startswith((host, "data:", "blob:")):
            return route.continue_()
        left.append(route.request.url)
        return route.abort()

    context.route("**/*", keep_inside)
    page = context.new_page()
    page.set_default_timeout(180_000)
    # A busy machine makes JupyterLab ask questions, which cover the page: its own answer is the one to take.
    asked = page.locator(".jp-Dialog")
    page.add_locator_handler(asked, lambda: asked.locator(".jp-mod-accept").first.click())
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").nth(3).wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    yield page
    context.close()
    assert left == []


@pytest.mark.parametrize("lab", [GATE], indirect=True)
def test_the_page_and_python_move_each_other(notebook):
    page = notebook
    run_cell(page, 0)
    figure = page.locator(".jp-OutputArea .plstm-live")
    figure.locator(".plstm-picture svg").first.wait_for()
    assert page.locator(".jp-OutputArea figure").count() == 0, "the page's form is not for a live notebook"
    page.get_by_text("phase 0.3, openness").first.wait_for()  # 23 / 10
    slider = figure.get_by_role("slider", name="period")
    for _ in range(5):
        slider.press("ArrowRight")
    shown = figure.get_by_label("period, typed").input_value()
    assert shown != "10", "JupyterLab leaves the keys to the slider"
    page.get_by_text(f"It opens every {shown} and").first.wait_for()
    run_cell(page, 1)
    assert 10.0 < float(printed(page, "period is").split()[-1]) == pytest.approx(float(shown), rel=1e-5)
    run_cell(page, 2)
    page.get_by_text("It opens every 40 and").first.wait_for()
    assert figure.get_by_label("period, typed").input_value() == "40"
    figure.get_by_label("shape").select_option("square")
    page.get_by_text("At t = 10 the gate is closed").first.wait_for()
    run_cell(page, 3)
    assert printed(page, "heard") == "heard ['square']"
    figure.get_by_role("button", name="Reset").click()
    page.get_by_text("phase 0.3, openness").first.wait_for()


@pytest.mark.parametrize("lab", [TRAINING], indirect=True)
def test_the_networks_learn_in_a_notebook(notebook):
    """Without a worker, which has no address there; and the settings are Python's, both ways."""
    page = notebook
    run_cell(page, 0)
    figure = page.locator(".jp-OutputArea .plstm-live")
    state = figure.locator(".plstm-state")
    state.filter(has_text="sequences of 20 steps").wait_for()
    assert page.locator(".jp-OutputArea figure").count() == 0, "the page's form is not for a live notebook"
    figure.get_by_role("radio", name="neither").press("Space")
    for name in ("Play", "Pause"):
        figure.get_by_role("button", name=name, exact=True).press("Enter")
        state.filter(has_text=re.compile("^[1-9][0-9]* update")).wait_for()
    assert figure.get_by_role("radio", name="neither").is_checked()
    assert page.workers == []
    figure.get_by_role("slider", name="sequence").press("ArrowRight")
    assert figure.get_by_label("sequence, typed").input_value() == "11", "JupyterLab leaves the keys to the slider"
    figure.get_by_label("try").select_option("adding")
    state.filter(has_text="Nothing is learned yet").wait_for()
    run_cell(page, 1)
    assert printed(page, "values are") == "values are adding 11"
    run_cell(page, 2)
    state.filter(has_text="sequences of 30 steps").wait_for()
    assert figure.get_by_label("sequence, typed").input_value() == "3"
    figure.get_by_role("button", name="New weights").click()
    run_cell(page, 3)
    assert printed(page, "heard") == "heard [1]"
