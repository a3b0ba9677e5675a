"""A live figure: one ES module that draws, seen by a notebook, by a page, and by Python.

The values of its controls are traitlets: ``figure.period = 12`` moves the picture, and ``figure.observe`` hears of a
reader who moves it. ``_repr_mimebundle_`` offers three forms, and each front end takes the best it can show:

- ``application/vnd.jupyter.widget-view+json``: anywidget mounts the module (JupyterLab, Colab, VS Code);
- ``text/html``: a ``<figure>`` with a plain picture and its sentence; on the book's site ``host.mjs`` mounts the same
  module there, without a kernel, and wherever no script runs the picture stays;
- ``text/plain``: the sentence.

Where it is known that nobody but a page will look (``PLSTM_LIVE=page``, as when the book is built or a notebook is
converted to HTML), no widget is made: the page would carry the state of a widget that it cannot show.
"""

import html
import json
import os
from dataclasses import dataclass, field

import anywidget
import traitlets

from plstm.lab.live import javascript
from plstm.lab.palette import COLOURS


@dataclass
class Kind:
    """What is common to all figures of one kind.

    name: of its module, which exports ``render`` and ``scene``. data: constants for it, JSON-ready. cursor: the control
    that a pointer on the picture moves.
    """

    name: str
    title: str
    controls: list
    data: dict = field(default_factory=dict)
    cursor: str = ""


def starts(arguments, *others):
    """Where the controls start: the arguments of an ``explore_...`` (its ``locals()``) that are given.

    others: names of its arguments that are no controls.
    """
    return {name: value for name, value in arguments.items() if value is not None and name not in others}


class Value(traitlets.TraitType):
    """The value of a control, which checks what it is set to."""

    def __init__(self, control):
        super().__init__(control.default)
        self.control = control

    def validate(self, obj, value):
        return self.control.check(value)


class LiveFigure(traitlets.HasTraits):
    """A figure with controls, each an attribute that can be read, set and observed.

    >>> import plstm
    >>> figure = plstm.explore_gate(period=10.0)
    >>> figure.t = 2.5
    >>> print(figure)
    Gate explorer: At t = 2.5 the gate is closed: phase 0.25, openness k = 0.00025. ...
    >>> figure.set(t=0.5, ratio_on=0.5)
    >>> figure.values["t"], figure.ratio_on
    (0.5, 0.5)
    """

    def __init__(self, kind, **values):
        super().__init__()
        self.kind = kind
        self._names = [control.name for control in kind.controls]
        self.add_traits(**{control.name: Value(control) for control in kind.controls})
        self.set(**values)
        self._start = self.values
        self._widget = None

    @property
    def values(self):
        """The values of the controls, by name."""
        return {name: getattr(self, name) for name in self._names}

    def set(self, **values):
        """Move controls. ValueError for a name or a value that the figure does not have; nothing is moved then."""
        if unknown := sorted(set(values) - set(self._names)):
            raise ValueError(f"expected controls out of {', '.join(self._names)}, got {', '.join(unknown)}")
        for control in self.kind.controls:
            if control.name in values:
                control.check(values[control.name])
        with self.hold_trait_notifications():
            for name, value in values.items():
                setattr(self, name, value)

    @property
    def scene(self):
        """What the figure shows at its values: a dict with panels, sentence and formula, as its module answers."""
        return javascript.call(self.kind.name, "scene", self.values, self.kind.data)

    def picture(self):
        """The figure at its values as SVG, which needs neither scripts nor styles."""
        scene = self.scene
        return javascript.call("plot", "plainPicture", scene["panels"], COLOURS, scene["sentence"])

    @property
    def widget(self):
        """The form for a notebook, made when first asked for: anywidget's, whose values are this figure's."""
        if self._widget is None:
            synced = {name: traitlets.Any(value).tag(sync=True) for name, value in self.values.items()}
            synced["spec"] = traitlets.Dict(self._spec()).tag(sync=True)
            make = type("Figure", (anywidget.AnyWidget,), {"_esm": javascript.bundle(self.kind.name), **synced})
            self._widget = make()
            for name in self._names:
                traitlets.link((self, name), (self._widget, name))
        return self._widget

    def _spec(self):
        return {
            "title": self.kind.title,
            "controls": [control.spec() for control in self.kind.controls],
            "values": self._start,
            "data": self.kind.data,
            "cursor": self.kind.cursor,
            "colours": COLOURS,
        }

    def __repr__(self):
        return f"{self.kind.title}: {self.scene['sentence']}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self._html()}
        if os.environ.get("PLSTM_LIVE") != "page":
            widget, _ = self.widget._repr_mimebundle_()
            bundle = {**widget, **bundle}
        return bundle

    def _html(self):
        # "</script>" in the data would end the block.
        block = json.dumps({"spec": self._spec(), "values": self.values}, ensure_ascii=False, separators=(",", ":"))
        block = block.replace("<", "\\u003c")
        return (
            f'<figure class="plstm-live" data-kind="{self.kind.name}"><div class="plstm-plain">{self.picture()}'
            f"<figcaption>{html.escape(self.scene['sentence'])}</figcaption></div>"
            f'<script type="application/json">{block}</script></figure>'
        )
