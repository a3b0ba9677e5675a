"""Sphinx extension: in labelled equations, quantities are underlined in their colours, the same as on sliders.

The notebooks need no markup for this: the symbols are found in the TeX (page *Notation*) and get a class. They are
underlined and not coloured, because a thin letter in a light colour is hard to read.
"""

import re
from pathlib import Path

from docutils import nodes
from plstm.lab.palette import COLOURS
from sphinx.transforms import SphinxTransform

QUANTITIES = {r"\tau": "period", "s": "shift", "k": "openness", "c": "cell", "h": "output"}
# Here s is a standard deviation.
OTHER_LETTERS = {"error-of-a-difference"}
TOKEN = re.compile(
    r"""(?P<plain> \\begin\{array\}\{[^}]*\} | \\(?:begin|end|text|mathrm|operatorname)\*?\{[^}]*\} | _\s*[A-Za-z]
                  | \\(?:hat|bar|dot)\s*\{?[A-Za-z]\}? )  # not the same quantity as the letter alone
      | (?P<ratio_on> r_(?: \{(?:on|\\text\{on\})[^{}]*\} | \\text\{on\}) )
      | (?P<proposal> \\tilde\s*\{?(?P<of>[ch])\}? )
      | (?P<symbol> \\[A-Za-z]+ | [A-Za-z] )""",
    re.VERBOSE,
)


def coloured(tex):
    r"""TeX whose quantities are in classes: \class{of-period}{\tau}.

    >>> print(coloured(r"\tfrac{t - s}{\tau}, \quad k = 2\varphi / r_{on}"))
    \tfrac{t - \class{of-shift}{s}}{\class{of-period}{\tau}},
        \quad \class{of-openness}{k} = 2\varphi / \class{of-ratio_on}{r_{on}}
    >>> print(coloured(r"c_t &= k_t \odot \tilde c_t + x W_c \text{ such}"))
    \class{of-cell}{c}_t &= \class{of-openness}{k}_t \odot \class{of-cell}{\tilde c}_t + x W_c \text{ such}
    >>> print(coloured(r"\hat h_t"))
    \hat h_t
    """

    def dress(match):
        if match["ratio_on"]:
            name = "ratio_on"
        else:
            name = QUANTITIES.get(match["of"] or match["symbol"])
        return rf"\class{{of-{name}}}{{{match[0]}}}" if name else match[0]

    return TOKEN.sub(dress, tex)


class ColourQuantities(SphinxTransform):
    """Colours the labelled equations of a page."""

    default_priority = 510  # after the equations have their labels

    def apply(self, **kwargs):
        for block in self.document.findall(nodes.math_block):
            if block.get("label") and block["label"] not in OTHER_LETTERS:
                block.children = [nodes.Text(coloured(block.astext()))]


def write_style(app):
    """The style rules of the classes, from the palette. They must not change sizes, because MathJax measures before."""
    rules = [
        f"mjx-container .of-{name} {{ border-bottom: 0.11em solid {colour}; margin-bottom: -0.11em; }}"
        for name, colour in COLOURS.items()
    ]
    path = Path(app.outdir) / "_static" / "colours.css"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join([*rules, "@media (forced-colors: active) { mjx-container * { forced-color-adjust: none } }", ""])
    )


def setup(app):
    app.add_transform(ColourQuantities)
    app.connect("builder-inited", write_style)
    app.add_css_file("colours.css")
    return {"parallel_read_safe": True}
