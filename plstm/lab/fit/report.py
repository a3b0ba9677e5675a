"""A ``Fit`` as one page that opens without a network, and as JSON."""

import json
from html import escape

import numpy as np

from plstm.lab.experiments import provenance
from plstm.lab.fit import metrics

FORMAT = 1
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 260, 80, 34
STYLE = """
:root { color-scheme: light dark; --line: #8888; --train: #0072b2; --validation: #a84900; }
@media (prefers-color-scheme: dark) { :root { --train: #56b4e9; --validation: #e69f00; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem; }
h1, li, th { overflow-wrap: anywhere; }
table { border-collapse: collapse; } th, td { border-bottom: 1px solid var(--line); padding: .3rem 0 .3rem .8rem; }
th:first-child { padding-left: 0; text-align: left; }
thead th, td { overflow-wrap: normal; text-align: right; } td { font-variant-numeric: tabular-nums; }
svg { height: auto; max-width: 100%; } svg text { fill: currentColor; font-size: 13px; }
@media (max-width: 40rem) { body { font-size: 15px; } svg text { font-size: 21px; } th, td { padding-left: .5rem; } }
.train { stroke: var(--train); } .validation { stroke: var(--validation); }
polyline { fill: none; stroke-width: 1.5; } line { stroke: currentColor; }
""".strip()


def as_dict(fit, source, settings):
    """All that the page tells, as plain data.

    Args:
        fit: a ``Fit``.
        source: the name of the table.
        settings: what the command was asked for.
    """
    lengths = [len(times) for times, _ in fit.table.series]
    values = np.concatenate([values for _, values in fit.table.series])
    seen = np.mean(~np.isnan(values), axis=0)
    return {
        "format": FORMAT,
        "table": {
            "name": source,
            "series": len(lengths),
            "events": int(sum(lengths)),
            "median_events": float(np.median(lengths)),
            "measured": dict(zip(fit.table.features, map(float, seen))),
            "classes": None
            if fit.classes is None
            else {str(c): int(np.sum(fit.table.labels == c)) for c in fit.classes},
        },
        "scores": {name: _finite(score._asdict()) for name, score in fit.scores.items()},
        "settings": settings,
        "histories": fit.histories,
        "advice": fit.advice,
        "versions": provenance.versions(),
    }


def as_json(told):
    """``as_dict`` as text."""
    return json.dumps(told, indent=1, allow_nan=False) + "\n"


def as_html(told):
    """``as_dict`` as a page: no script, no address, one file."""
    table, name = told["table"], escape(told["table"]["name"])
    classes = table["classes"] and ", ".join(f"{escape(c)} ({n})" for c, n in table["classes"].items())
    what = f"the classes {classes}" if classes else "a number"
    measured = [(escape(feature), f"{share:.0%}") for feature, share in table["measured"].items()]
    scores = [
        (escape(title), *(_number(score[part]) for part in ("value", "low", "high", "constant")))
        for title, score in told["scores"].items()
    ]
    advice = "\n".join(f"<li>{escape(line)}</li>" for line in told["advice"])
    settings = [(escape(key), escape(str(value))) for key, value in told["settings"].items() if value is not None]
    versions = ", ".join(f"{escape(key)} {escape(str(value))}" for key, value in told["versions"].items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{STYLE}</style></head>
<body><main>
<h1>{name}</h1>
<p>{table["series"]} series with {table["events"]} events, {table["median_events"]:g} in the median one. A Phased LSTM
predicts {what} for each series.</p>
<h2>How well, on series it has not seen</h2>
{_table(("metric", "value", f"from ({metrics.LEVEL} %)", "to", "a constant answer"), scores)}
<p>Each series was predicted by a network trained on the others ({len(told["histories"])} folds). The interval is a
bootstrap over the series: it tells what other series like these may give, not other trainings.</p>
<h2>Learning curve</h2>
{_curves(told["histories"])}
<h2>What to try next</h2>
<ul>
{advice}
</ul>
<h2>The columns</h2>
{_table(("column", "measured"), measured)}
<h2>Settings</h2>
{_table(("setting", "value"), settings)}
<p>{versions}</p>
</main></body>
</html>
"""


def _table(titles, rows):
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _curves(histories):
    """The losses of all folds as SVG."""
    lines = [
        (kind, history[name]) for history in histories for kind, name in (("train", "loss"), ("validation", "val_loss"))
        if name in history
    ]  # fmt: skip
    epochs = max(len(losses) for _, losses in lines)
    top = max(max(losses) for _, losses in lines) or 1.0

    def point(epoch, loss):
        x = LEFT + (WIDTH - LEFT - 10) * (epoch / max(epochs - 1, 1))
        return f"{x:.1f},{10 + (HEIGHT - BOTTOM - 10) * (1 - loss / top):.1f}"

    drawn = "\n".join(
        f'<polyline class="{kind}" points="{" ".join(point(epoch, loss) for epoch, loss in enumerate(losses))}"/>'
        for kind, losses in lines
    )
    low = HEIGHT - BOTTOM
    title = f"Loss by epoch: the training series, and those held out, of {len(histories)} folds"
    return f"""<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{title}">
<line x1="{LEFT}" y1="10" x2="{LEFT}" y2="{low}"/><line x1="{LEFT}" y1="{low}" x2="{WIDTH - 10}" y2="{low}"/>
<text x="{LEFT - 6}" y="20" text-anchor="end">{_number(top)}</text>
<text x="{LEFT - 6}" y="{low}" text-anchor="end">0</text>
<text x="{LEFT}" y="{HEIGHT - 12}">epoch 1</text>
<text x="{WIDTH - 10}" y="{HEIGHT - 12}" text-anchor="end">epoch {epochs}</text>
{drawn}
</svg>
<p>Loss by epoch, one line for each fold: <span style="color: var(--train)">the series trained on</span>,
<span style="color: var(--validation)">the series held out to stop the training</span>.</p>"""


def _finite(score):
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in score.items()
    }


def _number(value):
    return "none" if value is None else f"{value:.4g}"
