"""What the tests of live figures share: the figures there are, values to try them at, and a page opened with them."""

import runpy
from pathlib import Path

import numpy as np

import plstm
from plstm.lab.live.controls import Text

MODULES = Path(plstm.__file__).parent / "lab" / "live"
# These, which are more than a scene with controls, have tests of their own.
OWN_TESTS = {"explore_digits", "explore_step", "explore_training"}
FIGURES = [name for name in plstm.__all__ if name.startswith("explore_") and name not in OWN_TESTS]
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>figures</title><style>body {{ font-family: sans-serif; max-width: 46rem; margin: 1rem auto; padding: 0 0.5rem }}
html[data-theme=dark] body {{ background: #14181e; color: #ced6dd }}</style></head>
<body><main><h1>figures</h1>{figures}</main><script type="module" src="host.mjs"></script></body></html>"""
with_policy = runpy.run_path(str(Path(__file__).parents[3] / "tools" / "policy.py"))["with_policy"]


def make(name, **values):
    """The figure that ``plstm.<name>`` makes."""
    return getattr(plstm, name)(**values)


def markup(figure):
    """What a figure gives a page."""
    return figure._repr_mimebundle_()["text/html"]


def shown(kind):
    """The controls that a reader sees as such: not the texts, which a figure shows in ways of its own."""
    return [control for control in kind.controls if not isinstance(control, Text)]


def trials(kind, count=40, seed=0):
    """Values for all controls: the defaults, each control at its ends or at each option, and random mixtures."""
    rng = np.random.default_rng(seed)
    defaults = {control.name: control.default for control in kind.controls}
    yield defaults
    for control in shown(kind):
        ends = [control.low, control.high] if hasattr(control, "low") else control.options
        yield from ({**defaults, control.name: end} for end in ends)
    for _ in range(count):
        yield {**defaults, **{control.name: _anything(control, rng) for control in shown(kind)}}


def _anything(control, rng):
    if not hasattr(control, "low"):
        return str(rng.choice(list(control.options)))
    u = rng.uniform()
    value = (
        control.low * (control.high / control.low) ** u
        if control.log
        else control.low + u * (control.high - control.low)
    )
    return round(value) if control.integer else value


class Visit:
    """A page with some figures in a fresh browser context, and all that went wrong while it was open.

    With ``policy`` it states that of the book's pages, under which Playwright's own functions cannot wait.
    """

    def __init__(self, browser, site, figures, width=800, theme="light", fragment="", policy=False, **options):
        self.faults = []
        html = "".join(figure if isinstance(figure, str) else markup(figure) for figure in figures)
        if 'data-kind="keeping"' in html:  # this one would move by itself
            options.setdefault("reduced_motion", "reduce")
        # Axe, which a test may run, is a script of the test's own.
        text = PAGE.format(theme=theme, figures=html)
        address = site("page.html", with_policy(text) if policy else text)
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", lambda request: self._inspect(request, address))
        self.page.goto(address + fragment)
        if options.get("java_script_enabled", True):
            for figure in self.page.locator("figure").all():
                figure.locator(".plstm-sentence").wait_for()

    def _listen(self, message):
        if message.type in {"error", "warning"} and "favicon" not in message.location.get("url", ""):
            self.faults.append(f"console {message.type}: {message.text}")

    def _inspect(self, request, address):
        if not request.url.startswith((address.rpartition("/")[0], "data:")) and "favicon.ico" not in request.url:
            self.faults.append(f"request: {request.url}")

    def sentence(self, index=0):
        """The sentence under a figure, with a space where a line must not end."""
        return self.page.locator(".plstm-sentence").nth(index).inner_text().replace("\u00a0", " ")

    def drawing(self, index=0):
        """The markup of a figure's picture."""
        return self.page.locator(".plstm-picture").nth(index).inner_html()
