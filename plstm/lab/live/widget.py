"""The notebook form of a live figure: ipywidgets that move the Python object, and its matplotlib picture redrawn."""

import html
import re
from math import log10

import ipywidgets

from plstm.lab.live import draw
from plstm.lab.palette import COLOURS


class FigureWidget:
    """A box of controls, the picture, the sentence and the formula, bound to one ``LiveFigure``."""

    def __init__(self, figure):
        self.figure = figure
        start = figure.values
        self.controls = {control.name: _control(control, start[control.name]) for control in figure.kind.controls}
        self.image = ipywidgets.Image(format="png", layout={"max_width": "680px", "width": "100%"})
        self.sentence = ipywidgets.HTML()
        self.formula = ipywidgets.HTML()
        self.moving = False
        self.reset = ipywidgets.Button(description="Reset")
        self.reset.on_click(lambda _: figure.set(**start))
        for name, control in self.controls.items():
            control.value = start[name]
            control.observe(lambda change, name=name: self._moved(name, change["new"]), names="value")
        grid = {"grid_template_columns": "repeat(auto-fit, minmax(300px, 1fr))", "max_width": "680px"}
        children = ipywidgets.GridBox([*self.controls.values(), self.reset], layout=grid)
        self.box = ipywidgets.VBox([children, self.image, self.sentence, self.formula])
        self._redraw()

    def show(self, values):
        """Put every control where ``values`` says, then draw once."""
        self.moving = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self.moving = False
        self._redraw()

    def _moved(self, name, value):
        if self.moving or _is_rounding(self.controls[name], value, self.figure.values[name]):
            return
        control = next(c for c in self.figure.kind.controls if c.name == name)
        if hasattr(control, "low"):
            # The end of a logarithmic slider may lie past its value by the last digit.
            value = min(max(value, control.low), control.high)
        self.figure._values[name] = control.check(value)
        self._redraw()

    def _redraw(self):
        scene = self.figure.scene
        self.image.value = draw.picture(scene["panels"])
        self.sentence.value = (
            f'<p role="status" style="line-height:1.4;max-width:680px">{_coloured(scene["sentence"])}</p>'
        )
        self.formula.value = "".join(
            f'<div style="opacity:{1 if on else 0.7};white-space:pre-wrap">{_coloured(line)}</div>'
            for line, on in scene["formula"]
        )


def _is_rounding(widget, value, current):
    """Whether a slider has only put the figure's value onto its nearest step, as JupyterLab's do when shown."""
    if not hasattr(widget, "step"):
        return False
    place = log10 if isinstance(widget, ipywidgets.FloatLogSlider) else float
    return abs(place(value) - place(current)) < 0.499 * widget.step


def _step(low, start):
    """About a hundredth of a decade, and such that a logarithmic slider from ``low`` stops at ``start``."""
    decades = log10(start / low)
    return decades / max(1, round(decades / 0.01)) or 0.01


def _control(control, start):
    style = {"description_width": "130px"}
    layout = {"width": "auto"}
    if not hasattr(control, "low"):
        options = [(words, value) for value, words in control.options.items()]
        return ipywidgets.Dropdown(options=options, description=control.label, style=style, layout=layout)
    spec = control.spec()
    symbol = spec["symbol"].replace("r_on", "rₒₙ")
    description = " ".join(filter(None, [control.label, symbol, f"({control.unit})" if control.unit else ""]))
    common = {"description": description, "style": style, "layout": layout}
    if control.quantity:
        common["style"] = {**style, "handle_color": COLOURS[control.quantity]}
    if control.integer:
        return ipywidgets.IntSlider(min=control.low, max=control.high, **common)
    if control.log:
        ends = {"min": log10(control.low), "max": log10(control.high), "step": _step(control.low, start)}
        return ipywidgets.FloatLogSlider(value=start, **ends, readout_format=".3r", **common)
    return ipywidgets.FloatSlider(
        value=start, min=control.low, max=control.high, step=control.step, readout_format=".3r", **common
    )


def _coloured(line):
    """``{quantity:text}`` in a formula as text underlined in the colour of the quantity."""
    return re.sub(
        r"\{([\w-]+):(.*?)\}",
        lambda m: f'<span style="border-bottom:2px solid {COLOURS[m[1]]}">{m[2]}</span>',
        html.escape(line),
    ).replace("r_on", "<i>r</i><sub>on</sub>")
