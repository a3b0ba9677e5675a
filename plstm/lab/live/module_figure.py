"""A figure that is an ES module with ``render({model, el})``: what Python hands a page, and what it says itself."""

import html
import json

from plstm.lab.palette import COLOURS


class ModuleFigure:
    """A figure that lives in a page. In Python it has its values, and says in a sentence what it is.

    >>> import plstm
    >>> print(plstm.explore_step(step=3))
    One step, with its numbers: a walk through one step of a Phased LSTM and of an LSTM, forwards and back.
    """

    def __init__(self, kind, title, sentence, controls, texts=(), data=None, **values):
        self.kind, self.title, self.sentence = kind, title, sentence
        self._controls = {control.name: control for control in controls}
        self._start = {control.name: control.default for control in controls}
        self._data = data
        self.values = {**self._start, **dict.fromkeys(texts, "")}
        self.set(**values)

    def set(self, **values):
        """Change values. ValueError for a name or a value that the figure does not have; nothing is changed then."""
        if unknown := sorted(set(values) - set(self.values)):
            raise ValueError(f"expected controls out of {', '.join(self.values)}, got {', '.join(unknown)}")
        for name, value in values.items():
            if name not in self._controls and not isinstance(value, str):
                raise ValueError(f"expected {name} to be text, got {value!r}")
        checked = {name: self._controls[name].check(v) if name in self._controls else v for name, v in values.items()}
        self.values.update(checked)

    def spec(self):
        """What all figures of this kind have in common, as JSON data: the model's value ``spec``."""
        return {
            "title": self.title,
            "controls": [control.spec() for control in self._controls.values()],
            "values": self._start,
            "data": self._data,
            "cursor": "",
            "colours": COLOURS,
        }

    def __repr__(self):
        return f"{self.title}: {self.sentence}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self):
        # "</script>" in the data would end the block.
        block = json.dumps({"spec": self.spec(), "values": self.values}, ensure_ascii=False, separators=(",", ":"))
        block = block.replace("<", "\\u003c")
        return (
            f'<figure class="plstm-live" data-kind="{self.kind}"><div class="plstm-plain">'
            f"<figcaption>{html.escape(repr(self))}</figcaption></div>"
            f'<script type="application/json">{block}</script></figure>'
        )
