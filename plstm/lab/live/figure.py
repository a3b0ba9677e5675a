"""A live figure: one object that is a widget in a notebook and a self-contained figure on a page.

``_repr_mimebundle_`` offers three forms, and each front end takes the best it can show:

- ``application/vnd.jupyter.widget-view+json``: sliders that move the Python object (JupyterLab, Colab, VS Code);
- ``text/html``: a ``<figure>`` with a plain picture and a sentence, which its own ES module replaces by the moving
  figure (the site, where no kernel answers);
- ``image/png``: the plain picture (PDF, previews).

Where it is known that nobody but a page will look (``PLSTM_LIVE=page``, as when the book is built or a notebook is
converted to HTML), no widget is made: the page would carry the state of a widget that it cannot show.

The HTML carries its module inline, since Jupyter Book copies no files of a package and a notebook may be opened
anywhere. All that differs between two figures stands in a JSON block; the script of one kind of figure is always the
same text, so a site with a Content-Security-Policy can allow it by its hash.
"""

import html
import importlib.util
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources

from plstm.lab.live import draw
from plstm.lab.palette import COLOURS


@dataclass
class Kind:
    """What is common to all figures of one kind.

    scene: a function of the controls' values (and ``data``, if there are any) to a dict with panels, sentence, formula.
    data: constants that both languages need, JSON-ready. cursor: the slider that a pointer on the picture moves.
    """

    name: str
    title: str
    controls: list
    scene: Callable
    data: dict = field(default_factory=dict)
    cursor: str = ""


class LiveFigure:
    """A figure with controls. ``values`` are the numbers its controls stand at; ``set`` moves them from Python.

    >>> import plstm
    >>> figure = plstm.explore_gate(period=10.0)
    >>> figure.set(ratio_on=0.5)
    >>> figure.values["ratio_on"], figure.values["period"]
    (0.5, 10.0)
    """

    def __init__(self, kind, **values):
        self.kind = kind
        self._values = {control.name: control.default for control in kind.controls}
        self._widget = None
        self.set(**values)

    @property
    def values(self):
        """The values of the controls, by name."""
        return dict(self._values)

    @property
    def scene(self):
        """What the figure shows at its values: a dict with panels (arrays), sentence and formula."""
        return self.kind.scene(**self._values)

    @property
    def widget(self):
        """The ipywidgets form, made when first asked for."""
        if self._widget is None:
            from plstm.lab.live.widget import FigureWidget

            self._widget = FigureWidget(self)
        return self._widget.box

    def set(self, **values):
        """Move controls. ValueError for a name or a value that the figure does not have; nothing is moved then."""
        controls = {control.name: control for control in self.kind.controls}
        if unknown := sorted(set(values) - set(controls)):
            raise ValueError(f"expected controls out of {', '.join(controls)}, got {', '.join(unknown)}")
        self._values.update({name: controls[name].check(value) for name, value in values.items()})
        if self._widget is not None:
            self._widget.show(self._values)

    def picture(self):
        """The figure at its values as PNG bytes."""
        return draw.picture(self.scene["panels"])

    def _repr_mimebundle_(self, include=None, exclude=None):
        scene = self.scene
        png = draw.encoded(draw.picture(scene["panels"], dpi=160))
        bundle = {
            "text/plain": f"{self.kind.title}: {scene['sentence']}",
            "image/png": png,
            "text/html": self._html(scene, png),
        }
        # Where ipywidgets is missing the page's form moves just as well, but no Python value with it.
        if os.environ.get("PLSTM_LIVE") != "page" and importlib.util.find_spec("ipywidgets"):
            view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
            bundle["application/vnd.jupyter.widget-view+json"] = view
        return bundle

    def _html(self, scene, png):
        config = {
            "kind": self.kind.name,
            "title": self.kind.title,
            "controls": [control.spec() for control in self.kind.controls],
            "values": self._values,
            "data": self.kind.data,
            "cursor": self.kind.cursor,
            "colours": COLOURS,
        }
        sentence = html.escape(scene["sentence"])
        # "</script>" in the data would end the block.
        block = json.dumps(config, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'<figure class="plstm-live" data-kind="{self.kind.name}">'
            f'<div class="plstm-plain"><img alt="{sentence}" src="data:image/png;base64,{png}" style="max-width:100%">'
            f"<figcaption>{sentence}</figcaption></div>"
            f'<script type="application/json">{block}</script></figure>'
            f'<script type="module">\n{script(self.kind.name)}</script>'
        )


def script(kind):
    """The ES module of a kind of figure with the modules that it imports, as the text of one module."""
    seen = []

    def visit(name):
        text = resources.files("plstm.lab.live").joinpath(name).read_text(encoding="utf-8")
        for imported in re.findall(r'^import .*? from "\./(.+?)";$', text, flags=re.M):
            if imported not in seen:
                seen.append(imported)
                yield from visit(imported)
        text = re.sub(r'^import .*? from "\./.+?";\n', "", text, flags=re.M)
        text = re.sub(r"^export ", "", text, flags=re.M)
        # Comments, and the types in them, are for who reads the repository.
        yield re.sub(r"^ *(//.*|/\*\*(?s:.*?)\*/)\n", "", text, flags=re.M)

    return "".join(visit(f"{kind}.mjs"))
