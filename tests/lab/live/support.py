"""What the tests of live figures share: the figures there are, values to try them at, and a page opened with them."""

from pathlib import Path

import numpy as np

import plstm

MODULES = Path(plstm.__file__).parent / "lab" / "live"
# These, which are more than a scene with controls, have tests of their own.
OWN_TESTS = {"explore_digits", "explore_step", "explore_training"}
FIGURES = [name for name in plstm.__all__ if name.startswith("explore_") and name not in OWN_TESTS]
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>figures</title><style>body {{ font-family: sans-serif; max-width: 46rem; margin: 1rem auto; padding: 0 0.5rem }}
html[data-theme=dark] body {{ background: #14181e; color: #ced6dd }}</style></head>
<body><main><h1>figures</h1>{figures}</main></body></html>"""


def make(name, **values):
    """The figure that ``plstm.<name>`` makes."""
    return getattr(plstm, name)(**values)


def trials(kind, count=40, seed=0):
    """Values for all controls: the defaults, each control at its ends or at each option, and random mixtures."""
    rng = np.random.default_rng(seed)
    defaults = {control.name: control.default for control in kind.controls}
    yield defaults
    for control in kind.controls:
        ends = [control.low, control.high] if hasattr(control, "low") else control.options
        yield from ({**defaults, control.name: end} for end in ends)
    for _ in range(count):
        yield {control.name: _anything(control, rng) for control in kind.controls}


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
    """A page with some figures in a fresh browser context, and all that went wrong while it was open."""

    def __init__(self, browser, site, figures, width=800, theme="light", fragment="", **options):
        self.faults = []
        html = "".join(figure._repr_mimebundle_()["text/html"] for figure in figures)
        address = site("page.html", PAGE.format(theme=theme, figures=html))
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", lambda request: self._inspect(request, address))
        self.page.goto(address + fragment)

    def _listen(self, message):
        if message.type in {"error", "warning"} and "favicon" not in message.location.get("url", ""):
            self.faults.append(f"console {message.type}: {message.text}")

    def _inspect(self, request, address):
        if not request.url.startswith((address, "data:")) and not request.url.endswith("favicon.ico"):
            self.faults.append(f"request: {request.url}")

    def sentence(self, index=0):
        """The sentence under a figure."""
        return self.page.locator(".plstm-sentence").nth(index).inner_text()

    def drawing(self, index=0):
        """The markup of a figure's picture."""
        return self.page.locator(".plstm-picture").nth(index).inner_html()
