"""A page with figures that are one module with ``render({model, el})``, and a small host that brings them to life."""

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'nonce-t';
style-src 'unsafe-inline'; img-src 'self' data:; worker-src 'self'">
<title>figures</title><style>body {{ font-family: sans-serif; max-width: 46rem; margin: 1rem auto; padding: 0 0.5rem }}
html[data-theme=dark] body {{ background: #14181e; color: #ced6dd }}</style></head>
<body><main><h1>figures</h1>{figures}</main>
<script type="module" nonce="t">
import {{ readFragment }} from "./controls.mjs";
for (const el of document.querySelectorAll("figure[data-kind]")) {{
  const {{ spec, values: written }} = JSON.parse(el.querySelector("script").textContent);
  const values = {{ ...written, spec, worker: el.dataset.worker, ...readFragment(location.hash)[el.dataset.kind] }};
  const heard = new Map();
  const model = {{
    get: (name) => values[name],
    set: (name, value) => {{
      if (values[name] === value) return;
      values[name] = value;
      for (const hear of [...(heard.get(`change:${{name}}`) ?? [])]) hear();
    }},
    save_changes: () => {{}},
    on: (event, hear) => heard.set(event, (heard.get(event) ?? new Set()).add(hear)),
    off: (event, hear) => heard.get(event)?.delete(hear),
  }};
  const {{ render }} = await import(`./${{el.dataset.kind}}.mjs`);
  el.querySelector(".plstm-plain").hidden = true;
  render({{ model, el }});
  el.dataset.live = "true";
}}
</script></body></html>"""


def markup(figure):
    """What a figure gives a page."""
    return figure._repr_mimebundle_()["text/html"]


def page(*figures, theme="light", worker="./trainer_worker.mjs"):
    """The text of a page with these figures, or their markup. ``worker``: the address of the trainer's, or ""."""
    texts = [each if isinstance(each, str) else markup(each) for each in figures]
    told = "".join(text.replace("<figure", f'<figure data-worker="{worker}"', 1) for text in texts)
    return PAGE.format(theme=theme, figures=told)
