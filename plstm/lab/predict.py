"""Questions that a page asks before it tells: predict, then compare. No kernel is needed; without scripts they fold.

The answer is a number that the notebook has computed, from results or equations, never one that was typed. On the
book's site ``plstm/lab/live/ask.mjs`` puts a form in the place of the folded answer.
"""

import html
import json
from dataclasses import dataclass, field

import numpy as np

from plstm.lab.palette import COLOURS


@dataclass(frozen=True)
class Question:
    """A question with its answer in words; ``data`` is what the page needs to compare with a reader's answer."""

    title: str
    shown: str
    why: str
    options: tuple = ()
    data: dict = field(default_factory=dict)

    def __repr__(self):
        return f"{self.title} (Answer: {self.shown}.)"

    def _repr_html_(self):
        data = {"title": self.title, "shown": self.shown, "why": self.why, "options": self.options, **self.data}
        listed = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        answer = html.escape(f"{self.shown}. {self.why}")
        return (
            f'<div class="plstm-ask" data-ask="{html.escape(json.dumps(data, ensure_ascii=False))}">'
            f'<p class="plstm-question"><strong>Predict first.</strong> {html.escape(self.title)}</p>'
            + (f"<ul>{listed}</ul>" if listed else "")
            + f"<details><summary>Show the answer</summary><p>{answer}</p></details>"
            # Paper cannot unfold anything.
            f'<p class="plstm-on-paper" style="display: none">Answer: {answer}</p></div>'
        )


def number(title, answer, unit="", why="", digits=2):
    """A question whose answer is a number.

    Args:
        title: the question, plain text.
        answer: the number, as computed.
        unit: what it counts, as "steps", or "%".
        why: a sentence that explains the answer.
        digits: significant digits shown.

    Returns:
        What a notebook or a page displays: the question, and its answer folded away.

    >>> number("Half of a memory is gone after how many steps?", 2.213, "steps", "It is ln 0.5 / ln f.")
    Half of a memory is gone after how many steps? (Answer: 2.2 steps.)
    """
    rounded = float(f"{float(answer):.{digits}g}")
    told = f"{rounded:,.10f}".rstrip("0").rstrip(".") if abs(rounded) >= 1e-4 or not rounded else f"{rounded:g}"
    shown = f"{told} {unit}".rstrip()
    return Question(title, shown, why, data={"kind": "guess", "answer": float(answer), "unit": unit})


def choice(title, options, answer, why=""):
    """A question whose answer is one of a few ``options``; ``answer`` is the option, as computed.

    Raises:
        ValueError: the answer is none of the options.

    >>> choice("Which is larger?", ["2", "3"], max("2", "3"), "It comes later.")
    Which is larger? (Answer: 3.)
    """
    options = tuple(options)
    if answer not in options:
        raise ValueError(f"expected the answer to be one of {', '.join(options)}, got {answer!r}")
    return Question(title, answer, why, options, {"kind": "choose", "answer": options.index(answer)})


def openness(title, times, gate, until, why=""):
    """A question whose answer is a curve: how open a gate is, at a few ``times`` from 0 to ``until``.

    Args:
        title: the question, plain text.
        times: of the points that the reader puts.
        gate: a function of an array of times, k between 0 and 1.
        until: where the axis ends.
        why: a sentence that explains the answer.

    >>> openness("Where is it open?", [1, 3], lambda t: np.where(t < 2, 0.5, 0.0), 4.0)
    Where is it open? (Answer: k(1) = 0.5, k(3) = 0.)
    """
    points = [(float(t), float(k)) for t, k in zip(times, gate(np.asarray(times, float)))]
    shown = ", ".join(f"k({t:g}) = {k:.2g}" for t, k in points)
    line = np.linspace(0.0, until, 601)
    colours = {name: COLOURS[name] for name in ("openness", "period")}
    data = {"points": points, "line": [line.round(3).tolist(), gate(line).round(3).tolist()], "colours": colours}
    return Question(title, shown, why, data={"kind": "curve", **data})
